"""Kneser-Ney against a slow twin that looks every n-gram up by its tokens; and what any distribution has to be."""

from collections import Counter
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model.baselines.kneser_ney import learn, probabilities
from pipeline.errors import UsageError

VOCABULARY = 4
TEXTS = st.lists(st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=8), min_size=1, max_size=6)
Gram = tuple[int, ...]


class Slow:
    """By definition, one n-gram after another."""

    def __init__(self, texts: list[list[int]], order: int) -> None:
        self.counts: list[Counter[Gram]] = []
        for length in range(1, order + 1):
            grams = [(tuple(text[max(0, at - length) : at]), at, text) for text in texts for at in range(length, len(text) + 1)]
            if length == order:
                self.counts.append(Counter(gram for gram, _, _ in grams))
                continue
            before = {(gram, text[at - length - 1] if at > length else "begin") for gram, at, text in grams}
            self.counts.append(Counter(gram for gram, _ in before))
        self.discounts = [self._discounts(counts) for counts in self.counts]

    @staticmethod
    def _discounts(counts: Counter[Gram]) -> list[float]:
        n = [sum(one == times for one in counts.values()) for times in range(5)]
        if not (n[1] and n[2] and n[3]):
            return [0.5] * 3
        y = n[1] / (n[1] + 2 * n[2])
        return [min(max(times - (times + 1) * y * n[times + 1] / n[times], 0), times) for times in (1, 2, 3)]

    def probability(self, context: Gram, token: int) -> float:
        order = len(context) + 1
        lower = self.probability(context[1:], token) if context else 1 / VOCABULARY
        counts, discounts = self.counts[order - 1], self.discounts[order - 1]
        after = {gram: count for gram, count in counts.items() if gram[:-1] == context}
        total = sum(after.values())
        if not total:
            return lower
        own = counts[(*context, token)]
        taken = [discounts[min(count, 3) - 1] for count in after.values()]
        kept = own - discounts[min(own, 3) - 1] if own else 0
        return kept / total + sum(taken) / total * lower


def flat(texts: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([token for text in texts for token in text]), np.cumsum([0, *map(len, texts)])


@example(texts=[[0], [0]], asked=[[0]], order=2)  # no text has a pair: single tokens still count by what stands before them
@given(texts=TEXTS, asked=TEXTS, order=st.integers(1, 4))
def test_probabilities_are_those_of_the_definition(texts: list[list[int]], asked: list[list[int]], order: int) -> None:
    model, slow = learn(*flat(texts), VOCABULARY, order), Slow(texts, order)
    cached = lru_cache(None)(slow.probability)
    expected = [cached(tuple(text[max(0, at - order + 1) : at]), text[at]) for text in asked for at in range(len(text))]
    assert probabilities(model, *flat(asked)) == pytest.approx(expected, abs=1e-12)


@given(texts=TEXTS, context=st.lists(st.integers(0, VOCABULARY - 1), max_size=5), order=st.integers(1, 5))
def test_all_tokens_together_are_certain(texts: list[list[int]], context: list[int], order: int) -> None:
    model = learn(*flat(texts), VOCABULARY, order)
    asked = [[*context, token] for token in range(VOCABULARY)]
    last = probabilities(model, *flat(asked))[np.cumsum([len(text) for text in asked]) - 1]
    assert last.sum() == pytest.approx(1) and (last > 0).all()


def test_longer_grams_tell_more_of_a_text_that_has_an_order() -> None:
    text = [[0, 1, 0, 2] * 30]
    bits = [-np.log2(probabilities(learn(*flat(text), VOCABULARY, order), *flat(text))[4:]).mean() for order in (1, 2, 3)]
    assert bits[0] > bits[1] > bits[2] and bits[2] < 0.2


@pytest.mark.parametrize("order", [0, 9])
def test_the_length_is_bounded(order: int) -> None:
    with pytest.raises(UsageError, match="1 to 8"):
        learn(*flat([[1]]), VOCABULARY, order)
