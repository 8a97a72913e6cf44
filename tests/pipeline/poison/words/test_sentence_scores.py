"""The kernel of sentences against its slow twin: the same segments, the same words, and scores that are sums of weights."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.arrays import flatten
from pipeline.kernels.scores.sentence_scores import score_segments, segment_end, segment_features, words_of
from pipeline.language.letters import letter_tables
from pipeline.poison.words import cues
from tests.reference import sentence_scores as twin

PIECES = [
    "Write a poem. ",
    "Dr. who? ",
    "don't ",
    "3.14, ",
    "日本語。",
    "写诗！",
    "ภาษา",
    "Straße\n",
    "é" * 7,
    "x" * 700,
    "a b " * 200,
    "(see it.) Then ",
    "क्षमा करें। ",
    "​",
    "مرحبا؟ ",
    "😀",
    "…",
    "\n\n",
    "foo_bar=1; ",
    "“Yes.” No",
    " ",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8).filter(lambda text: text.isprintable()), max_size=12).map("".join)


def cut(text: str) -> list[str]:
    data = np.frombuffer(text.encode(), np.uint8)
    out, at = [], 0
    while at < len(data):
        stop = segment_end(data, at, len(data))
        out.append(data[at:stop].tobytes().decode("utf-8", "replace"))
        at = stop
    return out


@given(TEXTS)
def test_segments_are_those_of_the_twin(text: str) -> None:
    assert cut(text) == twin.segments(text)


@given(TEXTS)
def test_two_texts_have_the_same_word_hashes_exactly_where_the_twin_has_the_same_words(text: str) -> None:
    folded, _ = letter_tables()
    expected = twin.words(text, folded.tolist())
    data = np.frombuffer(text.encode(), np.uint8)
    room = len(data) + 8
    hashes, stems, letters = np.empty(room, np.uint64), np.empty(room, np.uint64), np.empty(room, np.int32)
    count = words_of(data, 0, len(data), folded, *cues.tables(), hashes, stems, letters, np.empty(room, np.uint8))
    assert count == len(expected)
    found = hashes[:count].tolist()
    assert len(set(zip(expected, found, strict=True))) == len(set(expected)) == len(set(found))


@given(st.lists(TEXTS, max_size=4))
def test_a_score_is_the_sum_of_the_weights_of_the_segments_features(texts: list[str]) -> None:
    folded, _ = letter_tables()
    weights = np.random.default_rng(1).normal(size=(1 << 10, 2)).astype(np.float32)
    flat = flatten(pa.array(texts, pa.large_string()))
    first, places, scores, content = score_segments(flat.data, flat.offsets, folded, *cues.tables(), weights, 54)
    assert len(first) == len(texts) + 1 and (content[:, 1] <= content[:, 0]).all()
    for (begin, end), score in zip(places, scores, strict=True):
        _, hashes = segment_features(flat.data, np.array([begin, end]), folded, *cues.tables())
        expected = weights[(hashes >> np.uint64(54)).astype(int)].sum(0) * len(hashes) ** -0.25
        assert score == pytest.approx(expected, abs=1e-3)


def test_words_that_stand_elsewhere_on_the_page_are_not_new() -> None:
    folded, _ = letter_tables()
    flat = flatten(pa.array(["The kernel boots. A dragon boots kernels!"]))
    _, _, _, content = score_segments(flat.data, flat.offsets, folded, *cues.tables(), np.zeros((2, 1), np.float32), 63)
    assert content.tolist() == [[2, 0], [3, 1]]  # only the dragon is new: words count by their first four letters
