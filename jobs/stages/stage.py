"""Running stages: each is skipped when nothing it depends on has changed, and published in one step when it is made."""

import importlib.metadata
import logging
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.files.journal import KEPT, Journal
from jobs.corpus.files.tables import layout_of
from jobs.corpus.folder import FORMAT, MANIFEST, Corpus, Manifest
from jobs.corpus.inputs import InputFile
from jobs.corpus.recipe import Recipe, recipe_values
from jobs.kernels.warm import compile_kernels
from jobs.spark.arrow_map import peak_worker_bytes, spark_schema
from jobs.spark.counters import Counters
from jobs.spark.pages import StoredPages
from jobs.spark.session import session
from jobs.spark.tables import Written, by_doc_id, by_hash, read_files, read_pages, write_rows
from jobs.stages.cost import cores_of, spent
from jobs.stages.fingerprint import Parts, differences, hash_of, made_of
from pipeline.blocks import StoredFile
from pipeline.tables import TABLES

LOG = logging.getLogger(__name__)


class Amount(NamedTuple):
    """Of inputs."""

    inputs: int = 0
    bytes: int = 0


@dataclass
class Work:
    """What a stage needs to do its work. Spark starts when the first stage that is not skipped asks for it."""

    corpus: Corpus
    recipe: Recipe
    master: str | None = None
    spark_settings: dict[str, str] = field(default_factory=dict)
    inputs: tuple[InputFile, ...] = ()
    preload: tuple[str, ...] = ()  # groups of kernels that the stages to be made need
    keep: frozenset[str] = frozenset()  # stages that are accepted as they stand
    again: frozenset[str] = frozenset()  # stages that are made anew even so, as after a takedown
    skip_bad: bool = False  # inputs that cannot be read are left out, and recorded
    stage: str = ""
    counters: Counters | None = None  # of a stage that counts what its tasks have done
    done_before: Amount = field(default_factory=Amount)  # what an earlier run has left to it
    to_do: Amount = field(default_factory=Amount)  # that included
    parts: Parts = field(default_factory=dict)  # what the stage is made of
    made: dict[str, list[StoredFile]] = field(default_factory=dict)  # tables that it has written
    said: list[str] = field(default_factory=list)  # lines for whoever started it
    start_seconds: float = 0.0  # spent on starting Spark, reported apart from any stage
    _resources: ExitStack = field(default_factory=ExitStack)
    _spark: SparkSession | None = None

    @property
    def spark(self) -> SparkSession:
        if self._spark is None:
            started = time.monotonic()
            self._spark = self._resources.enter_context(
                session(self.master, self.spark_settings, preload=self.preload, input_bytes=self._input_bytes())
            )
            self.start_seconds += time.monotonic() - started
        return self._spark

    def _input_bytes(self) -> int:
        """Of the whole corpus: of what this work is given, else of what was read before."""
        inputs = self.inputs or tuple(InputFile(**one) for one in self.corpus.manifest.get("inputs", []))
        return sum(one.size for one in inputs)

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

    def read(self, table: str, *columns: str) -> DataFrame:
        """A table of a finished stage, or some columns of it: from a store of objects the others are not even asked for.

        Raises CorpusError where a file of it is not the one that was written.
        """
        schema = TABLES[table]
        wanted = pa.schema([schema.field(name) for name in columns or schema.names])
        return read_files(self.spark, self.corpus, self.corpus.files(table), wanted)

    def pages(self, table: str, *columns: str) -> StoredPages:
        """Narrow rows of a table of a finished stage; their texts are read by the tasks that need them. Raises CorpusError."""
        return read_pages(self.spark, self.corpus, table, TABLES[table], columns)

    def write(self, table: str, rows: DataFrame, *, counting: str | None = None) -> Written:
        """Writes a table in files cut and sorted by value; it is published with the stage.

        Rows that are equal are written once. `counting` names a column with few values, which are counted.
        """
        layout = layout_of(table)
        files = layout.files(self.corpus.records)
        place = by_doc_id(files) if layout.by_doc_id else by_hash(files, *layout.sorted_by)
        written = write_rows(
            self.corpus, table, rows, TABLES[table],
            files=files, place=place, sorted_by=layout.sorted_by, counting=counting, journal=self.journal(),
        )  # fmt: skip
        self.publish_files(table, written.files)
        return written

    def publish_files(self, table: str, files: list[StoredFile]) -> None:
        """These are what the table consists of, once the stage is published."""
        self.made[table] = files

    def read_new(self, table: str) -> DataFrame:
        """A table that this stage has written and not yet published."""
        return read_files(self.spark, self.corpus, tuple(self.made[table]), TABLES[table])

    def journal(self) -> Journal:
        """Of the stage that is being made. Inputs have entries of their own, so they are no part of what names it."""
        return Journal(self.corpus.root, self.stage, hash_of({**self.parts, "inputs": {}}))

    def kept(self) -> Journal:
        """Of what the stage has taken of pages alone: it outlives the stage, and which pages there are is no part of its name."""
        return Journal(self.corpus.root, f"{KEPT}.{self.stage}", hash_of({**self.parts, "inputs": {}, "reads": {}}))

    def only_inputs_changed(self) -> bool:
        """Whether the stage was made before, of the same but for the inputs."""
        if not self.corpus.exists(MANIFEST):
            return False
        before = self.corpus.manifest["stages"].get(self.stage, {}).get("made_of")
        return before is not None and {**before, "inputs": {}} == {**self.parts, "inputs": {}}

    def empty(self, schema: pa.Schema) -> DataFrame:
        return self.spark.createDataFrame([], spark_schema(schema))


