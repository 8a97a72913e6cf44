"""What comes to an application before any of it sees it: only this machine's own users, only questions, only of a bounded size.

Page text is hostile, and so may be other pages in the same browser: they can send requests here (cross-site), or have a name of
theirs point here (DNS rebinding). A request must name this host and port and come from no other site. A body must be JSON, which
a page of another site cannot send without asking first, and is never allowed to. Or it is a form of ours, at one address: then
the browser has to say that it comes from here, and the application asks for a token besides.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOKS, ASKS = ("GET", "HEAD"), ("GET", "HEAD", "POST")
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
    """An ASGI application that hands on what is allowed, and refuses the rest in one line.

    Only GET and HEAD, unless bodies of some bytes are allowed: then POST too, of JSON to any address, or with `form` of a form to
    that address alone.
    """

    def __init__(self, app: App, port: int, largest_body: int = 0, form: str | None = None) -> None:
        self._app, self._largest, self._form = app, largest_body, form
        self._methods = ASKS if largest_body and form is None else LOOKS
        self._body = b"application/json" if form is None else b"application/x-www-form-urlencoded"
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
            await _refuse(*refused, self._methods, send)
        else:  # a web socket
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """(status, why), or null where the request may pass."""
        if scope["type"] != "http":
            return 403, "only pages are served here"
        posts_form = scope["method"] == "POST" and scope["path"] == self._form
        if scope["method"] not in self._methods and not posts_form:
            return 405, f"nothing is changed here: this answers {', '.join(self._methods)}"
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
            return 431, "too many headers"
        hosts = _values(headers, b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 421, "this answers to 127.0.0.1 and localhost at its own port alone"
        if posts_form and not _values(headers, b"origin"):
            return 403, "a form says where it comes from"
        if any(origin not in self._origins for origin in _values(headers, b"origin")):
            return 403, "another site may not ask here"
        if any(site not in FRIENDLY_SITES for site in _values(headers, b"sec-fetch-site")):
            return 403, "another site may not ask here: type the address instead of following a link"
        return self._refused_body(scope["method"], headers) or _refused_address(scope)

    def _refused_body(self, method: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, str] | None:
        lengths, kinds = _values(headers, b"content-length"), _values(headers, b"content-type")
        if method != "POST":
            has_body = _values(headers, b"transfer-encoding") or any(length != b"0" for length in lengths)
            return (413, "a question has no body") if has_body else None
        if _values(headers, b"transfer-encoding") or len(lengths) != 1 or not lengths[0].isdigit():
            return 411, "say how long the body is"
        if len(lengths[0]) > 9 or int(lengths[0]) > self._largest:
            return 413, f"a body has at most {self._largest:,} bytes"
        if len(kinds) != 1 or kinds[0].split(b";")[0].strip().lower() != self._body:
            return 415, f"a body is {self._body.decode()}"
        return None


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


async def _refuse(status: int, why: str, methods: tuple[str, ...], send: Send) -> None:
    kind = [(b"content-type", b"text/plain; charset=utf-8")]
    allowed = [(b"allow", ", ".join(methods).encode())] if status == 405 else []
    await send({"type": "http.response.start", "status": status, "headers": [*kind, *allowed, *HEADERS]})
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in HEADERS}
            message["headers"] = [*(one for one in message.get("headers", []) if one[0].lower() not in own), *HEADERS]
        await send(message)

    return sending
