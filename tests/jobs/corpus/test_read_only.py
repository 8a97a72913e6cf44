"""A corpus that may only be read, on a read-only disk or another user's, is read all the same."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.corpus.files import readers
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.stores.disk import make_folders
from jobs.export.documents import export
from tests.jobs.export.exports import token_corpus


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """Root may write everywhere, so what the disk would say is put in its mouth."""
    made, may, make = token_corpus(tmp_path / "C", [("train", [[5, 6, 7]])]), os.access, make_folders

    def access(path: str | Path, mode: int) -> bool:
        return may(path, mode) and not (mode & os.W_OK and str(path).startswith(made.root))

    def refuse(root: str, folder: str) -> None:
        if root == made.root:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), root)
        make(root, folder)

    monkeypatch.setattr(os, "access", access)
    monkeypatch.setattr("jobs.corpus.stores.disk.make_folders", refuse)
    return made


def test_a_read_only_corpus_is_exported_without_registering_and_one_line_says_so(corpus: Corpus, tmp_path: Path) -> None:
    """The export failed, and asked for a folder that can be written although its own could."""
    said = list[str]()
    assert export(open_corpus(corpus.root), "nanogpt", tmp_path / "out", said.append) == 1
    assert len(said) == 1 and corpus.root in said[0] and "without being on record" in said[0] and "out" in said[0]
    assert (tmp_path / "out" / "export.json").is_file() and readers.registered(corpus.root) == []


@pytest.mark.parametrize("kind", [readers.RUN, readers.VIEW])
def test_so_do_a_run_and_a_view(corpus: Corpus, kind: str) -> None:
    said = list[str]()
    with readers.reading(corpus.root, kind, corpus.root, said.append):
        assert open_corpus(corpus.root).files("shards")
    readers.register(corpus.root, readers.Reader(kind, corpus.root))
    assert len(said) == 1 and readers.registered(corpus.root) == []


def test_a_corpus_that_can_be_written_is_registered_without_a_word(tmp_path: Path) -> None:
    corpus, say = token_corpus(tmp_path / "C", [("train", [[5, 6, 7]])]), never_said()
    with readers.reading(corpus.root, readers.VIEW, corpus.root, say):
        assert [one.kind for one in readers.registered(corpus.root)] == [readers.VIEW]


def never_said() -> Callable[[str], None]:
    def say(line: str) -> None:
        raise AssertionError(line)

    return say