@dataclass(frozen=True)
class Stage:
    """One step from tables to tables."""

    name: str
    after: tuple[str, ...]  # the stages whose tables it reads
    sections: tuple[str, ...]  # the parts of the recipe it depends on
    publishes: tuple[str, ...]  # tables it makes
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
        work.corpus.replace_manifest(manifest)
    if not plan.would_run:
        LOG.debug("%s stands: %s", stage.name, hash_of(parts))
        return False
    spark_before, started = work.start_seconds, time.monotonic()
    work.stage, work.parts, work.made, work.said, work.counters = stage.name, parts, {}, [], None
    work.journal().forget_others()
    LOG.debug("%s is made: %s", stage.name, "; ".join(plan.reasons))
    say(stage.name)
    compile_kernels(stage.kernels)
    _forget_kept(work)
    resumed, before_it = _goes_on(stage, work), spent(work.started_spark)
    counts = stage.run(work)
    cost = spent(work.started_spark).as_json_since(before_it) | {"cores": cores_of(work.started_spark), "resumed": resumed}
    if work.inputs:  # those that turned out to be unreadable are known as such
        manifest["inputs"] = [one.as_json() for one in work.inputs]
        parts = _parts(stage, work, manifest)
    LOG.debug("%s: %s, %s", stage.name, counts, cost)
    seconds = time.monotonic() - started - (work.start_seconds - spark_before)
    before = manifest["stages"]
    manifest["stages"] = _not_following(stage.name, manifest) | {
        stage.name: {
            "fingerprint": hash_of(parts),
            "made_of": parts,
            "after": list(stage.after),
            "publishes": list(stage.publishes),
            "seconds": round(seconds, 3),
            "counts": dict(sorted(counts.items())),
            "records_per_second": round(counts["records"] / seconds, 1) if seconds > 0 else None,
            "peak_memory_bytes": work.peak_bytes,
            "cost": cost,
        }
    }
    standing = {table for record in manifest["stages"].values() for table in record["publishes"]}
    fallen = {table for record in before.values() for table in record["publishes"]} - standing
    manifest["tables"] = {table: files for table, files in manifest["tables"].items() if table not in fallen}
    work.corpus.publish({table: work.made.get(table, []) for table in stage.publishes}, manifest)
    work.journal().forget()
    return True


def _forget_kept(work: Work) -> None:
    """What was taken of pages by other settings or code, and all of it where the stage is to be made again."""
    work.kept().forget_others()
    if work.stage in work.again:
        work.kept().forget()


def _goes_on(stage: Stage, work: Work) -> bool:
    """Whether a part of what it makes was made before: of a stage that was stopped, or of the inputs that it knows."""
    known = bool(work.journal().entries() or work.kept().entries())
    return known or (not stage.after and work.only_inputs_changed())


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
    if gone := [one for table in stage.publishes for one in work.corpus.missing(table)]:
        return Plan(stage.name, (f"{gone[0].file} is gone",))
    if stage.name in work.again:
        return Plan(stage.name, ("--again asks for it",))
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
    manifest = dict(work.corpus.manifest) if work.corpus.exists(MANIFEST) else {"stages": {}, "tables": {}}
    if work.inputs:
        manifest["inputs"] = [one.as_json() for one in work.inputs]
    versions = {"winnow": importlib.metadata.version("winnow"), "python": platform.python_version()}
    return manifest | {"format": FORMAT, "recipe": recipe_values(work.recipe), "versions": versions}
