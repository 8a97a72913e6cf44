"""A web server on loopback that answers for every host of the sample, in the order in which the visits were planned."""

import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer

from jobs.sample.visits import Reply, Visit

SERVER_NAME = "winnow-sample/1"
Replies = dict[tuple[str, str], deque[Reply]]  # (host, target) -> what the next visits get


@contextmanager
def serving(visits: Iterable[Visit]) -> Iterator[int]:
    """Serves the visits' replies and gives the port. TCPServer: HTTPServer would look its own name up in DNS."""
    replies: Replies = defaultdict(deque)
    for visit in visits:
        replies[visit.host, visit.target].append(visit.reply)

    class Handler(SampleHandler):
        planned = replies

    with TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class SampleHandler(BaseHTTPRequestHandler):
    """Sends exactly the headers that a reply names: no clock, no version of this machine."""

    protocol_version = "HTTP/1.1"
    planned: Replies

    def do_GET(self) -> None:
        reply = self.planned[self.headers["Host"], self.path].popleft()
        payload = reply.payload
        self.send_response_only(reply.status)
        self.send_header("Server", SERVER_NAME)
        if reply.content_type is not None:
            self.send_header("Content-Type", reply.content_type)
        if reply.encoding:
            self.send_header("Content-Encoding", reply.encoding)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.chunk_bytes:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(payload) + reply.length_error))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(chunked(payload, reply.chunk_bytes) if reply.chunk_bytes else payload)

    def log_message(self, *_: object) -> None:
        """Says nothing: the recording is the log."""


def chunked(payload: bytes, chunk_bytes: int) -> bytes:
    """The payload in HTTP/1.1 chunks, the empty last one included."""
    pieces = [payload[start : start + chunk_bytes] for start in range(0, len(payload), chunk_bytes)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])
