"""The score: its parts against a slow sum, the same bits whatever the batch, and what is refused as a model."""

import base64
import copy
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RecipeError
from pipeline.quality.evaluate import auc, auc_interval, precision_at, reliability
from pipeline.quality.fit import FEWEST, FitSettings, fit, held_out, judged
from pipeline.quality.measures import measure
from pipeline.quality.rules import Rule, judge
from pipeline.quality.score import FORMAT, LISTED, LOGIT_POINTS, QualityModel, read_model, shipped_model
from tests.reference import quality as reference

POINTS = np.arange(16, dtype="<i4") * 100 - 700
SMALL: dict[str, Any] = {
    "format": FORMAT,
    "base": -500,
    "measures": {
        "word_count": {"edges": [3.0, 10.0], "points": [-4000, 100, 4000], "null": 0},
        "stop_word_share": {"edges": [0.25], "points": [-2000, 2000], "null": 7},
    },
    "word_bits": 4,
    "words": base64.b64encode(POINTS.tobytes()).decode(),
    "languages": ["en"],
    "table": [round(1 / (1 + 2.718281828 ** (-x / 10)), 4) for x in range(-60, 60)],
    "low": -6000,
    "step": 100,
}
PROSE = "The keeper of the light has to climb the stairs in the evening, and with the lamp lit he writes what he saw of the sea."
JUNK = "BUY NOW | SALE 50% | Add to cart | Home | Login | FREE!!! | Cheap watches 24/7 | Click Click Click | 1 2 3 4 5"


def small() -> QualityModel:
    return read_model(json.dumps(SMALL).encode(), "small")


def slow_score(text: str, language: str | None) -> float:
    """One page, one measure, one word at a time."""
    found = reference.tokens(text)
    words = [word for word in found if word.is_word]
    points = SMALL["base"] + (-4000 if len(words) < 3 else 100 if len(words) < 10 else 4000)
    if language == "en":
        share = reference.stop_word_share(words, "en")
        points += 7 if share is None else -2000 if np.float32(share) < np.float32(0.25) else 2000
        points += sum(int(POINTS[place_of(word)]) for word in found) // max(len(found), 1)
    step = min(max((points - SMALL["low"]) // SMALL["step"], 0), len(SMALL["table"]) - 1)
    return float(np.float32(SMALL["table"][step]))


def place_of(word: str) -> int:
    value = 0xCBF29CE484222325
    for byte in word.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value * 0x9E3779B97F4A7C15 % 2**64 >> 60


@given(
    st.lists(st.tuples(st.text("the of and lamp.,", max_size=60), st.sampled_from(["en", "fr", None])), min_size=1, max_size=5)
)
def test_a_score_is_the_sum_of_its_parts_also_in_a_batch(pages: list[tuple[str, str | None]]) -> None:
    text, language = (pa.array([page[i] for page in pages], pa.string()) for i in (0, 1))
    assert measure(text, language, model=small()).column("quality").to_pylist() == [slow_score(*page) for page in pages]


def test_measures_that_a_list_of_words_decides_say_nothing_in_other_languages() -> None:
    assert "stop_word_share" in LISTED
    text = pa.array([PROSE, PROSE])
    english, french = measure(text, pa.array(["en", "fr"]), model=small()).column("quality").to_pylist()
    assert english != french


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "other"), (("words",), "!"), (("words",), "AAAA"), (("word_bits",), 40), (("table",), []),
        (("table",), [2.0]), (("step",), 0), (("base",), "x"), (("measures", "word_count", "edges"), [3.0, 3.0]),
        (("measures", "nothing"), {}), (("measures", "word_count", "points"), [1, 2]),
        (("measures", "word_count", "points"), [1, 2, 1 << 40]), (("measures", "word_count", "edges"), [float("nan"), 1.0]),
        (("measures",), []), (("measures", "word_count", "null"), None), (("languages",), 3), (("base",), 1 << 80),
    ],
)  # fmt: skip
def test_what_is_no_model_is_refused_in_a_line(path: tuple[str, ...], value: Any) -> None:
    broken = copy.deepcopy(SMALL)
    place = broken
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(RecipeError, match="mine is no model of winnow"):
        read_model(json.dumps(broken).encode(), "mine")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"3", b"\xff", b"[" * 100_000, b" " * (2 << 20)], ids=str)
def test_any_bytes_are_refused_in_a_line(raw: bytes) -> None:
    with pytest.raises(RecipeError, match="is no model of winnow"):
        read_model(raw, "mine")


def test_the_model_that_ships_prefers_prose() -> None:
    text = pa.array([PROSE * 8, JUNK * 8])
    prose, junk = measure(text, pa.array(["en", "en"]), model=shipped_model()).column("quality").to_pylist()
    assert prose > 0.6 > 0.3 > junk


def test_a_good_score_overrules_a_rule_that_yields_to_it() -> None:
    rule = Rule("r", "s", "word_count", minimum=50, unless_quality=0.4)
    pages = pa.table({
        "word_count": pa.array([3, 3, 3, 60], pa.int32()), "quality": pa.array([0.4, 0.39, None, 0.1], pa.float32()),
        "language": ["en"] * 4, "url": [""] * 4,
    })  # fmt: skip
    assert judge(pages, (rule,)).column("row").to_pylist() == [1, 2]


def lesson(count: int) -> tuple[list[str], np.ndarray]:
    texts = [f"{PROSE} It was the {n}th night of that year." for n in range(count)] + [f"{JUNK} item {n}" for n in range(count)]
    return texts, np.array([1.0] * count + [0.0] * count)


def test_a_fitted_model_tells_what_it_was_taught_of_pages_it_never_saw() -> None:
    texts, good = lesson(30)
    pages = judged(texts, ["en"] * 60, good, FitSettings(word_bits=8))
    assert auc(held_out(pages, FitSettings(word_bits=8)), good) == 1.0
    model = read_model(json.dumps(fit(pages, FitSettings(word_bits=8), ["en"])).encode(), "fitted")
    scores = measure(pa.array(texts), pa.array(["en"] * 60), model=model).column("quality").to_numpy()
    assert scores[:30].min() > 0.5 > scores[30:].max()
    assert FEWEST <= 30 and LOGIT_POINTS == 10_000


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=2, max_size=12))
def test_auc_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[float, bool]]) -> None:
    scores, good = np.array([one[0] for one in pairs]), np.array([float(one[1]) for one in pairs])
    won = [
        (high > low) + 0.5 * (high == low)
        for high, is_good in zip(scores, good, strict=True) if is_good
        for low, is_low_good in zip(scores, good, strict=True) if not is_low_good
    ]  # fmt: skip
    assert auc(scores, good) == pytest.approx(np.mean(won)) if won else np.isnan(auc(scores, good))


def test_precision_shares_equal_scores_alike_and_intervals_hold_the_value() -> None:
    scores, good = np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])
    assert precision_at(scores, good, 0.25) == 1.0
    assert precision_at(scores, good, 0.5) == pytest.approx(1.5 / 2)
    assert precision_at(scores, good, 1.0) == 0.5
    found = auc_interval(np.arange(40) + 0.0, np.array([0.0, 1.0] * 10 + [1.0] * 20))
    assert found.low <= found.value <= found.high
    assert [one["pages"] for one in reliability(scores, good, 2)] == [2, 2]
