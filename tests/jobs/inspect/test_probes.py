"""More than 200 ways to get past the view: other sites, other methods, other names, paths, SQL, sizes. None of them does."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from jobs.inspect.app import application
from jobs.inspect.index import Index
from jobs.loopback import server as server_module
from tests.faults.browser import CHROMIUM, opened
from tests.faults.hostile import MARK, PAYLOADS
from tests.jobs.inspect.conftest import PORT
from tests.jobs.inspect.pages import Page
from tests.jobs.report.report_corpus import make_corpus

OWN = f"http://127.0.0.1:{PORT}"
HOSTS = (
    "evil.test",
    f"evil.test:{PORT}",
    "127.0.0.1",
    "127.0.0.1:80",
    f"127.0.0.1.evil.test:{PORT}",
    f"localhost.evil.test:{PORT}",
    f"127.1:{PORT}",
    f"2130706433:{PORT}",
    f"0.0.0.0:{PORT}",
    f"[::1]:{PORT}",
    f"0x7f.0.0.1:{PORT}",
    "",
    f"127.0.0.1:{PORT}@evil.test",
    f"127.0.0.1:{PORT}, evil.test",
    f"evil.test, 127.0.0.1:{PORT}",
    f"user@127.0.0.1:{PORT}",
    f"127.0.0.1:0{PORT}",
    f"127.0.0.1:{PORT}.",
    f"localhost.:{PORT}",
    f"127.0.0.1:{PORT}/",
    f"127.0.0.1%00:{PORT}",
    f"rebind.network:{PORT}",
)
ORIGINS = (
    "null",
    "http://evil.test",
    "https://127.0.0.1:8000",
    "http://127.0.0.1",
    "http://127.0.0.1:8001",
    "file://",
    "http://localhost",
    f"http://127.0.0.1:{PORT}.evil.test",
    f"http://127.0.0.1:{PORT}/",
    "",
    "chrome-extension://abc",
    f"http://[::1]:{PORT}",
)
SITES = ("cross-site", "same-site", "Same-Origin", "", "none, same-origin", "unknown")
METHODS = (
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "GETT",
    "HEAD2",
    "MOVE",
    "LINK",
    "SEARCH",
)
PATHS = (
    "/../corpus.json",
    "/%2e%2e/corpus.json",
    "/..%2fcorpus.json",
    "/%2e%2e%2f%2e%2e%2fetc/passwd",
    "//etc/passwd",
    "/documents//",
    "/documents/%00",
    "/style.css/../corpus.json",
    "/.winnow/lock",
    "/corpus.json",
    "/documents/corpus.json",
    "/readers/",
    "/static/../../x",
    "/documents/..\\..\\x",
    "/rules/..%5c..%5cx",
    "/%252e%252e/corpus.json",
    "/file:///etc/passwd",
    "/documents/" + "0" * 31,
    "/documents/" + "0" * 33,
    "/documents/" + "G" * 32,
    "/documents/" + "A" * 32,
    "/clusters/'; DROP TABLE pages--",
    "/rules/gopher_short_doc%27--",
    "/rules/x'y",
    "/rules/{{7*7}}",
    "/admin",
    "/debug",
    "/openapi.json",
    "/metrics",
    "/favicon.ico",
    "/documents/" + "0" * 32 + "/against/" + "0" * 32,
    "/documents/" + "0" * 32,
    "/" + "a" * 400,
    "/é",
    "/rules/\u202e",
)
SQL = (
    "' OR '1'='1",
    "'; DROP TABLE pages; --",
    '" OR 1=1 --',
    "x' UNION SELECT * FROM documents --",
    "'); ATTACH '/etc/passwd' AS x; --",
    "\\'; COPY pages TO '/tmp/q7z'; --",
    "x'||read_text('/etc/passwd')||'",
    "%' AND 1=0 --",
    "1; SELECT 1",
    "${7*7}",
    "{{7*7}}",
    "/*",
    "--",
    ";",
    "\x00",
    "getenv('HOME')",
    "'||(SELECT text FROM documents LIMIT 1)||'",
    "pg_sleep(9)",
    "]]>",
    "$$;drop$$",
)
FIELDS = ("search", "passage", "host", "language", "outcome", "reason", "rule")
NONSENSE = (
    "sort=url;--",
    "sort=doc_id",
    "sort=(select 1)",
    "order=desc;",
    "page=-1",
    "page=1e9",
    "page=99999999999999999999",
    "page=0x10",
    "page=1000",
    "page=१",
    "nope=1",
    "search=a&search=b",
    "search=" + "a" * 301,
    "page=",
    "__proto__=1",
    "sort[]=url",
    "host[$ne]=x",
)
BOUNDS = (
    "minimum=nan",
    "minimum=inf",
    "minimum=-inf",
    "minimum=1e400",
    "minimum=0)--",
    "minimum=1;drop",
    "maximum=x",
    "seed=-1",
    "seed=1.5",
    "seed=10000",
    "minimum=1&minimum=2",
    "minimum=" + "9" * 299,
    "seed=hash(1)",
)
LONG = ("search=" + "a" * 5_000, "&".join(f"a{number}=b" for number in range(2_000)), "page=" + "0" * 4_500)


def refused(
    client: TestClient, method: str = "GET", path: str = "/", headers: dict[str, str] | None = None, content: bytes = b""
) -> bool:
    answer = client.request(method, path, headers=headers or {}, content=content)
    return answer.status_code in (400, 403, 404, 405, 413, 414, 421, 431) and "gopher_short_doc" not in answer.text


@pytest.mark.parametrize("host", HOSTS)
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert refused(client, headers={"host": host})


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_another_site_is_refused_whatever_it_does(client: TestClient, origin: str, method: str) -> None:
    assert refused(client, method, headers={"origin": origin})


@pytest.mark.parametrize("site", SITES)
def test_a_request_that_the_browser_says_comes_from_elsewhere_is_refused(client: TestClient, site: str) -> None:
    assert refused(client, headers={"sec-fetch-site": site})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/", "/takedown"])
def test_no_method_changes_anything(client: TestClient, method: str, path: str) -> None:
    assert refused(client, method, path)
    assert refused(client, "POST", path, {"x-http-method-override": "GET", "origin": OWN}, b"_method=DELETE")


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leads_to_a_page_or_nowhere(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 414)
    assert "root:" not in answer.text and '"tables"' not in answer.text and not Page(answer.text).strange


@pytest.mark.parametrize("text", SQL)
@pytest.mark.parametrize("field", FIELDS)
def test_sql_in_a_filter_is_a_value_that_nothing_has(client: TestClient, field: str, text: str) -> None:
    answer = client.get("/documents", params={field: text})
    found = re.search(r"<b>(\d+)</b> document", answer.text)
    everything = not text.replace("\0", "").strip()
    assert answer.status_code == 200 and found is not None and (found[1] == "80" if everything else int(found[1]) == 0)
    assert client.get("/documents").text.count("<tr>") == 51, "the tables are as they were"


@pytest.mark.parametrize("query", NONSENSE)
def test_parameters_that_mean_nothing_are_refused_by_name(client: TestClient, query: str) -> None:
    answer = client.get(f"/documents?{query}")
    assert answer.status_code == (200 if query == "page=" else 400)
    assert not Page(answer.text).strange


@pytest.mark.parametrize("query", BOUNDS)
def test_a_bound_is_a_number_within_reach(client: TestClient, query: str) -> None:
    assert client.get(f"/rules/gopher_short_doc?{query}").status_code == 400


@pytest.mark.parametrize("query", LONG)
def test_an_address_beyond_all_measure_is_refused(client: TestClient, query: str) -> None:
    assert refused(client, path=f"/documents?{query}")


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "place",
    [
        "/documents?search",
        "/documents?passage",
        "/documents?host",
        "/documents?reason",
        "/hosts?search",
        "/takedown?url",
        "/findings?rule",
    ],
)
def test_what_is_asked_comes_back_as_text(client: TestClient, place: str, payload: str) -> None:
    path, key = place.split("?")
    answer = client.get(path, params={key: payload})
    assert answer.status_code == 200 and MARK in answer.text and not Page(answer.text).strange


def test_bodies_and_headers_are_bounded(client: TestClient) -> None:
    assert refused(client, content=b"x")
    assert refused(client, headers={"transfer-encoding": "chunked"})
    assert refused(client, headers={f"x-{number}": "y" for number in range(120)})


@pytest.mark.parametrize("address", ["/", "/style.css", "/nope", "/documents?nope=1"])
def test_every_answer_forbids_scripts_frames_and_loads(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'") and "script-src" not in policy
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy and "sandbox" in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers and headers["cache-control"] == "no-store"


@contextmanager
def served(root: Path, other: Path | None = None) -> Iterator[int]:
    """The real server on a real port."""
    index = Index(str(root), None if other is None else str(other))
    listener = server_module._listening(0)
    port = listener.getsockname()[1]
    server = server_module.server_of(application(index, port))
    running = threading.Thread(target=server.run, args=([listener],), daemon=True)
    running.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        running.join(20)
        index.close()


def said(port: int, request: bytes) -> bytes:
    """What the server answers to raw bytes."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(request)
        found = b""
        while block := connection.recv(65536):
            found += block
            if len(found) > 4096:
                break
    return found


