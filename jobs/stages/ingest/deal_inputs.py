"""Inputs dealt out to tasks, and put together again: a large file is several pieces, many small ones are one task.

Pieces are read at the same time and then held against one another (pipeline/read/warc/splits.py): what began in a wrong place is
read again from where the piece before it ended. So no row depends on how a file was split, nor on what a run that was stopped
has read of it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.files.journal import Done, done_from_json
from jobs.corpus.inputs import InputFile
from jobs.spark.arrow_map import arrow_map
from jobs.stages.ingest.read_inputs import COUNTS, PER_INPUT, TOLD, Piece, Reader, reach_of, row_of
from pipeline.read.warc.splits import Split, joined, splits_of

TASKS_PER_CORE = 4  # where there is little to read: so that all cores end at about the same time
TOLD_PIECES = "pieces"  # of an input that was read in several: how many

Entries = dict[str, Done]  # what is known of pieces, by key


@dataclass(frozen=True)
class Dealt:
    """One input, and the pieces that it is to be read in."""

    file: InputFile
    number: int
    splits: list[Split]

    def piece(self, split: Split) -> Piece:
        return Piece(self.file, self.number, split)

    def whole_or_left(self, entries: Entries) -> Done | list[Piece]:
        """What the input gave, or of which an error is told; or the pieces of it that have to be read next."""
        if whole := entries.get(self.file.key):
            return self._refused(whole) if _has_failed(whole) else whole
        pieces = [self.piece(split) for split in self.splits]
        read = [entries[piece.key] for piece in pieces if piece.key in entries]
        if failed := [one for one in read if _has_failed(one)]:
            return self._refused(failed[0])
        return [piece for piece in pieces if piece.key not in entries] or self._joined(entries)

    def _refused(self, piece: Done) -> Done:
        """The input as one that cannot be read, for what stopped reading a piece of it."""
        return Done(replace(self.file, error=piece.told["error"]).key, {}, piece.told)

    def _joined(self, entries: Entries) -> Done | list[Piece]:
        known = {split: reach_of(entries[self.piece(split).key]) for split in self.splits}
        while isinstance(found := joined(self.splits, known), Split):
            again = entries.get(self.piece(found).key)
            if again is None:
                return [self.piece(found)]
            if _has_failed(again):
                return self._refused(again)
            known[found] = reach_of(again)
        used = [entries[self.piece(split).key] for split in found]
        stored = {table: [one for piece in used for one in piece.tables.get(table, [])] for table in PER_INPUT}
        counts = {name: sum(one.told[name] for one in used) for name in COUNTS}
        return Done(self.file.key, stored, row_of(self.file, counts) | {TOLD_PIECES: len(used)})


def _has_failed(piece: Done) -> bool:
    return piece.told["reach"] is None


def dealt(files: Sequence[InputFile], numbers: dict[str, int], split_bytes: int) -> list[Dealt]:
    """`numbers` are the inputs' by their keys. What cannot be read is one piece."""
    sizes = [(file, split_bytes if file.error is None else max(1, file.size)) for file in files]
    return [Dealt(file, numbers[file.key], splits_of(file.size, size)) for file, size in sizes]


def left_of(inputs: Sequence[Dealt], entries: Entries) -> list[Piece]:
    """The pieces that have to be read next."""
    states = (one.whole_or_left(entries) for one in inputs)
    return [piece for state in states if not isinstance(state, Done) for piece in state]


def read_inputs(spark: SparkSession, inputs: Sequence[Dealt], entries: Entries, reader: Reader, split_bytes: int) -> list[Done]:
    """What each input gave. `entries` are of pieces that were read before."""
    entries, first_note = dict(entries), 0
    while pieces := left_of(inputs, entries):
        told = arrow_map(reader.read_all, _tasks(spark, pieces, split_bytes, first_note), TOLD).collect()
        entries |= {one.key: one for one in (done_from_json(json.loads(row["done"])) for row in told)}
        first_note += len(pieces)
    return [state for one in inputs if isinstance(state := one.whole_or_left(entries), Done)]


def in_one_piece(inputs: Sequence[Dealt], read: Sequence[Done]) -> list[str]:
    """The names of large inputs that one task had to read, for they could not be split."""
    return [
        one.file.path for one, done in zip(inputs, read, strict=True) if len(one.splits) > 1 and done.told.get(TOLD_PIECES) == 1
    ]


def _tasks(spark: SparkSession, pieces: list[Piece], split_bytes: int, first_note: int) -> DataFrame:
    """Largest first, so that the last task to end is a short one."""
    cores = spark.sparkContext.defaultParallelism
    tasks = grouped(pieces, split_bytes, cores * TASKS_PER_CORE)
    rows = [(task, note, json.dumps(piece.as_json())) for note, (task, piece) in enumerate(tasks, first_note)]
    return spark.createDataFrame(rows, "task int, note int, piece string").repartitionById(tasks[-1][0] + 1, "task")


def grouped(pieces: list[Piece], most_bytes: int, at_least: int) -> list[tuple[int, Piece]]:
    """Each piece with the number of its task: of about `most_bytes`, or less where that gave fewer than `at_least` tasks."""
    largest_first = sorted(pieces, key=lambda one: (-one.bytes, one.file.path, one.split))
    room = min(most_bytes, sum(one.bytes for one in pieces) // at_least)
    placed, task, held = [], 0, 0
    for piece in largest_first:
        if held and held + piece.bytes > room:
            task, held = task + 1, 0
        placed.append((task, piece))
        held += max(1, piece.bytes)
    return placed
