"""winnow in a notebook: `winnow.open(CORPUS)` (docs/api.md).

The package that is installed as `winnow`; what it gives lives in jobs/api. Neither Spark nor torch is loaded by it.
"""

from jobs.api.opened import Corpus
from jobs.api.opened import open_for_reading as open  # noqa: A004 - as `winnow.open` reads
from jobs.ask.explain import Capture as Page
from pipeline.errors import WinnowError

__all__ = ["Corpus", "Page", "WinnowError", "open"]
