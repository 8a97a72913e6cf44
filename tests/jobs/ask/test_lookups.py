"""Looking one page up in a large corpus: the same answers as plain joins give, from the few groups of rows that can have them."""

import hashlib
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.ask.explain import Capture, explain
from jobs.ask.explain_blocks import blocks_of
from jobs.ask.trace import spans_of
from jobs.corpus.files.parquet import LOOKED_UP, store_table
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.recipe import Recipe, ingest_settings, recipe_values
from jobs.corpus.views import connect
from pipeline.errors import BrokenPromise, InputError
from pipeline.read.ingest import ingest_file
from tests.crawls import Crawl, prose
from tests.jobs.report.report_corpus import make_corpus, place, write_table
from tests.jobs.stored import table

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("looked up") / "C"
    make_corpus(folder)
    documents = read(folder, "documents")
    met_twice = documents[0] | {"warc_file": "second.warc.gz"}
    write_table(folder, "documents", [*documents, met_twice])
    name = met_twice["doc_id"]
    again = {"doc_id": name, "keeper_id": name, "cluster_id": name, "kind": "record", "similarity": 1.0}
    write_table(folder, "duplicates", [*read(folder, "duplicates"), again | place(met_twice)])
    judged = {"outcome": "duplicate", "reason": name, "doc_id": name}
    gone = read(folder, "rejects")[1] | {"url": documents[1]["url"]}  # the URL of a page, fetched again in vain
    asked = gone | {"record_type": "request", "warc_offset": gone["warc_offset"] + 1}
    write_table(folder, "rejects", [gone, asked])
    refused = place(asked) | {"outcome": "rejected", "reason": "request"}
    others = [row for row in read(folder, "outcomes") if row["warc_offset"] != asked["warc_offset"]]
    write_table(folder, "outcomes", [*others, place(met_twice) | judged, refused])
    return Corpus(str(folder))


def read(folder: Path, name: str) -> Rows:
    return table(open_corpus(str(folder)), name)


def test_a_page_is_explained_by_every_capture_of_it(corpus: Corpus) -> None:
    folder = Path(corpus.root)
    documents, outcomes, copies = (read(folder, name) for name in ("documents", "outcomes", "duplicates"))
    places = {(row["warc_file"], row["warc_offset"]): row for row in documents}
    places |= {(row["warc_file"], row["warc_offset"]): row for row in read(folder, "rejects") if row["record_type"] != "request"}
    with connect(corpus) as database:
        for page in documents:
            for name in ("url", "doc_id"):
                captures = explain(corpus, database, page[name])
                expected = [
                    row for row in outcomes
                    if places.get((row["warc_file"], row["warc_offset"]), {}).get(name) == page[name]
                ]  # fmt: skip
                assert [capture.outcome for capture in captures] == sorted(expected, key=lambda row: tuple(place(row).values()))
                if captures[0].document is not None:
                    own = [row for row in copies if page["doc_id"] in (row["doc_id"], row["keeper_id"])]
                    found = {(row["doc_id"], row["url"], row["keeper_url"]) for row in captures[0].duplicates}
                    assert found == {(row["doc_id"], url_of(row["doc_id"], documents), documents[0]["url"]) for row in own}


def url_of(doc_id: str, documents: Rows) -> str:
    return str(next(row["url"] for row in documents if row["doc_id"] == doc_id))


def test_what_is_nowhere_is_said_to_be_nowhere(corpus: Corpus) -> None:
    with connect(corpus) as database, pytest.raises(BrokenPromise, match="nowhere"):
        explain(corpus, database, "http://nowhere.test/")


def test_spans_are_found_by_url_and_by_doc_id(corpus: Corpus) -> None:
    spans = {row["doc_id"]: row for row in read(Path(corpus.root), "spans")}
    with connect(corpus) as database:
        for page in read(Path(corpus.root), "documents"):
            expected = [spans[page["doc_id"]] | {"url": page["url"]}] if page["doc_id"] in spans else []
            assert spans_of(database, page["url"]) == spans_of(database, page["doc_id"]) == expected


def test_a_lookup_passes_over_the_groups_of_rows_that_lack_the_value(tmp_path: Path) -> None:
    def hashed(name: str, row: int) -> str:
        return hashlib.md5(f"{name}{row}".encode()).hexdigest()

    columns: dict[str, list[Any]] = {name: [hashed(name, row) for row in range(300_000)] for name in LOOKED_UP}
    columns["warc_offset"] = [int(value[:15], 16) for value in columns["warc_offset"]]
    rows = pa.record_batch(columns)
    one = rows.slice(250_000, 1).to_pylist()[0]
    file = tmp_path / store_table(str(tmp_path), "table/part-HASH.parquet", [rows], rows.schema).file
    groups = pq.ParquetFile(file).metadata
    assert max(groups.row_group(number).num_rows for number in range(groups.num_row_groups)) <= 1 << 17
    for name in LOOKED_UP:
        probe = "SELECT bloom_filter_excludes FROM parquet_bloom_probe($1, $2, $3)"
        excluded = [row[0] for row in duckdb.execute(probe, [str(file), name, one[name]]).fetchall()]
        assert not all(excluded), f"{name}: its own group must not be passed over"
        assert sum(excluded) >= groups.num_row_groups - 1, name


def test_the_blocks_of_a_page_are_read_again_from_its_record(tmp_path: Path) -> None:
    """Kept ones together are its text; a page that was taken down is not read, an input that is gone is one line."""
    html = "".join(f"<p>{prose(number)}</p>" for number in range(4)) + "<nav><ul>" + "<li><a href=/>Home</a>" * 9 + "</ul></nav>"
    crawl = Crawl().response("http://a.example/", html).response("http://a.example/b", b"text", mime="text/plain")
    file = crawl.write(tmp_path / "a.warc.gz")
    with file.open("rb") as stream:
        (part,) = ingest_file(stream, str(file), ingest_settings(Recipe()))
    corpus = Corpus(str(tmp_path))
    corpus._manifest = {"recipe": recipe_values(Recipe())}
    page, plain = part.documents.to_pylist()
    given = [(page, "kept"), (page, "removed"), (plain, "kept"), (None, "rejected")]
    captures = [Capture("", document, {"outcome": outcome}, [], [], [], [], []) for document, outcome in given]
    blocks, *others = blocks_of(corpus, captures)
    assert others == [[], [], []]
    assert [block["beginning"] for block in blocks if block["kept"]] == [text[:80] for text in page["text"].split("\n\n")]
    assert any(not block["kept"] for block in blocks)
    assert all(len(block["reasons"].split("), ")) == 3 for block in blocks)
    file.unlink()
    with pytest.raises(InputError, match="not at hand"):
        blocks_of(corpus, captures)
