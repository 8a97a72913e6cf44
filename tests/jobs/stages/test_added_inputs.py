"""Pages of inputs that a corpus has already are looked at once: what is added costs its own; the bytes are those of one run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.corpus import plugins
from jobs.corpus.folder import Corpus, changing
from jobs.corpus.inputs import list_inputs
from jobs.corpus.plugins import allow
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.report import figures
from jobs.spark import pieces, units
from jobs.spark import tables as spark_tables
from jobs.stages.curate import STAGES
from jobs.stages.looks import Taken, looked_once
from jobs.stages.scan import scan_text
from jobs.stages.stage import Work, run_stage
from jobs.takedown.reach.request import Request
from jobs.takedown.redact.carry_out import remove
from tests.crawls import Crawl, page
from tests.jobs.running import SMALL, WITHOUT_CHARTS

pytestmark = pytest.mark.spark
MADE = ("ingest", "measure")
PLUGIN = '''
from pathlib import Path
import pyarrow as pa

def seen(text: pa.Array, doc_id: pa.Array, word_count: pa.Array) -> pa.Array:
    """Words; each page that it is asked about is written down."""
    with Path({said!r}).open("a") as file:
        file.write("".join(one + "\\n" for one in doc_id.to_pylist()))
    return word_count.cast(pa.float64())
'''


@pytest.fixture(autouse=True)
def small_units() -> Iterator[None]:
    """Several units of each file, and several pieces of them."""
    with patch.object(units, "ROWS_OF_UNIT", 4), patch.object(pieces, "LEAST_RECORDS", 6):
        yield


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the plug-in writes down what it is asked about."""
    monkeypatch.setattr(plugins, "_files", {})
    (tmp_path / "counting.py").write_text(PLUGIN.format(said=str(tmp_path / "said")))
    allow([tmp_path / "counting.py"])
    return tmp_path / "said"


@pytest.fixture
def crawl(tmp_path: Path) -> list[Path]:
    """Three files of eleven pages; one record of the first stands in the last, too."""
    files = []
    for number in range(3):
        made = Crawl()
        for one in range(10):
            made.response(f"http://host{number}.example/{one}", page(10 * number + one))
        made.response("http://again.example/", page(99))
        files.append(made.write(tmp_path / f"crawl-{number}.warc.gz"))
    return files


def make(spark: SparkSession, root: Path, inputs: list[Path], *again: str, stages: tuple[str, ...] = MADE) -> Corpus:
    recipe: Recipe = build_recipe({**SMALL, "plugins": {"measures": ["seen"]}})
    with changing(str(root)) as corpus:
        listed = list_inputs(map(str, inputs), skip_bad=False)
        work = Work(corpus=corpus, recipe=recipe, inputs=listed, again=frozenset(again))
        work.use(spark)
        for stage in STAGES:
            if stage.name in stages:
                run_stage(stage, work, lambda _: None)
    return Corpus(str(root))


def kept(root: Path) -> dict[str, int]:
    """Files of what is kept of pages, and when each was written."""
    files = [path for path in (root / ".winnow/journal").rglob("*") if path.is_file()]
    return {path.name: path.stat().st_mtime_ns for path in files}


def asked(said: Path) -> int:
    """About how many pages the plug-in was asked since the last time."""
    count = len(said.read_text().splitlines()) if said.exists() else 0
    said.unlink(missing_ok=True)
    return count


def test_added_inputs_are_measured_alone_and_the_bytes_are_those_of_one_run(
    spark: SparkSession, tmp_path: Path, said: Path, crawl: list[Path]
) -> None:
    root = tmp_path / "C"
    make(spark, root, crawl[:2])
    before, first = kept(root), asked(said)
    grown = make(spark, root, crawl)
    added, after = asked(said), kept(root)
    whole = make(spark, tmp_path / "whole", crawl)
    everything = asked(said)
    assert grown.files("own_measures") == whole.files("own_measures") != ()
    assert first == 22 - 1 and added < everything == 33 - 2, "a record that was met twice is looked at once"
    assert before.items() <= after.items() and len(after) > len(before), "nothing of unchanged inputs was written again"
    assert grown.stages["measure"]["cost"]["resumed"] and not whole.stages["measure"]["cost"]["resumed"]


