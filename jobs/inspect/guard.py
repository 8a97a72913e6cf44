"""What comes to the view before any page sees it: only this machine's own reader, only questions, only of a bounded size.

Page text is hostile, and so may be other pages in the same browser: they can send requests here (cross-site), or have a name of
theirs point here (DNS rebinding). A request must name this host and port, come from no other site, and change nothing.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

METHODS = ("GET", "HEAD")
LONGEST_PATH, LONGEST_QUERY = 300, 4_000  # bytes
MOST_HEADERS, MOST_HEADER_BYTES = 100, 16_000
FRIENDLY_SITES = (b"same-origin", b"none")  # Sec-Fetch-Site of our own links, and of an address typed in

# Styles are ours alone; widths of bars are attributes, the icon is empty. Nothing is loaded from elsewhere, nothing runs, nobody
# may frame a page.
POLICY = (
    "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; sandbox allow-same-origin allow-forms"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # with no-referrer, forms would come from the origin "null"
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), interest-cohort=()"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """An ASGI application that hands on what is allowed, and refuses the rest in one line."""

    def __init__(self, app: App, port: int) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost")}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "http":
            await _refuse(*refused, send)
        else:  # a web socket
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """(status, why), or null where the request may pass."""
        if scope["type"] != "http":
            return 403, "only pages are served here"
        if scope["method"] not in METHODS:
            return 405, "this view changes nothing: it answers GET and HEAD"
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
            return 431, "too many headers"
        hosts = _values(headers, b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 421, "this view answers to 127.0.0.1 and localhost at its own port alone"
        if any(origin not in self._origins for origin in _values(headers, b"origin")):
            return 403, "another site may not ask here"
        if any(site not in FRIENDLY_SITES for site in _values(headers, b"sec-fetch-site")):
            return 403, "another site may not ask here: type the address instead of following a link"
        if _values(headers, b"transfer-encoding") or any(length != b"0" for length in _values(headers, b"content-length")):
            return 413, "a question has no body"
        return _refused_address(scope)


def _refused_address(scope: Scope) -> tuple[int, str] | None:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    if len(path) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
        return 414, "the address is too long"
    strange = b"%" in path or b"\\" in path or b"//" in path or b"/." in path
    if strange or not path.startswith(b"/") or not path.isascii():
        return 404, "no such page"
    return None


def _values(headers: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for one, value in headers if one.lower() == name]


async def _refuse(status: int, why: str, send: Send) -> None:
    kind = [(b"content-type", b"text/plain; charset=utf-8")]
    allowed = [(b"allow", ", ".join(METHODS).encode())] if status == 405 else []
    await send({"type": "http.response.start", "status": status, "headers": [*kind, *allowed, *HEADERS]})
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in HEADERS}
            message["headers"] = [*(one for one in message.get("headers", []) if one[0].lower() not in own), *HEADERS]
        await send(message)

    return sending
