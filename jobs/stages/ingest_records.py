"""input files -> documents, measures, rejects, files. One task reads one file: every record gives one row, damage included.

A file's rows are written by the task that read it, into files of their own, and noted in the journal: a stopped ingest goes on
with the files that are left, and a corpus that is given more files reads those alone.
"""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

import pyarrow as pa
from pyspark.sql import DataFrame

from jobs.corpus.files.journal import Done, Journal, done_from_json
from jobs.corpus.files.parquet import TableFile, part, read_groups, store_table
from jobs.corpus.files.tables import folder_of
from jobs.corpus.inputs import InputFile
from jobs.corpus.progress import TaskNote, TaskProgress, peak_memory
from jobs.corpus.recipe import ingest_settings
from jobs.corpus.sources.open_source import open_pinned
from jobs.corpus.sources.outside import RETRIES
from jobs.corpus.sources.settings import SourceSettings
from jobs.corpus.tombstones import read_tombstones
from jobs.spark.arrow_map import arrow_map
from jobs.spark.counters import Counters
from jobs.stages.read_word_lists import read_safety_lists
from jobs.stages.stage import Amount, Stage, Work
from pipeline import tables
from pipeline.blocks import StoredFile
from pipeline.duplicates.tombstones import Graveyard
from pipeline.errors import InputError
from pipeline.read import ingest
from pipeline.read.ingest import Ingested, IngestSettings

PER_INPUT = ("documents", "measures", "rejects")  # tables that have files of their own for each input
TOLD = pa.schema([("done", pa.string())])  # JSON of what the journal notes


@dataclass(frozen=True)
class Reader:
    """What a task needs to read inputs and to write what they give."""

    settings: IngestSettings
    graveyard: Graveyard
    journal: Journal
    sources: SourceSettings
    counters: Counters | None = None  # told of what is done, where somebody watches

    def read(self, file: InputFile, number: int) -> Done:
        """Reads one input whole; what it gave is noted before this returns."""
        counts = {"documents": 0, "rejects": 0, "damaged_bytes": 0}
        with ExitStack() as stack:
            writers = {table: stack.enter_context(closing(self._new(table, number))) for table in PER_INPUT}
            note, retries = TaskNote(self.journal.root, number), RETRIES.count
            stack.callback(note.forget)
            for some, place in self._parts(file, stack):
                for table in PER_INPUT:
                    writers[table].add(getattr(some, table))
                counts["documents"] += some.documents.num_rows
                counts["rejects"] += some.rejects.num_rows
                counts["damaged_bytes"] += some.damaged_bytes
                records = counts["documents"] + counts["rejects"]
                note.tell(TaskProgress(place, records, RETRIES.count - retries, peak_memory(), RETRIES.last))
            stored = {table: [one.finish([file.path])] if one.has_rows else [] for table, one in writers.items()}
        records = counts["documents"] + counts["rejects"]
        told = {"path": file.path, "bytes": file.size, "records": records, **counts, "error": file.error}
        done = Done(file.key, stored, told)
        self.journal.note(done)
        if self.counters is not None:
            self.counters.add(inputs=1, bytes=file.size, records=records, retries=RETRIES.count - retries)
        return done

    def _new(self, table: str, number: int) -> TableFile:
        return TableFile(self.journal.root, part(folder_of(table), number), tables.TABLES[table])

    def _parts(self, file: InputFile, stack: ExitStack) -> Iterator[tuple[Ingested, int]]:
        """With each the byte up to which the file was read for it."""
        if file.error is None:
            stream = stack.enter_context(open_pinned(file.path, file.size, file.changed, self.sources))
            for some in ingest.ingest_file(stream, file.path, self.settings, self.graveyard):
                yield some, 0 if stream.closed else stream.tell()

    def refusal(self, file: InputFile, problem: str) -> Done:
        """Of an input that could not be read to its end: nothing of it stays, and no entry, so that it is tried again."""
        failed = replace(file, error=problem)
        nothing = {"records": 0, "documents": 0, "rejects": 0, "damaged_bytes": 0}
        return Done(failed.key, {}, {"path": file.path, "bytes": file.size, **nothing, "error": problem})


