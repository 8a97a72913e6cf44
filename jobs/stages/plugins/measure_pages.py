"""documents, measures -> own_measures: what the functions measure that the recipe names; nothing where it names none."""

from collections.abc import Iterable

import pyarrow as pa

from jobs.corpus.folder import Corpus
from jobs.corpus.plugins import MEASURES
from jobs.stages.plugins.calling import made_of_others, written_by
from jobs.stages.stage import Stage, Work
from pipeline import tables
from pipeline.plugins.calls import Function
from pipeline.plugins.measures import measured


def run(work: Work) -> dict[str, int]:
    names = work.recipe.plugins.measures
    written = written_by(work, MEASURES, names, "own_measures", _rows)
    return {"records": work.corpus.rows("measures"), "values": written.rows} if names else {"records": 0}


def measured_anew(corpus: Corpus, names: Iterable[str]) -> bool:
    """Whether the corpus lacks a measure of these, or has it of other code."""
    return made_of_others(corpus, STAGE.name, MEASURES, names)


def _rows(name: str, function: Function, columns: tuple[str, ...], pages: pa.RecordBatch) -> pa.RecordBatch:
    """A row for each page that has the measure."""
    values = measured(name, function, columns, pages)
    rows = pa.RecordBatch.from_arrays([pages["doc_id"], pa.repeat(name, pages.num_rows), values], schema=tables.OWN_MEASURES)
    return rows.filter(values.is_valid())


STAGE = Stage(name="measure", after=("ingest",), sections=("plugins",), publishes=("own_measures",), run=run)
