"""Measures of arrays: golden numbers, and slow obvious twins."""

import math
import zlib
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model.audit.compare import Equivalence, equivalence, forget_quality, kolmogorov_smirnov, t_below, t_quantile
from model.audit.membership import loss_score, min_k, min_k_plus_plus, reference_score, zlib_score
from model.audit.memorisation import exact_memorisation, extraction_strength, probability, verbatim_extraction
from model.audit.overlap import Rouge, common_subsequence, rouge_l, words_of
from model.audit.questions import (
    arithmetic_truth_ratio,
    forget_score,
    model_utility,
    normalised_probability,
    retain_score,
    truth_ratio,
)
from model.audit.separation import auroc, bootstrap, mean_interval, privleak, true_positives_at

said = st.lists(st.booleans(), min_size=1, max_size=12)
few = st.lists(st.integers(0, 4).map(float), min_size=1, max_size=8)


# --- memorisation ---


def slow_extraction_strength(best: list[bool]) -> float:
    """The definition, for a greedy decoder: it says y≥k from y<k exactly if each of those tokens comes first."""
    for k in range(len(best) + 1):
        if all(best[k:]):
            return 1 - k / len(best)
    raise AssertionError("the empty rest is always said")


@given(said)
def test_extraction_strength_is_its_definition(best: list[bool]) -> None:
    assert extraction_strength(np.array(best)) == pytest.approx(slow_extraction_strength(best))


def test_a_text_of_which_nothing_is_said_has_no_extraction_strength() -> None:
    """OpenUnlearning's loop ends at k = n - 1 and gives 0.25 here."""
    assert extraction_strength(np.array([False] * 4)) == 0
    assert extraction_strength(np.array([True] * 4)) == 1
    assert extraction_strength(np.array([True, False, True, True])) == 0.5


@given(said, st.integers(0, 12), st.integers(1, 12) | st.none())
def test_verbatim_extraction_asks_for_what_follows_the_prefix(best: list[bool], prefix: int, suffix: int | None) -> None:
    asked = best[prefix:][:suffix]
    assert verbatim_extraction(np.array(best), prefix, suffix) == (bool(asked) and all(asked))


def test_exact_memorisation_and_probability_are_means() -> None:
    assert exact_memorisation(np.array([True, False, True, True])) == 0.75
    assert probability(np.log([0.5, 0.125])) == pytest.approx(0.25, abs=1e-12)


# --- ROUGE-L ---


def slow_common(one: list[str], other: list[str]) -> int:
    if not one or not other:
        return 0
    if one[0] == other[0]:
        return 1 + slow_common(one[1:], other[1:])
    return max(slow_common(one[1:], other), slow_common(one, other[1:]))


few_words = st.lists(st.sampled_from("abc"), max_size=7)


@given(few_words, few_words)
def test_the_common_subsequence_matches_the_reference(one: list[str], other: list[str]) -> None:
    assert common_subsequence(one, other) == slow_common(one, other)


def test_rouge_l_of_a_known_pair() -> None:
    found = rouge_l("The police killed the gunman!", "the gunman killed police")
    assert found == pytest.approx((2 / 5, 2 / 4, 4 / 9))


def test_rouge_l_of_nothing_is_nothing() -> None:
    assert rouge_l("", "word") == rouge_l("...", "word") == rouge_l("word", "") == Rouge(0, 0, 0)


def test_words_of_any_script_are_words() -> None:
    assert words_of("Ça va, 東京-2024?") == ["ça", "va", "東京", "2024"]


# --- membership ---

ROWS = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5], [0.05, 0.05, 0.9], [1 / 3, 1 / 3, 1 / 3]])
TARGETS = np.array([0, 0, 2, 1, 0])


