"""Functions that others bring, sent to the tasks and called on every page; nothing is done where a recipe names none."""

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame

from jobs.corpus.folder import Corpus
from jobs.corpus.plugins import Kind, Plugin, changed, find
from jobs.spark.plugged import imported, loaded, send
from jobs.spark.tables import Written
from jobs.stages.looks import Look, looked_once
from jobs.stages.places import PLACE, places
from jobs.stages.stage import Work
from pipeline import tables
from pipeline.plugins.calls import Function, columns_of

Take = Callable[[str, Function, tuple[str, ...], pa.RecordBatch], pa.RecordBatch]  # name, function, its columns, pages -> rows
WITH_PLACE = ("doc_id", *PLACE)


def written_by(work: Work, kind: Kind, names: tuple[str, ...], table: str, take: Take) -> Written:
    """What `take` makes of each function and batch of pages, each page once; its table is published with the stage.

    Raises RecipeError where the code is no longer what the stage is known by, or fails.
    """
    if not names:
        work.publish_files(table, [])
        return Written([], 0)
    plugins = [find(name, kind) for name in names]
    _require_planned(work, kind, plugins)
    sent = [send(work.spark, plugin) for plugin in plugins]
    asked = {one.name: columns_of(one.name, imported(one, plugin.root)) for one, plugin in zip(sent, plugins, strict=True)}
    every = {column for columns in asked.values() for column in columns} - set(WITH_PLACE)
    of_documents = tuple(sorted(every & set(tables.DOCUMENTS.names)))
    documents = work.pages("documents", *WITH_PLACE)
    rows = _with_measures(work, places(documents.rows).first, every - set(of_documents)).persist(StorageLevel.DISK_ONLY)

    def call(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        for one in sent:
            yield table, take(one.name, loaded(one), asked[one.name], batch)

    try:
        taken = looked_once(documents.of(rows), of_documents, [Look({table: tables.TABLES[table]}, call)], work.kept())
        return work.write(table, taken.tables[table])
    finally:
        rows.unpersist()


def made_of_others(corpus: Corpus, stage: str, kind: Kind, names: Iterable[str]) -> bool:
    """Whether the corpus lacks what one of these functions gives, or has it of other code."""
    made_of = corpus.stages.get(stage, {}).get("made_of", {}).get("settings", {}).get(kind.key, {})
    return any(made_of.get(name) != find(name, kind).sha256 for name in names)


def _require_planned(work: Work, kind: Kind, plugins: list[Plugin]) -> None:
    """Raises RecipeError where their code is no longer what the stage is known by."""
    planned = work.parts["settings"][kind.key]
    for plugin in plugins:
        if planned[plugin.name] != plugin.sha256:
            raise changed(plugin)


def _with_measures(work: Work, rows: DataFrame, columns: set[str]) -> DataFrame:
    if not columns:
        return rows
    return rows.join(work.read("measures", "doc_id", *sorted(columns)).dropDuplicates(["doc_id"]), "doc_id")
