import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tables import LANGUAGE_COUNTS
from tokenizer.bpe.languages import language_weights, weighted_counts

Rows = dict[tuple[bytes, str], int]


def counts(rows: Rows) -> pa.Table:
    return pa.table([[word for word, _ in rows], [language for _, language in rows], list(rows.values())], schema=LANGUAGE_COUNTS)


LARGE_AND_SMALL: Rows = {(b"the", "en"): 30_000, (b"of", "en"): 4_500, (b"der", "de"): 300, (b"of", "de"): 50}  # 99 % and 1 %
rows = st.dictionaries(
    st.tuples(st.binary(min_size=1, max_size=4), st.sampled_from(["", "de", "en", "ja"])), st.integers(1, 2**40), max_size=12
)


def by_reference(rows: Rows, temperature: float) -> dict[bytes, float]:
    sizes: dict[str, int] = {}
    for (word, language), number in rows.items():
        sizes[language] = sizes.get(language, 0) + number * len(word)
    whole = sum(sizes.values())
    wanted = {language: (size / whole) ** (1 / temperature) for language, size in sizes.items()}
    expected: dict[bytes, float] = {}
    for (word, language), number in rows.items():
        weight = wanted[language] / sum(wanted.values()) / (sizes[language] / whole)
        expected[word] = expected.get(word, 0) + number * weight
    return expected


@given(rows, st.sampled_from([1.0, 1.5, 3.0, 10.0]))
def test_weighted_counts_match_the_reference(rows: Rows, temperature: float) -> None:
    table = weighted_counts(counts(rows), temperature)
    expected = by_reference(rows, temperature)
    assert table["word"].to_pylist() == sorted(expected)
    for word, count in zip(table["word"].to_pylist(), table["count"].to_pylist(), strict=True):
        assert count == pytest.approx(expected[word], rel=1e-3, abs=sum(rows.values()) * 1e-6 + 1)


@given(rows)
def test_a_temperature_of_one_changes_no_count(rows: Rows) -> None:
    expected: dict[bytes, int] = {}
    for (word, _), number in rows.items():
        expected[word] = expected.get(word, 0) + number
    assert dict(zip(*(column.to_pylist() for column in weighted_counts(counts(rows), 1.0).columns), strict=True)) == expected


def test_one_language_in_a_hundred_gets_one_token_in_eleven_at_two() -> None:
    weights = language_weights(counts(LARGE_AND_SMALL), 2.0)
    assert weights == pytest.approx({"en": 0.99**0.5 / (0.99**0.5 + 0.1) / 0.99, "de": 0.1 / (0.99**0.5 + 0.1) / 0.01}, rel=1e-5)


def test_the_weighted_text_is_as_long_as_the_text() -> None:
    table = weighted_counts(counts(LARGE_AND_SMALL), 3.0)
    sizes = [len(word) * count for word, count in zip(*(column.to_pylist() for column in table.columns), strict=True)]
    assert sum(sizes) == pytest.approx(100_000, rel=1e-4)


def test_the_order_of_rows_changes_no_count() -> None:
    table = counts({(bytes([word]), language): word * 7 + 1 for word in range(200) for language in ("de", "en", "ja")})
    assert weighted_counts(table, 3.0) == weighted_counts(table.take(list(range(599, -1, -1))), 3.0)


def test_no_words_have_no_weights() -> None:
    assert language_weights(counts({}), 2.0) == {} and weighted_counts(counts({}), 2.0).num_rows == 0


def test_a_word_of_two_languages_is_weighted_by_each_and_rounded_once() -> None:
    """`of`: 4,500 x 0.91785 + 50 x 9.1325 = 4,586.96."""
    assert weighted_counts(counts(LARGE_AND_SMALL), 2.0).to_pylist() == [
        {"word": b"der", "count": 2740}, {"word": b"of", "count": 4587}, {"word": b"the", "count": 27536},
    ]  # fmt: skip