@pytest.mark.usefixtures("said")
def test_added_inputs_are_scanned_alone_and_the_bytes_are_those_of_one_run(
    spark: SparkSession, tmp_path: Path, crawl: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []
    for number, file in enumerate(crawl):
        written = f"<p>Ask jane.doe{number}@gmail.com about the bread of the morning.</p>"
        mail = Crawl().response(f"http://mail{number}.example/", page(50 + number) + written)
        file.write_bytes(file.read_bytes() + mail.write(tmp_path / "mail.warc.gz").read_bytes())

    def counting(*of: Any) -> Taken:
        taken = looked_once(*of)
        entries = of[-1].entries().values()
        looked_at.append(sum(one.told["pages"] for one in entries))
        return taken

    monkeypatch.setattr(scan_text, "looked_once", counting)
    stages, root = (*MADE, "filter", "scan"), tmp_path / "C"
    make(spark, root, crawl[:2], stages=stages)
    before = kept(root)
    grown, whole = make(spark, root, crawl, stages=stages), make(spark, tmp_path / "whole", crawl, stages=stages)
    for name in ("findings", "edits"):
        assert grown.files(name) == whole.files(name) != ()
    assert before.items() <= kept(root).items(), "nothing of unchanged inputs was written again"
    assert looked_at[0] < looked_at[1] == looked_at[2], "each page that is there is looked at once"
    rows = [row for path in (root / ".winnow/journal").rglob("findings/*.parquet") for row in pq.read_table(path).to_pylist()]
    assert rows and "jane.doe" not in str(rows), "what is kept is masked"


def test_what_is_left_out_goes_and_what_sorts_first_changes_only_what_it_touches(
    spark: SparkSession, tmp_path: Path, said: Path, crawl: list[Path]
) -> None:
    """The first file holds the record that two others have: with it their rows of that record are no longer looked at."""
    root = tmp_path / "C"
    make(spark, root, crawl[1:])
    asked(said)
    assert make(spark, root, crawl).files("own_measures") == make(spark, tmp_path / "whole", crawl).files("own_measures")
    asked(said)
    shrunk, fewer = make(spark, root, crawl[:1]), make(spark, tmp_path / "fewer", crawl[:1])
    assert shrunk.files("own_measures") == fewer.files("own_measures")
    entries = [json.loads(path.read_text()) for path in (root / ".winnow/journal").rglob("*.json")]
    assert sum(one["told"]["pages"] for one in entries) == 11
    named = {Path(file["file"]).name for one in entries for file in one["tables"]["own_measures"]}
    assert named == {name for name in kept(root) if name.endswith(".parquet")}, "nothing lies there that no entry names"


def test_again_asks_anew_and_what_is_damaged_is_not_used(
    spark: SparkSession, tmp_path: Path, said: Path, crawl: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "C"
    expected = make(spark, root, crawl[:2]).files("own_measures")
    asked(said)
    assert make(spark, root, crawl[:2], "measure").files("own_measures") == expected and asked(said) == 21
    damaged = min((root / ".winnow/journal").rglob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    monkeypatch.setattr(spark_tables, "_checked", set())  # as in another process
    grown = make(spark, root, crawl)
    assert grown.files("own_measures") == make(spark, tmp_path / "whole", crawl).files("own_measures")


def test_a_takedown_leaves_nothing_of_what_was_kept(spark: SparkSession, tmp_path: Path, said: Path, crawl: list[Path]) -> None:
    root = tmp_path / "C"
    with patch.multiple(figures, **WITHOUT_CHARTS):
        make(spark, root, crawl[:2], stages=tuple(stage.name for stage in STAGES))
    assert kept(root)
    with changing(str(root)) as corpus:
        remove(corpus, Request(urls=("http://host0.example/3",)), None, lambda _: None)
    assert not kept(root)
