"""Copies on this machine of files of a corpus in S3: compared when they are made and when they are met again."""

from pathlib import Path

import pytest

from jobs.corpus.files.stored import store as store_file
from jobs.corpus.stores import copies
from jobs.corpus.stores.copies import PLACE, folder_of, keep_only, on_this_machine
from jobs.corpus.stores.s3 import S3
from pipeline.blocks import StoredFile
from pipeline.errors import CorpusError
from tests.jobs.stored import flipped
from tests.s3 import FaultyS3


@pytest.fixture(autouse=True)
def a_new_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE, str(tmp_path / "copies"))
    monkeypatch.setattr(copies, "_compared", set[Path]())


@pytest.fixture
def shard(store: S3) -> StoredFile:
    return store_file(store.root, "shards/shard-00000-HASH.bin", bytes(range(256)) * 100)


def copied(store: S3, shard: StoredFile) -> Path:
    return Path(on_this_machine(store.root, {shard.file: shard.sha256}), shard.file)


def test_a_file_is_copied_once(store: S3, shard: StoredFile, s3: FaultyS3) -> None:
    assert copied(store, shard).read_bytes() == store.read(shard.file)
    before = len(s3.asked)
    copies._compared.clear()
    copied(store, shard)
    assert len(s3.asked) == before


def test_a_copy_that_has_changed_is_made_anew(store: S3, shard: StoredFile) -> None:
    flipped(copied(store, shard))
    copies._compared.clear()
    assert copied(store, shard).read_bytes() == store.read(shard.file)


def test_what_is_missing_or_another_is_refused_and_leaves_nothing(store: S3, shard: StoredFile) -> None:
    store.put(shard.file, b"another")
    with pytest.raises(CorpusError, match="not as it was written"):
        copied(store, shard)
    store.delete([shard.file])
    with pytest.raises(CorpusError, match="is missing"):
        copied(store, shard)
    assert not [path for path in folder_of(store.root).rglob("*") if path.is_file()]


def test_copies_of_what_nobody_names_go(store: S3, shard: StoredFile) -> None:
    other = store_file(store.root, "shards/shard-00001-HASH.bin", b"other")
    kept, gone = copied(store, shard), copied(store, other)
    keep_only(store.root, {shard.file})
    assert kept.exists() and not gone.exists()


def test_a_folder_is_read_where_it_lies(tmp_path: Path) -> None:
    assert on_this_machine(str(tmp_path), {"shards/any": ""}) == str(tmp_path)
    (tmp_path / "stays").touch()
    keep_only(str(tmp_path), set())
    assert (tmp_path / "stays").exists()