def test_raw_requests_that_no_client_would_send(corpus: Path) -> None:
    with served(corpus) as port:
        host, end = f"Host: 127.0.0.1:{port}\r\n".encode(), b"Connection: close\r\n\r\n"
        assert b"200 OK" in said(port, b"GET / HTTP/1.1\r\n" + host + end)
        for request in (
            b"GET http://evil.test/ HTTP/1.1\r\n" + host + end,
            b"GET /../../etc/passwd HTTP/1.1\r\n" + host + end,
            b"GET / HTTP/1.1\r\n" + host + host + end,
            b"GET / HTTP/1.1\r\n" + end,
            b"GET / HTTP/1.0\r\n" + end,
            b"GET / HTTP/1.1\r\nHost: evil.test\r\n" + host + end,
            b"GET / HTTP/1.1\r\n" + host + b"Content-Length: 5\r\n" + end + b"hello",
            b"GET / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n" + end + b"0\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + host + b"Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://evil.test\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + host + b"X: " + b"a" * 40_000 + b"\r\n" + end,
            b"GET / HTTP/1.1\r\n" + host + b"Origin: http://evil.test\r\n" + end,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        ):
            answer = said(port, request)
            assert b" 200 " not in answer.split(b"\r\n")[0], request
            assert b"root:" not in answer


def test_it_listens_on_this_machine_alone(corpus: Path) -> None:
    with served(corpus) as port:
        elsewhere = [
            one[4][0] for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET) if one[4][0] != "127.0.0.1"
        ]
        for address in elsewhere:
            with pytest.raises(OSError):
                socket.create_connection((address, port), 2)
        assert said(port, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()).startswith(
            b"HTTP/1.1 200"
        )


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_a_real_browser_runs_nothing_and_asks_nobody(tmp_path: Path) -> None:
    text = "".join(PAYLOADS) * 3
    make_corpus(tmp_path / "corpus", documents=12, text=text, host="<script>q7z(1)</script>")
    with served(tmp_path / "corpus") as port:
        first = opened(f"http://127.0.0.1:{port}/documents")
        doc_id = re.search(r"/documents/([0-9a-f]{32})", first.document)
        assert doc_id is not None
        others = [
            opened(f"http://127.0.0.1:{port}/{page}") for page in (f"documents/{doc_id[1]}", "hosts", "rules/gopher_short_doc")
        ]
    for page in (first, *others):
        assert (page.console, page.asked_for) == ([], [])
        assert not Page(page.document).strange
    assert MARK in others[0].document and "<h1" in others[2].document
