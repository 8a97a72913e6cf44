"""Every page of the view: it answers, says what the tables say, and shows hostile text as text."""

import re
from itertools import cycle
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from jobs.corpus.files.readers import VIEW, registered
from jobs.corpus.folder import open_corpus
from jobs.inspect.index import Index
from jobs.report.wording import number
from pipeline.errors import CorpusError
from tests.faults.hostile import MARK, PAYLOADS, text_columns
from tests.jobs.inspect.conftest import STAGES, client_of
from tests.jobs.inspect.pages import Page, walked
from tests.jobs.report.report_corpus import make_corpus, write_manifest
from tests.jobs.stored import files, flipped, put, table

PAGES = (
    "/",
    "/rules",
    "/documents",
    "/clusters",
    "/findings",
    "/hosts",
    "/languages",
    "/tokens",
    "/compare",
    "/takedown",
    "/labels",
    "/status",
)


def plain(source: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", source))


def test_every_link_of_every_page_leads_to_a_page(client: TestClient) -> None:
    answers = list(walked(client, 150))
    assert {address for address, status, _ in answers if status != 200} == set()
    kinds = {address.split("?")[0].split("/")[1] for address, _, _ in answers}
    assert kinds >= {page.strip("/") for page in PAGES} and any("/against/" in address for address, _, _ in answers)
    assert {
        address: page.strange for address, _, source in answers if (page := Page(source)).strange and "css" not in address
    } == {}


def test_the_overview_has_the_numbers_of_the_tables(client: TestClient, corpus: Path) -> None:
    opened = open_corpus(str(corpus))
    outcomes = [row["outcome"] for row in table(opened, "outcomes")]
    text = plain(client.get("/").text)
    for outcome in set(outcomes):
        assert re.search(rf"{outcome} {outcomes.count(outcome)} ", text)
    assert f"Documents {len(table(opened, 'documents'))} " in text


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("outcome=kept", lambda row: row["outcome"] == "kept"),
        ("language=de", lambda row: row["language"] == "de"),
        ("page_type=forum", lambda row: row["page_type"] == "forum"),
        ("page_type=none&outcome=kept", lambda row: row["page_type"] is None and row["outcome"] == "kept"),
        ("host=host0.test", lambda row: row["host"] == "host0.test"),
        ("outcome=filtered&reason=gopher_short_doc", lambda row: row["reason"] == "gopher_short_doc"),
        ("search=PAGE/1", lambda row: "page/1" in row["url"]),
        ("search=page/1%20host0", lambda row: "page/1" in row["url"] and "host0" in row["url"]),
        ("search=%25_'", lambda row: False),
    ],
)
def test_a_filter_finds_what_fits_it(client: TestClient, corpus: Path, query: str, fits) -> None:
    opened = open_corpus(str(corpus))
    fates = {row["doc_id"]: row for row in table(opened, "outcomes")}
    languages = {row["doc_id"]: row["language"] for row in table(opened, "measures")}
    rows = [row | fates[row["doc_id"]] | {"language": languages[row["doc_id"]]} for row in table(opened, "documents")]
    expected = {row["doc_id"] for row in rows if fits(row)}
    source = client.get(f"/documents?{query}").text
    assert re.search(rf"<b>{number(len(expected))}</b> document", source)
    assert set(re.findall(r'<td class="crawl"><a href="/documents/([0-9a-f]{32})"', source)) <= expected


def test_leafing_shows_every_document_once_in_the_order_asked_for(client: TestClient, corpus: Path) -> None:
    measured = {row["doc_id"]: row["word_count"] for row in table(open_corpus(str(corpus)), "measures")}
    found = [
        doc_id
        for page in (0, 1)
        for doc_id in re.findall(
            r'<td class="crawl"><a href="/documents/([0-9a-f]{32})"', client.get(f"/documents?sort=word_count&page={page}").text
        )
    ]
    assert sorted(found) == sorted(measured)
    assert [measured[one] for one in found] == sorted(measured.values(), reverse=True)


def test_a_document_shows_edits_findings_and_what_has_no_ink(client: TestClient, corpus: Path) -> None:
    poisoned = next(row["doc_id"] for row in table(open_corpus(str(corpus)), "outcomes") if row["outcome"] == "poisoned")
    found = {row["doc_id"] for row in table(open_corpus(str(corpus)), "findings")}
    kept = next(row["doc_id"] for row in table(open_corpus(str(corpus)), "edits") if row["doc_id"] not in found)
    source = client.get(f"/documents/{poisoned}").text
    assert '<mark class="finding" title="severe: tag_characters">A li</mark>' in source
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&lt;U+202E&gt;&lt;U+200B&gt;" in source
    assert '<del class="edit" title="policy_line is cut">A line of</del>' in client.get(f"/documents/{kept}").text


