"""Folders that page texts lie in or pass through are the user's own: by the umask, and never wider than 750."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jobs.corpus import pending
from jobs.corpus.files import readers
from jobs.corpus.files.journal import Done, Journal
from jobs.corpus.folder import changing, open_corpus
from jobs.corpus.progress import TaskNote, TaskProgress
from jobs.corpus.shards import shards_of
from jobs.export.documents import export
from tests.jobs.export.exports import token_corpus


@pytest.fixture(params=[0o000, 0o022, 0o027, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_folders_and_staging_of_a_corpus_have_the_users_umask_and_never_more_than_750(umask: int, tmp_path: Path) -> None:
    root = tmp_path / "C"
    corpus = token_corpus(root, [("train", [[5, 6, 7], [8, 9]]), ("validation", [[7]])])
    with changing(str(root)) as locked:
        pending.keep(locked, "one", shards_of(locked), [{"shard": 0, "start": 1, "length": 3}])
        Journal(str(root), "scan", "ab" * 32).note(Done("piece", {}, {}))
    TaskNote(str(root), 0).tell(TaskProgress(1, 1, 0, 1, ""))
    readers.register(str(root), readers.Reader(readers.RUN, "/somewhere"))
    export(open_corpus(str(root)), "nanogpt", root / "export/nanogpt")
    export(open_corpus(str(root)), "megatron", tmp_path / "out" / "there")
    assert np.load(root / ".winnow/takedown-one/tokens.npy").size and corpus.files("shards")
    made = [path for folder in (root, tmp_path / "out") for path in [folder, *folder.rglob("*")] if path.is_dir()]
    assert len(made) > 12
    assert {path.relative_to(tmp_path): path.stat().st_mode & 0o777 for path in made} == {
        path.relative_to(tmp_path): 0o750 & ~umask for path in made
    }
