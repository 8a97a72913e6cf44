"""Inputs in S3, by moto on loopback: prefixes, globs, what passes and what does not, and files that change."""

from collections.abc import Iterator
from typing import Any

import fsspec
import pytest

from jobs.corpus.files import opening
from jobs.corpus.inputs import list_inputs
from jobs.corpus.sources.names import names_of
from jobs.corpus.sources.open_source import BUFFER_BYTES, open_pinned, open_source
from jobs.corpus.sources.settings import SourceSettings
from jobs.corpus.sources.stores import StoreFile
from pipeline.errors import InputError
from tests.s3 import FaultyS3, environment, serving

QUICK = SourceSettings(attempts=3, first_wait_seconds=0.001, most_wait_seconds=0.01)
ROWS = b'{"text": "one"}\n' * 1000
BLOCK = 1 << 16


@pytest.fixture(scope="module")
def s3() -> Iterator[FaultyS3]:
    with serving() as s3:
        yield s3


@pytest.fixture
def store(s3: FaultyS3, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, FaultyS3]]:
    """A bucket `bucket` that is empty, as winnow sees it."""
    for name, value in {**environment(s3), "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)  # what is tried again is tried by us
    filesystem = fsspec.filesystem("s3", skip_instance_cache=True)
    monkeypatch.setattr(opening, "file_system_of", lambda name: (filesystem, name.removeprefix("s3://")))
    monkeypatch.setattr("jobs.corpus.sources.stores.file_system_of", lambda name: (filesystem, name.removeprefix("s3://")))
    monkeypatch.setitem(BUFFER_BYTES, StoreFile, BLOCK)
    filesystem.mkdir("bucket")
    yield filesystem, s3
    s3.mended()
    filesystem.rm("bucket", recursive=True)


def test_folders_prefixes_and_globs_name_the_same_files(store: tuple[Any, FaultyS3]) -> None:
    filesystem, _ = store
    for name in ("crawl/a-1.jsonl", "crawl/a-2.jsonl", "crawl/notes.md"):
        filesystem.pipe_file(f"bucket/{name}", ROWS)

    def listed(name: str) -> list[str]:
        return [one.path for one in list_inputs([name], skip_bad=False, sources=QUICK) if one.error is None]

    both = ["s3://bucket/crawl/a-1.jsonl", "s3://bucket/crawl/a-2.jsonl"]
    assert listed("s3://bucket/crawl/a-") == listed("s3://bucket/crawl/*.jsonl") == both
    assert (
        listed("s3://bucket/crawl") == listed("s3://bucket/crawl/") == [*both, "s3://bucket/crawl/notes.md"]
    )  # first bytes tell, not names
    with pytest.raises(InputError, match="s3://bucket/none does not exist"):
        list_inputs(["s3://bucket/none"], skip_bad=False, sources=QUICK)


@pytest.mark.parametrize(("statuses", "cut"), [([503], 0), ([500, 503], 0), ([], 1), ([], 2)], ids=str)
def test_what_passes_costs_no_byte(store: tuple[Any, FaultyS3], statuses: list[int], cut: int) -> None:
    filesystem, faults = store
    data = bytes(range(256)) * (BLOCK // 128)
    filesystem.pipe_file("bucket/a", data)
    source = open_source("s3://bucket/a", QUICK)
    faults.statuses, faults.cut = list(statuses), cut
    with source.stream as stream:
        assert stream.read() == data


@pytest.mark.parametrize(("statuses", "words"), [([503] * 50, "3 times in a row"), ([403] * 50, "may not be read")])
def test_what_does_not_pass_is_one_line(store: tuple[Any, FaultyS3], statuses: list[int], words: str) -> None:
    filesystem, faults = store
    filesystem.pipe_file("bucket/a", ROWS)
    source = open_source("s3://bucket/a", QUICK)
    faults.statuses = statuses
    before = faults.gets
    with source.stream as stream, pytest.raises(InputError, match=f"s3://bucket/a.*{words}"):
        stream.read()
    assert faults.gets - before <= 2 * QUICK.attempts


def test_an_object_that_is_replaced_while_it_is_read_is_refused(store: tuple[Any, FaultyS3]) -> None:
    filesystem, _ = store
    filesystem.pipe_file("bucket/a", bytes(2 * BLOCK))
    source = open_source("s3://bucket/a", QUICK)
    with source.stream as stream:
        assert stream.read(10) == bytes(10)
        filesystem.pipe_file("bucket/a", bytes(BLOCK) + b"x" * BLOCK)
        with pytest.raises(InputError, match="s3://bucket/a is not what it was"):
            stream.read()


def test_an_object_is_pinned_by_its_etag(store: tuple[Any, FaultyS3]) -> None:
    filesystem, _ = store
    filesystem.pipe_file("bucket/a.jsonl", ROWS)
    [listed] = list_inputs(["s3://bucket/a.jsonl"], skip_bad=False, sources=QUICK)
    open_pinned(listed.path, listed.size, listed.changed, QUICK).close()
    filesystem.pipe_file("bucket/a.jsonl", ROWS.replace(b"one", b"two"))
    with pytest.raises(InputError, match="not what it was when it was listed"):
        open_pinned(listed.path, listed.size, listed.changed, QUICK)


def test_missing_credentials_and_packages_are_one_line(store: tuple[Any, FaultyS3], monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import NoCredentialsError

    def without(error: Exception) -> Any:
        def opened(_: str) -> Any:
            raise error

        monkeypatch.setattr("jobs.corpus.sources.stores.file_system_of", opened)
        with pytest.raises(InputError) as said:
            list(names_of("s3://bucket/crawl", QUICK))
        return str(said.value)

    assert "credentials" in without(NoCredentialsError()) and "s3://bucket/crawl" in without(NoCredentialsError())
    assert 'pip install "winnow[remote]"' in without(ImportError("Install s3fs to access S3"))
    assert "no store that is known" in without(ValueError("Protocol not known: sss"))
