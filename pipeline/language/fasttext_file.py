"""Is this file a whole fastText classifier? Asked before fastText opens it, because fastText trusts what it reads: a cut-off
dictionary makes it append bytes until memory is full, which no `except` catches.

Layout (fastText 0.9, little-endian): magic, version, 12 arguments, then the dictionary, then the input and output matrices.
"""

import mmap
import struct
from pathlib import Path
from typing import NamedTuple

MAGIC, NEWEST_VERSION, SUPERVISED = 793712314, 12, 3
# magic, version; dim ws epoch minCount neg wordNgrams loss model bucket minn maxn lrUpdateRate; t
HEADER = struct.Struct("<2i12id")
DICTIONARY = struct.Struct("<3i2q")  # entries, words, labels; tokens, pruned n-grams (-1: none pruned)
ENTRY_TAIL = 9  # count (int64) and kind (int8) behind each NUL-terminated word
LABEL = 1
MAX_WORD_BYTES = 1 << 16
QUANTISER_BYTES, CENTROID_BYTES = 16, 4 * 256  # four int32; 256 float32 per dimension


class Header(NamedTuple):
    """What identification needs to know of a model."""

    dimensions: int
    labels: tuple[str, ...]


class NotAClassifierError(ValueError):
    """The file is no fastText classifier, or not all of one; the message says which."""


def read_header(path: Path) -> Header:
    """Walks header and dictionary and checks that the matrices behind them fit the file. About 0.3 s per million words."""
    if path.stat().st_size < HEADER.size + DICTIONARY.size:
        raise NotAClassifierError("too short to be a fastText model")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        magic, version, *arguments = HEADER.unpack_from(data)
        if magic != MAGIC:
            raise NotAClassifierError("not a fastText model (wrong magic number)")
        if version > NEWEST_VERSION:
            raise NotAClassifierError(f"made by a newer fastText (file version {version}, known up to {NEWEST_VERSION})")
        if arguments[7] != SUPERVISED:
            raise NotAClassifierError("holds word vectors, not a classifier")
        dimensions = arguments[0]
        labels, position = _walk_dictionary(data)
        _matrix_end(data, _matrix_end(data, position))
        return Header(dimensions, labels)


def _walk_dictionary(data: mmap.mmap) -> tuple[tuple[str, ...], int]:
    entries, _, label_count, _, pruned = DICTIONARY.unpack_from(data, HEADER.size)
    position = HEADER.size + DICTIONARY.size
    labels = []
    for _ in range(entries):
        end = data.find(b"\0", position, position + MAX_WORD_BYTES)
        if end < 0 or end + 1 + ENTRY_TAIL > len(data):
            raise NotAClassifierError("cut off inside its dictionary")
        if data[end + ENTRY_TAIL] == LABEL:
            labels.append(data[position:end].decode("utf-8", "replace"))
        position = end + 1 + ENTRY_TAIL
    if not labels or len(labels) != label_count:
        raise NotAClassifierError(f"names {len(labels)} labels where its header promises {label_count}")
    return tuple(labels), position + 8 * max(pruned, 0)


def _matrix_end(data: mmap.mmap, position: int) -> int:
    """Where the matrix that starts with its flag at `position` ends: dense, or product-quantised with or without its norms."""
    try:
        if not data[position]:
            rows, columns = struct.unpack_from("<qq", data, position + 1)
            return _within(data, position + 17, 4 * rows * columns, rows, columns)
        norms, rows, columns, codes = struct.unpack_from("<?qqi", data, position + 1)
        end = _within(data, position + 22, codes + QUANTISER_BYTES + CENTROID_BYTES * columns, rows, columns, codes)
        return _within(data, end, rows + QUANTISER_BYTES + CENTROID_BYTES) if norms else end
    except (IndexError, struct.error) as error:
        raise NotAClassifierError("cut off before its matrices") from error


def _within(data: mmap.mmap, position: int, size: int, *sizes: int) -> int:
    if min(sizes, default=0) < 0:
        raise NotAClassifierError("has a matrix of negative size")
    if position + size > len(data):
        raise NotAClassifierError(f"cut off inside a matrix: {len(data):,} bytes, at least {position + size:,} needed")
    return position + size
