"""Files behind http: whatever a server does, the bytes are those of the file or there is one line that names it."""

import random
import time
from collections.abc import Iterator

import pytest

from jobs.corpus.inputs import list_inputs
from jobs.corpus.sources.http import CHUNK_BYTES
from jobs.corpus.sources.open_source import open_pinned, open_source
from jobs.corpus.sources.settings import SourceSettings
from pipeline.errors import InputError
from tests.jobs.corpus.sources.faulty_server import Asked, Behaviour, FaultyServer, Reply, faulty_server

QUICK = SourceSettings(attempts=3, first_wait_seconds=0.001, most_wait_seconds=0.01, timeout_seconds=1)
DATA = random.Random(1).randbytes(5 * CHUNK_BYTES + 77)


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with faulty_server() as server:
        yield server


def read(url: str, settings: SourceSettings = QUICK) -> bytes:
    with open_source(url, settings).stream as stream:
        return stream.read()


def once(fault: Behaviour) -> Behaviour:
    return lambda asked, reply: fault(asked, reply) if asked.number == 0 else reply


def unavailable(_: Asked, reply: Reply) -> Reply:
    return Reply(503, b"later")


def dropped(_: Asked, reply: Reply) -> Reply:
    reply.cut = 2 * CHUNK_BYTES + 5
    return reply


def every_answer_dropped(asked: Asked, reply: Reply) -> Reply:
    reply.cut = CHUNK_BYTES + 1 + asked.number
    return reply


def other_range(asked: Asked, reply: Reply) -> Reply:
    """Says and sends bytes that were not asked for."""
    reply.headers["Content-Range"] = f"bytes 1-{len(DATA) - 1}/{len(DATA)}"
    reply.body = DATA[1:]
    return reply


def piecewise(asked: Asked, reply: Reply) -> Reply:
    """Gives less than was asked for, and says so: RFC 9110 allows that."""
    start = asked.start or 0
    reply.body = DATA[start : start + 1000 + CHUNK_BYTES]
    reply.headers["Content-Range"] = f"bytes {start}-{start + len(reply.body) - 1}/{len(DATA)}"
    return reply


@pytest.mark.parametrize(
    "behaviour",
    [
        None, once(unavailable), once(dropped), every_answer_dropped, piecewise,
        once(lambda _, reply: Reply(429, b"", {"Retry-After": "0"})), once(lambda _, reply: Reply(500)),
    ],
    ids=["sound", "503 once", "dropped once", "every answer dropped", "in pieces", "429 once", "500 once"],
)  # fmt: skip
def test_what_passes_costs_no_byte(server: FaultyServer, behaviour: Behaviour | None) -> None:
    assert read(server.put("/a", DATA, behaviour)) == DATA


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (unavailable, ("HTTP 503", "3 times in a row")),
        (lambda _, reply: Reply(404), ("does not exist",)),
        (lambda _, reply: Reply(403), ("may not be read", "HTTP 403", "credentials")),
        (lambda _, reply: Reply(418), ("HTTP 418",)),
        (other_range, ("bytes 1-",)),
        (lambda _, reply: Reply(206, DATA, {"Content-Range": "bytes */*"}), ("Content-Range",)),
        (lambda _, reply: Reply(302, b"", {"Location": "/a"}), ("redirects",)),
        (lambda _, reply: Reply(302, b"", {"Location": "file:///etc/passwd"}), ("file://",)),
    ],
    ids=["503 always", "404", "403", "418", "another range", "no size", "redirects in a circle", "redirects to a file"],
)
def test_what_does_not_pass_is_one_line_that_names_the_file(
    server: FaultyServer, behaviour: Behaviour, words: tuple[str, ...]
) -> None:
    url = server.put("/a", DATA, behaviour)
    with pytest.raises(InputError) as error:
        read(url)
    assert url in str(error.value) and "\n" not in str(error.value)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert server.count("/a") <= 31  # requests follows 30 redirects; nothing is asked for without end