def standardised(rows: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    logs = np.log(rows)
    means = (rows * logs).sum(1)
    return logs[np.arange(len(rows)), targets], means, (rows * logs**2).sum(1) - means**2


def test_min_k_plus_plus_of_known_rows() -> None:
    logs, means, variances = standardised(ROWS[:4], TARGETS[:4])
    each = [min_k_plus_plus(logs[i : i + 1], means[i : i + 1], variances[i : i + 1], 1.0) for i in range(4)]
    assert each == pytest.approx([0.633091824, -2, 1, -3], abs=1e-6)
    assert min_k_plus_plus(logs, means, variances, 0.5) == pytest.approx(-2.5, abs=1e-6)


def test_min_k_of_known_rows() -> None:
    assert min_k(standardised(ROWS, TARGETS)[0], 0.4) == pytest.approx(-2.649158683, abs=1e-6)


def test_a_place_where_all_tokens_are_equally_likely_is_no_division_by_zero() -> None:
    assert min_k_plus_plus(*standardised(ROWS[4:], TARGETS[4:]), 1.0) == pytest.approx(0, abs=1e-6)


def test_a_share_of_less_than_a_token_takes_one() -> None:
    """The official code takes the mean of nothing."""
    assert min_k(np.array([-1.0, -2.0]), 0.2) == -2


def test_the_other_attacks_are_means() -> None:
    logs = np.array([-1.0, -3.0])
    assert loss_score(logs) == -2 and reference_score(logs, np.array([-3.0, -4.0])) == 1.5
    assert zlib_score(logs, b"aaaa") == -2 / len(zlib.compress(b"aaaa"))


# --- telling members from others ---


@given(few, few)
def test_auroc_counts_pairs_and_ties_half(members: list[float], others: list[float]) -> None:
    pairs = [(a > b) + (a == b) / 2 for a in members for b in others]
    assert auroc(np.array(members), np.array(others)) == pytest.approx(sum(pairs) / len(pairs))


@given(few, few, st.sampled_from([0.01, 0.05, 0.25, 0.5, 1.0]))
def test_true_positives_are_those_of_the_best_threshold_that_is_allowed(
    members: list[float], others: list[float], share: float
) -> None:
    thresholds = [-math.inf, *others, *members, math.inf]
    allowed = [t for t in thresholds if sum(o >= t for o in others) / len(others) <= share]
    expected = max(sum(m >= t for m in members) / len(members) for t in allowed)
    assert true_positives_at(np.array(members), np.array(others), share) == pytest.approx(expected)


def test_the_bootstrap_is_the_seeds_and_holds_the_value() -> None:
    rng = np.random.default_rng(1)
    members, others = rng.normal(1, 1, 80), rng.normal(0, 1, 80)
    found = bootstrap(members, others, auroc, seed=4, draws=300)
    assert found == bootstrap(members, others, auroc, seed=4, draws=300) != bootstrap(members, others, auroc, seed=5, draws=300)
    assert found.low < found.value == auroc(members, others) < found.high
    assert found.high - found.low == pytest.approx(0.15, abs=0.05)  # Hanley & McNeil 1982: ±1.96·0.036 at an AUROC of 0.76


def test_the_interval_of_the_bootstrap_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = 0.5 * (1 + math.erf(1 / 2))  # of two normals, a deviation apart
    rng, covered = np.random.default_rng(2), 0
    for trial in range(60):
        found = bootstrap(rng.normal(1, 1, 60), rng.normal(0, 1, 60), auroc, seed=trial, draws=200)
        covered += found.low <= truth <= found.high
    assert 51 <= covered <= 60


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide_on_each_side() -> None:
    values = np.random.default_rng(7).normal(3, 2, 400)
    found = mean_interval(values, seed=1)
    assert found.value == values.mean() and mean_interval(np.ones(5), seed=1) == (1, 1, 1)
    error = values.std() / 20
    assert found.low == pytest.approx(found.value - 1.96 * error, abs=0.25 * error)
    assert found.high == pytest.approx(found.value + 1.96 * error, abs=0.25 * error)


def test_privleak_is_minus_a_hundred_while_memorised_and_nothing_for_the_oracle() -> None:
    rng = np.random.default_rng(3)
    held_out, forgotten = rng.normal(0, 1, 50), rng.normal(0, 1, 50)
    assert privleak(np.full(50, 9.0), held_out, forgotten, held_out) == pytest.approx(-100)
    assert privleak(forgotten, held_out, forgotten, held_out) == 0
    assert privleak(np.full(50, -9.0), held_out, np.zeros(4), np.zeros(4)) == pytest.approx(100)


# --- questions ---


def test_both_truth_ratios_of_known_losses() -> None:
    wrong = [1.5, 2, 2.5, 3, 6]
    assert arithmetic_truth_ratio(1, wrong) == pytest.approx(0.267922698, abs=1e-6)
    assert truth_ratio(1, wrong) == pytest.approx(0.135335283, abs=1e-6)


def test_scores_of_truth_ratios() -> None:
    assert forget_score([0.5, 2, 1]) == pytest.approx((0.5 + 0.5 + 1) / 3)
    assert retain_score([0.25, 2]) == pytest.approx((0.75 + 0) / 2)
    assert normalised_probability(1.0, [1.0, 1.0, 1.0]) == pytest.approx(0.25)


def test_model_utility_is_a_harmonic_mean() -> None:
    assert model_utility([1, 0.5, 0.25]) == pytest.approx(3 / 7)
    assert model_utility([1, 0, 1]) == model_utility([1, float("nan")]) == 0


# --- comparing with oracles ---


def test_forget_quality_of_known_ratios() -> None:
    found = kolmogorov_smirnov([0.1, 0.2, 0.3, 0.4, 0.5], [0.15, 0.35, 0.6, 0.7, 0.8])
    assert found == pytest.approx((0.6, 0.357142857), abs=1e-6)


@pytest.mark.parametrize(("size", "floor"), [(40, 1.86e-23), (200, 1.94e-119), (400, 1.06e-239)])
def test_the_smallest_forget_quality_is_the_published_floor(size: int, floor: float) -> None:
    assert forget_quality(list(range(size)), list(range(1000, 1000 + size))) == pytest.approx(floor, rel=0.005)


def slow_distance(one: Sequence[float], other: Sequence[float]) -> float:
    def share(values: Sequence[float], at: float) -> float:
        return sum(value <= at for value in values) / len(values)

    return max(abs(share(one, at) - share(other, at)) for at in [*one, *other])


@given(st.lists(st.integers(0, 50), min_size=2, max_size=9, unique=True), st.integers(1, 8))
def test_the_exact_p_counts_every_way_to_deal_the_values(values: list[int], size: int) -> None:
    assume(size < len(values))
    one, other = [float(v) for v in values[:size]], [float(v) for v in values[size:]]
    distance = slow_distance(one, other)
    dealt = list(combinations(sorted(values), size))
    far = [slow_distance(list(d), [v for v in values if v not in d]) for d in dealt]
    as_far = [d for d in far if d >= distance - 1e-12]
    assert kolmogorov_smirnov(one, other) == pytest.approx((distance, len(as_far) / len(dealt)))


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=20), st.lists(st.floats(0.01, 100), min_size=1, max_size=20))
def test_forget_quality_is_the_same_of_a_ratio_and_its_inverse(one: list[float], other: list[float]) -> None:
    assume(len({1 / v for v in one + other}) == len(set(one + other)))
    inverse = forget_quality([1 / v for v in one], [1 / v for v in other])
    assert forget_quality(one, other) == pytest.approx(inverse)


