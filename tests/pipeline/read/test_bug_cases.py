"""Inputs that were once read wrongly, kept beside the checkout with what is right about each; skipped where they are not."""

from pathlib import Path
from typing import Any

import pytest

from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.instants import instant
from pipeline.read import ingest
from pipeline.urls import url_key
from tests.paths import SHARED

CASES = SHARED / "cases" / "bugs" if SHARED else None
pytestmark = pytest.mark.skipif(CASES is None or not CASES.is_dir(), reason="needs shared/cases/bugs beside the checkout")
SETTINGS = ingest_settings(Recipe())
Rows = list[dict[str, Any]]


def read(file: Path) -> tuple[Rows, Rows]:
    """(documents, rejects) of one file."""
    with file.open("rb") as stream:
        parts = list(ingest.ingest_file(stream, str(file), SETTINGS))
    return [row for part in parts for row in part.documents.to_pylist()], [
        row for part in parts for row in part.rejects.to_pylist()
    ]


def case(name: str, file: str = "input.warc.gz") -> tuple[Rows, Rows]:
    assert CASES is not None
    (folder,) = CASES.glob(f"{name}*")
    return read(folder / file)


def whole_pages(documents: Rows) -> list[str]:
    """Last parts of the addresses whose text begins and ends as all generated pages do: a capital, and a full stop."""
    return [row["url"].rsplit("/", 1)[1] for row in documents if row["text"][0].isupper() and row["text"].endswith(".")]


@pytest.mark.parametrize(
    ("name", "pages"), [("01", 15), ("02", 5), ("03", 7), ("05", 9)], ids=["content-type", "repeated", "codings", "interim"]
)
def test_every_page_that_a_browser_shows_is_read_whole(name, pages):
    documents, rejects = case(name)
    assert (len(documents), rejects) == (pages, [])
    assert len(whole_pages(documents)) == pages


def test_the_last_repeated_type_gives_the_charset():
    documents, _ = case("02")
    (polish,) = [row for row in documents if row["url"].endswith("ct-then-charset")]
    assert polish["text"] == "Zażółć gęślą jaźń, pchnąć w tę łódź jeża lub ośm skrzyń fig."
    assert (polish["charset"], polish["charset_source"]) == ("iso-8859-2", "http")


def test_wrong_trailers_and_cuts_give_the_body():
    documents, rejects = case("04")
    assert [row["url"].rsplit("/", 1)[1] for row in documents] == ["bad-crc", "damaged-middle", "bad-adler", "cut"]
    assert rejects == []
    assert {"bad-crc", "bad-adler"} <= set(whole_pages(documents))


def test_what_crawlers_write_about_themselves_is_no_page():
    documents, rejects = case("06")
    assert [row["url"] for row in documents] == ["http://example.org/u"]
    reasons = {row["url"]: row["reason"] for row in rejects if row["record_type"] == "resource"}
    assert [reason for url, reason in reasons.items() if not url.startswith("http")] == ["crawler_record"] * 4


def test_charsets_are_read_as_browsers_read_them():
    documents, rejects = case("10")
    texts = {row["url"].rsplit("/", 1)[1]: row["text"] for row in documents}
    assert rejects == []
    assert {name: text for name, text in texts.items() if len(text) < 60} == {
        "late-meta-latin2": "Wczoraj poszłem nad łąkę, gdzie śpiewały żaby.",
        "late-meta-1255": "שלום עולם",
        "late-meta-874": "สวัสดี",
        "late-meta-big5": "昨天我去河邊看魚。",
        "late-meta-sjis": "昨日は川へ行きました。",
        "meta-entity-dash": "Größe, süß, Käse",
        "plain-latin1-last-char": "Nous avons attendu, puis le vent est tombé",
    }
    assert "Grüße und Käse, süße Träume" in texts["mixed-tail"]
    assert texts["nfd"].startswith("Cafe\u0301 U\u0308ber")
    assert texts["two-bom"].startswith("Every wooden kettle")
    assert texts["bom16-actually-8"].startswith("Some distant saddle")


def test_one_bad_byte_in_declared_utf8_costs_itself():
    documents, _ = case("23")
    assert {(row["charset"], row["charset_source"]) for row in documents} == {("utf-8", "http")}
    texts = {row["url"].rsplit("/", 1)[1]: row["text"] for row in documents}
    assert texts["nbsp-1"] == "It’s late by the mill.\n\none\ufffdstray"
    assert texts["german"] == "Grüße, Käse, süße Träume\n\nGr\ufffdsse"
    assert texts["cut-sequence"].endswith("mill.\n\none\ufffdstray")
    assert texts["emoji-cesu8"].endswith("smile " + "\ufffd" * 6)


@pytest.mark.parametrize(("name", "pages"), [("07", 9), ("08", 13), ("22", 14)], ids=["xhtml", "shadow roots", "swallowed"])
def test_no_page_is_lost_to_an_element_that_hides(name, pages):
    documents, rejects = case(name)
    assert [row["url"] for row in rejects if row["record_type"] == "response"] == []
    assert len(documents) == pages
    assert all(len(row["text"]) > 1500 for row in documents)


