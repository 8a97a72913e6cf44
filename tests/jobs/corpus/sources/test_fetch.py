"""A dump copied from a host with Common Crawl's layout: resumed, whole or not there, and nothing asked for twice."""

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.corpus.inputs import list_inputs
from tests.crawls import Crawl
from tests.jobs.corpus.sources.faulty_server import Asked, FaultyServer, Reply, faulty_server
from tests.jobs.running import winnow

DUMP = "CC-MAIN-2026-42"
PATHS = [f"crawl-data/{DUMP}/segments/{number % 2}/warc/{number:05}.warc.gz" for number in range(6)]


def warc(seed: str) -> bytes:
    crawl = Crawl().response(f"http://{seed}.example/", "<p>A page.</p>")
    return crawl.record("resource", "http://noise.example/", random.Random(seed).randbytes(200_000)).raw.getvalue()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyServer]:
    with faulty_server() as server:
        server.put(f"/crawl-data/{DUMP}/warc.paths.gz", gzip.compress("\n".join(PATHS).encode(), mtime=0))
        for path in PATHS:
            server.put(f"/{path}", warc(path))
        (tmp_path / "recipe.toml").write_text(
            f'[sources]\ncrawl_host = "{server.url}"\nattempts = 2\nfirst_wait_seconds = 0.001\nmost_wait_seconds = 0.01\n'
        )
        yield server


def fetch(tmp_path: Path, *options: object, status: int = 0) -> str:
    """What was said, and printed."""
    result = winnow("fetch", DUMP, tmp_path / "dump", "--recipe", tmp_path / "recipe.toml", *options)
    assert result.returncode == status and "Traceback" not in result.stderr, result.stderr
    return result.stdout + result.stderr


def test_what_is_fetched_is_the_dump_in_its_own_layout_and_an_input(server: FaultyServer, tmp_path: Path) -> None:
    said = fetch(tmp_path, "--files", 2)
    for path in PATHS[:2]:
        assert (tmp_path / "dump" / path).read_bytes() == server.files[f"/{path}"]
    assert "2 files" in said and "winnow curate" in said
    inputs = [one.path for one in list_inputs([str(tmp_path / "dump")], skip_bad=False) if one.error is None]
    assert inputs == [str(tmp_path / "dump" / path) for path in sorted(PATHS[:2])]
    before = len(server.asked)
    assert "there already" in fetch(tmp_path, "--files", 2)
    assert {one.path for one in server.asked[before:]} == {f"/crawl-data/{DUMP}/warc.paths.gz"}


def test_a_copy_that_broke_off_goes_on_from_there(server: FaultyServer, tmp_path: Path) -> None:
    def breaks(asked: Asked, reply: Reply) -> Reply:
        reply.cut = 100_000 if asked.number == 0 else 0
        return reply

    server.behaviours[f"/{PATHS[0]}"] = breaks
    assert "0.warc.gz cannot be read" in fetch(tmp_path, "--files", 1, status=2)
    target = tmp_path / "dump" / PATHS[0]
    assert not target.exists(), "it has its name once it is whole"
    server.behaviours.clear()
    before = len(server.asked)
    fetch(tmp_path, "--files", 1)
    assert target.read_bytes() == server.files[f"/{PATHS[0]}"]
    assert [one.start for one in server.asked[before:] if one.path == f"/{PATHS[0]}"] == [100_000]
    assert [one.name for one in target.parent.iterdir()] == [target.name]


def test_a_file_that_has_changed_since_is_fetched_from_its_beginning(server: FaultyServer, tmp_path: Path) -> None:
    def breaks(asked: Asked, reply: Reply) -> Reply:
        reply.cut = max(0, 5000 - (asked.start or 0))
        return reply

    server.behaviours[f"/{PATHS[0]}"] = breaks
    fetch(tmp_path, "--files", 1, status=2)
    server.behaviours.clear()
    new = warc("another")
    server.put(f"/{PATHS[0]}", new, etag='"2"')
    fetch(tmp_path, "--files", 1)
    assert (tmp_path / "dump" / PATHS[0]).read_bytes() == new


def test_a_dump_is_listed_without_its_files_and_never_fetched_whole_by_accident(server: FaultyServer, tmp_path: Path) -> None:
    assert fetch(tmp_path, "--list").split() == [f"{server.url}/{path}" for path in PATHS]
    assert "--files N" in fetch(tmp_path, status=2)
    drawn = fetch(tmp_path, "--list", "--files", 3, "--sample", 1).split()
    assert len(drawn) == 3 and drawn != fetch(tmp_path, "--list", "--files", 3).split()
    assert {one.path for one in server.asked} == {f"/crawl-data/{DUMP}/warc.paths.gz"}


def test_a_dump_that_is_not_there_is_one_line(server: FaultyServer, tmp_path: Path) -> None:
    result = winnow("fetch", "CC-MAIN-1999-01", tmp_path / "dump", "--files", 1, "--host", server.url)
    assert result.returncode == 2 and "CC-MAIN-1999-01/warc.paths.gz does not exist" in result.stderr
    assert winnow("fetch", "../etc", tmp_path, "--files", 1).returncode == 2
