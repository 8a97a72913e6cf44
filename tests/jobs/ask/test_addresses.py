"""Addresses as people write them: what is found, what is only proposed, and what never is."""

import pytest
from typer.testing import CliRunner

from jobs.ask.explain import meant
from jobs.ask.quoted import quoting
from jobs.commands.app import app
from jobs.corpus.addresses import candidates, spelling
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.views import connect
from jobs.takedown.reach.reach import find
from jobs.takedown.reach.request import Request
from pipeline.errors import BrokenPromise, UsageError
from pipeline.urls import host_of
from tests.jobs.report.report_corpus import make_corpus, write_manifest
from tests.jobs.stored import put, table

HELD = {
    0: "http://www.almanac.test/Bread.html",
    1: "http://almanac.test/tides/",
    2: "https://almanac.test/tides",
    3: "http://almanac.test/a?b=1",
    4: "http://other.test/bread.html",
}
QUOTE = "The Harbour, at seven in the morning, lay silver & still beneath gulls"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("addresses") / "C"
    make_corpus(folder)
    documents = table(open_corpus(str(folder)), "documents")
    for number, url in HELD.items():
        documents[number] |= {"url": url, "host": host_of(url)}
    documents[7]["text"] = f"Before.\n{QUOTE}, and after it came the rain."
    put(folder, {"documents": documents})
    rejected = table(open_corpus(str(folder)), "rejects")
    rejected[1]["url"] = "http://gone.test/Old/"
    put(folder, {"rejects": rejected})
    write_manifest(folder, ("ingest", "filter", "scan", "dedup", "select", "tokenizer", "shard"))
    return open_corpus(str(folder))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("https://www.almanac.test/Bread.html", [HELD[0]]),
        ("http://almanac.test/bread.html", [HELD[0]]),
        ("almanac.test/bread.html#crust", [HELD[0]]),
        (" HTTPS://WWW.ALMANAC.TEST/BREAD.HTML/ ", [HELD[0]]),
        ("http://www.almanac.test/tides", [HELD[1], HELD[2]]),
        (HELD[1], [HELD[2]]),
        ("https://gone.test/old", ["http://gone.test/Old/"]),
        ("http://almanac.test/a?b=2", []),
        ("http://almanac.test/", []),
        ("http://sub.almanac.test/bread.html", []),
        ("'; DROP TABLE documents; --", []),
        ("", []),
    ],
)
def test_other_spellings_of_an_address_are_its_candidates(corpus: Corpus, asked: str, expected: list[str]) -> None:
    with connect(corpus) as database:
        assert candidates(database, asked) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.test/x", "http://a.test/y"),
        ("http://a.test/?q=1", "http://a.test/?q=2"),
        ("http://a.test/x", "http://b.test/x"),
        ("http://a.test:8080/x", "http://a.test/x"),
    ],
)
def test_two_addresses_are_not_one_spelling(one: str, other: str) -> None:
    assert spelling(one) != spelling(other)


def test_looking_takes_the_one_candidate_and_no_choice_between_two(corpus: Corpus) -> None:
    with connect(corpus) as database:
        assert meant(database, "https://almanac.test/bread.html") == HELD[0]
        assert meant(database, HELD[1]) == HELD[1]
        assert meant(database, "http://www.almanac.test/tides") == "http://www.almanac.test/tides"
    said = CliRunner().invoke(app, ["explain", corpus.root, "http://www.almanac.test/tides"])
    assert isinstance(said.exception, BrokenPromise)
    assert f"{HELD[1]}, {HELD[2]}. Name one of these" in str(said.exception)
    said = CliRunner().invoke(app, ["explain", corpus.root, "https://almanac.test/bread.html"])
    assert said.exit_code == 0 and f"this is {HELD[0]}" in said.output.replace("\n", "")


def test_a_takedown_names_candidates_and_takes_none_of_them(corpus: Corpus) -> None:
    """Until 2026-11 it said "nowhere" of https:// where http:// was held: an answer that legal would have passed on."""
    with connect(corpus) as database:
        with pytest.raises(BrokenPromise, match=r"as written; what is there: http://www\.almanac\.test/Bread\.html\. Name one"):
            find(corpus, database, Request(urls=("https://www.almanac.test/Bread.html",)), read_texts=False)
        with pytest.raises(BrokenPromise, match="nor one that differs"):
            find(corpus, database, Request(urls=("http://almanac.test/never",)), read_texts=False)


def test_names_of_a_list_that_are_nowhere_are_told_beside_what_was_found(corpus: Corpus) -> None:
    """Until 2026-11 they were passed over in silence where another name of the request was found."""
    request = Request(urls=(HELD[0], "http://almanac.test/tides"), hosts=("nobody.test",), snippets=("no text has these words",))
    with connect(corpus) as database:
        reach = find(corpus, database, request, read_texts=False)
    assert [page.url for page in reach.pages][:1] == [HELD[0]]
    assert [(one.asked, one.candidates) for one in reach.missing] == [
        ("http://almanac.test/tides", [HELD[1], HELD[2]]),
        ("nobody.test", []),
        ("a piece of text that was given", []),
    ]


@pytest.mark.parametrize(
    "text",
    [
        QUOTE,
        "at seven in the morning lay silver still beneath",
        "AT SEVEN, in the MORNING (lay) silver-still — beneath… gulls! and so on",
    ],
)
def test_a_quoted_passage_is_found_whatever_its_case_and_punctuation(corpus: Corpus, text: str) -> None:
    held = table(corpus, "documents")[7]
    with connect(corpus) as database:
        (found,) = quoting(database, text)
    assert found.doc_id == held["doc_id"] and held["text"][found.start :].startswith(found.longest)
    assert found.longest.startswith(("The Harbour", "at seven"))


def test_seven_words_are_too_few_and_others_are_not_found(corpus: Corpus) -> None:
    with connect(corpus) as database:
        with pytest.raises(UsageError, match="at least 8 words"):
            quoting(database, "at seven in the morning lay silver")
        assert quoting(database, "at six in the evening lay golden and moving above terns") == []
