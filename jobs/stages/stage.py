"""Running stages: each is skipped when nothing it depends on has changed, and published in one step when it is made."""

import hashlib
import importlib.metadata
import json
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.folder import FORMAT, Corpus, Manifest, contents_sha256, sources_sha256
from jobs.corpus.inputs import InputFile
from jobs.corpus.recipe import Recipe, recipe_values
from jobs.corpus.tombstones import tombstones_sha256
from jobs.spark.arrow_map import peak_worker_bytes, spark_schema
from jobs.spark.session import session
from pipeline import tables
from pipeline.language.identify import model_sha256

LIBRARIES = ("pyspark", "pyarrow", "numba", "numpy", "fasttext-community", "tokenizers", "tiktoken", "duckdb")


@dataclass
class Work:
    """What a stage needs to do its work. Spark starts when the first stage that is not skipped asks for it."""

    corpus: Corpus
    recipe: Recipe
    master: str | None = None
    spark_settings: dict[str, str] = field(default_factory=dict)
    inputs: tuple[InputFile, ...] = ()
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


@contextmanager
def working(work: Work) -> Iterator[Work]:
    """Ends the Spark session with the block."""
    with work._resources:
        yield work


def run_stage(stage: Stage, work: Work, say: Callable[[str], None]) -> bool:
    """Makes one stage; False when it stood already. Raises what the stage raises, with nothing published."""
    manifest = _manifest(work)
    work.corpus.require(*stage.after) if stage.after else None
    fingerprint = _fingerprint(stage, manifest, work)
    if manifest["stages"].get(stage.name, {}).get("fingerprint") == fingerprint and _published(stage, work.corpus):
        return False
    spark_before = work.start_seconds
    started = time.monotonic()
    work.stage = stage.name
    work.corpus.clear_staging(stage.name)
    say(stage.name)
    counts = stage.run(work)
    seconds = time.monotonic() - started - (work.start_seconds - spark_before)
    # What was made from the stage's former result no longer stands.
    kept = {
        name: record
        for name, record in manifest["stages"].items()
        if name != stage.name and not _follows(name, stage.name, manifest)
    }
    manifest["stages"] = kept | {
        stage.name: {
            "fingerprint": fingerprint,
            "after": list(stage.after),
            "seconds": round(seconds, 3),
            "counts": counts,
            "records_per_second": round(counts["records"] / seconds, 1) if seconds > 0 else None,
            "peak_memory_bytes": work.peak_bytes,
        }
    }
    work.corpus.publish(stage.name, list(stage.publishes), manifest)
    return True


def _follows(name: str, changed: str, manifest: Manifest) -> bool:
    """Whether stage `name` reads, directly or through others, what `changed` publishes."""
    after = manifest["stages"].get(name, {}).get("after", [])
    return changed in after or any(_follows(one, changed, manifest) for one in after)


def _manifest(work: Work) -> Manifest:
    manifest = work.corpus.read_manifest() if work.corpus.exists("corpus.json") else {"stages": {}}
    if work.inputs:
        manifest["inputs"] = [one.as_json() for one in work.inputs]
    return manifest | {"format": FORMAT, "recipe": recipe_values(work.recipe), "versions": versions()}


def _published(stage: Stage, corpus: Corpus) -> bool:
    return all(corpus.exists(name) for name in stage.publishes)


def _fingerprint(stage: Stage, manifest: Manifest, work: Work) -> str:
    """Hash of all that decides a stage's result: code, its part of the recipe, and what it reads."""
    values = recipe_values(work.recipe)
    decides = {
        "stage": stage.name,
        "code": code_version(),
        "recipe": {section: values[section] for section in stage.sections},
        "model": model_sha256(work.recipe.language.model) if "language" in stage.sections else None,  # a path says little
        "tombstones": tombstones_sha256(work.recipe.tombstones.files) if "tombstones" in stage.sections else None,
        "earlier": [contents_sha256(path, "ingest", "documents") for path in work.recipe.provenance.earlier]
        if "provenance" in stage.sections
        else None,
        "after": {name: manifest["stages"][name]["fingerprint"] for name in stage.after},
        "inputs": [one for one in manifest.get("inputs", []) if not one.get("skipped")] if not stage.after else None,
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


@cache
def code_version() -> str:
    """Hash of the source that stages are made of, as this process found it; the same code gives the same corpus."""
    here = Path(__file__).resolve().parents[2]
    found = [file for folder in ("pipeline", "tokenizer", "jobs") for file in sorted((here / folder).rglob("*"))]
    kinds = (".py", ".html", ".css", ".ftz", ".npz")
    others = {here / "jobs" / "runs", here / "jobs" / "takedown"}  # what is done with a finished corpus makes no stage of it
    return sources_sha256(here, [file for file in found if file.suffix in kinds and not others & {*file.parents}])[:16]


def versions() -> dict[str, str]:
    return {
        "winnow": importlib.metadata.version("winnow"),
        "code": code_version(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
    }
