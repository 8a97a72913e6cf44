"""The one thing in the view that writes takes a form of its own and nothing else."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from jobs.inspect.index import Index
from jobs.quality.labels import Label
from tests.faults.hostile import MARK, PAYLOADS
from tests.jobs.inspect.conftest import PORT, STAGES, client_of
from tests.jobs.inspect.pages import Page
from tests.jobs.report.report_corpus import make_corpus, write_manifest
from tests.jobs.stored import table

OWN = {"origin": f"http://127.0.0.1:{PORT}", "sec-fetch-site": "same-origin"}
Form = dict[str, str]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    make_corpus(tmp_path / "C", documents=12)
    write_manifest(tmp_path / "C", STAGES)
    opened = Index(str(tmp_path / "C"))
    yield opened
    opened.close()


@pytest.fixture
def client(index: Index) -> TestClient:
    return client_of(index)


@pytest.fixture
def form(index: Index, client: TestClient) -> Form:
    """As the page of a document has it, filled in."""
    doc_id = index.ask(lambda opened: opened.store.rows("select min(doc_id) as one from pages")[0]["one"])
    source = client.get(f"/documents/{doc_id}?person=ann").text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', source))
    assert hidden.keys() == {"token", "doc_id"} and not Page(source).strange
    return {name: html.unescape(value) for name, value in hidden.items()} | {
        "person": "ann",
        "label": "drop",
        "reason": "an index",
    }


def test_a_label_is_written_beside_the_corpus_and_shown(client: TestClient, index: Index, form: Form, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (tmp_path / "C").rglob("*") if path.is_file() and "readers" not in path.parts}
    answer = client.post("/labels", data=form, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/documents/{form['doc_id']}?person=ann#label")
    assert index.labels is not None and index.labels.all() == [Label(form["doc_id"], "ann", 0, "an index")]
    assert set(tmp_path.iterdir()) == {tmp_path / "C", tmp_path / "C.labels.jsonl"}
    assert {path: path.read_bytes() for path in before} == before
    shown = client.get(answer.headers["location"]).text
    assert "an index" in shown and re.search(r'<option value="drop" selected>', shown)
    client.post("/labels", data=form | {"person": "bob", "label": "keep"}, headers=OWN)
    overview = client.get("/labels?person=bob").text
    assert "ann" in overview and ">0.0 %<" not in overview and form["doc_id"] in overview and not Page(overview).strange


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://evil.test"}, 403),
        ({"origin": f"https://127.0.0.1:{PORT}"}, 403),
        (OWN | {"sec-fetch-site": "cross-site"}, 403),
        (OWN | {"sec-fetch-site": "same-site"}, 403),
        (OWN | {"host": "evil.test"}, 421),
        (OWN | {"content-type": "application/json"}, 415),
        (OWN | {"content-type": "text/plain"}, 415),
        (OWN | {"content-type": "multipart/form-data; boundary=x"}, 415),
    ],
)
def test_a_form_from_elsewhere_is_refused(client: TestClient, index: Index, form: Form, headers: Form, status: int) -> None:
    assert client.post("/labels", data=form, headers=headers).status_code == status
    assert index.labels is not None and not index.labels.path.exists()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"token": ""}, 403),
        ({"token": "A" * 43}, 403),
        ({"doc_id": "0" * 32}, 404),
        ({"doc_id": "../../etc/passwd"}, 400),
        ({"doc_id": "'; DROP TABLE pages; --"}, 400),
        ({"person": ""}, 400),
        ({"person": "a" * 41}, 400),
        ({"label": "perhaps"}, 400),
        ({"reason": "r" * 201}, 400),
        ({"reason": "r" * 5000}, 413),
        ({"another": "field"}, 400),
    ],
)
def test_a_form_that_is_none_of_ours_writes_nothing(
    client: TestClient, index: Index, form: Form, change: Form, status: int
) -> None:
    answer = client.post("/labels", data=form | change, headers=OWN)
    assert answer.status_code == status and "Traceback" not in answer.text
    assert index.labels is not None and not index.labels.path.exists()


@pytest.mark.parametrize("body", [b"", b"token", b"\xff=\xff", b"a=1&a=2", b"&".join(b"a=b" for _ in range(900))])
def test_a_body_that_means_nothing_is_refused(client: TestClient, body: bytes) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/labels", content=body, headers=OWN | kind).status_code in (400, 403)


@pytest.mark.parametrize("path", ["/", "/documents", "/takedown", "/status", "/labels/", "/labels/x", "/style.css"])
def test_no_other_address_takes_a_form(client: TestClient, form: Form, path: str) -> None:
    assert client.post(path, data=form, headers=OWN).status_code == 405


def test_the_token_of_an_earlier_start_is_worth_nothing(index: Index, form: Form) -> None:
    other = Index(index.root)
    try:
        assert client_of(other).post("/labels", data=form, headers=OWN).status_code == 403
    finally:
        other.close()


def test_what_people_write_is_shown_as_text(client: TestClient, form: Form) -> None:
    for payload in PAYLOADS:
        written = client.post("/labels", data=form | {"reason": payload, "person": payload[:40].strip()}, headers=OWN)
        assert written.status_code in (303, 400)
    for address in ("/labels", f"/documents/{form['doc_id']}"):
        source = client.get(address).text
        assert MARK in source and not Page(source).strange


def test_everybody_is_given_the_same_pages_without_those_judged(client: TestClient, form: Form) -> None:
    def waiting(person: str) -> list[str]:
        return re.findall(r"/documents/([0-9a-f]{32})\?person=", client.get(f"/labels?person={person}").text)

    first = waiting("ann")
    assert first == waiting("bob") and len(first) == 12
    client.post("/labels", data=form | {"doc_id": first[0]}, headers=OWN)
    assert waiting("ann") == first[1:] and waiting("bob") == first


def test_the_status_page_says_what_is_being_done(client: TestClient, index: Index, tmp_path: Path) -> None:
    assert "tells nothing" in client.get("/status").text
    assert len(table(index.ask(lambda opened: opened.corpus), "documents")) == 12