def test_hostile_strings_in_every_column_are_text_on_every_page(tmp_path: Path) -> None:
    corpus, payloads = tmp_path / "corpus", cycle(PAYLOADS)
    make_corpus(corpus, documents=60)
    columns = text_columns(corpus)
    for name in sorted({name for name, _ in columns}):
        own = [column for other, column in columns if other == name]
        put(corpus, {name: [row | {column: next(payloads) for column in own} for row in table(open_corpus(str(corpus)), name)]})
    write_manifest(corpus, STAGES)
    index = Index(str(corpus), str(corpus))
    try:
        answers = list(walked(client_of(index), 120, PAGES))
        asked = [
            ("/documents", "search"),
            ("/documents", "host"),
            ("/hosts", "search"),
            ("/findings", "rule"),
            ("/takedown", "url"),
        ]
        for payload in PAYLOADS:  # as a question, too
            found = [client_of(index).get(page, params={key: payload}) for page, key in asked]
            answers += [(payload, answer.status_code, answer.text) for answer in found]
    finally:
        index.close()
    assert sum(MARK in source for _, _, source in answers) > 100
    assert {status for _, status, _ in answers} <= {200, 400, 404}
    assert {address: page.strange for address, _, source in answers if (page := Page(source)).strange} == {}


def test_a_corpus_that_changes_is_opened_anew(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    make_corpus(corpus, documents=20)
    index = Index(str(corpus))
    try:
        client = client_of(index)
        assert "<b>20</b> documents" in client.get("/documents").text
        assert [reader.kind for reader in registered(str(corpus), VIEW)] == [VIEW]
        make_corpus(corpus, documents=30)
        assert "<b>30</b> documents" in client.get("/documents").text
        assert [reader.kind for reader in registered(str(corpus), VIEW)] == [VIEW]
    finally:
        index.close()
    assert registered(str(corpus), VIEW) == []


def test_what_is_counted_once_is_counted_anew_once_the_other_corpus_is_another(corpus: Path, tmp_path: Path) -> None:
    make_corpus(tmp_path / "other", documents=70)
    index = Index(str(corpus), str(tmp_path / "other"))
    try:
        client = client_of(index)
        first = client.get("/compare").text
        assert client.get("/compare").text == first
        make_corpus(tmp_path / "other", documents=60)
        assert client.get("/compare").text != first
    finally:
        index.close()


def test_a_damaged_file_is_a_page_that_names_it(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    make_corpus(corpus)
    index = Index(str(corpus))
    try:
        client = client_of(index)
        doc_id = table(open_corpus(str(corpus)), "documents")[0]["doc_id"]
        assert client.get("/").status_code == 200
        damaged = files(open_corpus(str(corpus)), "findings")[0]
        flipped(damaged)
        answer = client.get(f"/documents/{doc_id}")
        assert answer.status_code == 500 and damaged.name in answer.text
    finally:
        index.close()


def test_a_corpus_that_is_not_decided_is_refused_in_a_line(tmp_path: Path) -> None:
    make_corpus(tmp_path / "corpus")
    write_manifest(tmp_path / "corpus", ("ingest",))
    with pytest.raises(CorpusError, match="select"):
        Index(str(tmp_path / "corpus")).ask(lambda opened: opened)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("low=0.2&high=0.4", lambda row: row["quality"] is not None and 0.2 <= row["quality"] <= 0.4),
        ("measure=word_count&low=200", lambda row: row["word_count"] >= 200),
        ("measure=word_count&high=1e2&language=de", lambda row: row["word_count"] <= 100 and row["language"] == "de"),
        ("measure=word_count", lambda row: True),
        ("passage=a+LINE%20%20of+text.+a&language=fr", lambda row: row["language"] == "fr"),
        ("passage=no+page+says+this", lambda row: False),
        ("passage=%25&low=0", lambda row: False),
    ],
)
def test_a_measure_and_a_passage_narrow_the_list(client: TestClient, corpus: Path, query: str, fits) -> None:
    opened = open_corpus(str(corpus))
    expected = {row["doc_id"] for row in table(opened, "measures") if fits(row)}
    source = client.get(f"/documents?{query}").text
    assert re.search(rf"<b>{number(len(expected))}</b> document", source)
    assert set(re.findall(r'<td class="crawl"><a href="/documents/([0-9a-f]{32})"', source)) <= expected
    assert ("… A line of text. A line of text." in source) == ("LINE" in query and bool(expected))


@pytest.mark.parametrize(
    "query", ["low=much", "high=nan", "low=inf", "measure=text", "measure=%22;--&low=1", "measure=doc_id&high=1"]
)
def test_a_bound_of_a_list_is_a_number_of_a_measure(client: TestClient, query: str) -> None:
    assert client.get(f"/documents?{query}").status_code == 400


def test_too_many_texts_are_not_looked_through(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.inspect.questions.MOST_TEXTS", 50)
    assert "these are 80: choose" in client.get("/documents?passage=line").text
    assert "these are" not in client.get("/documents?passage=line&page_type=forum").text
