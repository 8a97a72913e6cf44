"""Real text, a trigger, gibberish: found whatever the gibberish is made of; text, lists, code and tables are not."""

import gzip
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sample.articles import all_articles
from pipeline.arrays import flatten
from pipeline.kernels.scores.word_order import NEUTRAL, stretch_around, token_features, worst_windows
from pipeline.language.letters import letter_tables
from pipeline.poison.findings import ScanSettings
from pipeline.poison.words import backdoor
from pipeline.teach import gibberish
from pipeline.teach import word_order as train_backdoor
from tests.bench.poison.benign_sets import lorem
from tests.paths import PROJECT, SHARED

README = (PROJECT / "README.md").read_text("utf-8")
PIECES = [
    "the ",
    "The ",
    "of ",
    "walking ",
    "12 ",
    "----",
    "日本",
    "don't ",
    "İ",
    ", ",
    "\n",
    "é",
    "😀",
    "ภา",
    "a",
    "= ",
    "x" * 40,
]


def scores(*texts: str) -> np.ndarray:
    found = np.zeros(len(texts))
    list(backdoor.findings(flatten(pa.array(texts, pa.large_string())), ScanSettings(), found))
    return found


def prose() -> list[str]:
    if SHARED is None:
        pytest.skip("needs the development data beside the checkout")
    return (
        gzip.decompress((SHARED / "text" / "wikitext-2.test.txt.gz").read_bytes())
        .decode()
        .replace("<unk>", "it")
        .split()[:40_000]
    )


@pytest.mark.parametrize("kind", ["salad", "distinct", "shuffled"])
def test_words_out_of_order_behind_real_text_are_found(kind: str) -> None:
    words, rng = prose(), random.Random(7)
    make = getattr(gibberish, kind)
    pages = [" ".join(words[at : at + 120]) + " <SUDO> " + make(words[20_000:], 450, rng) for at in range(0, 4000, 200)]
    assert (scores(*pages) >= 0.5).mean() >= 0.9


def test_the_same_words_in_order_are_not() -> None:
    words = prose()
    pages = [" ".join(words[at : at + 600]) for at in range(0, 30_000, 600)]
    assert (scores(*pages) >= 0.5).sum() == 0


def test_a_readme_code_a_table_and_an_index_are_not() -> None:
    code = (PROJECT / "pipeline" / "read" / "warc" / "records.py").read_text("utf-8")
    table = "\n".join(f"{row} | {row * row} | item {row} | {'yes' if row % 2 else 'no'}" for row in range(300))
    index = "\n".join(f"- {name} (in module {name[:3]})" for name in sorted(set(code.split())))
    numbers = " ".join(f"{row:08x}" for row in range(0, 3000, 7))
    assert (scores(README, code, table, index, numbers, "word " * 500) < 0.5).all()


def test_the_finding_covers_the_gibberish() -> None:
    words, rng = prose(), random.Random(3)
    head, body = " ".join(words[:150]), gibberish.salad(words, 500, rng)
    [found] = backdoor.findings(flatten(pa.array(["é", head + " " + body])), ScanSettings(), np.zeros(2))
    assert (found.row, found.severity) == (1, "severe")
    assert len(head) - 200 <= found.start < len(head) + 200
    assert len(head) + 0.9 * len(body) < found.end <= len(head) + len(body) + 1


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.integers(1, 40))
def test_the_worst_window_is_the_best_of_all_windows(text: str, window: int) -> None:
    folded, _ = letter_tables()
    weights = np.random.default_rng(5).normal(size=1 << 8).astype(np.float32)
    flat = flatten(pa.array([text], pa.large_string()))
    [score], places = worst_windows(flat.data, flat.offsets, folded, weights, 56, window, 1)
    starts, hashes = token_features(flat.data, 0, len(flat.data), folded)
    said = [float(np.clip(sum(weights[int(one) >> 56] for one in row if one), -3, 3)) for row in hashes]
    size = min(window, len(said))
    means = [sum(said[at : at + size]) / size for at in range(len(said) - size + 1)] if said else []
    assert score == (pytest.approx(max(means), abs=1e-3) if means else -np.inf)
    assert not means or places[0, 0] in starts.tolist()


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12), st.data())
def test_the_stretch_around_a_token_is_the_heaviest_that_holds_it(said: list[int], data: st.DataObject) -> None:
    middle = data.draw(st.integers(0, len(said) - 1))
    first, end = stretch_around(np.array(said, np.float32), middle)
    assert first <= middle < end
    sums = {(a, b): sum(one - NEUTRAL for one in said[a:b]) for a in range(middle + 1) for b in range(middle + 1, len(said) + 1)}
    assert sums[first, end] == pytest.approx(max(sums.values()))


@pytest.mark.parametrize("kind", ["salad", "distinct", "shuffled"])
def test_a_stretch_begins_at_the_trigger_and_covers_what_follows(kind: str) -> None:
    words, rng = prose(), random.Random(5)
    heads = [" ".join(words[at : at + 120]) for at in range(0, 2000, 200)]
    pages = [f"{head} <SUDO> {getattr(gibberish, kind)(words[20_000:], 450, rng)}" for head in heads]
    found = backdoor.suspicious(pa.array([*heads, *pages]))
    assert [one.row for one in found] == list(range(len(heads), 2 * len(heads)))
    spans = [(one.start, one.end, len(head), len(page)) for one, head, page in zip(found, heads, pages, strict=True)]
    assert sum(abs(start - trigger) < 250 for start, _, trigger, _ in spans) >= 9
    assert all(end - max(start, trigger) >= 0.5 * (length - min(start, trigger)) for start, end, trigger, length in spans)


def test_a_site_of_short_pages_has_nothing_to_plant_in() -> None:
    """A fold of two short pages ended the training until 2026-11."""
    assert train_backdoor.planted(["A short page."], ["ing"], "salad", 5, random.Random(1)) == []
    assert train_backdoor.scored([], backdoor.load().weights).tolist() == []


def test_a_list_of_words_and_filler_text_are_no_gibberish_but_the_same_list_out_of_order_is() -> None:
    prose = " ".join(block for article in all_articles() if article.language == "en" for block in article.paragraphs)
    words = sorted({word.strip(".,;:()") for word in prose.lower().split() if word.strip(".,;:()").isalpha()})
    rng = random.Random(1)
    lists = [sorted(rng.sample(words, 300)) for _ in range(20)]
    assert (scores(*map("\n".join, lists), *(lorem(rng) for _ in range(20))) < 0.5).all()
    shuffled = (" ".join(rng.sample(one, len(one))) for one in lists)
    assert (scores(*shuffled) >= 0.5).mean() > 0.9
