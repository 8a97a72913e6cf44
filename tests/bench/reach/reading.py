"""One large file read in splits by one process and by two, each held to a core of its own; and the same bytes as eight files.

Spark is left out: `local[1]` takes a second core for Java. Pieces are dealt out in turn and not to whoever is free, and CPU
seconds are what counts: so what others do on the machine moves the figure little. The busiest process is the one that is waited
for.
"""

import os
import resource
import time
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from jobs.corpus.files.journal import Done, Journal
from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import Recipe, ingest_settings
from jobs.stages.ingest.deal_inputs import Dealt, dealt, left_of
from jobs.stages.ingest.read_inputs import Piece, Reader
from pipeline.duplicates.tombstones import Graveyard
from pipeline.tables import TOMBSTONES
from tests.bench.scale.crawl import write_crawl

FILES, SPLITS = 8, 16
REPEATS = 2  # of which the one with less CPU counts: others on the machine only ever add to it


def measured(folder: Path, pages: int, megabytes: int) -> dict[str, Any]:
    """Seconds of CPU by process, of one file and of eight; the file holds so many pages, again and again."""
    parts = write_crawl(folder / "crawl", pages)
    large = folder / "large.warc.gz"
    once = b"".join(one.read_bytes() for one in parts)
    large.write_bytes(once * max(1, round(megabytes * 1e6 / len(once))))
    size = large.stat().st_size
    eight = _in_files(large, folder / "eight")
    found = {
        name: min(
            (_read(folder / f"{name}-{number}", *how) for number in range(REPEATS)), key=lambda one: max(one["cpu_seconds"])
        )
        for name, how in {
            "one_file_one_core": ([large], size // SPLITS, 1),
            "one_file_two_cores": ([large], size // SPLITS, 2),
            "eight_files_two_cores": (eight, size, 2),
        }.items()
    }
    if len({one["records"] for one in found.values()}) != 1:
        raise SystemExit(f"records differ: { {name: one['records'] for name, one in found.items()} }")
    alone = max(found["one_file_one_core"]["cpu_seconds"])
    speed_up = {name: round(alone / max(one["cpu_seconds"]), 2) for name, one in found.items()}
    return {"bytes": size, "pages": pages, "runs": found, "speed_up_by_cpu": speed_up}


def _in_files(large: Path, folder: Path) -> list[Path]:
    """The members of a file dealt into eight of about the same size, where records begin."""
    (file,) = list_inputs([str(large)], skip_bad=False)
    splits = dealt([file], {file.key: 0}, file.size // FILES)[0].splits
    data, begins = large.read_bytes(), []
    for split in splits:
        at = split.begin
        while data[at : at + 4] != b"\x1f\x8b\x08\x00":
            at += 1
        begins.append(at)
    folder.mkdir()
    ends = [*begins[1:], len(data)]
    paths = [folder / f"{number}.warc.gz" for number in range(len(begins))]
    for path, begin, end in zip(paths, begins, ends, strict=True):
        path.write_bytes(data[begin:end])
    return paths


def _read(root: Path, inputs: list[Path], split_bytes: int, processes: int) -> dict[str, Any]:
    """All pieces, and what had to be read again after they were held against one another."""
    files = list_inputs(map(str, inputs), skip_bad=False)
    deal = dealt(files, {one.key: number for number, one in enumerate(files)}, split_bytes)
    entries: dict[str, Done] = {}
    cores = sorted(os.sched_getaffinity(0))
    busy, started, rounds = [0.0] * processes, time.perf_counter(), 0
    while pieces := left_of(deal, entries):
        with get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
            work = [(str(root), cores[place], pieces[place::processes]) for place in range(processes)]
            for place, (seconds, done) in enumerate(pool.map(_pieces, work, chunksize=1)):
                busy[place] += seconds
                entries |= {one.key: one for one in done}
        rounds += 1
    return {
        "cpu_seconds": [round(one, 2) for one in busy],
        "wall_seconds": round(time.perf_counter() - started, 2),
        "pieces": len(entries),
        "rounds": rounds,
        "records": sum(_records(one, entries) for one in deal),
    }


def _records(one: Dealt, entries: dict[str, Done]) -> int:
    done = one.whole_or_left(entries)
    return int(done.told["records"]) if isinstance(done, Done) else 0


def _pieces(work: tuple[str, int, list[Piece]]) -> tuple[float, list[Done]]:
    """(CPU seconds that reading took, without what loading the libraries and kernels does; what was read)"""
    root, core, pieces = work
    os.sched_setaffinity(0, {core})
    recipe, graves = Recipe(), Graveyard(TOMBSTONES.empty_table())
    reader = Reader(ingest_settings(recipe), graves, Journal(root, "ingest", "0" * 64), recipe.sources)
    _warm(reader, root, core, pieces)
    before = _cpu()
    done = [reader.read(piece, core) for piece in pieces]
    return _cpu() - before, done


def _warm(reader: Reader, root: str, core: int, pieces: list[Piece]) -> None:
    """Kernels and models are loaded by the first pages."""
    few = pieces[:1]
    elsewhere = replace(reader, journal=Journal(f"{root}-warm-{core}", "ingest", "0" * 64))
    for piece in few:
        small = Piece(piece.file, 0, piece.split._replace(end=piece.split.begin + min(piece.bytes, 1 << 16)))
        elsewhere.read(small, core)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
