"""Work in pieces that are noted as they end, so that a stage that was killed goes on with the others.

Which piece a row is in is decided by its value, never by the partition in which Spark happens to have it: so a piece is the same
whoever does it, and when. Each is one task; what it has made is durable before the stage's journal has it, and whatever is killed
costs the pieces that were being done at that moment, one a core.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import Column, DataFrame

from jobs.corpus.files.journal import Done, Journal, done_from_json
from jobs.spark.arrow_map import map_partitions
from pipeline.blocks import StoredFile

Batches = Iterator[pa.RecordBatch]
_TOLD = pa.schema([("done", pa.string())])  # a row a piece: JSON of what the journal notes
LEAST_RECORDS, MOST_RECORDS, FEW_PIECES = 1000, 10_000, 16  # of the whole corpus, for each piece of work on texts


class Pieces(NamedTuple):
    """How rows are dealt into pieces of work."""

    name: str  # of what is made of them
    total: int
    place: Column  # of the piece that a row is in, from 0
    sorted_by: tuple[str, ...] = ()  # within each
    named: tuple[str, ...] = ()  # what the journal knows each by, where it is not how rows are dealt that decides

    @property
    def keys(self) -> list[str]:
        """What the journal knows each by. How rows are dealt is part of it: pieces cut in another way are other pieces, and code
        that cuts them is no part of what names a stage.
        """
        if self.named:
            return list(self.named)
        dealt = hashlib.sha256(f"{self.place} {self.sorted_by}".encode()).hexdigest()[:16]
        return [f"{self.name} {number} of {self.total} by {dealt}" for number in range(self.total)]


class Made(NamedTuple):
    """What comes of a piece: files by table, and JSON values."""

    tables: dict[str, list[StoredFile]]
    told: dict[str, Any]


Make = Callable[[Batches, int], Made | None]


def pieces_for(records: int) -> int:
    """Pieces of work on the texts of a corpus with so many records: enough for the cores at hand, each short enough to lose."""
    return max(min(FEW_PIECES, 1 + records // LEAST_RECORDS), records // MOST_RECORDS)


def in_pieces(rows: DataFrame, pieces: Pieces, journal: Journal | None, make: Make) -> list[Made]:
    """What `make` gives of the pieces, in their order; of those that the journal has, what it gave then.

    `make` gets the rows of a piece and its number, and writes what it makes of them. Null: nothing comes of these rows.
    """
    keys, known = pieces.keys, journal.entries() if journal is not None else {}
    done = {key: known[key] for key in keys if key in known}
    left = [number for number, key in enumerate(keys) if key not in done]
    if not left:
        return _in_order(keys, done)
    rows = rows.where(pieces.place.isin(left)) if done else rows
    cut = rows.repartitionById(pieces.total, pieces.place)
    cut = cut.sortWithinPartitions(*pieces.sorted_by) if pieces.sorted_by else cut
    to_do = frozenset(left)

    def task(batches: Batches) -> Batches:
        number = TaskContext.get().partitionId()
        made = make(batches, number) if number in to_do else None
        if made is not None:
            entry = Done(keys[number], *made)
            if journal is not None:
                journal.note(entry)
            yield pa.record_batch([[json.dumps(entry.as_json())]], schema=_TOLD)

    entries = [done_from_json(json.loads(row["done"])) for row in map_partitions(task, cut, _TOLD).collect()]
    return _in_order(keys, done | {one.key: one for one in entries})


def _in_order(keys: list[str], done: dict[str, Done]) -> list[Made]:
    return [Made(done[key].tables, done[key].told) for key in keys if key in done]
