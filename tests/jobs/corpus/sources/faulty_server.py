"""A server on loopback that gives files and fails on request, and a list of what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    """One request: its number among those for the path, counted from 0, and where its range begins; null where it has none."""

    path: str
    number: int
    start: int | None
    headers: dict[str, str]


@dataclass
class Reply:
    """What goes out. `cut` ends the connection after so many bytes of the body; `said` is the length that is promised."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    said: int | None = None


Behaviour = Callable[[Asked, "Reply"], "Reply"]


class FaultyServer:
    """`files` by path; `behaviours` by path change the reply that a faultless server would give."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.etags: dict[str, str] = {}
        self.behaviours: dict[str, Behaviour] = {}
        self.asked: list[Asked] = []
        self.without_ranges: set[str] = set()
        self.url = ""

    def put(self, path: str, data: bytes, behaviour: Behaviour | None = None, *, etag: str = '"1"') -> str:
        self.files[path], self.etags[path] = data, etag
        if behaviour is not None:
            self.behaviours[path] = behaviour
        return f"{self.url}{path}"

    def count(self, path: str) -> int:
        return sum(one.path == path for one in self.asked)

    def reply(self, asked: Asked) -> Reply:
        data = self.files.get(asked.path)
        if data is None:
            return Reply(404)
        headers = {"ETag": self.etags[asked.path]}
        if asked.start is None or asked.path in self.without_ranges:
            plain = Reply(200, data, headers)
        elif asked.start >= len(data):
            plain = Reply(416, b"", headers | {"Content-Range": f"bytes */{len(data)}"})
        else:
            place = f"bytes {asked.start}-{len(data) - 1}/{len(data)}"
            plain = Reply(206, data[asked.start :], headers | {"Content-Range": place})
        return self.behaviours.get(asked.path, lambda _, reply: reply)(asked, plain)


def _handler(server: FaultyServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else None
            asked = Asked(self.path, server.count(self.path), start, dict(self.headers))
            server.asked.append(asked)
            reply = server.reply(asked)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            closes = reply.cut is not None or reply.said is not None
            if closes:
                self.send_header("Connection", "close")  # a client that is not told asks on it for its next file
            self.send_header("Content-Length", str(len(reply.body) if reply.said is None else reply.said))
            self.end_headers()
            try:
                self.wfile.write(reply.body[: reply.cut])
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            self.close_connection |= closes

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what these tests are about."""


@contextmanager
def faulty_server() -> Iterator[FaultyServer]:
    server = FaultyServer()
    http = _Quiet(("127.0.0.1", 0), _handler(server))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
