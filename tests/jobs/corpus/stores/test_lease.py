"""Two who want to change a corpus in a store of objects: one gets it, and one that was held up too long publishes nothing."""

import json
import time

import pytest

from jobs.corpus.files.sweep import listed, unnamed
from jobs.corpus.folder import Corpus, changing, open_corpus
from jobs.corpus.stores.lease import NAME, Lease
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.s3 import S3
from pipeline.errors import CorpusError
from tests.jobs.corpus.stores.conftest import QUICK
from tests.jobs.stored import table, written
from tests.s3 import FaultyS3

EMPTY = {"format": 5, "stages": {}, "tables": {}}


def short(store: S3, seconds: float = 0.5) -> Lease:
    return Lease(store, lease_seconds=seconds, renew_seconds=seconds / 5)


def test_while_one_holds_it_another_is_told_who_and_afterwards_gets_it(store: S3) -> None:
    with Lease(store) as first:
        with pytest.raises(CorpusError, match=r"another winnow is working on s3://.*, or its lease runs out in"), Lease(store):
            pass
        first.check()
    with Lease(store) as second:
        second.check()


def test_it_is_renewed_as_long_as_its_holder_lives(store: S3) -> None:
    with short(store) as lease:
        time.sleep(1.2)
        lease.check()
        with pytest.raises(CorpusError, match="another winnow"), short(S3(store.root, QUICK)):
            pass


def test_one_that_was_killed_is_waited_for_until_it_has_run_out(store: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = short(store)
    killed.__enter__()
    killed._ended.set()  # nobody renews it, and nobody gives it back
    with pytest.raises(CorpusError, match="another winnow"), short(store):
        pass
    time.sleep(0.6)
    with short(store) as next_one:
        next_one.check()
        with pytest.raises(CorpusError, match="held up for longer than"):
            killed.check()


def test_an_answer_that_was_lost_loses_no_lease(store: S3, s3: FaultyS3) -> None:
    s3.lost = [NAME]
    with Lease(store) as lease:
        s3.lost = [NAME]
        lease.check()
        s3.lost = [NAME]
    with Lease(store):
        pass


def test_a_damaged_lease_holds_nobody_off(store: S3) -> None:
    store.put(NAME, b"{")
    with Lease(store) as lease:
        lease.check()


def test_of_two_writers_at_once_the_second_is_refused_in_one_line(bucket: str) -> None:
    root = f"s3://{bucket}/corpus"
    with changing(root) as corpus:
        corpus.publish({}, EMPTY)
        with pytest.raises(CorpusError, match="another winnow is working on") as said, changing(root):
            pass
        assert "\n" not in str(said.value)
        corpus.publish({}, EMPTY | {"recipe": {}})
    assert open_corpus(root).manifest["recipe"] == {}


def test_a_writer_whose_lease_was_taken_publishes_and_deletes_nothing(bucket: str) -> None:
    root = f"s3://{bucket}/corpus"
    with changing(root) as corpus:
        corpus.publish({}, EMPTY)
        store = store_of(root)
        store.put(NAME, store.read(NAME).replace(b'"process"', b'"process" '))  # somebody else's object now
        store.put("documents/part-00000-0123.parquet", b"what the other is writing")
        with pytest.raises(CorpusError, match="another writer's by now"):
            corpus.publish({}, EMPTY | {"recipe": {}})
        with pytest.raises(CorpusError, match="another writer's by now"):
            corpus.finish()
    assert "recipe" not in open_corpus(root).manifest
    assert "documents/part-00000-0123.parquet" in listed(root)


def test_should_two_believe_to_hold_it_the_manifest_has_one_of_them(bucket: str) -> None:
    """A pause between looking at the lease and the put: the condition of the put itself decides."""
    root = f"s3://{bucket}/corpus"
    with changing(root) as corpus:
        corpus.publish({}, EMPTY)
        slow, quick = Corpus(root), Corpus(root)
        assert slow.manifest == quick.manifest
        quick.replace_manifest(EMPTY | {"recipe": {"by": "quick"}})
        with pytest.raises(CorpusError, match="changed by another writer meanwhile"):
            slow.replace_manifest(EMPTY | {"recipe": {"by": "slow"}})
    assert open_corpus(root).manifest["recipe"] == {"by": "quick"}


@pytest.mark.parametrize("lost", ["corpus/corpus.json", "verdicts/"])
def test_a_publication_whose_answers_are_lost_has_happened(bucket: str, s3: FaultyS3, lost: str) -> None:
    root = f"s3://{bucket}/corpus"
    with changing(root) as corpus:
        corpus.publish({}, EMPTY)
        s3.lost = [lost]
        tables = {"verdicts": written(root, "verdicts", [{"doc_id": "new"}])}
        corpus.publish(tables, corpus.manifest)
    assert [one.rows for one in open_corpus(root).files("verdicts")] == [1]


def test_a_folder_that_is_no_corpus_is_left_alone(bucket: str) -> None:
    root = f"s3://{bucket}/corpus"
    store_of(root).put("holiday.jpg", b"jpg")
    with pytest.raises(CorpusError, match="is not empty and is not a corpus"), changing(root):
        pass
    assert listed(root) == {"holiday.jpg"}


# --- a writer that is killed at any of its requests ---


class Killed(BaseException):
    """Stands for `kill -9`: nothing of ours catches it, and the lease stays as it is."""


def dying(patch: pytest.MonkeyPatch, die_at: int, calls: list[str]) -> None:
    """Each write of a store is a place to die at, before it and after it."""

    def stop(moment: str) -> None:
        calls.append(moment)
        if len(calls) == die_at:
            raise Killed

    def wrap(name: str) -> None:
        real = getattr(S3, name)

        def call(self: S3, *arguments: object) -> object:
            stop(f"before {name}")
            found = real(self, *arguments)
            stop(f"after {name}")
            return found

        patch.setattr(S3, name, call)

    for name in ("put", "put_file", "_put_if", "delete", "forget_versions"):
        wrap(name)


def run_out(root: str) -> None:
    """As if a minute had passed."""
    store = store_of(root)
    store.put(NAME, json.dumps(json.loads(store.read(NAME)) | {"ends_at": 0.0}).encode())


@pytest.mark.parametrize("at_once", [pytest.param(False, marks=pytest.mark.faults), True])
def test_killed_at_any_request_a_publication_has_happened_whole_or_not(
    bucket: str, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    seen = []
    for die_at in range(1, 100):
        root, calls = f"s3://{bucket}/{die_at}", list[str]()
        with changing(root) as corpus:
            corpus.publish({"verdicts": written(root, "verdicts", [{"doc_id": "old"}])}, EMPTY)
        with monkeypatch.context() as patch:
            dying(patch, die_at, calls)
            patch.setattr(Lease, "__exit__", lambda self, *_: self._ended.set())
            try:
                with changing(root) as corpus:
                    new = {"verdicts": written(root, "verdicts", [{"doc_id": "new"}])}
                    corpus.publish(new, corpus.manifest, at_once=at_once)
                break
            except Killed:
                pass
        seen.append(*{row["doc_id"] for row in table(open_corpus(root), "verdicts")})
        run_out(root)
        with changing(root) as corpus:
            assert unnamed(root, corpus.manifest) == set()
        assert {row["doc_id"] for row in table(open_corpus(root), "verdicts")} == {seen[-1]}
    else:
        raise AssertionError("publishing never ended")
    assert seen == sorted(seen, reverse=True) and set(seen) == {"old", "new"}, "old until the one replacement, new from there"
