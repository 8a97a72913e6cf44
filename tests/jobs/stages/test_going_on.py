"""Stages that were killed between and within their steps go on with the pieces that are done, and end with the same bytes."""

import json
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pyspark.sql import SparkSession

from jobs.corpus.files import tables
from jobs.corpus.files.journal import done_from_json
from jobs.corpus.folder import Corpus, Tables, changing, open_corpus
from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.spark import pages, pieces
from jobs.spark import tables as spark_tables
from jobs.stages.curate import STAGES
from jobs.stages.ingest.read_inputs import PER_INPUT
from jobs.stages.stage import Work, run_stage
from jobs.stages.tokens import write_shards
from jobs.takedown.reach.request import Request
from jobs.takedown.redact.carry_out import remove
from pipeline.blocks import StoredFile
from pipeline.hashing import without_checksum
from tests.crawls import write_crawl
from tests.jobs.running import SMALL, curate
from tests.jobs.stored import table

pytestmark = pytest.mark.spark
ALONE, ACROSS = "", "sketches ngrams blocks strange"  # what is taken of each page alone is known by the pages
STEPS = {"scan": (ALONE, ACROSS, "findings", "edits"), "shard": ("encoded", "shards", "token_counts", "curated again")}
POINTS = [(stage, number) for stage, steps in STEPS.items() for number in range(len(steps))]
RECIPE = build_recipe({**SMALL, "shards": {"shard_tokens": 2000}})
PAGE = "http://host0.example/3"


class Killed(BaseException):
    """What stands for a kill -9: nothing of ours may catch it."""


@pytest.fixture(autouse=True, scope="module")
def small_pieces() -> Iterator[None]:
    """A piece for every few pages, and tables of several files."""
    with patch.object(pieces, "LEAST_RECORDS", 6), patch.object(tables.Layout, "files", lambda self, records: 1 + records // 20):
        yield


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_crawl(tmp_path_factory.mktemp("crawl"), files=2, pages=12)[0]


@pytest.fixture(scope="module")
def undisturbed(spark: SparkSession, crawl: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[StoredFile]]:
    corpus, _ = curate(spark, crawl, tmp_path_factory.mktemp("undisturbed") / "C", RECIPE)
    return {name: list(corpus.files(name)) for name in ("findings", "edits", "token_counts", "curated", "shards", "spans")}


@pytest.fixture(scope="module")
def begun(spark: SparkSession, crawl: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two corpora that stand just before a stage, by its name."""
    folder, names = tmp_path_factory.mktemp("begun"), [one.name for one in STAGES]
    for stage in STEPS:
        make(spark, folder / stage, names[: names.index(stage)], crawl)
    return {stage: folder / stage for stage in STEPS}


def make(spark: SparkSession, root: Path, stages: list[str], inputs: Sequence[Path] = (), recipe: Recipe = RECIPE) -> Corpus:
    with changing(str(root)) as corpus:
        work = Work(corpus=corpus, recipe=recipe, inputs=list_inputs(map(str, inputs), skip_bad=False) if inputs else ())
        work.use(spark)
        for stage in STAGES:
            if stage.name in stages:
                run_stage(stage, work, lambda _: None)
    return corpus


@contextmanager
def at_each_step(happens: Callable[[int, str, list[pieces.Made]], None]) -> Iterator[None]:
    """`happens` (number of the step, its name, what came of it) after each step of a stage that is made in pieces."""
    number, do = iter(range(100)), pieces.in_pieces

    def step(rows: Any, of: pieces.Pieces, *others: Any) -> list[pieces.Made]:
        made = do(rows, of, *others)
        happens(next(number), of.name, made)
        return made

    with ExitStack() as patched:
        for module in (pages, spark_tables, write_shards):
            patched.enter_context(patch.object(module, "in_pieces", step))
        yield


def killed_after(spark: SparkSession, root: Path, stage: str, step: int) -> None:
    def happens(number: int, name: str, made: list[pieces.Made]) -> None:
        if number == step:
            assert name == STEPS[stage][step]
            raise Killed

    with at_each_step(happens), pytest.raises(Killed):
        make(spark, root, [stage])


def entries(root: Path) -> list[Path]:
    return sorted((root / ".winnow/journal").rglob("*.json"))


def files_of(entry: Path) -> list[str]:
    return names_in(done_from_json(without_checksum(json.loads(entry.read_text()))).tables)


def names_in(tables: Tables) -> list[str]:
    return [one.file for files in tables.values() for one in files]


# One step of each stage with every test; the others with the faults.
POINTS_NOW = [
    pytest.param(stage, step, id=f"{stage}-{STEPS[stage][step]}", marks=[pytest.mark.faults] if step else [])
    for stage, step in POINTS
]


@pytest.mark.parametrize(("stage", "step"), POINTS_NOW)
def test_a_stage_killed_at_any_step_goes_on_with_the_pieces_that_are_done(
    spark: SparkSession,
    begun: dict[str, Path],
    undisturbed: dict[str, list[StoredFile]],
    tmp_path: Path,
    stage: str,
    step: int,
) -> None:
    root, rng = Path(shutil.copytree(begun[stage], tmp_path / "C")), random.Random(f"{stage} {step}")
    killed_after(spark, root, stage, step)
    noted = entries(root)
    assert len(noted) > 1
    for entry in rng.sample(noted, len(noted) // 3):  # whose tasks had not ended: their files may lie there, or be half written
        for name in files_of(entry)[: rng.randrange(2)]:
            (root / name).unlink()
        entry.unlink()
    spared = {name: (root / name).stat().st_ino for entry in entries(root) for name in files_of(entry)}
    again = dict[str, int]()

    def happens(number: int, name: str, made: list[Any]) -> None:
        again.update({name: (root / name).stat().st_ino for part in made for name in names_in(part.tables)})

    with at_each_step(happens):
        corpus = make(spark, root, [stage])
    again |= {name: (root / name).stat().st_ino for name in spared if (root / name).exists()}  # what outlives the stage
    assert spared.items() <= again.items(), "what was done is not written again"
    for name in corpus.manifest["stages"][stage]["publishes"]:
        assert list(corpus.files(name)) == undisturbed[name]
    assert all(entry.parent.name.startswith("kept.") for entry in entries(root)), "nothing is left but what others may use"


def test_a_takedown_forgets_what_a_stage_that_was_stopped_had_written_of_the_page(
    spark: SparkSession, crawl: list[Path], tmp_path: Path
) -> None:
    """Its text lay in the journal's files, and a curation that went on would have brought it back."""
    corpus, _ = curate(spark, crawl, tmp_path / "C", RECIPE)
    root, other = Path(corpus.root), build_recipe({**SMALL, "html": {"max_depth": 300}})
    with patch.object(Corpus, "publish", side_effect=Killed), pytest.raises(Killed):
        make(spark, root, ["ingest"], crawl, other)
    written = [root / name for entry in entries(root) for name in files_of(entry)]
    assert written and all(path.exists() for path in written)
    with changing(str(root)) as locked:
        request = remove(locked, Request(urls=(PAGE,)), None, lambda _: None)
    named = {root / name for name in names_in({name: open_corpus(str(root)).files(name) for name in PER_INPUT})}
    assert entries(root) == [] and not any(path.exists() for path in written if path not in named)
    made, _ = curate(spark, crawl, root, other)
    removed = json.loads(next((root / "takedowns" / request).glob("request-*.json")).read_text())["pages"][0]["doc_id"]
    ids = {row["doc_id"] for row in table(made, "documents")}
    assert ids and removed not in ids