def test_many_values_are_held_against_the_limit_distribution() -> None:
    rng = np.random.default_rng(5)
    one, other = rng.normal(0, 1, 500), rng.normal(0.1, 1, 500)
    exact = kolmogorov_smirnov(one[:500].tolist(), other.tolist())
    root = math.sqrt(250) * exact.distance
    assert exact.p == pytest.approx(2 * math.exp(-2 * root**2), rel=0.15)  # first term of the series
    more = kolmogorov_smirnov(np.tile(one, 2).tolist(), other.tolist())
    assert more.distance == pytest.approx(exact.distance) and more.p < exact.p


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 6.313751515), (2, 2.91998558), (4, 2.131846786), (7, 1.894578605), (30, 1.697260887)]
)
def test_quantiles_of_students_t_are_those_of_the_tables(freedom: int, expected: float) -> None:
    assert t_quantile(0.95, freedom) == pytest.approx(expected, abs=1e-6)
    assert t_below(-expected, freedom) == pytest.approx(0.05, abs=1e-8)


def test_a_value_among_the_oracles_is_equivalent_and_one_beyond_the_margin_is_not() -> None:
    oracles = [0.10, 0.11, 0.09, 0.12, 0.08]
    deviation = np.std(oracles, ddof=1)
    found = equivalence([0.1], oracles, 0.1)
    reach = 2.131846786 * deviation * math.sqrt(1 + 1 / 5)
    assert found == Equivalence(
        pytest.approx(0, abs=1e-9), pytest.approx(-reach), pytest.approx(reach), 0.1, pytest.approx(found.p), True
    )
    assert found.p < 0.05 and not equivalence([0.25], oracles, 0.1).equivalent


@given(few, st.lists(st.floats(0, 1), min_size=2, max_size=8), st.floats(0.01, 3))
def test_equivalence_is_a_small_p(values: list[float], oracles: list[float], margin: float) -> None:
    found = equivalence(values, oracles, margin)
    assume(abs(found.p - 0.05) > 1e-6)
    assert found.equivalent == (found.p < 0.05)


def test_wide_oracles_prove_nothing() -> None:
    """Where retraining alone varies by more than the margin, no value is equivalent."""
    assert not equivalence([0.5], [0.1, 0.9, 0.3, 0.7, 0.5], 0.1).equivalent


def test_equal_values_without_any_spread_are_equivalent() -> None:
    assert equivalence([0.0], [0.0] * 5, 0.1).equivalent and not equivalence([0.2], [0.0] * 5, 0.1).equivalent
