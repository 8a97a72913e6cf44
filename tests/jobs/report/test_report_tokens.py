"""The report's section on the tokenizer: which tokens it points at, and that a token can do no harm there."""

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.corpus.folder import open_corpus
from jobs.report.store import open_store
from jobs.report.tokens import by_host, by_language, looked_at
from jobs.report.wording import token
from tests.jobs.report.report_corpus import HOSTILE, make_corpus, report
from tests.jobs.stored import put
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.vocabulary import read_tokenizer, tokenizer_json

UNSEEN = "\u202e\u200b".encode()
VOCABULARY = [b"", b"a", b" planted", b" the", b"\xe6\x96", UNSEEN, b" 2024", b"</td>", b"----", b" planted page"]
PLANTED, THE = 2, 3


def counted(token: int, occurrences: int, **changes: Any) -> dict[str, Any]:
    spread = {"documents": occurrences, "hosts": 9, "clusters": occurrences, "top_host": "host0.test", "top_host_occurrences": 1}
    return {"token": token, "occurrences": occurrences} | spread | changes


def write_counts(corpus: Path, rows: list[dict[str, Any]]) -> None:
    put(corpus, {"token_counts": rows})


def look(corpus: Path, rows: list[dict[str, Any]]) -> dict[str, Any]:
    make_corpus(corpus)
    write_counts(corpus, rows)
    with open_store(open_corpus(str(corpus))) as store:
        found = looked_at(store, VOCABULARY)
    assert found is not None
    return found


def examples(row: dict[str, Any]) -> list[bytes]:
    return [one["bytes"] for one in row["examples"]]


def test_strange_tokens_are_reported_by_kind(tmp_path: Path) -> None:
    found = look(tmp_path, [counted(number, 40) for number in range(1, 9)])
    kinds = {row["name"].split(":")[0]: examples(row) for row in found["kinds"]}
    assert kinds == {
        "never used": [b" planted page"],
        "used less than 10 times": [],
        "parts of characters": [b"\xe6\x96"],
        "control, invisible and replacement characters": [UNSEEN],
        "numbers of three digits and more": [b" 2024"],
        "markup and addresses": [b"</td>"],
        "runs of signs or spaces": [b"----"],
    }


def test_single_bytes_and_special_tokens_are_not_looked_at(tmp_path: Path) -> None:
    found = look(tmp_path, [])
    assert found["learned"] == len(VOCABULARY) - 2
    assert b"a" not in examples(found["kinds"][0]) + [one["bytes"] for one in found["longest"]]


@pytest.mark.parametrize(
    ("changes", "dominates"),
    [
        ({"top_host_occurrences": 90}, True),
        ({"top_host_occurrences": 89}, False),
        ({"top_host_occurrences": 100, "hosts": 1}, True),
        ({"occurrences": 49, "top_host_occurrences": 49}, False),
        ({"occurrences": 50, "top_host_occurrences": 45}, True),
    ],
)
def test_a_host_dominates_from_ninety_percent_of_fifty(tmp_path: Path, changes: dict[str, int], dominates: bool) -> None:
    found = look(tmp_path, [counted(PLANTED, 100) | changes, counted(THE, 5000)])
    assert [(row["host"], examples(row)) for row in found["hosts"]] == ([("host0.test", [b" planted"])] if dominates else [])


def test_the_only_host_dominates_nothing(tmp_path: Path) -> None:
    make_corpus(tmp_path, host="only.test")
    write_counts(tmp_path, [counted(PLANTED, 100, top_host="only.test", top_host_occurrences=100, hosts=1)])
    with open_store(open_corpus(str(tmp_path))) as store:
        found = looked_at(store, VOCABULARY)
    assert found is not None
    assert found["hosts"] == []


def test_merges_of_one_page_or_its_copies_are_told_apart(tmp_path: Path) -> None:
    once, copies = look(tmp_path, [counted(PLANTED, 70, documents=1, clusters=1), counted(THE, 60, clusters=1), counted(4, 60)])[
        "supports"
    ]
    assert (examples(once), examples(copies)) == ([b" planted"], [b" the"])


def test_languages_have_bytes_a_token_fertility_and_what_is_published_of_gpt2(tmp_path: Path) -> None:
    make_corpus(tmp_path)
    with open_store(open_corpus(str(tmp_path))) as store:
        languages, hosts = by_language(store), by_host(store)
        words = store.row("select sum(word_count) as n from pages where outcome = 'kept' and language = 'en'")["n"]
    english = next(row for row in languages if row["name"] == "en")
    assert english["bytes_per_token"] == len("A line of text.\n" * 20) / 90
    assert english["tokens_per_word"] == pytest.approx(english["tokens"] / words)
    assert {row["name"]: row["gpt2"] for row in languages if row["gpt2"]} == {"en": 4.67}
    assert sum(row["tokens"] for row in languages) == sum(row["tokens"] for row in hosts) == 20 * 90


def test_tokens_are_escaped_and_their_invisible_characters_spelled_out(tmp_path: Path) -> None:
    make_corpus(tmp_path)
    words = pa.array([HOSTILE.encode()], pa.binary())
    learned = tokenizer_json(learn(words, pa.array([99]), TokenizerSettings(vocabulary_size=400)))
    put(tmp_path, texts={"tokenizer": learned})
    tokens = read_tokenizer(learned).tokens
    whole = tokens.index(HOSTILE.encode())
    write_counts(tmp_path, [counted(whole, 99, top_host=HOSTILE, top_host_occurrences=99)])
    source = report(tmp_path)
    section = source[source.index('<section id="tokenizer">') : source.index('<section id="inputs">')]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&lt;U+202E&gt;&lt;U+200B&gt;" in section
    assert "<script" not in source
    assert not set("\u202e\u200b\U000e0041") & set(source)


def test_a_corpus_whose_tokens_were_not_counted_still_shows_the_longest(tmp_path: Path) -> None:
    make_corpus(tmp_path)
    source = report(tmp_path)
    section = source[source.index('<section id="tokenizer">') : source.index('<section id="inputs">')]
    assert re.search(r"The longest tokens.*um", section, re.DOTALL)
    assert "Tokens to look at twice" not in section


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b" the", "␣the"),
        (b"\n\t", "<U+000A><U+0009>"),
        (b" \xe6\x96", "␣<E6><96>"),
        ("文字".encode(), "文字"),
        ("\u202eb".encode(), "<U+202E>b"),
        (b"-" * 99, "-" * 60 + "…"),
        (b"-" * 60, "-" * 60),
    ],
)
def test_a_token_is_spelled_as_it_is(data: bytes, expected: str) -> None:
    assert token(data) == expected
