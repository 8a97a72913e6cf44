"""Shards -> Megatron-LM's indexed datasets: train.bin and train.idx, validation.bin and validation.idx.

The .bin holds the ids of all documents, each a sequence of its own that ends in `<|endoftext|>`. The .idx, little-endian:

    "MMIDIDX" 0 0 | version 1, u64 | type of the ids, u8: 8 uint16, 4 int32 | sequences, u64 | documents + 1, u64
    | tokens of each sequence, i32 | byte at which each begins, i64 | first sequence of each document, and the end, i64
"""

import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from jobs.export.source import Source

MAGIC = b"MMIDIDX\x00\x00"
TYPE_CODES = {"uint16": 8, "uint32": 4}  # there is no code for uint32, and ids of ours fit into int32
CHUNK = 1 << 18  # sequences at a time


def write_megatron(source: Source, folder: Path) -> int:
    """`--data-path FOLDER/train`, `--valid-data-path FOLDER/validation`."""
    return sum(_write_split(source, split, folder) for split in source.splits)


def _write_split(source: Source, split: str, folder: Path) -> int:
    sequences = 0
    with (folder / f"{split}.bin").open("wb") as file, tempfile.TemporaryFile(dir=folder) as lengths:
        for stretch in source.stretches(split):
            stretch.values.tofile(file)
            lengths.write(np.diff(stretch.offsets).astype("<i4").tobytes())
            sequences += len(stretch.names)
        with (folder / f"{split}.idx").open("wb") as index:
            _write_index(index, lengths, sequences, source.manifest.dtype)
    return sequences


def _write_index(index: BinaryIO, lengths: BinaryIO, sequences: int, dtype: str) -> None:
    index.write(MAGIC + struct.pack("<QBQQ", 1, TYPE_CODES[dtype], sequences, sequences + 1))
    lengths.seek(0)
    shutil.copyfileobj(lengths, index)
    at = 0
    for some in _read_lengths(lengths):
        ends = at + np.cumsum(some.astype(np.int64) * np.dtype(dtype).itemsize)
        index.write(np.concatenate([[at], ends[:-1]]).astype("<i8").tobytes())
        at = int(ends[-1])
    for first in range(0, sequences + 1, CHUNK):
        index.write(np.arange(first, min(first + CHUNK, sequences + 1), dtype="<i8").tobytes())


def _read_lengths(lengths: BinaryIO) -> Iterator[np.ndarray]:
    lengths.seek(0)
    while data := lengths.read(CHUNK * 4):
        yield np.frombuffer(data, "<i4")
