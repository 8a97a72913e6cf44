"""S3 on loopback, by moto, behind a door at which faults are put in."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import werkzeug.serving
from moto.server import DomainDispatcherApplication, create_backend_app

CODES = {403: b"AccessDenied", 500: b"InternalError", 503: b"SlowDown"}
CUT_AT = 100  # bytes of an answer that is cut short


@dataclass
class FaultyS3:
    """What goes wrong next; each fault happens once, in the order of its list. Requests count by method and path."""

    endpoint: str = ""
    statuses: list[int] = field(default_factory=list)  # answered to requests for the content of objects
    refused: int | None = None  # answered to every request
    cut: int = 0  # so many bodies are cut short
    lost: list[str] = field(default_factory=list)  # of writes to keys with this in them: they take effect, the answer is lost
    before: Callable[[str, str], None] | None = None  # method, path: what happens elsewhere in the meantime
    rate: float = 0.0  # share of requests to which something happens, one thing or another
    happened: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[str, str]] = field(default_factory=list)
    rng: random.Random = field(default_factory=lambda: random.Random(18))

    @property
    def gets(self) -> int:
        return sum(method == "GET" and path.count("/") > 1 for method, path in self.asked)

    def mended(self) -> None:
        self.statuses, self.refused, self.cut, self.lost, self.before, self.rate = [], None, 0, [], None, 0.0

    def drawn(self, method: str) -> str | None:
        """What happens to this request, if anything."""
        if self.rng.random() >= self.rate:
            return None
        fault = self.rng.choice(["slow down", "error", "cut" if method == "GET" else "lost"])
        self.happened[fault] += 1
        return fault


class _Door:
    def __init__(self, s3: FaultyS3) -> None:
        self._s3, self._moto = s3, DomainDispatcherApplication(create_backend_app)

    def __call__(self, environment: dict[str, Any], start: Any) -> Any:
        s3, method, path = self._s3, environment["REQUEST_METHOD"], environment["PATH_INFO"]
        s3.asked.append((method, path))
        if s3.before is not None:
            s3.before(method, path)
        fault = s3.drawn(method) if s3.rate else None
        if fault in ("slow down", "error"):
            return self._refusal(503 if fault == "slow down" else 500, start, body=method != "HEAD")
        if fault == "lost":
            b"".join(self._moto(environment, lambda *_: None))
            return self._refusal(500, start, body=method != "HEAD")
        if fault == "cut":
            whole = b"".join(self._moto(environment, start))
            return [whole[: len(whole) // 2]]
        if s3.refused is not None:
            return self._refusal(s3.refused, start, body=method != "HEAD")
        if method == "GET" and path.count("/") > 1:
            if s3.statuses:
                return self._refusal(s3.statuses.pop(0), start)
            if s3.cut:
                s3.cut -= 1
                return [b"".join(self._moto(environment, start))[:CUT_AT]]
        if method in ("PUT", "POST") and any(one in path for one in s3.lost):
            s3.lost.remove(next(one for one in s3.lost if one in path))
            b"".join(self._moto(environment, lambda *_: None))
            return self._refusal(500, start)
        return self._moto(environment, start)

    @staticmethod
    def _refusal(status: int, start: Any, *, body: bool = True) -> list[bytes]:
        answer = b"<Error><Code>%s</Code></Error>" % CODES[status] if body else b""
        start(f"{status} Fault", [("Content-Type", "application/xml"), ("Content-Length", str(len(answer)))])
        return [answer]


@contextmanager
def serving() -> Iterator[FaultyS3]:
    """Answers on 127.0.0.1 as long as the block lasts."""
    s3 = FaultyS3()
    server = werkzeug.serving.make_server("127.0.0.1", 0, _Door(s3), threaded=True, request_handler=_Silent)
    s3.endpoint = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield s3
    finally:
        server.shutdown()
        thread.join()


class _Silent(werkzeug.serving.WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # a connection is used again, as S3 has it

    def log(self, *_: Any, **__: Any) -> None:
        """A request is no news."""


def environment(s3: FaultyS3) -> dict[str, str]:
    """What winnow needs to find it, and nothing of its own."""
    return {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3.endpoint,
    }
