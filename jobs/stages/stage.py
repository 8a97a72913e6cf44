"""Running stages: each is skipped when nothing it depends on has changed, and published in one step when it is made."""

import importlib.metadata
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.folder import FORMAT, Corpus, Manifest
from jobs.corpus.inputs import InputFile
from jobs.corpus.recipe import Recipe, recipe_values
from jobs.kernels.warm import compile_kernels
from jobs.spark.arrow_map import peak_worker_bytes, spark_schema
from jobs.spark.session import session
from jobs.stages.fingerprint import Parts, differences, hash_of, made_of
from pipeline import tables


@dataclass
class Work:
    """What a stage needs to do its work. Spark starts when the first stage that is not skipped asks for it."""

    corpus: Corpus
    recipe: Recipe
    master: str | None = None
    spark_settings: dict[str, str] = field(default_factory=dict)
    inputs: tuple[InputFile, ...] = ()
    keep: frozenset[str] = frozenset()  # stages that are accepted as they stand
    stage: str = ""
    start_seconds: float = 0.0  # spent on starting Spark, reported apart from any stage
    _resources: ExitStack = field(default_factory=ExitStack)
    _spark: SparkSession | None = None

    @property
    def spark(self) -> SparkSession:
        if self._spark is None:
            started = time.monotonic()
            self._spark = self._resources.enter_context(session(self.master, self.spark_settings))
            self.start_seconds += time.monotonic() - started
        return self._spark

    def use(self, spark: SparkSession) -> None:
        """Works on a session that exists already, and leaves it open."""
        self._spark = spark

    @property
    def started_spark(self) -> SparkSession | None:
        """The session if any stage has needed one yet."""
        return self._spark

    @property
    def peak_bytes(self) -> int | None:
        return peak_worker_bytes(self._spark).value if self._spark is not None else None

    def read(self, table: str) -> DataFrame:
        """A table of a finished stage."""
        return self.spark.read.schema(spark_schema(tables.TABLES[table])).parquet(self.corpus.path(table))

    def read_staged(self, table: str) -> DataFrame:
        return self.spark.read.schema(spark_schema(tables.TABLES[table])).parquet(self.corpus.staging(self.stage, table))

    def write(self, table: str, rows: DataFrame) -> int:
        """Writes a table aside and returns its number of rows; columns are put in the order of its schema."""
        schema = tables.TABLES[table]
        rows.select(*schema.names).write.mode("overwrite").parquet(self.corpus.staging(self.stage, table))
        return int(self.read_staged(table).count())

    def empty(self, schema: pa.Schema) -> DataFrame:
        return self.spark.createDataFrame([], spark_schema(schema))


@dataclass(frozen=True)
class Stage:
    """One step from tables to tables."""

    name: str
    after: tuple[str, ...]  # the stages whose tables it reads
    sections: tuple[str, ...]  # the parts of the recipe it depends on
    publishes: tuple[str, ...]  # tables, folders or files it makes
    run: Callable[[Work], dict[str, int]]  # returns counts; "records" is what its speed is measured in
    kernels: tuple[str, ...] = ()  # groups of jobs/kernels/uses.py, compiled before its tasks start


@dataclass(frozen=True)
class Plan:
    """Whether a stage would be made, and why."""

    stage: str
    reasons: tuple[str, ...]  # none: it stands as it is
    kept: bool = False  # it is accepted although these reasons speak for making it anew

    @property
    def would_run(self) -> bool:
        return bool(self.reasons) and not self.kept

    @property
    def what_happens(self) -> str:
        return "made" if self.would_run else "kept" if self.kept and self.reasons else "unchanged"


@contextmanager
def working(work: Work) -> Iterator[Work]:
    """Ends the Spark session with the block."""
    with work._resources:
        yield work


