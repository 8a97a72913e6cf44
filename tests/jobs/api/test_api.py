"""`import winnow`, against the tables and the loader themselves."""

import json
import multiprocessing
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import winnow

from jobs.corpus.files import readers
from jobs.corpus.folder import open_corpus
from tests.jobs.export.exports import SMALL, token_corpus
from tests.jobs.report.report_corpus import make_corpus, write_manifest
from tests.jobs.stored import files as files_of
from tests.jobs.stored import flipped, table
from tests.paths import PROJECT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("api") / "pages"
    make_corpus(corpus, documents=40)
    write_manifest(corpus, ("ingest", "filter", "scan", "dedup", "select"), {"rules": {}})
    return corpus


def test_a_table_is_the_same_as_arrow_as_frame_as_relation_and_in_batches(folder: Path) -> None:
    expected = table(open_corpus(str(folder)), "outcomes")
    with winnow.open(folder) as corpus:
        assert corpus.arrow("outcomes").to_pylist() == expected
        assert [row for some in corpus.batches("outcomes") for row in some.to_pylist()] == expected
        assert corpus.pandas("outcomes", ["outcome"])["outcome"].tolist() == [row["outcome"] for row in expected]
        assert sorted(corpus.relation("outcomes").fetchall()) == sorted(tuple(row.values()) for row in expected)
        assert corpus.arrow("outcomes", ["reason", "outcome"]).column_names == ["reason", "outcome"]
        assert corpus.sql("SELECT count(*) FROM outcomes WHERE outcome = ?", ["kept"]).fetchall() == [(20,)]


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    with winnow.open(token_corpus(tmp_path / "C", SMALL).root) as corpus:
        assert "duplicates" in corpus.tables and corpus.arrow("duplicates", ["kind"]).to_pydict() == {"kind": []}
        assert corpus.relation("duplicates").fetchall() == []


def test_a_page_is_explained_under_other_spellings_of_its_address(folder: Path) -> None:
    [page] = [row for row in table(open_corpus(str(folder)), "documents") if row["url"].endswith("/page/1")]
    with winnow.open(str(folder)) as corpus:
        [told] = corpus.explain(page["url"].replace("http://", "https://WWW."))
        assert told.document is not None and told.document["doc_id"] == page["doc_id"]
        assert told.because.startswith("filtered")
        with pytest.raises(winnow.WinnowError, match=r"nowhere"):
            corpus.explain("http://nowhere.test/")


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda corpus: corpus.arrow("nothing"), r"no table nothing; it has files"),
        (lambda corpus: corpus.arrow("files", ["path", "x; DROP"]), r"no column x; DROP"),
        (lambda corpus: corpus.shards(), r"no finished stage 'shard'"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(folder: Path, ask: object, says: str) -> None:
    with winnow.open(folder) as corpus, pytest.raises(winnow.WinnowError, match=says):
        ask(corpus)


def test_an_open_corpus_is_on_record_until_it_is_closed_or_forgotten(folder: Path) -> None:
    def live() -> list[str]:
        return [one.folder for one in readers.registered(str(folder)) if one.live]

    corpus = winnow.open(folder)
    assert live() == [str(folder)]
    corpus.close()
    assert live() == []
    with pytest.raises(winnow.WinnowError, match=r"was closed"):
        corpus.sql("SELECT 1")
    forgotten = winnow.open(folder)
    assert len(live()) == 1
    del forgotten
    assert live() == []
    with pytest.raises(winnow.WinnowError, match=r"is not a corpus"):
        winnow.open(folder / "nowhere")


def test_a_forked_process_takes_nothing_off_the_record(folder: Path) -> None:
    with winnow.open(folder) as corpus:
        forked = multiprocessing.get_context("fork").Process(target=corpus.close)
        forked.start()
        forked.join()
        assert forked.exitcode == 0 and [one.folder for one in readers.registered(str(folder)) if one.live] == [str(folder)]


def test_a_corpus_that_changes_is_read_as_it_was_opened(tmp_path: Path) -> None:
    make_corpus(tmp_path / "C", documents=8)
    with winnow.open(tmp_path / "C") as corpus:
        before = corpus.arrow("curated").to_pylist()
        make_corpus(tmp_path / "C", documents=12, text="another text")
        assert corpus.arrow("curated").to_pylist() == before
        asked = corpus.sql("SELECT doc_id FROM curated").fetchall()
        assert sorted(asked) == sorted((row["doc_id"],) for row in before)
    with winnow.open(tmp_path / "C") as corpus:
        assert corpus.arrow("curated").num_rows == 6


def test_damage_is_named_and_never_read(tmp_path: Path) -> None:
    make_corpus(tmp_path / "C", documents=8)
    flipped(files_of(open_corpus(str(tmp_path / "C")), "curated")[0])
    with winnow.open(tmp_path / "C") as corpus:
        with pytest.raises(winnow.WinnowError, match=r"curated"):
            corpus.arrow("curated")
        assert corpus.arrow("outcomes").num_rows == 20  # other tables are read as ever
        with pytest.raises(winnow.WinnowError, match=r"curated"):
            corpus.sql("SELECT max(text) FROM curated")


def test_the_wheel_gives_winnow_and_neither_spark_nor_torch_is_loaded(tmp_path: Path, folder: Path) -> None:
    """The same in the clone, where the folder above the package is on the path."""
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", tmp_path, clone(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert {"winnow/__init__.py", "winnow/py.typed", "jobs/api/opened.py", "jobs/card/readme.md"} <= set(names)
    assert not [name for name in names if name.startswith("jobs/api/winnow/")]
    asks = (
        "import json, sys, winnow\n"
        "with winnow.open(sys.argv[1]) as corpus:\n"
        "    kept = corpus.arrow('curated', ['doc_id']).num_rows\n"
        "loaded = [name for name in ('torch', 'pyspark', 'starlette') if name in sys.modules]\n"
        "print(json.dumps([winnow.__file__, kept, loaded]))"
    )
    for path in ([tmp_path / "site"], [PROJECT, PROJECT / "jobs" / "api"]):
        told = subprocess.run(
            [sys.executable, "-c", asks, folder],
            env={"PYTHONPATH": ":".join(map(str, path)), "PATH": ""}, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout) == [str(path[-1] / "winnow" / "__init__.py"), 20, []]


def clone(folder: Path) -> Path:
    """The files that git knows, so that building leaves nothing in the project."""
    target = folder / "clone"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.split("\0"):
        if name and not name.startswith(("tests/", "docs/")) and (PROJECT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((PROJECT / name).read_bytes())
    return target