def truncated(_: Asked, reply: Reply) -> Reply:
    """Promises the whole file, has half of it."""
    reply.said, reply.body = len(reply.body), reply.body[: max(0, len(DATA) // 2 - (len(DATA) - len(reply.body)))]
    return reply


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_is_always_cut_short_is_never_taken_for_whole(server: FaultyServer, ranges: bool) -> None:
    url = server.put("/a", DATA, truncated)
    server.without_ranges |= set() if ranges else {"/a"}
    with pytest.raises(InputError, match="3 times in a row"):
        read(url)


def test_a_body_that_is_longer_than_was_said_ends_where_was_said(server: FaultyServer) -> None:
    def longer(_: Asked, reply: Reply) -> Reply:
        reply.said, reply.body = len(reply.body), reply.body + b"more"
        return reply

    assert read(server.put("/a", DATA, longer)) == DATA


@pytest.mark.parametrize("change", ["etag", "size"])
def test_a_file_that_changes_while_it_is_read_is_refused(server: FaultyServer, change: str) -> None:
    def changes(asked: Asked, reply: Reply) -> Reply:
        if asked.number:
            reply.headers |= (
                {"ETag": '"2"'} if change == "etag" else {"Content-Range": f"bytes {asked.start}-{len(DATA)}/{len(DATA) + 1}"}
            )
        else:
            reply.cut = CHUNK_BYTES
        return reply

    with pytest.raises(InputError, match="is not what it was"):
        read(server.put("/a", DATA, changes))


def test_without_ranges_the_file_is_copied_first_and_can_be_read_from_anywhere(server: FaultyServer) -> None:
    url = server.put("/a", DATA, once(dropped))
    server.without_ranges.add("/a")
    with open_source(url, QUICK).stream as stream:
        stream.seek(CHUNK_BYTES)
        assert stream.read(10) == DATA[CHUNK_BYTES : CHUNK_BYTES + 10]
        stream.seek(0)
        assert stream.read() == DATA


def test_seeking_asks_for_what_is_read_and_for_nothing_before_it(server: FaultyServer) -> None:
    url = server.put("/a", DATA)
    with open_source(url, QUICK).stream as stream:
        for place in (len(DATA) - 8, 3, 2 * CHUNK_BYTES):
            stream.seek(place)
            assert stream.read(8) == DATA[place : place + 8]
    assert [one.start for one in server.asked][1:] == [len(DATA) - 8, 3, 2 * CHUNK_BYTES]


def test_redirects_are_followed_and_compression_is_declined(server: FaultyServer) -> None:
    server.put("/b", DATA)
    url = server.put("/a", b"", lambda _, reply: Reply(302, b"", {"Location": "/b"}))
    assert read(url) == DATA
    assert {one.headers["Accept-Encoding"] for one in server.asked} == {"identity"}


def test_a_slow_server_is_waited_for_and_a_silent_one_is_not(server: FaultyServer) -> None:
    def slow(_: Asked, reply: Reply) -> Reply:
        time.sleep(0.2)
        return reply

    def silent(_: Asked, reply: Reply) -> Reply:
        time.sleep(1.5)
        return reply

    assert read(server.put("/slow", DATA, slow)) == DATA
    impatient = SourceSettings(attempts=2, first_wait_seconds=0.001, timeout_seconds=0.1)
    with pytest.raises(InputError, match="2 times in a row"):
        read(server.put("/silent", DATA, silent), impatient)


def test_nobody_listens() -> None:
    with faulty_server() as gone:
        url = f"{gone.url}/a"
    with pytest.raises(InputError, match=r"cannot be read.*3 times in a row"):
        read(url)


@pytest.mark.parametrize("data", [b"", b"x"])
def test_the_smallest_files(server: FaultyServer, data: bytes) -> None:
    assert read(server.put("/a", data)) == data


def test_an_input_is_pinned_by_what_was_listed(server: FaultyServer) -> None:
    url = server.put("/a.jsonl", b'{"text": "one"}\n')
    [listed] = list_inputs([url], skip_bad=False, sources=QUICK)
    assert (listed.size, listed.changed, listed.error) == (16, '"1"', None)
    open_pinned(listed.path, listed.size, listed.changed, QUICK).close()
    server.put("/a.jsonl", b'{"text": "two"}\n', etag='"2"')
    with pytest.raises(InputError, match="not what it was when it was listed"):
        open_pinned(listed.path, listed.size, listed.changed, QUICK)


def test_seeded_faults_lose_no_byte_and_repeat_none(server: FaultyServer) -> None:
    """A server that fails every other time, in four ways, drawn by a seed."""
    rng = random.Random(20261129)
    faults = [unavailable, dropped, lambda _, reply: Reply(500), lambda _, reply: Reply(429, b"", {"Retry-After": "0"})]

    def moody(asked: Asked, reply: Reply) -> Reply:
        return rng.choice(faults)(asked, reply) if asked.number % 2 else reply

    for number in range(20):
        url = server.put(f"/{number}", DATA, moody)
        with open_source(url, QUICK).stream as stream:
            for _ in range(5):
                place, count = rng.randrange(len(DATA)), rng.randrange(1, 2 * CHUNK_BYTES)
                stream.seek(place)
                assert stream.read(count) == DATA[place : place + count]
