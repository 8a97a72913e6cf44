"""documents, measures -> own_findings: what the detectors find that the recipe names; nothing where it names none.

On every page, whatever a rule says of it: then neither a changed rule nor another consequence calls them again.
"""

from collections.abc import Iterable

from jobs.corpus.folder import Corpus
from jobs.corpus.plugins import DETECTORS
from jobs.stages.plugins.calling import made_of_others, written_by
from jobs.stages.stage import Stage, Work
from pipeline.plugins.findings import found


def run(work: Work) -> dict[str, int]:
    names = work.recipe.detectors.functions
    written = written_by(work, DETECTORS, names, "own_findings", found)
    if not names:
        return {"records": 0}
    return {"records": work.corpus.rows("measures"), "findings": written.rows, "documents": written.documents}


def detected_anew(corpus: Corpus, names: Iterable[str]) -> bool:
    """Whether the corpus lacks what one of these detectors finds, or has it of other code."""
    return made_of_others(corpus, STAGE.name, DETECTORS, names)


STAGE = Stage(name="detect", after=("ingest",), sections=("detectors",), publishes=("own_findings",), run=run)
