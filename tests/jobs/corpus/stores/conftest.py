"""S3 on loopback, a bucket a test."""

import itertools
from collections.abc import Iterator

import fsspec
import pytest

from jobs.corpus.sources.settings import SourceSettings
from jobs.corpus.stores import s3 as s3_store
from jobs.corpus.stores.opened import store_of
from tests.s3 import FaultyS3, environment, serving

QUICK = SourceSettings(attempts=3, first_wait_seconds=0.001, most_wait_seconds=0.01)
_numbers = itertools.count()


@pytest.fixture(scope="package")
def s3() -> Iterator[FaultyS3]:
    with serving() as s3:
        yield s3


@pytest.fixture
def bucket(s3: FaultyS3, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of one that is empty."""
    for name, value in {**environment(s3), "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)  # what is tried again is tried by us
    fsspec.filesystem("s3", skip_instance_cache=True).clear_instance_cache()
    store_of.cache_clear()
    name = f"bucket-{next(_numbers)}"
    fsspec.filesystem("s3").mkdir(name)
    yield name
    s3.mended()
    store_of.cache_clear()


@pytest.fixture
def store(bucket: str) -> s3_store.S3:
    return s3_store.S3(f"s3://{bucket}/corpus", QUICK)
