"""Flat arrays: what the column holds, whatever its slicing and chunks, and always of one type, so that kernels compile once."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.arrays import flatten

TEXTS = st.lists(st.none() | st.text(max_size=8), max_size=12)


@given(TEXTS, st.integers(0, 12), st.integers(1, 4), st.sampled_from([pa.string(), pa.large_string()]))
def test_rows_are_those_of_the_column(texts: list[str | None], start: int, pieces: int, kind: pa.DataType) -> None:
    chunks = [pa.array(texts[at::pieces], kind).slice(start) for at in range(pieces)]
    flat = flatten(pa.chunked_array(chunks, kind))
    rows = [flat.data[begin:end].tobytes().decode() for begin, end in zip(flat.offsets[:-1], flat.offsets[1:], strict=True)]
    assert rows == [text or "" for at in range(pieces) for text in texts[at::pieces][start:]]


@pytest.mark.parametrize("texts", [[], [""], ["a", "b"], ["a", None], [None]])
def test_they_are_never_writable(texts: list[str | None]) -> None:
    """Arrow's own buffers are not, what it computes is: until 2026-11 numba compiled kernels for both."""
    for column in (pa.array(texts, pa.string()), pa.chunked_array([pa.array(texts, pa.large_string())] * 2)):
        flat = flatten(column)
        assert not flat.data.flags.writeable and not flat.offsets.flags.writeable
