"""Publishing, reading and sweeping as a protocol: all interleavings, kills at every step, attempts that come twice."""

import itertools
import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.corpus import folder
from jobs.corpus.files import readers, stored
from jobs.corpus.files.journal import Done, Journal
from jobs.corpus.files.stored import make_durable
from jobs.corpus.files.sweep import listed, named
from jobs.corpus.folder import Corpus, changing, open_corpus
from jobs.spark.tables import Written, write_file
from pipeline import tables
from pipeline.errors import CorpusError
from tests.jobs.stored import put, table, written

TABLES = ("verdicts", "edits")
Step = Iterator[None]


@pytest.fixture(autouse=True)
def no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk is waited for thousands of times here, and none of these tests could tell."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


class Killed(BaseException):
    """Stands for `kill -9`: nothing of ours catches it."""


def rows_of(value: str) -> dict[str, list[dict[str, str]]]:
    return {"verdicts": [{"doc_id": value}], "edits": [{"doc_id": value}]}


def content(corpus: Corpus) -> str:
    """What both tables hold; a mix fails."""
    [value] = {row["doc_id"] for name in TABLES for row in table(corpus, name)}
    return str(value)


def nobodys(root: Path) -> set[str]:
    """Files that nobody names, of tables and of tokenizers; what is half written among them."""
    corpus = open_corpus(str(root))
    left = listed(str(root)) - named(str(root), corpus.manifest)
    return {one for one in left if not one.startswith((".winnow/", "readers/")) and one != "corpus.json"}


# --- interleavings: each actor is a generator that stops where another may come between ---


def writer(root: Path, values: tuple[str, ...], *, at_once: bool = False) -> Step:
    """Publishes one value after another, as a stage does; with `at_once` as a takedown."""
    for value in values:
        corpus = Corpus(str(root))
        tables = {}
        for name, some in rows_of(value).items():
            tables[name] = written(root, name, some)
            yield
        make_durable(str(root), TABLES)
        corpus.replace_manifest(folder.with_tables(corpus.manifest, tables))
        yield
        corpus.finish(at_once=at_once)
        yield


def reader(root: Path, found: list[str], *, registered: bool) -> Step:
    """Reads one table, and later the other one."""
    with readers.reading(str(root), readers.VIEW, str(root)) if registered else nullcontext():
        yield
        corpus = open_corpus(str(root))
        yield
        seen = set()
        try:
            for name in TABLES:
                seen |= {row["doc_id"] for row in table(corpus, name)}
                yield
        except CorpusError as error:
            seen = {f"refused: {'is missing' in str(error)}"}
        found.append("+".join(sorted(seen)))


