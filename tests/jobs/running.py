"""Running winnow from tests: in this process on the shared session, or as the command that people type."""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from markupsafe import Markup
from pyspark.sql import SparkSession

from jobs.cli import main
from jobs.corpus.folder import Corpus, changing
from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.report import figures
from jobs.stages.curate import STAGES, run_stages
from jobs.stages.stage import Work
from pipeline.hashing import with_checksum

WINNOW = [sys.executable, "-W", "error::UserWarning", "-c", "from jobs.cli import main; main()"]

# Law tests are about order and completeness: a small vocabulary and small shards give them much to get wrong. Each shard is a
# task of Spark, so that smaller ones would take longest of all.
SMALL = {"tokenizer": {"vocabulary_size": 600}, "shards": {"shard_tokens": 10_000}}
SMALL_TOML = "[tokenizer]\nvocabulary_size = 600\n[shards]\nshard_tokens = 10000\n"

# Charts take most of a report's time: tests/jobs/report draws each of them.
WITHOUT_CHARTS = {name: lambda *_: Markup("") for name in ("distribution", "similarity", "clusters")}


def curate(
    spark: SparkSession, inputs: Sequence[Path | str], output: Path | str, recipe: Recipe | None = None, *again: str
) -> tuple[Corpus, list[str]]:
    """Every stage on a session that exists; returns the corpus and the stages that were made now."""
    made = []
    with patch.multiple(figures, **WITHOUT_CHARTS), changing(str(output)) as corpus:
        listed = list_inputs(map(str, inputs), skip_bad=False)
        work = Work(corpus=corpus, recipe=recipe or build_recipe(SMALL), inputs=listed, again=frozenset(again))
        work.use(spark)
        run_stages(work, STAGES, lambda _: None, lambda stage, now: made.append(stage) if now else None)
    return corpus, made


def winnow(*arguments: object) -> subprocess.CompletedProcess[str]:
    """What a command that starts no Spark prints, and its exit status: run in this process, where all is loaded already."""
    printed, said, status = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(said),
        patch.object(sys, "argv", ["winnow", *map(str, arguments)]),
    ):
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
    return subprocess.CompletedProcess(sys.argv, status, printed.getvalue(), said.getvalue())


def promised_bytes(corpus: Corpus) -> dict[str, str]:
    """sha256, by name, of all files that the law of determinism speaks of: curated, tokenizer, shards, and what tells of them."""
    promised = ("curated", "tokenizer", "word_counts", "shards", "spans", "token_counts")
    return {one.file: one.sha256 for name in promised for one in corpus.files(name)}


def change_run(run: Path, target: Path | None = None, **changes: Any) -> None:
    """run.json with these values, as if it had been written so; in another folder where one is named."""
    values = json.loads((run / "run.json").read_text("utf-8"))
    ((target or run) / "run.json").write_text(json.dumps(with_checksum(values | changes)), "utf-8")


def descendants(process: int) -> list[int]:
    """Processes that this one has started, and those that they have. Linux only."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended while we looked
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]
