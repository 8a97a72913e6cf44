"""One handle, several threads: each reads what lies where it stands."""

import io
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.corpus.files.shared import SharedFile
from jobs.corpus.folder import open_corpus
from jobs.corpus.views import connect
from tests.bench.bench_inspect import make

DATA = bytes(range(256)) * 64


def test_a_seek_of_another_thread_moves_no_place_but_its_own() -> None:
    with SharedFile(io.BytesIO(DATA), len(DATA)) as shared:
        shared.seek(1000)
        other = threading.Thread(target=lambda: (shared.seek(5), shared.read(3)))
        other.start()
        other.join()
        assert (shared.tell(), shared.read(4), shared.tell()) == (1000, DATA[1000:1004], 1004)


def test_it_reads_as_a_file_does() -> None:
    with SharedFile(io.BytesIO(DATA), len(DATA)) as shared, io.BytesIO(DATA) as file:
        for offset, whence, size in ((0, 0, 10), (5, 1, 7), (-9, 2, 100), (3, 2, 4), (0, 0, -1)):
            assert shared.seek(offset, whence) == file.seek(offset, whence)
            assert shared.read(size) == file.read(size) and shared.tell() == file.tell()
    assert shared.closed


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that give way as often as they can, as on a machine with much to do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_threads_of_duckdb_that_share_a_file_read_all_of_it_and_nothing_else(tmp_path: Path) -> None:
    make(tmp_path / "C", 300_000)
    for _ in range(10):
        with connect(open_corpus(str(tmp_path / "C"))) as database:
            database.execute("SET threads = 4")
            asked = "SELECT count(*), sum(length), min(language), max(language) FROM measures JOIN spans USING (doc_id)"
            pages, tokens, least, most = database.execute(asked).fetchone() or ()
            assert database.execute("SELECT count(*), sum(length) FROM spans").fetchone() == (pages, tokens)
            assert (least, most) == ("de", "zh")