def orders(counts: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every way in which actors with so many steps each may take turns."""
    if not any(counts):
        yield ()
    for actor, left in enumerate(counts):
        if left:
            for rest in orders((*counts[:actor], left - 1, *counts[actor + 1 :])):
                yield (actor, *rest)


def played(actors: list[Step], order: tuple[int, ...]) -> None:
    for turn in order:
        next(actors[turn], None)
    for actor in actors:
        for _ in actor:
            pass


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("registered", [False, True])
def test_every_interleaving_of_a_writer_and_a_reader_shows_one_snapshot(tmp_path: Path, at_once: bool, registered: bool) -> None:
    """A reader on record is only ever refused by a takedown, which leaves nothing of what it replaces."""
    seen = set()
    for number, order in enumerate(orders((4, 5))):
        root, found = tmp_path / str(number), list[str]()
        put(root, rows_of("old"))
        played([writer(root, ("new",), at_once=at_once), reader(root, found, registered=registered)], order)
        seen |= set(found)
        assert content(open_corpus(str(root))) == "new"
        Corpus(str(root)).finish()
        assert nobodys(root) == set()
    refused = set() if registered and not at_once else {"refused: True"}
    assert seen == {"old", "new"} | refused


def test_turns_of_two_publications_a_takedown_and_two_readers_show_no_mix(tmp_path: Path) -> None:
    """Writers are one at a time: a takedown stands between the publications, and both readers take their turns anywhere."""
    seen: list[set[str]] = [set(), set()]
    script = ("first", "taken", "second")
    for number in range(150):
        root, rng = tmp_path / str(number), random.Random(number)
        places = [rng.choices(range(13), k=4) for _ in range(2)]
        put(root, rows_of("old"))
        founds: tuple[list[str], list[str]] = ([], [])
        both = [reader(root, found, registered=registered) for found, registered in zip(founds, (True, False), strict=True)]
        writing = itertools.chain.from_iterable(writer(root, (value,), at_once=value == "taken") for value in script)
        for turn in range(13):
            for one, own in zip(both, places, strict=True):
                for _ in range(own.count(turn)):
                    next(one, None)
            next(writing, None)
        played(both, ())
        for all_seen, found in zip(seen, founds, strict=True):
            all_seen |= set(found)
    allowed = {"old", *script, "refused: True"}
    assert all(one <= allowed and len(one) > 3 for one in seen), seen


# --- kills ---


def counted(die_at: int, calls: list[str]) -> Callable[[str, Any], Any]:
    """Wraps functions so that the die_at-th call of any of them never happens."""

    def wrap(name: str, real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():  # another test's, that looks at processes
                return real(*args, **kwargs)
            calls.append(name)
            if len(calls) == die_at:
                raise Killed
            return real(*args, **kwargs)

        return call

    return wrap


def dying(patch: pytest.MonkeyPatch, die_at: int, calls: list[str]) -> None:
    """Each change to the disk that a publication makes is a place to die at."""
    wrap = counted(die_at, calls)
    for name in ("fsync", "rename"):
        patch.setattr(os, name, wrap(name, getattr(os, name)))
    patch.setattr(Path, "replace", wrap("replace", Path.replace))
    patch.setattr(Path, "open", wrap("open", Path.open))
    patch.setattr(Path, "unlink", wrap("unlink", Path.unlink))


def publish_new(root: Path) -> None:
    with changing(str(root)) as corpus:
        tables = {name: written(root, name, some) for name, some in rows_of("new").items()}
        tables["tokenizer"] = [stored.store(str(root), "tokenizer/tokenizer-HASH.json", b"new")]
        corpus.publish(tables, corpus.manifest)


@pytest.mark.parametrize("by", ["exception", "exit"])
def test_killed_at_any_step_a_publication_has_happened_whole_or_not_and_the_next_writer_sweeps(tmp_path: Path, by: str) -> None:
    seen = []
    for die_at in range(1, 80):
        root = tmp_path / str(die_at)
        put(root, rows_of("old"), texts={"tokenizer": "old"})
        if not (killed_within if by == "exception" else killed_in_a_fork)(root, die_at):
            break
        corpus = open_corpus(str(root))
        seen.append(content(corpus))
        assert corpus.text("tokenizer") == seen[-1]
        with changing(str(root)):
            pass
        assert nobodys(root) == {"tokenizer/tokenizer.json", "tokenizer/tokenizer_config.json"}
        assert (root / "tokenizer" / "tokenizer.json").read_text() == seen[-1]
    else:
        raise AssertionError("publishing never ended")
    assert seen == sorted(seen, reverse=True) and set(seen) == {"old", "new"}, "old until the one replacement, new from there"


def killed_within(root: Path, die_at: int) -> bool:
    calls: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        dying(patch, die_at, calls)
        try:
            publish_new(root)
        except Killed:
            return True
    return False


def killed_in_a_fork(root: Path, die_at: int) -> bool:
    """No handler and no `finally` runs: what was half written stays."""
    child = os.fork()
    if not child:
        calls: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            dying(patch, die_at, calls)
            patch.setattr(Killed, "__init__", lambda *_: os._exit(9))
            try:
                publish_new(root)
            finally:
                os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


# --- attempts of tasks ---


def batches(count: int) -> list[pa.RecordBatch]:
    schema = tables.TABLES["edits"]
    rows = [dict.fromkeys(schema.names) | {"doc_id": f"{number:032x}"} for number in range(count)]
    return [pa.RecordBatch.from_pylist(rows[start : start + 3], schema) for start in range(0, count, 3)]


def attempt(root: Path, some: Iterator[pa.RecordBatch]) -> Written | None:
    return write_file(some, str(root), "edits/part-00000-HASH.parquet", tables.TABLES["edits"], None)


def files_in(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def test_a_task_that_runs_twice_writes_one_file_and_tells_the_same(tmp_path: Path) -> None:
    first, second = (attempt(tmp_path, iter(batches(9))) for _ in range(2))
    assert first == second and len(files_in(tmp_path)) == 1


def test_rows_that_come_twice_are_written_once_however_they_are_cut(tmp_path: Path) -> None:
    whole = pa.Table.from_batches(batches(9))
    twice = pa.concat_tables([whole, whole]).sort_by("doc_id").combine_chunks().to_batches(max_chunksize=4)
    assert attempt(tmp_path, iter(twice)) == attempt(tmp_path, iter(batches(9))) and len(files_in(tmp_path)) == 1


def test_a_task_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[pa.RecordBatch]:
        yield from batches(6)
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        attempt(tmp_path, failing())
    assert files_in(tmp_path) == []


def test_a_task_that_is_killed_half_way_leaves_what_the_next_writer_sweeps(tmp_path: Path) -> None:
    put(tmp_path, rows_of("old"))

    def dying_input() -> Iterator[pa.RecordBatch]:
        yield from batches(6)
        os._exit(9)

    child = os.fork()
    if not child:
        try:
            attempt(tmp_path, dying_input())
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    assert [one for one in nobodys(tmp_path) if one.endswith(".tmp")]
    with changing(str(tmp_path)):
        pass
    assert nobodys(tmp_path) == set() and content(open_corpus(str(tmp_path))) == "old"


def test_what_the_journal_names_is_spared_until_the_stage_is_published(tmp_path: Path) -> None:
    put(tmp_path, rows_of("old"))
    journal = Journal(str(tmp_path), "ingest", "f" * 64)
    done = Done("crawl.warc.gz", {"edits": written(tmp_path, "edits", [{"doc_id": "done"}])}, {"records": 1})
    journal.note(done)
    with changing(str(tmp_path)):
        assert journal.entries() == {"crawl.warc.gz": done}
    journal.forget()
    with changing(str(tmp_path)):
        assert not (tmp_path / done.tables["edits"][0].file).exists()


def test_an_entry_whose_files_are_gone_counts_for_nothing(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path), "ingest", "f" * 64)
    done = Done("crawl.warc.gz", {"edits": written(tmp_path, "edits", [{"doc_id": "done"}])}, {})
    journal.note(done)
    (tmp_path / done.tables["edits"][0].file).unlink()
    assert journal.entries() == {}


def test_a_damaged_entry_of_the_journal_counts_for_nothing(tmp_path: Path) -> None:
    """Its counts were believed, and half an entry was an error that nobody foresaw."""
    put(tmp_path, rows_of("old"))
    journal, rng = Journal(str(tmp_path), "scan", "f" * 64), random.Random(1)
    journal.note(Done("piece 0 of 1", {"edits": written(tmp_path, "edits", [{"doc_id": "done"}])}, {"documents": 12}))
    (entry,) = (tmp_path / journal.folder).iterdir()
    sound = entry.read_bytes()
    for number in range(200):
        damaged = bytearray(sound[: rng.randrange(len(sound))] if number % 4 == 0 else sound)
        if damaged and number % 4:
            damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        entry.write_bytes(damaged)
        assert journal.entries() == {}
        with changing(str(tmp_path)):
            pass
        written(tmp_path, "edits", [{"doc_id": "done"}])
    entry.write_bytes(sound)
    assert list(journal.entries()) == ["piece 0 of 1"]
