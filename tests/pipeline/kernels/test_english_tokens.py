"""Tokens as spaCy cuts English: what its rules say of single chunks, and the counts against their slow twin."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.arrays import flatten
from pipeline.kernels.quality.english_affixes import english_rules
from pipeline.kernels.quality.english_tokens import count_english_tokens
from tests.reference.english_tokens import english_tokens, is_letter

# What spaCy 3.8's blank English answered.
CUT = {
    "(etc.),": ["(", "etc", ".", ")", ","],
    "don't": ["do", "n't"],
    "It's": ["It", "'s"],
    "cannot": ["can", "not"],
    "key=value": ["key", "=", "value"],
    "well-known": ["well", "-", "known"],
    "__init__": ["_", "_", "init", "_", "_"],
    "/etc/apt": ["/etc", "/", "apt"],
    "--force": ["--force"],
    "sys.stdout": ["sys.stdout"],
    "end.Start": ["end", ".", "Start"],
    "http://a.example/b-c": ["http://a.example/b-c"],
    "me@a.example": ["me@a.example"],
    "2010-2012": ["2010", "-", "2012"],
    "10MB": ["10", "MB"],
    "U.S.": ["U.S."],
    "e.g.": ["e.g."],
    "Wait...": ["Wait", "..."],
    "a,b": ["a", ",", "b"],
    "x+1": ["x+1"],
    "$5": ["$", "5"],
    "©2007": ["©", "2007"],
}
PARTS = [
    *("a", "Word", "don", "'", "’", "t", "n't", ".", "..", ",", "-", "--", "—", "/", "://", "@", "=", "5", "10", "km", "é", "文"),
    *(
        "(",
        ")",
        "[",
        "]",
        "_",
        "#",
        "$",
        "+",
        "*",
        "°",
        "©",
        "e.g.",
        "cannot",
        "St.",
        "example",
        "co",
        ":",
        "80",
        "?",
        "…",
        "\u0301",
    ),
    *(" ", " ", "\n", "\u3000", "\x00", "A", "B.", "192.168.1.1", "8.8.8.8", "~", "<", ">", "²", "%"),
]
texts = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PARTS), max_size=25).map("".join))


def counted(*rows: str) -> list[list[int]]:
    english = np.ones(len(rows), bool)
    return count_english_tokens(*flatten(pa.array(rows, pa.string())), english, english_rules()).tolist()


@pytest.mark.parametrize(("chunk", "expected"), CUT.items())
def test_a_chunk_is_cut_as_spacy_cuts_it(chunk: str, expected: list[str]) -> None:
    assert english_tokens(chunk) == expected
    assert counted(chunk) == [[len(expected), sum(any(map(is_letter, token)) for token in expected)]]


@given(st.lists(texts, max_size=4))
def test_counts_equal_their_slow_twin(rows: list[str]) -> None:
    tokens = [english_tokens(row) for row in rows]
    assert counted(*rows) == [[len(one), sum(any(map(is_letter, token)) for token in one)] for one in tokens]


def test_only_rows_that_are_english_are_cut() -> None:
    flat = flatten(pa.array(["one two", "un deux"]))
    assert count_english_tokens(*flat, np.array([True, False]), english_rules()).tolist() == [[2, 2], [0, 0]]


@pytest.mark.parametrize("mark", [".", "(", "_", "@", "a.", "'", "1-", "=a"])
def test_a_chunk_of_megabytes_takes_no_longer_by_the_byte(mark: str) -> None:
    """Each end of a chunk is looked at once: affixes, addresses and infixes are linear."""
    import time

    def seconds(size: int) -> float:
        started = time.process_time()
        counted(mark * (size // len(mark)))
        return time.process_time() - started

    seconds(1000)
    assert seconds(2_000_000) < 40 * max(seconds(200_000), 0.002)