def run_stage(stage: Stage, work: Work, say: Callable[[str], None]) -> bool:
    """Makes one stage; False when it stood already, or is kept. Raises what the stage raises, with nothing published."""
    manifest = current_manifest(work)
    work.corpus.require(*stage.after) if stage.after else None
    parts = _parts(stage, work, manifest)
    plan = _planned(stage, work, manifest, parts)
    if plan.kept and plan.reasons:
        manifest["stages"][stage.name]["kept"] = {"fingerprint": hash_of(parts), "although": list(plan.reasons)}
        work.corpus.write_manifest(manifest)
    if not plan.would_run:
        return False
    spark_before, started = work.start_seconds, time.monotonic()
    work.stage = stage.name
    work.corpus.clear_staging(stage.name)
    say(stage.name)
    compile_kernels(stage.kernels)
    counts = stage.run(work)
    seconds = time.monotonic() - started - (work.start_seconds - spark_before)
    manifest["stages"] = _not_following(stage.name, manifest) | {
        stage.name: {
            "fingerprint": hash_of(parts),
            "made_of": parts,
            "after": list(stage.after),
            "publishes": list(stage.publishes),
            "seconds": round(seconds, 3),
            "counts": counts,
            "records_per_second": round(counts["records"] / seconds, 1) if seconds > 0 else None,
            "peak_memory_bytes": work.peak_bytes,
        }
    }
    work.corpus.publish(stage.name, list(stage.publishes), manifest)
    return True


def plan_stages(stages: Iterable[Stage], work: Work) -> list[Plan]:
    """What would be made of these stages, and why; nothing is changed and Spark is not started."""
    manifest, plans, anew = current_manifest(work), [], set()
    for stage in stages:
        if missing := [name for name in stage.after if name not in manifest["stages"]]:
            plan = Plan(stage.name, tuple(f"{name} is not made yet" for name in missing[:1]))
        elif remade := [name for name in stage.after if name in anew]:
            plan = Plan(stage.name, (f"{remade[0]} is made anew",), stage.name in work.keep and stage.name in manifest["stages"])
        else:
            plan = _planned(stage, work, manifest, _parts(stage, work, manifest))
        anew |= {stage.name} if plan.would_run else set()
        plans.append(plan)
    return plans


def _parts(stage: Stage, work: Work, manifest: Manifest) -> Parts:
    return made_of(
        stage.run.__module__, stage.sections, stage.after, stage.publishes, work.recipe, manifest, _inputs(work, manifest)
    )


def _planned(stage: Stage, work: Work, manifest: Manifest, parts: Parts) -> Plan:
    record = manifest["stages"].get(stage.name)
    if record is None:
        return Plan(stage.name, ("it is not made yet",))
    if gone := [name for name in stage.publishes if not work.corpus.exists(name)]:
        return Plan(stage.name, (f"{gone[0]} is gone",))
    if hash_of(parts) in (record["fingerprint"], record.get("kept", {}).get("fingerprint")):
        return Plan(stage.name, ())
    return Plan(stage.name, tuple(differences(record["made_of"], parts)), stage.name in work.keep)


def _not_following(changed: str, manifest: Manifest) -> dict[str, Any]:
    """Records of the stages that still stand when `changed` is made anew: those that read nothing of it."""
    return {
        name: record for name, record in manifest["stages"].items() if name != changed and not _follows(name, changed, manifest)
    }


def _follows(name: str, changed: str, manifest: Manifest) -> bool:
    """Whether stage `name` reads, directly or through others, what `changed` publishes."""
    after = manifest["stages"].get(name, {}).get("after", [])
    return changed in after or any(_follows(one, changed, manifest) for one in after)


def _inputs(work: Work, manifest: Manifest) -> tuple[InputFile, ...]:
    return work.inputs or tuple(InputFile(**one) for one in manifest.get("inputs", []))


def current_manifest(work: Work) -> Manifest:
    """The corpus' manifest, or that of an empty one, with this work's inputs and recipe."""
    manifest = work.corpus.read_manifest() if work.corpus.exists("corpus.json") else {"stages": {}}
    if work.inputs:
        manifest["inputs"] = [one.as_json() for one in work.inputs]
    versions = {"winnow": importlib.metadata.version("winnow"), "python": platform.python_version()}
    return manifest | {"format": FORMAT, "recipe": recipe_values(work.recipe), "versions": versions}
