"""What a task of ingest does: it reads pieces of inputs, writes what they give into files of their own, and notes that."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from jobs.corpus.files.journal import Done, Journal
from jobs.corpus.files.parquet import TableFile, part
from jobs.corpus.files.tables import folder_of
from jobs.corpus.inputs import InputFile
from jobs.corpus.progress import TaskNote, TaskProgress, peak_memory
from jobs.corpus.sources.open_source import open_pinned
from jobs.corpus.sources.outside import RETRIES
from jobs.corpus.sources.settings import SourceSettings
from jobs.spark.counters import Counters
from pipeline import tables
from pipeline.duplicates.tombstones import Graveyard
from pipeline.errors import InputError
from pipeline.read import ingest
from pipeline.read.batches import Ingested
from pipeline.read.ingest import IngestSettings
from pipeline.read.warc.splits import Reach, Split, SplitRead

PER_INPUT = ("documents", "measures", "rejects")  # tables that have files of their own for each input
COUNTS = ("records", "documents", "rejects", "damaged_bytes")
TOLD = pa.schema([("done", pa.string())])  # JSON of what the journal notes
NOTHING = dict.fromkeys(COUNTS, 0)


@dataclass(frozen=True)
class Piece:
    """A split of an input, which is read in one go."""

    file: InputFile
    number: int  # of the input, in the names of its files
    split: Split

    @property
    def key(self) -> str:
        """What the journal knows it by. A whole input is known by its own key, however it might have been split."""
        begin, end, from_member = self.split
        whole = (begin, end) == (0, self.file.size)
        return self.file.key if whole else f"{self.file.key}\n{begin} to {end}{', from a member' if from_member else ''}"

    @property
    def bytes(self) -> int:
        return self.split.end - self.split.begin

    def as_json(self) -> dict[str, Any]:
        return {"file": self.file.as_json(), "number": self.number, "split": self.split}


def piece_from_json(values: dict[str, Any]) -> Piece:
    return Piece(InputFile(**values["file"]), values["number"], Split(*values["split"]))


def reach_of(done: Done) -> Reach:
    """How far a piece reached, as its entry tells it."""
    return Reach(*done.told["reach"])


@dataclass(frozen=True)
class Reader:
    """What a task needs to read inputs and to write what they give."""

    settings: IngestSettings
    graveyard: Graveyard
    journal: Journal
    sources: SourceSettings
    counters: Counters | None = None  # told of what is done, where somebody watches

    def read_all(self, pieces: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Problems of an input are answers, so that Spark does not try again what was tried often enough."""
        for row in pieces.to_pylist():
            piece = piece_from_json(json.loads(row["piece"]))
            try:
                done = self.read(piece, row["note"])
            except InputError as problem:
                done = refusal(piece, str(problem))
            yield pa.record_batch([[json.dumps(done.as_json())]], schema=TOLD)

    def read(self, piece: Piece, number: int) -> Done:
        """Reads one piece; what it gave is noted before this returns. `number` names what is told meanwhile."""
        counts, reading = dict(NOTHING), SplitRead(piece.split)
        with ExitStack() as stack:
            writers = {table: stack.enter_context(closing(self._new(table, piece.number))) for table in PER_INPUT}
            note, retries = TaskNote(self.journal.root, number), RETRIES.count
            stack.callback(note.forget)
            for some, place in self._batches(piece.file, reading, stack):
                for table in PER_INPUT:
                    writers[table].add(getattr(some, table))
                counts["documents"] += some.documents.num_rows
                counts["rejects"] += some.rejects.num_rows
                counts["damaged_bytes"] += some.damaged_bytes
                counts["records"] = counts["documents"] + counts["rejects"]
                far = max(0, place - piece.split.begin)
                note.tell(TaskProgress(far, counts["records"], RETRIES.count - retries, peak_memory(), RETRIES.last))
            stored = {table: [one.finish([piece.file.path])] if one.has_rows else [] for table, one in writers.items()}
        done = Done(piece.key, stored, row_of(piece.file, counts) | {"reach": reading.reach})
        self.journal.note(done)
        if self.counters is not None:
            ends = int(piece.split.end == piece.file.size)
            self.counters.add(inputs=ends, bytes=piece.bytes, records=counts["records"], retries=RETRIES.count - retries)
        return done

    def _new(self, table: str, number: int) -> TableFile:
        return TableFile(self.journal.root, part(folder_of(table), number), tables.TABLES[table])

    def _batches(self, file: InputFile, reading: SplitRead, stack: ExitStack) -> Iterator[tuple[Ingested, int]]:
        """With each the byte up to which the file was read for it."""
        if file.error is not None:
            reading.owns_nothing()
            return
        stream = stack.enter_context(open_pinned(file.path, file.size, file.changed, self.sources))
        for some in ingest.ingest_file(stream, file.path, self.settings, self.graveyard, reading):
            yield some, 0 if stream.closed else stream.tell()


def row_of(file: InputFile, counts: dict[str, int]) -> dict[str, Any]:
    """An input as `files` has it."""
    return {"path": file.path, "bytes": file.size, **counts, "error": file.error}


def refusal(piece: Piece, problem: str) -> Done:
    """Of an input that could not be read to its end: nothing of it stays, and no entry, so that it is tried again."""
    return Done(piece.key, {}, row_of(piece.file, NOTHING) | {"error": problem, "reach": None})
