from collections import Counter
from string import ascii_letters

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from tests.reference import bpe
from tests.tokenizer.strategies import reshaped, rows, shapes
from tokenizer.count import count_words, merge, subtract


def counted(texts: list[str | None]) -> pa.Table:
    return pa.Table.from_batches([count_words(pa.array(texts, pa.string()), 1024)])


def as_counters(table: pa.Table | pa.RecordBatch) -> tuple[Counter[bytes], Counter[bytes]]:
    words = table["word"].to_pylist()
    assert len(set(words)) == len(words)
    return (
        Counter(dict(zip(words, table["count"].to_pylist(), strict=True))),
        Counter(dict(zip(words, table["documents"].to_pylist(), strict=True))),
    )


@given(rows, shapes, st.sampled_from([1, 3, 1024]))
def test_counts_match_the_reference(texts: list[str | None], shape: str, longest: int) -> None:
    assert as_counters(count_words(reshaped(texts, shape), longest)) == bpe.count(texts, longest)


def test_a_table_that_grows_many_times_keeps_every_word() -> None:
    texts: list[str | None] = [" ".join(f"w{chr(0x4E00 + number)}" for number in range(part, 20_000, 2)) for part in range(3)]
    assert as_counters(counted(texts)) == bpe.count(texts, 1024)


def test_words_with_one_beginning_are_told_apart() -> None:
    """So many that they meet in the table, where only their ninth byte tells some of them apart."""
    words = [f"beginnin{ninth}{tenth}" for ninth in ascii_letters for tenth in ascii_letters]
    assert as_counters(counted(["\n".join(words)])) == bpe.count(["\n".join(words)], 1024)


@given(rows, rows)
def test_counts_of_parts_add_up_to_the_counts_of_the_whole(first: list[str | None], second: list[str | None]) -> None:
    assert merge(counted(first), counted(second)) == merge(counted(first + second))


@given(rows, rows)
def test_subtracting_gives_the_counts_of_a_corpus_without_them(kept: list[str | None], removed: list[str | None]) -> None:
    assert subtract(counted(kept + removed), counted(removed)) == merge(counted(kept))


def test_documents_that_were_never_counted_cannot_be_subtracted() -> None:
    with pytest.raises(UsageError, match="b' b' more often"):
        subtract(counted(["a b"]), counted(["a b b"]))
