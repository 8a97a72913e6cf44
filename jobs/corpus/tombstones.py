"""Tombstones on disk: those of a corpus' own takedowns, and those of other corpora that a recipe names."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.corpus.files.parquet import read_groups
from jobs.corpus.folder import MANIFEST, Corpus
from jobs.corpus.sources.open_source import open_source
from pipeline.errors import InputError, RecipeError
from pipeline.tables import TOMBSTONES

FOLDER, FILE = "takedowns", "tombstones-HASH.parquet"


def read_tombstones(corpus: Corpus, others: Sequence[str]) -> pa.Table:
    """TOMBSTONES of all of them. A removed page is a few hundred bytes: a million of them are read in a second."""
    own = (
        [group for one in corpus.files("tombstones") for group in read_groups(corpus.root, one)]
        if corpus.exists(MANIFEST)
        else []
    )
    return pa.concat_tables([TOMBSTONES.empty_table(), *own, *(_read(path) for path in others)])


def _read(path: str) -> pa.Table:
    try:
        with open_source(path).stream as file:
            return pq.read_table(file, page_checksum_verification=True).cast(TOMBSTONES)
    except (OSError, ValueError, InputError) as error:
        raise RecipeError(f"recipe: tombstones.files: {path} cannot be read ({str(error).splitlines()[0]})") from error
