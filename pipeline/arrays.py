"""Arrow string arrays as the flat arrays that kernels read, and back."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PIECE_BYTES = 4 << 20  # text in work at a time: what is made of it takes some twenty times as much


class FlatText(NamedTuple):
    """`data[offsets[i]:offsets[i + 1]]` is the UTF-8 of row i; a null row is empty. Shapes: data [bytes], offsets [rows + 1]."""

    data: np.ndarray  # uint8
    offsets: np.ndarray  # int64


def flatten(text: pa.Array | pa.ChunkedArray) -> FlatText:
    """Views of a string or binary array, of any slicing or chunking; copies only where Arrow itself must.

    Never writable, whatever Arrow gave: numba would compile every kernel a second time.
    """
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
        if isinstance(text, pa.ChunkedArray):  # no chunks, or more than 2 GiB
            text = pa.concat_arrays(text.chunks) if text.num_chunks else pa.array([], text.type)
    if pa.types.is_string(text.type):
        text = text.cast(pa.large_string())
    elif pa.types.is_binary(text.type):
        text = text.cast(pa.large_binary())
    if text.null_count:
        text = text.fill_null(b"" if pa.types.is_large_binary(text.type) else "")
    _, offsets, data = text.buffers()
    starts = (
        np.frombuffer(offsets, dtype=np.int64, count=len(text) + 1, offset=8 * text.offset) if offsets else np.zeros(1, np.int64)
    )
    values = np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    values.flags.writeable = starts.flags.writeable = False
    return FlatText(values, starts)


def pieces(text: pa.Array) -> Iterator[tuple[int, int]]:
    """Row ranges of about PIECE_BYTES of text each, or of one larger row."""
    sizes = pc.fill_null(pc.binary_length(text), 0).to_numpy(zero_copy_only=False)
    piece_of_row = (np.cumsum(sizes, dtype=np.int64) - sizes) // PIECE_BYTES
    borders = [*np.flatnonzero(np.diff(piece_of_row, prepend=-1)).tolist(), len(sizes)]
    return itertools.pairwise(borders)


def changes(values: np.ndarray) -> np.ndarray:
    """bool [rows]: where a value differs from the one before; true for the first."""
    differs = np.ones(len(values), bool)
    differs[1:] = values[1:] != values[:-1]
    return differs


def distinct_pairs(rows: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, values) sorted, each pair once."""
    order = np.lexsort((values, rows))
    rows, values = rows[order], values[order]
    new = changes(rows) | changes(values)
    return rows[new], values[new]