def run(work: Work) -> dict[str, int]:
    journal = work.journal()
    done = made_before(work) | journal.entries()
    files = sorted(work.inputs, key=lambda one: one.path)
    numbers = {one.key: number for number, one in enumerate(files)}
    left = [one for one in files if one.key not in done]
    graves = Graveyard(read_tombstones(work.corpus, work.recipe.tombstones.files))
    settings = dataclasses.replace(ingest_settings(work.recipe), safety=read_safety_lists(work.recipe.safety))
    if left:
        _tell_how_much(work, files, left)
        reader = Reader(settings, graves, journal, work.recipe.sources, work.counters)
        told = arrow_map(lambda batch: _read_all(batch, reader), _one_file_a_task(work, left, numbers), TOLD).collect()
        read = [done_from_json(json.loads(row["done"])) for row in told]
        files = _without_failed(work, files, read)
        done |= {one.key: one for one in read}
    parts = [done[one.key] for one in files]
    for table in PER_INPUT:
        work.publish_files(table, [stored for one in parts for stored in one.tables.get(table, [])])
    rows = pa.Table.from_pylist([one.told for one in parts], tables.FILES).to_batches()
    work.publish_files("files", [store_table(work.corpus.root, part("files", 0), rows, tables.FILES)])
    counts = {name: sum(one.told[name] for one in parts) for name in ("documents", "rejects")}
    return {"records": sum(counts.values()), **counts, "files": len(files)}


def _tell_how_much(work: Work, files: list[InputFile], left: list[InputFile]) -> None:
    """For whoever watches: what there is to do, and what of it an earlier run has done."""
    work.counters = Counters(work.spark.sparkContext)
    of_left, of_all = (Amount(len(some), sum(one.size for one in some)) for some in (left, files))
    work.done_before, work.to_do = Amount(of_all.inputs - of_left.inputs, of_all.bytes - of_left.bytes), of_all


def _one_file_a_task(work: Work, files: list[InputFile], numbers: dict[str, int]) -> DataFrame:
    """Largest first, so that the last task to end is a short one."""
    largest_first = sorted(files, key=lambda one: (-one.size, one.path))
    rows = [(task, numbers[one.key], json.dumps(one.as_json())) for task, one in enumerate(largest_first)]
    return work.spark.createDataFrame(rows, "task int, number int, file string").repartitionById(len(rows), "task")


def _read_all(files: pa.RecordBatch, reader: Reader) -> Iterator[pa.RecordBatch]:
    """Problems of an input are answers, so that Spark does not try again what was tried often enough."""
    for row in files.to_pylist():
        file = InputFile(**json.loads(row["file"]))
        try:
            done = reader.read(file, row["number"])
        except InputError as problem:
            done = reader.refusal(file, str(problem))
        yield pa.record_batch([[json.dumps(done.as_json())]], schema=TOLD)


def _without_failed(work: Work, files: list[InputFile], read: list[Done]) -> list[InputFile]:
    """The inputs with the errors that reading some of them ended in; raises InputError unless these may be skipped."""
    listed = {one.path: one for one in files}
    failed = {one.told["path"]: one.told["error"] for one in read if one.told["error"] != listed[one.told["path"]].error}
    if failed and not work.skip_bad:
        problem = min(failed.items())[1]
        others = "; the others are read and kept" if len(read) > len(failed) else ""
        raise InputError(
            f"input {problem} ({len(failed)} of {len(files)} inputs{others}). The same command goes on, and --skip-bad-inputs "
            "goes on without, and records it in `files`"
        )
    if failed:
        files = [replace(one, error=failed.get(one.path, one.error)) for one in files]
        work.inputs = tuple(files)
    return files


def made_before(work: Work) -> dict[str, Done]:
    """What the corpus has of inputs that have not changed, where nothing else that decides their rows has."""
    if not work.only_inputs_changed():
        return {}
    corpus = work.corpus
    read = {one["path"]: InputFile(**one) for one in corpus.manifest["inputs"]}
    told = [row for one in corpus.files("files") for group in read_groups(corpus.root, one) for row in group.to_pylist()]
    by_path: dict[str, dict[str, list[StoredFile]]] = {}
    for table in PER_INPUT:
        for stored in corpus.files(table):
            by_path.setdefault(stored.inputs[0], {}).setdefault(table, []).append(stored)
    known = [(read[row["path"]].key, row) for row in told if row["path"] in read]
    return {key: Done(key, by_path.get(row["path"], {}), row) for key, row in known}


STAGE = Stage(
    name="ingest",
    after=(),
    sections=("warc", "rows", "http", "pages", "html", "language", "lines", "quality", "safety", "tombstones"),
    publishes=("documents", "measures", "rejects", "files"),
    run=run,
    kernels=("pages", "measures"),
)
