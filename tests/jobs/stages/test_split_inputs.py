"""Inputs read in several pieces, by tasks of many pieces: the corpus is that of inputs read whole, also after a kill."""

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.folder import Corpus, changing
from jobs.corpus.inputs import InputFile, list_inputs
from jobs.corpus.recipe import build_recipe, ingest_settings
from jobs.stages.ingest import deal_inputs, ingest_records
from jobs.stages.ingest.deal_inputs import Dealt, dealt, grouped
from jobs.stages.ingest.read_inputs import Piece, Reader
from jobs.stages.stage import Work, run_stage
from pipeline.duplicates.tombstones import Graveyard
from pipeline.errors import InputError
from pipeline.read.warc.splits import Split, splits_of
from pipeline.tables import TOMBSTONES
from tests.crawls import Crawl, page, write_crawl
from tests.jobs.running import SMALL, curate, promised_bytes
from tests.jobs.stored import table

SPLIT_BYTES = 5000
PER_PIECE = ("documents", "measures", "rejects", "files")


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two WARCs, the second with a WARC in it as it was stored: whoever looks for members there finds that one's."""
    folder = tmp_path_factory.mktemp("crawl")
    first = write_crawl(folder, files=1, pages=12)[0][0]
    inner, outer = Crawl(), Crawl()
    for number in range(8):
        inner.response(f"http://inner.example/{number}", page(f"inner {number}"))
        outer.response(f"http://outer.example/{number}", page(f"outer {number}"))
    held = Crawl()
    held.writer.gzip = False
    held.response("http://outer.example/archive.warc.gz", inner.raw.getvalue(), mime="application/warc")
    second = folder / "second.warc.gz"
    stored = outer.raw.getvalue()
    second.write_bytes(stored[:9000] + gzip.compress(held.raw.getvalue(), compresslevel=0, mtime=0) + stored)
    return [first, second]


