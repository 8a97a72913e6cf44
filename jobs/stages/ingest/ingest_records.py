"""input files -> documents, measures, rejects, files. Every record gives one row, damage included.

What a piece of an input gives is written by the task that reads it, into files of its own, and noted in the journal: a stopped
ingest goes on with what is left, and a corpus that is given more files reads those alone.
"""

import dataclasses
from dataclasses import replace

import pyarrow as pa

from jobs.corpus.files.journal import Done
from jobs.corpus.files.parquet import part, read_groups, store_table
from jobs.corpus.inputs import InputFile
from jobs.corpus.recipe import ingest_settings
from jobs.corpus.tombstones import read_tombstones
from jobs.spark.counters import Counters
from jobs.stages.ingest.deal_inputs import Dealt, Entries, dealt, in_one_piece, left_of, read_inputs
from jobs.stages.ingest.read_inputs import PER_INPUT, Reader
from jobs.stages.lists.read_word_lists import read_safety_lists
from jobs.stages.stage import Amount, Stage, Work
from pipeline import tables
from pipeline.blocks import StoredFile
from pipeline.duplicates.tombstones import Graveyard
from pipeline.errors import InputError


def run(work: Work) -> dict[str, int]:
    files = sorted(work.inputs, key=lambda one: one.path)
    done = made_before(work)
    if left := [one for one in files if one.key not in done]:
        read = _read(work, files, left)
        files = _without_failed(work, files, read)
        done |= {one.key: one for one in read}
    parts = [done[one.key] for one in files]
    for table in PER_INPUT:
        work.publish_files(table, [stored for one in parts for stored in one.tables.get(table, [])])
    rows = pa.Table.from_pylist([one.told for one in parts], tables.FILES).to_batches()
    work.publish_files("files", [store_table(work.corpus.root, part("files", 0), rows, tables.FILES)])
    counts = {name: sum(one.told[name] for one in parts) for name in ("documents", "rejects")}
    return {"records": sum(counts.values()), **counts, "files": len(files)}


def _read(work: Work, files: list[InputFile], left: list[InputFile]) -> list[Done]:
    """What those inputs gave that the corpus has not read, some of which an earlier run may have begun."""
    journal, split_bytes = work.journal(), work.recipe.ingest.split_bytes
    entries, inputs = journal.entries(), dealt(left, {one.key: number for number, one in enumerate(files)}, split_bytes)
    graves = Graveyard(read_tombstones(work.corpus, work.recipe.tombstones.files))
    settings = dataclasses.replace(ingest_settings(work.recipe), safety=read_safety_lists(work.recipe.safety))
    if not left_of(inputs, entries):
        return [one for one in (state.whole_or_left(entries) for state in inputs) if isinstance(one, Done)]
    _tell_how_much(work, files, inputs, entries)
    reader = Reader(settings, graves, journal, work.recipe.sources, work.counters)
    read = read_inputs(work.spark, inputs, entries, reader, split_bytes)
    if alone := in_one_piece(inputs, read):
        more = f" and {len(alone) - 1} more" if len(alone) > 1 else ""
        work.said.append(f"read by one task each, as they cannot be split: {alone[0]}{more}")
    return read


def _tell_how_much(work: Work, files: list[InputFile], inputs: list[Dealt], entries: Entries) -> None:
    """For whoever watches: what there is to do, and what of it an earlier run has done."""
    work.counters = Counters(work.spark.sparkContext)
    left = left_of(inputs, entries)
    to_do = Amount(len({one.file.key for one in left}), sum(one.bytes for one in left))
    of_all = Amount(len(files), sum(one.size for one in files))
    work.done_before, work.to_do = Amount(of_all.inputs - to_do.inputs, of_all.bytes - to_do.bytes), of_all


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
