"""Passages that texts share word for word, beside the obvious way of finding them."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.duplicates.passages import (
    FILLER,
    common_runs,
    edits_of_filler,
    owned,
    same_but_for_filler,
    shares,
    stretches,
    windows,
    written_over,
)
from pipeline.lineage import apply_edits

WORDS = 3
TEXTS = st.lists(st.text(st.sampled_from("aab \n.é漢🙂"), max_size=40), min_size=1, max_size=4)


def word_places(text: str) -> list[tuple[str, int, int]]:
    """Words of texts in lower case without accents and marks, as the scan has them; each ideograph is one."""
    return [(found.group(), *found.span()) for found in re.finditer(r"漢|[abé]+", text)]


def slow_windows(text: str) -> list[tuple[tuple[str, ...], int, int]]:
    words = word_places(text)
    runs = (words[place : place + WORDS] for place in range(len(words) - WORDS + 1))
    return [(tuple(word.replace("é", "e") for word, _, _ in run), run[0][1], run[-1][2]) for run in runs]


def slow_stretches(text: str, wanted: set[tuple[str, ...]]) -> list[tuple[int, int]]:
    covered = sorted({place for words, start, end in slow_windows(text) if words in wanted for place in range(start, end)})
    breaks = [place for place in range(1, len(covered)) if covered[place] != covered[place - 1] + 1]
    parts = np.split(covered, breaks) if covered else []
    return [(int(part[0]), int(part[-1]) + 1) for part in parts]


def is_plain(texts: list[str]) -> bool:
    """Emoji are words of their own or none, as their kind has it: the twin above knows nothing of that."""
    return not any("🙂" in text for text in texts)


@given(TEXTS.filter(is_plain), st.text(st.sampled_from("aab \n.é漢"), max_size=60))
def test_stretches_and_shares_are_those_of_the_slow_way(removed: list[str], other: str) -> None:
    of = owned(windows(pa.array(removed), WORDS))
    found = windows(pa.array([other]), WORDS).row(0)
    wanted = [{words for words, _, _ in slow_windows(text)} for text in removed]
    assert stretches(found, of.hashes) == slow_stretches(other, set().union(*wanted))
    own = {words for words, _, _ in slow_windows(other)}
    expected = [sum(words in own for words, _, _ in slow_windows(text)) / max(1, len(slow_windows(text))) for text in removed]
    assert shares(of, found).tolist() == pytest.approx(expected)


@given(TEXTS)
def test_slices_and_chunks_give_what_whole_arrays_give(texts: list[str]) -> None:
    whole = windows(pa.array([*texts, None, ""]), WORDS)
    chunked = windows(pa.chunked_array([pa.array(["x y z", *texts]).slice(1), pa.array([None, ""], pa.string())]), WORDS)
    assert all(np.array_equal(one, other) for one, other in zip(whole, chunked, strict=True))


def test_the_single_page_edition_of_a_manual_holds_its_pages() -> None:
    chapter = " ".join(f"word{number}" for number in range(200))
    edition = f"Preface of the whole. {chapter.replace('word7 ', 'Word7, ')} And what follows."
    of = owned(windows(pa.array([chapter, "another page of a few words"])))
    found = windows(pa.array([edition])).row(0)
    assert shares(of, found).tolist() == [1.0, 0.0]
    [(start, end)] = stretches(found, of.hashes)
    assert edition[start:end].split()[0] == "word0" and edition[start:end].split()[-1] == "word199"


def test_fewer_than_fifty_words_are_no_passage() -> None:
    words = [f"word{number}" for number in range(49)]
    assert not len(windows(pa.array([" ".join(words)])).hashes)
    assert len(windows(pa.array([" ".join([*words, "more"])])).hashes) == 1


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=4)


@given(TEXTS, st.data())
def test_what_is_written_over_keeps_its_length_and_is_edited_away(texts: list[str], data: st.DataObject) -> None:
    drawn = [data.draw(SPANS) for _ in texts]
    spans = [[(start, min(len(text), start + more)) for start, more in one if start < len(text)]
             for text, one in zip(texts, drawn, strict=True)]  # fmt: skip
    gone = [{place for start, end in one for place in range(start, end)} for one in spans]
    over = [written_over(text, one) for text, one in zip(texts, spans, strict=True)]
    letters = [list(enumerate(text)) for text in texts]
    assert over == ["".join(FILLER if at in out else one for at, one in row) for row, out in zip(letters, gone, strict=True)]
    assert all(same_but_for_filler(one, text) for one, text in zip(over, texts, strict=True))
    edits: dict[int, list[tuple[int, int, str]]] = {}
    for row in edits_of_filler(pa.array(over, pa.string())).to_pylist():
        edits.setdefault(row["row"], []).append((row["start"], row["end"], row["replacement"]))
    left = [apply_edits(text, edits.get(row, [])) for row, text in enumerate(over)]
    assert left == ["".join(one for at, one in row if at not in out) for row, out in zip(letters, gone, strict=True)]


def test_filler_hides_no_other_difference() -> None:
    assert not same_but_for_filler(f"a{FILLER}c", "xbc")
    assert not same_but_for_filler(f"a{FILLER}", "abc")
    assert not same_but_for_filler(f"a{FILLER}", None)
    assert not same_but_for_filler("abc", "abd")


def test_common_runs_are_those_that_another_text_has() -> None:
    words = " ".join(f"w{number}" for number in range(60))
    of, others = pa.array([words, "short"]), pa.array([words[10:], None, "else"])
    first, second = common_runs(of, others)
    assert set(first) == set(windows(of).row(0).hashes.tolist()) & set(windows(others).hashes.tolist()) and first
    assert second == []
