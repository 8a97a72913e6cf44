"""pipeline/duplicates/repeats.py: lines, sentences and passages beside slow twins, and what cutting lines leaves."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import arrays
from pipeline.duplicates.repeats import Stretches, cuts, lines, repeated_passages, sentences, spans, words_of
from pipeline.lineage import apply_edits
from tests.reference import repeats as slow

texts = st.text(st.sampled_from('ab é日本.。!?") \n\n9ß\u0301\u200b😀'), max_size=60)
batches = st.lists(st.none() | texts, max_size=5)


def fast(batch, of):
    """row -> its pieces as (start, end, number of words), and all hashes"""
    words = words_of(pa.array(batch, pa.string()))
    found = of(words)
    rows = [[] for _ in batch]
    for row, start, end, count, value in zip(*(column.tolist() for column in found), strict=True):
        rows[row].append((start, end, count, value))
    return rows


@pytest.mark.parametrize(("of", "twin"), [(lines, slow.lines), (sentences, slow.sentences)])
@given(batch=batches)
@example(batch=["。", ")9"])  # until 2026-11-30 a page's first bracket went to the sentence that ended the page before it
def test_pieces_stand_where_the_twin_has_them_and_are_equal_where_their_words_are(of, twin, batch):
    expected = [twin(text or "") for text in batch]
    found = fast(batch, of)
    assert [[(a, b, n) for a, b, n, _ in row] for row in found] == [[(a, b, len(w)) for a, b, w in row] for row in expected]
    hashed = {}
    for row, other in zip(found, expected, strict=True):
        for (_, _, count, value), (_, _, spelled) in zip(row, other, strict=True):
            assert (value == 0) == (count == 0)
            assert hashed.setdefault(spelled, value) == value
    assert len(set(hashed.values())) == len(hashed)


@given(batch=batches, size=st.integers(2, 4))
def test_spans_are_runs_of_sentences_of_one_page(batch, size):
    def runs(words):
        return spans(sentences(words), size, words)

    expected = []
    for text in batch:
        own = slow.sentences(text or "")
        expected.append(
            [
                (run[0][0], run[-1][1], sum(len(one[2]) for one in run))
                for run in zip(*(own[n:] for n in range(size)), strict=False)
            ]
        )
    assert [[one[:3] for one in row] for row in fast(batch, runs)] == expected


@given(st.lists(st.text(st.sampled_from("ab c.\n"), max_size=40), max_size=3), st.integers(2, 4))
def test_passages_are_the_words_that_stood_before(batch, size):
    found = repeated_passages(words_of(pa.array(batch, pa.string())), size)
    for row, text in enumerate(batch):
        own = [(start, end) for at, start, end in found if at == row]
        assert slow.words_under(text, own) == slow.repeated_words(text, size)
        assert all(0 <= start < end <= len(text) for start, end in own)


def test_a_passage_goes_with_the_marks_behind_it_and_its_first_place_stays():
    text = "One two three four! Between. (One two three four!) And on."
    ((_, start, end),) = repeated_passages(words_of(pa.array([text])), 4)
    assert text[:start] + text[end:] == "One two three four! Between. ( And on."


def cut(text, goes, min_words=1):
    """What is left of a text whose lines that begin with one of `goes` go."""
    found = lines(words_of(pa.array([text])))
    marked = np.array([line.startswith(goes) and bool(line.strip()) for line in text.split("\n")])[: len(found.rows)]
    return apply_edits(text, [(one.start, one.end, "") for one in cuts(found, marked, min_words)])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("own\nmenu a\nmenu b\nown too", "own\nown too"),
        ("menu a\n\nmenu b\n\nown", "own"),
        ("own\n\nmenu a\n\nmenu b\n\nown too", "own\n\nown too"),
        ("own\nmenu\n\nown too", "own\n\nown too"),
        ("own\n\nmenu", "own"),
        ("own\n\nmenu\n\n", "own\n"),
        ("menu", ""),
        ("own", "own"),
        ("own\nmenu\n--\nmenu\nown", "own\nown"),
    ],
)
def test_what_is_cut_leaves_paragraphs_as_they_were(text, left):
    assert cut(text, "menu") == left


def test_few_words_alone_stay_and_the_same_words_in_a_menu_go():
    assert cut("Notes\nown words\nNotes\nNext\nPrevious\nown", ("Notes", "Next", "Previous"), 3) == "Notes\nown words\nown"


@given(st.text(st.sampled_from("ab \n"), max_size=40), st.integers(1, 4))
def test_lines_that_do_not_go_are_left_whole_and_in_order(text, min_words):
    left = cut(text, "a", min_words)
    stays = [line for line in text.split("\n") if line.strip() and not line.startswith("a")]
    assert [line for line in left.split("\n") if line.strip() and not line.startswith("a")] == stays


def test_pieces_of_a_batch_are_all_of_it(monkeypatch):
    monkeypatch.setattr(arrays, "PIECE_BYTES", 4)
    batch = pa.array(["abc", None, "defgh", "", "i"])
    assert [one for first, last in arrays.pieces(batch) for one in range(first, last)] == list(range(5))
    assert len(list(arrays.pieces(batch))) > 1 and list(arrays.pieces(batch[:0])) == []


def test_an_empty_batch_has_nothing():
    words = words_of(pa.array([], pa.string()))
    for found in (lines(words), sentences(words)):
        assert [len(column) for column in found] == [0] * len(Stretches._fields)
    assert repeated_passages(words, 10) == []