def test_pages_that_a_small_element_swallowed_have_their_four_paragraphs():
    documents, _ = case("22")
    assert {row["url"].rsplit("/", 1)[1]: len(row["text"].split("\n\n")) for row in documents} == dict.fromkeys(
        (row["url"].rsplit("/", 1)[1] for row in documents), 4
    )


def test_placeholders_are_no_addresses():
    documents, _ = case("11", "input.jsonl")
    assert {url_key(row["url"]) for row in documents if row["url"]} == {None}


def test_routes_have_keys_of_their_own_and_chapters_have_not():
    documents, _ = case("12", "input.jsonl")
    keys = {row["record_id"]: url_key(row["url"]) for row in documents}
    routes = [key for name, key in keys.items() if name[0] in "fg"]
    assert len(set(routes)) == len(routes) == 5
    assert {key for name, key in keys.items() if name[0] == "c"} == {"books.example/book.html"}


def test_hosts_are_those_that_browsers_ask_for():
    documents, _ = case("13", "input.jsonl")
    assert {row["record_id"]: row["host"] for row in documents} == {
        "1": "xn--strae-oqa.example", "3": "xn--strae-oqa.example", "4": "xn--nxasmm1c.example", "6": "xn--5rww779f.example",
        "7": "xn--vjqw2s.example", "9": "xn--mnchen-3ya.example", "10": "xn--mnchen-3ya.example",
        "12": "xn--mgba3gch31f.example", "13": "m.example",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "file"), [("14", "input.jsonl"), ("15", "input.warc.gz")])
def test_the_newer_of_two_fetches_has_the_later_instant(name, file):
    documents, _ = case(name, file)
    fetches: dict[str, list[dict[str, Any]]] = {}
    for row in documents:
        fetches.setdefault(row["url"], []).append(row)
    newest = {url: max(rows, key=lambda row: instant(row["fetched_at"]) or 0) for url, rows in fetches.items() if len(rows) > 1}
    if file.endswith("jsonl"):
        assert [row["record_id"].endswith("-new") for row in newest.values()] == [True] * 6
    else:
        found = {url.rsplit("/", 1)[1]: row["fetched_at"] for url, row in newest.items()}
        assert found == {"frac": "2026-03-01T10:00:00.900000000Z", "14": "20260301100000", "offset": "2026-03-01T10:30:00+00:00"}


def test_odd_lines_of_json_give_their_texts():
    documents, rejects = case("16", "input.jsonl")
    assert [row["reason"] for row in rejects] == ["no_text", "no_text"]  # text is null there, and a number
    found = {row["record_id"]: row for row in documents}
    assert {name: row["url"] for name, row in found.items() if row["url"]} == {
        "meta-dict": "https://meta.example/dict", "meta-wins": "https://meta.example/wins", "uri": "https://uri.example/",
    }  # fmt: skip
    assert found["latin1"]["text"].startswith("café Some")
    assert {
        "huge-int",
        "nan",
        "surrogate",
        "bad-meta",
        "content",
        "raw_content",
        "u2028",
        "rs",
        "cr",
        "html-null",
    } <= found.keys()


def test_names_do_not_decide_what_a_file_is():
    assert CASES is not None
    (folder,) = CASES.glob("17*")
    files = sorted(file for file in folder.iterdir() if file.name != "README")
    texts = [[row["text"] for row in read(file)[0]] for file in files]
    assert (len(texts), len(texts[0])) == (8, 3)
    assert texts == [texts[0]] * 8


def test_parquet_of_any_writer_gives_its_texts():
    assert CASES is not None
    (folder,) = CASES.glob("18*")
    counts = {file.stem: len(read(file)[0]) for file in folder.glob("*.parquet")}
    assert {name for name, count in counts.items() if count != 3} == {"empty", "all-null-text", "list-text"}
    mapped, _ = read(folder / "map-metadata.parquet")
    assert [row["url"] for row in mapped] == [f"https://pm.example/{number}" for number in range(3)]
    zoned, _ = read(folder / "bad-tz.parquet")
    assert {instant(row["fetched_at"]) for row in zoned} == {10**15}


def test_code_and_tables_keep_their_lines_and_cells():
    documents, _ = case("09")
    ends = {row["url"].rsplit("/", 1)[1]: row["text"].rpartition(".\n\n")[2] for row in documents}
    code = "def f(x):\n    if x:\n        return 1\n    return 2"
    assert {name: ends[name] for name in ("pre", "pre-span-lines", "pre-div-lines", "code-rows", "textarea")} == dict.fromkeys(
        ("pre", "pre-span-lines", "pre-div-lines", "code-rows", "textarea"), code
    )
    assert ends["thead"] == "Cap\n\nK | V\na | 1\nb |"
    assert ends["math"] == "If a=b^{2} then done."
