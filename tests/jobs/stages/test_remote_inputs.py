"""Inputs behind a server that fails: the rows are those of the files on disk, or the input is named and nothing is lost."""

import contextlib
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.progress import FAILED, FINISHED, LOG, read_status
from jobs.stages import stage
from tests.crawls import write_crawl
from tests.jobs.corpus.sources.faulty_server import Asked, FaultyServer, Reply, faulty_server
from tests.jobs.running import SMALL_TOML, winnow
from tests.jobs.stored import table

LOOKED_AT_BYTES = 1 << 20  # of a file before the work begins
RECIPE = SMALL_TOML + "[sources]\nattempts = 3\nfirst_wait_seconds = 0.001\nmost_wait_seconds = 0.01\n"


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with faulty_server() as server:
        yield server


@pytest.fixture
def crawl(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(stage, "session", lambda *_, **__: contextlib.nullcontext(spark))
    (tmp_path / "recipe.toml").write_text(RECIPE)
    return write_crawl(tmp_path / "crawl", files=2, pages=6)[0]


def ingest(tmp_path: Path, *arguments: object, status: int = 0) -> str:
    """What it said."""
    result = winnow("ingest", *arguments, "--output", tmp_path / "C", "--recipe", tmp_path / "recipe.toml")
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


def rows(tmp_path: Path) -> dict[str, tuple[int, str | None]]:
    return {
        row["path"].rsplit("/", 1)[-1]: (row["records"], row["error"]) for row in table(open_corpus(str(tmp_path / "C")), "files")
    }


def texts(corpus: Corpus) -> list[tuple[str, int, str]]:
    return sorted((row["warc_file"].rsplit("/", 1)[-1], row["warc_offset"], row["text"]) for row in table(corpus, "documents"))


def test_faults_that_pass_change_no_row_and_one_that_does_not_costs_its_file_alone(
    crawl: list[Path], server: FaultyServer, tmp_path: Path
) -> None:
    def moody(asked: Asked, reply: Reply) -> Reply:
        """Every second answer is a 503, every other breaks off."""
        reply.cut = 3000 + asked.number
        return Reply(503) if asked.number % 2 else reply

    good, other = (server.put(f"/{path.name}", path.read_bytes()) for path in crawl)
    ingest(tmp_path, *crawl)
    on_disk = texts(open_corpus(str(tmp_path / "C")))
    server.behaviours = {f"/{path.name}": moody for path in crawl}
    ingest(tmp_path, good, other)
    assert texts(open_corpus(str(tmp_path / "C"))) == on_disk

    def breaks_later(asked: Asked, reply: Reply) -> Reply:
        """Lets itself be looked at, and never gives its end."""
        reply.cut = max(0, LOOKED_AT_BYTES + 3000 - (asked.start or 0))
        return reply

    told = read_status(open_corpus(str(tmp_path / "C")))
    size = sum(path.stat().st_size for path in crawl)
    assert (told.state, told.stage, told.stages_done) == (FINISHED, "ingest", ("ingest",))
    assert (told.inputs_done, told.bytes_done, told.bytes) == (2, size, size)
    assert told.retries > 2 and told.records_done == sum(one[0] for one in rows(tmp_path).values())

    third = server.put("/third.warc.gz", crawl[0].read_bytes() * 60, breaks_later)
    said = ingest(tmp_path, good, third, status=2)
    assert said.splitlines()[-1].startswith(f"winnow: input {third} cannot be read") and "1 of 2 inputs" in said
    assert rows(tmp_path).keys() == {path.name for path in crawl}, "nothing half-made is visible"

    told = read_status(open_corpus(str(tmp_path / "C")))
    assert told.state == FAILED and third in str(told.last_error)
    log = [json.loads(line) for line in (tmp_path / "C" / LOG).read_text().splitlines()]
    assert [one["event"] for one in log][-3:] == ["begun", "stage begun", FAILED] and log[-1]["last_error"] == told.last_error

    ingest(tmp_path, good, third, "--skip-bad-inputs")
    recorded = rows(tmp_path)
    assert recorded["third.warc.gz"][0] == 0 and "cannot be read" in str(recorded["third.warc.gz"][1])
    assert recorded[crawl[0].name][0] > 0 and recorded[crawl[0].name][1] is None

    server.behaviours.clear()
    ingest(tmp_path, good, third, "--skip-bad-inputs")
    whole = (60 * recorded[crawl[0].name][0], None)
    assert rows(tmp_path)["third.warc.gz"] == whole, "it is tried again"

    server.behaviours = {"/third.warc.gz": breaks_later}
    ingest(tmp_path, good, third, other)
    assert rows(tmp_path)["third.warc.gz"] == whole, "looked at and not read: reading it would have failed"


def test_a_byte_that_is_wrong_on_the_way_costs_its_record_and_is_told(
    crawl: list[Path], server: FaultyServer, tmp_path: Path
) -> None:
    """In gzip its checksum says so; where nothing is packed, the record's digest does."""
    packed = crawl[0].read_bytes()
    plain = gzip.decompress(packed[: packed.rindex(b"\x1f\x8b\x08")])

    def wrong(place: int, data: bytes) -> bytes:
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    second = packed.index(b"\x1f\x8b\x08", 10)
    at = plain.index(b"<p>") + 20
    urls = [server.put("/packed.warc.gz", wrong(second + 100, packed)), server.put("/plain.warc", wrong(at, plain))]
    ingest(tmp_path, *urls)
    corpus = open_corpus(str(tmp_path / "C"))
    damaged = [(row["warc_file"], row["warc_offset"]) for row in table(corpus, "rejects") if row["reason"] == "damaged"]
    assert (urls[0], second) in damaged
    [failed] = [row for row in table(corpus, "documents") if row["warc_file"] == urls[1] and row["digest_ok"] is False]
    assert failed["digest_failed"] in ("block, payload", "block", "payload")
    by_file = {row["path"]: row for row in table(corpus, "files")}
    assert by_file[urls[0]]["records"] == by_file[urls[1]]["records"] + 1  # the last of the crawl is damaged there too
