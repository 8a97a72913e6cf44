"""Which runs have read a document, and when: from the runs on record and their plans."""

from pathlib import Path
from typing import Any

from jobs.corpus.files.readers import RUN, is_elsewhere, registered
from jobs.corpus.views import rows
from jobs.inspect.index import Opened
from jobs.runs.reads import reads_of
from pipeline.errors import WinnowError

MOST_STEPS = 200  # that are shown of one run


def runs_that_read(opened: Opened, doc_id: str) -> list[dict[str, Any]]:
    """A row per run on record: what `reads_of` says of it, or `problem`, where the run is gone, elsewhere or damaged."""
    spans = rows(opened.store.connection, "SELECT shard, start, length FROM spans WHERE doc_id = ?", [doc_id])
    found = []
    for reader in registered(opened.corpus.root, RUN):
        if reader.live:
            continue
        try:
            if is_elsewhere(reader):
                raise WinnowError(f"it lies on {reader.host}: ask there, by winnow explain CORPUS DOC_ID --run RUN")
            found.append(reads_of(opened.corpus.root, Path(reader.folder), [doc_id], spans))
        except (WinnowError, OSError) as error:
            found.append({"run": reader.folder, "problem": str(error)})
    return found
