"""Inputs that are added, changed or left out: only those that the corpus has not read are read."""

import os
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.folder import Corpus, changing
from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import build_recipe
from jobs.stages.ingest import deal_inputs, ingest_records
from jobs.stages.ingest.read_inputs import Piece
from jobs.stages.stage import Work, run_stage
from tests.crawls import write_crawl
from tests.jobs.running import SMALL
from tests.jobs.stored import table


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the inputs that each ingest sends to tasks."""
    found: list[list[str]] = []
    tasks = deal_inputs._tasks

    def noted(spark: SparkSession, pieces: list[Piece], *others: int) -> DataFrame:
        found.append(sorted(Path(one.file.path).name for one in pieces))
        return tasks(spark, pieces, *others)

    monkeypatch.setattr(deal_inputs, "_tasks", noted)
    return found


def ingested(spark: SparkSession, inputs: list[Path], output: Path, **sections: object) -> Corpus:
    with changing(str(output)) as corpus:
        listed = list_inputs(map(str, inputs), skip_bad=False)
        work = Work(corpus=corpus, recipe=build_recipe({**SMALL, **sections}), inputs=listed)
        work.use(spark)
        run_stage(ingest_records.STAGE, work, lambda _: None)
    return corpus


def places(corpus: Corpus) -> list[tuple[str, int]]:
    return sorted((Path(row["warc_file"]).name, row["warc_offset"]) for row in table(corpus, "documents"))


def test_added_changed_and_dropped_inputs_are_read_alone(spark: SparkSession, tmp_path: Path, read: list[list[str]]) -> None:
    crawl = sorted(write_crawl(tmp_path / "crawl", files=3, pages=9)[0])
    names, output = [one.name for one in crawl], tmp_path / "C"
    ingested(spark, crawl[:2], output)
    both = ingested(spark, crawl, output)
    assert read == [names[:2], names[2:]]
    assert [Path(row["path"]).name for row in table(both, "files")] == names
    whole = ingested(spark, crawl, tmp_path / "whole")
    assert places(both) == places(whole) and table(both, "measures") == table(whole, "measures")

    os.utime(crawl[0], (1, 1))  # another date is another file
    changed = ingested(spark, crawl, output)
    assert read[-1] == names[:1] and places(changed) == places(whole)

    fewer = ingested(spark, crawl[1:], output)
    assert read[-1] == names[:1], "nothing was read"
    assert places(fewer) == [place for place in places(whole) if place[0] != names[0]]

    ingested(spark, crawl[1:], output, html={"comments": "keep"})
    assert read[-1] == names[1:], "another recipe reads all of it"
