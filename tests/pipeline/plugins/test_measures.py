"""How a function of somebody else is called, whatever it does."""

import math
import sys

import pyarrow as pa
import pytest

from pipeline.errors import RecipeError
from pipeline.plugins.calls import columns_of
from pipeline.plugins.measures import measured

PAGES = pa.record_batch({"doc_id": ["a", "b", "c"], "text": ["one", None, "three"]})


def taken(function: object) -> list[float | None]:
    found: list[float | None] = measured("mine", function, ("text",), PAGES).to_pylist()  # type: ignore[arg-type]
    return found


def test_numbers_of_every_kind_are_taken_as_32_bits_and_what_is_no_number_is_null() -> None:
    assert taken(lambda text: pa.array([True, False, None])) == [1, 0, None]
    assert taken(lambda text: pa.array([1, 2, 3], pa.int64())) == [1, 2, 3]
    assert taken(lambda text: pa.array([math.nan, math.inf, 0.5])) == [None, None, 0.5]
    assert taken(lambda text: pa.chunked_array([[1.0], [2.0, 3.0]])) == [1, 2, 3]
    assert taken(lambda text: pa.nulls(3)) == [None] * 3


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda text: pa.array([1.0]), "it gave 1 rows where an Arrow array of 3 rows .*, at documents a to c together"),
        (lambda text: sys.exit(3), "SystemExit: 3, at document a"),
        (lambda text: [1.0] * len(text), "it gave list where an Arrow array"),
        (lambda text: pa.array(["x"] * len(text)), "at document a"),
        (lambda text: pa.array([len(one) for one in text.to_pylist()]), "TypeError: .* has no len.., at document b"),
    ],
)  # fmt: skip
def test_a_failure_names_the_function_and_the_first_page_that_it_fails_on(function: object, said: str) -> None:
    with pytest.raises(RecipeError, match=f"plug-in mine: .*{said}"):
        taken(function)


def test_a_function_says_what_it_measures_and_asks_for_columns_that_exist() -> None:
    def documented(text: pa.Array, word_count: pa.Array) -> pa.Array:
        """Something."""

    def strange(text: pa.Array, weather: pa.Array) -> pa.Array:
        """Something."""

    assert columns_of("mine", documented) == ("text", "word_count")
    with pytest.raises(RecipeError, match="weather is no column"):
        columns_of("mine", strange)
    with pytest.raises(RecipeError, match="docstring"):
        columns_of("mine", lambda text: text)
    with pytest.raises(RecipeError, match="docstring"):
        columns_of("mine", 7)
