"""documents, measures -> own_measures: what the functions measure that the recipe names; nothing where it names none."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame

from jobs.corpus.folder import Corpus
from jobs.corpus.plugins import Plugin, changed, find
from jobs.spark.plugged import Sent, imported, loaded, send
from jobs.stages.looks import Look, looked_once
from jobs.stages.places import PLACE, places
from jobs.stages.stage import Stage, Work
from pipeline import tables
from pipeline.quality.plugins import columns_of, measured

Asked = dict[str, tuple[str, ...]]  # measure -> the columns that its function takes
MEASURES = "plugins.measures"  # what a fingerprint calls them
WITH_PLACE = ("doc_id", *PLACE)


def run(work: Work) -> dict[str, int]:
    plugins = [find(name) for name in work.recipe.plugins.measures]
    if not plugins:
        work.publish_files("own_measures", [])
        return {"records": 0}
    _require_planned(work, plugins)
    sent = [send(work.spark, plugin) for plugin in plugins]
    asked = {one.name: columns_of(one.name, imported(one, plugin.root)) for one, plugin in zip(sent, plugins, strict=True)}
    every = {column for columns in asked.values() for column in columns} - set(WITH_PLACE)
    of_documents = tuple(sorted(every & set(tables.DOCUMENTS.names)))
    documents = work.pages("documents", *WITH_PLACE)
    rows = _with_measures(work, places(documents.rows).first, every - set(of_documents)).persist(StorageLevel.DISK_ONLY)

    def take(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        for one in sent:
            yield "values", _rows(one, asked[one.name], batch)

    try:
        taken = looked_once(documents.of(rows), of_documents, [Look({"values": tables.OWN_MEASURES}, take)], work.kept())
        written = work.write("own_measures", taken.tables["values"])
    finally:
        rows.unpersist()
    return {"records": work.corpus.rows("measures"), "values": written.rows}


def measured_anew(corpus: Corpus, names: Iterable[str]) -> bool:
    """Whether the corpus lacks a measure of these, or has it of other code."""
    made_of = corpus.stages.get(STAGE.name, {}).get("made_of", {}).get("settings", {}).get(MEASURES, {})
    return any(made_of.get(name) != find(name).sha256 for name in names)


def _require_planned(work: Work, plugins: list[Plugin]) -> None:
    """Raises RecipeError where their code is no longer what the stage is known by."""
    planned = work.parts["settings"][MEASURES]
    for plugin in plugins:
        if planned[plugin.name] != plugin.sha256:
            raise changed(plugin)


def _with_measures(work: Work, rows: DataFrame, columns: set[str]) -> DataFrame:
    if not columns:
        return rows
    return rows.join(work.read("measures", "doc_id", *sorted(columns)).dropDuplicates(["doc_id"]), "doc_id")


def _rows(sent: Sent, columns: tuple[str, ...], pages: pa.RecordBatch) -> pa.RecordBatch:
    """A row for each page that has the measure."""
    values = measured(sent.name, loaded(sent), columns, pages)
    rows = pa.RecordBatch.from_arrays([pages["doc_id"], pa.repeat(sent.name, pages.num_rows), values], schema=tables.OWN_MEASURES)
    return rows.filter(values.is_valid())


STAGE = Stage(name="measure", after=("ingest",), sections=("plugins",), publishes=("own_measures",), run=run)
