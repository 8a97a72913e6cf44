"""The documents of a mixture in the order in which training begins them: each where its first token is read, once an epoch.

Each corpus gives its own in that order, sorted by its database and not in memory, and the streams are merged by their places.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from heapq import merge
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.corpus.folder import Corpus
from jobs.corpus.recipe import build_recipe
from jobs.corpus.views import connect
from jobs.export.lines import COLUMNS, METADATA, TABLES, Line, lines_of
from jobs.export.mixture.rows import MixedSource, SplitRows

PLACES = pa.schema([("place", pa.int64()), ("doc_id", pa.string())])
MEMORY_MB = 2048  # of the databases of all corpora together


def begun(source: MixedSource, split: str, scratch: Path) -> Iterator[Line]:
    """The lines of a split, each with its corpus; what a takedown has taken out has none, for it is curated no more."""
    files = [scratch / f"{split}-{number}.parquet" for number in range(len(source.corpora))]
    _write_places(source.of_split[split], files)
    with ExitStack() as stack:
        streams = []
        for corpus, file in zip(source.corpora, files, strict=True):
            database = stack.enter_context(connect(corpus))
            database.execute("SET memory_limit = ?", [f"{MEMORY_MB // len(files)}MB"])
            database.execute("SET temp_directory = ?", [str(file.with_suffix(""))])
            streams.append(_placed(database, corpus, file))
        for line in merge(*streams, key=lambda line: line["metadata"]["place"]):
            del line["metadata"]["place"]
            yield line


def _write_places(rows: SplitRows, files: list[Path]) -> None:
    """A table for each corpus: where its documents stand among those of all."""
    place = 0
    with ExitStack() as stack:
        writers = [stack.enter_context(pq.ParquetWriter(file, PLACES)) for file in files]
        for some in rows.loaded():
            found: list[list[tuple[int, str]]] = [[] for _ in files]
            for row in some:
                for span in row.spans:
                    if span.start == 0:
                        found[row.corpus].append((place, span.doc_id))
                        place += 1
            for writer, there in zip(writers, found, strict=True):
                places, doc_ids = zip(*there, strict=True) if there else ((), ())
                writer.write_batch(pa.record_batch([pa.array(places, pa.int64()), pa.array(doc_ids, pa.string())], schema=PLACES))


def _placed(database: duckdb.DuckDBPyConnection, corpus: Corpus, file: Path) -> Iterator[Line]:
    """Those of one corpus."""
    result = database.execute(
        f"SELECT doc_id, c.text, place, ? AS corpus, {COLUMNS} FROM {TABLES} JOIN read_parquet(?) USING (doc_id) ORDER BY place",
        [corpus.root, str(file)],
    )
    return lines_of(result, build_recipe(corpus.manifest["recipe"]).personal, ("place", "corpus", *METADATA))