class Sent(list[list[Piece]]):
    """The pieces that each round sends to tasks."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    found, tasks = Sent(), deal_inputs._tasks

    def noted(spark: SparkSession, pieces: list[Piece], *others: int) -> DataFrame:
        found.append(pieces)
        return tasks(spark, pieces, *others)

    monkeypatch.setattr(deal_inputs, "_tasks", noted)
    return found


def recipe_of(split_bytes: int) -> dict[str, Any]:
    return {**SMALL, "ingest": {"split_bytes": split_bytes}}


def ingested(
    spark: SparkSession, inputs: list[Path], output: Path, split_bytes: int = 1 << 27, **how: Any
) -> tuple[Corpus, Work]:
    listed = how.pop("listed", None) or list_inputs(map(str, inputs), skip_bad=False)
    with changing(str(output)) as corpus:
        work = Work(corpus=corpus, recipe=build_recipe(recipe_of(split_bytes)), inputs=listed, **how)
        work.use(spark)
        run_stage(ingest_records.STAGE, work, lambda _: None)
    return corpus, work


def rows(corpus: Corpus) -> dict[str, list[Any]]:
    return {name: sorted(table(corpus, name), key=str) for name in PER_PIECE}


def test_every_size_of_splits_gives_the_same_rows(spark: SparkSession, crawl: list[Path], tmp_path: Path, sent: Sent) -> None:
    whole, work = ingested(spark, crawl, tmp_path / "whole")
    assert len(sent) == 1 and len(sent[0]) == 2 and work.said == []
    expected = rows(whole)
    for split_bytes in (SPLIT_BYTES, 20_000):
        sent.clear()
        corpus, work = ingested(spark, crawl, tmp_path / str(split_bytes), split_bytes)
        assert rows(corpus) == expected and work.said == []
        assert len(sent[0]) == sum(len(splits_of(one.stat().st_size, split_bytes)) for one in crawl) > 2
        assert split_bytes == 20_000 or len(sent) > 1, "false starts within the archived WARC are read again"


def test_splits_change_no_byte_of_what_is_promised(spark: SparkSession, crawl: list[Path], tmp_path: Path) -> None:
    whole, _ = curate(spark, crawl, tmp_path / "whole", build_recipe(SMALL))
    split, _ = curate(spark, crawl, tmp_path / "split", build_recipe(recipe_of(SPLIT_BYTES)))
    assert len(split.files("documents")) > len(whole.files("documents"))
    assert promised_bytes(split) == promised_bytes(whole)
    _, again = curate(spark, crawl, tmp_path / "split", build_recipe(SMALL))
    assert again == [], "how inputs are split makes nothing anew"


def test_a_killed_ingest_goes_on_with_the_pieces_that_are_left(
    spark: SparkSession, crawl: list[Path], tmp_path: Path, sent: Sent
) -> None:
    recipe = build_recipe(recipe_of(SPLIT_BYTES))
    undisturbed, work = ingested(spark, crawl, tmp_path / "undisturbed", SPLIT_BYTES)
    rounds = [len(some) for some in sent]
    with changing(str(tmp_path / "C")) as corpus:
        reader = Reader(
            ingest_settings(recipe),
            Graveyard(TOMBSTONES.empty_table()),
            Work(corpus=corpus, recipe=recipe, stage="ingest", parts=work.parts).journal(),
            recipe.sources,
        )
        for piece in sent[0][:5] + sent[1][:1]:  # as tasks had done before the kill
            reader.read(piece, 0)
    sent.clear()
    gone_on, _ = ingested(spark, crawl, tmp_path / "C", SPLIT_BYTES)
    assert len(sent[0]) == rounds[0] - 5 and sum(map(len, sent)) == sum(rounds) - 6
    assert rows(gone_on) == rows(undisturbed)
    assert sorted(one.file for one in gone_on.files("documents")) == sorted(one.file for one in undisturbed.files("documents"))


def test_an_input_that_is_added_leaves_the_pieces_of_others_as_they_are(
    spark: SparkSession, crawl: list[Path], tmp_path: Path, sent: Sent
) -> None:
    ingested(spark, crawl[1:], tmp_path / "C", SPLIT_BYTES)
    sent.clear()
    both, _ = ingested(spark, crawl, tmp_path / "C", 1 << 27)
    assert [[piece.file.path for piece in some] for some in sent] == [[str(crawl[0])]]
    assert rows(both) == rows(ingested(spark, crawl, tmp_path / "once")[0])


def test_an_input_of_which_a_piece_fails_gives_nothing(spark: SparkSession, crawl: list[Path], tmp_path: Path) -> None:
    copies = [tmp_path / one.name for one in crawl]
    for one, copy in zip(crawl, copies, strict=True):
        copy.write_bytes(one.read_bytes())
    listed = list_inputs(map(str, copies), skip_bad=True)
    os.utime(copies[0], (1, 1))
    with pytest.raises(InputError, match=r"is not what it was .* \(1 of 2 inputs; the others are read and kept\)"):
        ingested(spark, copies, tmp_path / "C", SPLIT_BYTES, listed=listed)
    corpus, _ = ingested(spark, copies, tmp_path / "C", SPLIT_BYTES, listed=listed, skip_bad=True)
    told = {Path(row["path"]).name: row for row in table(corpus, "files")}
    assert told[copies[0].name]["records"] == 0 and "is not what it was" in str(told[copies[0].name]["error"])
    assert told[copies[1].name]["records"] > 9 and {row["warc_file"] for row in table(corpus, "documents")} == {str(copies[1])}


def test_what_cannot_be_split_is_one_task_and_said(spark: SparkSession, crawl: list[Path], tmp_path: Path) -> None:
    plain, one_member = tmp_path / "a.warc", tmp_path / "b.warc.gz"
    written = Crawl()
    for number in range(12):
        written.response(f"http://plain.example/{number}", page(f"plain {number}"))
    plain.write_bytes(gzip.decompress(written.raw.getvalue()))
    one_member.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    corpus, work = ingested(spark, [plain, one_member], tmp_path / "C", SPLIT_BYTES)
    assert work.said == [f"read by one task each, as they cannot be split: {plain} and 1 more"]
    assert rows(corpus) == rows(ingested(spark, [plain, one_member], tmp_path / "whole")[0])


def pieces(sizes: list[int], split_bytes: int) -> list[Piece]:
    files = [InputFile(f"f{number:05}", size, "") for number, size in enumerate(sizes)]
    inputs: list[Dealt] = dealt(files, {one.key: number for number, one in enumerate(files)}, split_bytes)
    return [one.piece(split) for one in inputs for split in one.splits]


def test_many_small_files_are_few_tasks_and_a_large_one_is_many() -> None:
    small = grouped(pieces([3000] * 2000, 128 << 20), 128 << 20, 8)
    assert 8 <= len({task for task, _ in small}) <= 9 and len(small) == 2000
    large = grouped(pieces([1 << 30, 5, 3000], 128 << 20), 128 << 20, 8)
    assert [piece.bytes for task, piece in large if task == 0] == [128 << 20]
    assert {piece.file.path for task, piece in large if task == large[-1][0]} == {"f00001", "f00002"}
    assert len({task for task, _ in large}) == 9
    nothing = grouped(pieces([0, 0], 1), 1, 8)
    assert {piece.split for _, piece in nothing} == {Split(0, 0, True)}
