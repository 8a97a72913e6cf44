"""The few methods that a corpus is kept by: a folder and S3 answer alike, and what goes wrong on the way is one line."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import pytest

from jobs.corpus.folder import corpus_at
from jobs.corpus.stores import objects
from jobs.corpus.stores.disk import Disk
from jobs.corpus.stores.objects import Objects
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.s3 import S3
from jobs.corpus.stores.store import Conflict, Store
from pipeline.errors import EnvironmentProblem
from tests.jobs.corpus.stores.conftest import QUICK
from tests.s3 import FaultyS3

DATA = bytes(range(256)) * 64


@pytest.fixture(params=["disk", "s3", "memory"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "disk":
        return Disk(str(tmp_path / "corpus"))
    if request.param == "memory":
        fsspec.filesystem("memory").store.clear()
        return Objects("memory://bucket/corpus", QUICK)
    return S3(f"s3://{request.getfixturevalue('bucket')}/corpus", QUICK)


def test_what_was_written_is_listed_and_read_whichever_the_store(any_store: Store, tmp_path: Path) -> None:
    store = any_store
    assert store.is_empty() and store.found() == [] and store.entry("a/one") is None and not store.exists("a")
    store.put("a/one", b"1")
    store.put("a/one", DATA)
    (tmp_path / "file").write_bytes(DATA)
    store.put("b/two", b"2")
    store.put_file("b/c/three", str(tmp_path / "file"))
    assert [(one.name, one.bytes) for one in store.found()] == [("a/one", len(DATA)), ("b/c/three", len(DATA)), ("b/two", 1)]
    assert [one.name for one in store.found("b")] == ["b/c/three", "b/two"] and store.found("none") == []
    assert store.read("a/one") == DATA and store.exists("a/one") and store.exists("b/c") and not store.is_empty()
    with store.open("b/c/three") as file:
        assert file.seek(0, 2) == len(DATA) and file.seek(100) == 100 and file.read(300) == DATA[100:400]
    for missing in (store.read, store.open, store.read_with_version):
        with pytest.raises(FileNotFoundError):
            missing("a/none")
    store.delete(["a/one", "a/none"])
    store.delete_folder("b/c")
    assert [one.name for one in store.found()] == ["b/two"]


def test_conditional_writes_find_out_whoever_was_quicker(any_store: Store) -> None:
    store = any_store
    version = store.put_new("record", b"mine")
    with pytest.raises(Conflict):
        store.put_new("record", b"theirs")
    assert store.read_with_version("record") == (b"mine", version)
    newer = store.put_over("record", b"mine again", version)
    assert store.read("record") == b"mine again"
    if not isinstance(store, Disk):  # there a lock has seen to it
        with pytest.raises(Conflict):
            store.put_over("record", b"theirs", version)
        with pytest.raises(Conflict):
            store.put_over("record", b"theirs", None)
        assert store.read_with_version("record") == (b"mine again", newer)


def test_of_many_who_write_at_once_one_is_first(store: S3) -> None:
    won: list[int] = []

    def try_it(number: int) -> None:
        try:
            S3(store.root, QUICK).put_new("record", str(number).encode())
            won.append(number)
        except Conflict:
            pass

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(won) == 1 and store.read("record") == str(won[0]).encode()


@pytest.mark.parametrize("conditional", ["new", "over"])
def test_a_write_whose_answer_was_lost_knows_its_own(store: S3, s3: FaultyS3, conditional: str) -> None:
    version = store.put_new("manifest", b"before") if conditional == "over" else None
    s3.lost = ["corpus/manifest"]
    found = store.put_over("manifest", b"after", version)
    assert not s3.lost and store.read_with_version("manifest") == (b"after", found)


def test_a_write_whose_answer_was_lost_and_that_somebody_else_wrote_over_is_a_conflict(store: S3, s3: FaultyS3) -> None:
    other = fsspec.filesystem("s3", skip_instance_cache=True)
    s3.lost = ["corpus/manifest"]

    def between(method: str, path: str) -> None:
        if not s3.lost:
            s3.before = None
            other.pipe_file(f"{store.root}/manifest", b"theirs")

    s3.before = between
    with pytest.raises(Conflict):
        store.put_new("manifest", b"mine")
    assert store.read("manifest") == b"theirs"


@pytest.mark.parametrize(("statuses", "cut"), [([503], 0), ([500, 503], 0), ([], 1), ([], 2)], ids=str)
def test_what_passes_costs_no_byte(
    store: S3, s3: FaultyS3, statuses: list[int], cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "READ_AHEAD_BYTES", 2 * len(DATA))
    data = DATA * 5
    store.put("large", data)
    s3.statuses, s3.cut = list(statuses), cut
    with store.open("large") as file:
        assert file.read() == data
    s3.statuses, s3.cut = list(statuses), 0
    assert store.read("large") == data


def asks() -> list[tuple[str, Callable[[S3], Any]]]:
    return [
        ("read", lambda store: store.read("name")),
        ("read", lambda store: store.found()),
        ("read", lambda store: store.exists("name")),
        ("written", lambda store: store.put("name", b"")),
        ("written", lambda store: store.put_new("name", b"")),
        ("written", lambda store: store.delete(["name"])),
    ]


@pytest.mark.parametrize(("doing", "ask"), asks())
@pytest.mark.parametrize(("status", "words"), [(403, "may not be {}"), (503, "cannot be {}.* 3 times in a row")])
def test_what_does_not_pass_is_one_line(
    store: S3, s3: FaultyS3, doing: str, ask: Callable[[S3], Any], status: int, words: str
) -> None:
    store.put("name", b"")
    s3.refused = status
    with pytest.raises(EnvironmentProblem, match=words.format(doing)) as said:
        ask(store)
    assert store.root in str(said.value) and "\n" not in str(said.value)


def test_a_missing_bucket_and_a_missing_package_are_one_line(
    bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = S3(f"s3://{bucket}-none/corpus", QUICK)
    assert not nowhere.exists("corpus.json") and nowhere.found() == [] and nowhere.is_empty()
    (tmp_path / "file").write_bytes(b"")
    for write in (
        lambda: nowhere.put("a", b""),
        lambda: nowhere.put_new("a", b""),
        lambda: nowhere.put_file("a", str(tmp_path / "file")),
    ):
        with pytest.raises(EnvironmentProblem, match="make the bucket first"):
            write()
    with pytest.raises(EnvironmentProblem, match="no store that is known"):
        store_of("sss://bucket/corpus").exists("corpus.json")

    def without(*_: Any, **__: Any) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", without)
    with pytest.raises(EnvironmentProblem, match=r'pip install "winnow\[remote\]"'):
        S3("s3://bucket/corpus").exists("corpus.json")


def test_nothing_hidden_stays_of_what_was_replaced_deleted_or_never_finished(bucket: str, store: S3) -> None:
    filesystem = fsspec.filesystem("s3")
    filesystem.call_s3("put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    fsspec.filesystem("s3").pipe_file(f"{bucket}/corpus-2/documents/other", b"another corpus")
    fsspec.filesystem("s3").pipe_file(f"{bucket}/corpus-2/documents/other", b"another corpus, again")
    store.put("documents/replaced", b"a secret")
    store.put("documents/replaced", b"none")
    store.put("documents/deleted", b"a secret")
    store.delete(["documents/deleted"])
    filesystem.call_s3("create_multipart_upload", Bucket=bucket, Key="corpus/documents/unfinished")
    assert store.versions() == ["documents/deleted", "documents/replaced", "documents/unfinished"]
    store.forget_versions()
    assert store.versions() == [] and [one.name for one in store.found()] == ["documents/replaced"]
    answer = filesystem.call_s3("list_object_versions", Bucket=bucket, Prefix="corpus/")
    assert [one["Key"] for one in answer["Versions"]] == ["corpus/documents/replaced"] and not answer.get("DeleteMarkers")
    assert S3(f"s3://{bucket}/corpus-2", QUICK).versions() == ["documents/other"], "a corpus beside it keeps its own"


def test_a_version_that_is_locked_is_told_of(bucket: str) -> None:
    filesystem, locked = fsspec.filesystem("s3"), S3(f"s3://{bucket}-locked/corpus", QUICK)
    filesystem.call_s3("create_bucket", Bucket=f"{bucket}-locked", ObjectLockEnabledForBucket=True)
    locked.put("report.html", b"a secret")
    until = {"Mode": "COMPLIANCE", "RetainUntilDate": datetime(2100, 1, 1, tzinfo=UTC)}
    filesystem.call_s3("put_object_retention", Bucket=f"{bucket}-locked", Key="corpus/report.html", Retention=until)
    locked.put("report.html", b"none")
    with pytest.raises(EnvironmentProblem, match=r"1 files cannot be deleted, first corpus/report.html \(AccessDenied"):
        locked.forget_versions()
    assert locked.versions() == ["report.html"]


def test_more_versions_than_one_answer_holds_are_all_found(bucket: str, store: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    filesystem, call = fsspec.filesystem("s3"), S3._call
    filesystem.call_s3("put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def in_small_pages(self: S3, method: str, **arguments: Any) -> dict[str, Any]:
        return call(self, method, **arguments, **({"MaxKeys": 4} if method == "list_object_versions" else {}))

    monkeypatch.setattr(S3, "_call", in_small_pages)
    monkeypatch.setattr("jobs.corpus.stores.s3.DELETED_AT_ONCE", 3)
    names = [f"documents/{number:02d}" for number in range(10)]
    for name in names:
        store.put(name, b"x")
    store.delete(names)
    assert store.versions() == names and store.found() == []
    store.forget_versions()
    assert store.versions() == []


def test_a_url_of_this_machine_is_its_folder(tmp_path: Path) -> None:
    assert corpus_at(f"file://{tmp_path}/corpus").root == str(tmp_path / "corpus") and corpus_at("s3://a/b/").root == "s3://a/b"
