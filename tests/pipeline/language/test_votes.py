"""The kernels of the language model beside their slow twins, and their bits on other kinds of CPU."""

import math
import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.arrays import FlatText, flatten
from pipeline.kernels.language.grams import keys_of_samples
from pipeline.kernels.language.parts import cut_parts
from pipeline.kernels.language.votes import exponential_of
from pipeline.language.model import Certainty, LanguageModel, Parts, Table, assemble
from tests.paths import PROJECT
from tests.reference.language_votes import grams, key, likely, say

WORDS = st.lists(st.text(st.sampled_from("abéд日ก"), min_size=1, max_size=7), max_size=5).map(" ".join)
NAMES = ("aa", "bb", "bb_Cyrl", "-other")
KIN = [1, 3, 3, 4]
TYPICAL, SLOPES = 0.8, [0.5, -0.4, 0.3, 0.2, -0.1, 0.6, -0.7, 0.8, -0.3, 0.4, 0.1, -0.2, -0.5, 0.3, -0.6, 0.2]


def flat(rows: list[str]) -> FlatText:
    return flatten(pa.array(rows, pa.large_string()))


@given(st.lists(WORDS, max_size=4))
def test_n_grams_are_those_of_their_slow_twin(rows: list[str]) -> None:
    keys, bounds = keys_of_samples(*flat(rows))
    for row, start, end in zip(rows, bounds, bounds[1:], strict=False):
        assert sorted(keys[start:end].tolist()) == sorted(key(*gram) for gram in grams(row))


def model_of(entries: dict[int, dict[int, int]], bias: list[float]) -> LanguageModel:
    keys = sorted(entries)
    starts = np.cumsum([0, *(len(entries[one]) for one in keys)]).astype(np.int32)
    labels = np.array([label for one in keys for label in sorted(entries[one])], np.uint16)
    weights = np.array([entries[one][label] for one in keys for label in sorted(entries[one])], np.int8)
    table = Table(np.array(keys, np.uint32), starts, labels, weights, 0.03, np.array(bias))
    sure = Certainty(np.full(len(NAMES), TYPICAL), np.arange(len(NAMES)) / 4, np.array(SLOPES))
    return assemble(NAMES, np.array([not name.startswith("-") for name in NAMES]), table, sure, np.array(KIN))


@given(
    st.lists(st.lists(st.tuples(WORDS, st.booleans()), min_size=1, max_size=3), min_size=1, max_size=3),
    st.dictionaries(WORDS, st.dictionaries(st.integers(0, 3), st.integers(-127, 127), min_size=1), min_size=1),
    st.lists(st.floats(-1, 1, width=16), min_size=4, max_size=4),
)
def test_votes_are_those_of_their_slow_twin(
    pages: list[list[tuple[str, bool]]], known: dict[str, dict[int, int]], bias: list[float]
) -> None:
    entries = {key(gram, is_word): said for text, said in known.items() for gram, is_word in grams(text)}
    if not entries:
        return
    model = model_of(entries, bias)
    samples = [sample for page in pages for sample, _ in page]
    bounds = np.cumsum([0, *map(len, pages)]).astype(np.int64)
    counts = np.array([counts for page in pages for _, counts in page], bool)
    shown = Parts(flat(samples), bounds, counts)
    found = model.votes(shown)
    confidence = np.concatenate([answers.confidence for answers in model.answer(shown)])
    asked = [[sample] for sample in samples] + [[sample for sample, counts in page if counts] for page in pages]
    for place, some in enumerate(asked):
        expected = say(some, entries, bias, model.language.tolist(), KIN, 0.03)
        numbers = [int(column[place]) for column in (found.best, found.found, found.seen, found.agree, found.parts)]
        assert numbers == [expected.label, expected.found, expected.seen, expected.agree, expected.parts]
        assert (found.margin[place], found.clear[place]) == pytest.approx((expected.margin, expected.clear), abs=1e-9)
        sure = likely(expected, TYPICAL, expected.label / 4, SLOPES) if model.taught[expected.label] else 0.0
        assert confidence[place] == pytest.approx(sure, abs=1e-6)


@given(st.floats(-700, 700))
def test_the_exponential_is_the_exponential(x: float) -> None:
    assert exponential_of(np.array([x]))[0] == pytest.approx(math.exp(x), rel=1e-14)


@given(st.lists(st.text(st.sampled_from("ab \né日"), max_size=300), max_size=4), st.integers(1, 8), st.integers(8, 90))
def test_parts_are_the_page_cut_between_characters(rows: list[str], most: int, size: int) -> None:
    data, offsets = flat(rows)
    cuts, bounds = cut_parts(data, offsets, most, size)
    raw = data.tobytes()
    for row, first, last in zip(rows, bounds, bounds[1:], strict=False):
        pieces = [raw[cuts[place] : cuts[place + 1]].decode() for place in range(first, last)]
        assert "".join(pieces) == row
        assert len(pieces) == max(1, min(most, -(-len(row.encode()) // size)))


def test_a_part_begins_with_the_line_that_begins_near() -> None:
    lines = ["x" * 110, "y" * 95, "z" * 97]
    text = "\n".join(lines)
    cuts, _ = cut_parts(*flat([text]), 3, 10)
    assert [text[start:end].strip() for start, end in pairwise(cuts)] == lines


ANSWERS = """
import hashlib, pyarrow as pa
from pipeline.language.identify import LanguageSettings, identify
from tests.pipeline.language.texts import SENTENCES
rows = [text[:size] for text in SENTENCES.values() for size in (8, 20, 45, 200)] + ["\\n".join(SENTENCES.values())]
found = identify(pa.array(rows), LanguageSettings())
print(hashlib.sha256(b"".join(bytes(buffer) for column in found.columns for buffer in column.buffers() if buffer)).hexdigest())
"""


def test_answers_have_the_same_bits_without_vector_instructions() -> None:
    plain = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0"}
    plain["NPY_DISABLE_CPU_FEATURES"] = "AVX2 FMA3 AVX512F AVX512_SKX"
    found = []
    for changes in ({}, plain):
        ran = subprocess.run(
            [sys.executable, "-c", ANSWERS],
            env=os.environ | changes,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
        found.append(ran.stdout)
    assert found[0] == found[1] and len(found[0].strip()) == 64
