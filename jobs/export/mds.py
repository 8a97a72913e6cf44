"""Shards -> MosaicML Streaming's MDS: train/ and validation/, each with index.json and shard.NNNNN.mds.

A sample is a document: doc_id, and tokens as an array of uint16 or uint32 that ends in `<|endoftext|>`; of a mixture a row, with
the corpus in the place of doc_id. A file, little-endian:

    samples, u32 | byte at which each begins, and the end, u32 | the columns as JSON | samples
    sample: bytes of its name, u32 | bytes of tokens, u32 | name | tokens
    tokens: number of axes (1) << 2 | type of the length (0 u8, 1 u16, 2 u32) | length | ids
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from jobs.export.source import Source, Stretch

FILE_BYTES = 1 << 26  # of a file, at most, unless a document alone is larger: streaming's own default
LENGTH_TYPES = ("<u1", "<u2", "<u4")


def write_mds(source: Source, folder: Path) -> int:
    """`StreamingDataset(local=FOLDER, split="train")`; `validate_hash="sha256"` holds files to their hashes."""
    return sum(_write_split(source, split, folder / split) for split in source.splits)


def _write_split(source: Source, split: str, folder: Path) -> int:
    folder.mkdir()
    columns = _columns(source.manifest.dtype, source.named)
    samples = (sample for stretch in source.stretches(split) for sample in _samples(stretch))
    shards = [_write_file(some, columns, folder, number) for number, some in enumerate(_files(samples, columns))]
    (folder / "index.json").write_text(json.dumps({"version": 2, "shards": shards}, sort_keys=True))
    return sum(shard["samples"] for shard in shards)


def _columns(dtype: str, named: str) -> dict[str, Any]:
    """What every file says of itself."""
    return {
        "version": 2,
        "format": "mds",
        "compression": None,
        "hashes": ["sha256"],
        "size_limit": FILE_BYTES,
        "column_names": [named, "tokens"],
        "column_encodings": ["str", f"ndarray:{dtype}"],
        "column_sizes": [None, None],
    }


def _samples(stretch: Stretch) -> Iterator[bytes]:
    bounds = stretch.offsets.tolist()
    for sample, start, end in zip(stretch.names, bounds[:-1], bounds[1:], strict=True):
        tokens = _array(stretch.values[start:end])
        name = sample.encode()
        yield np.array([len(name), len(tokens)], "<u4").tobytes() + name + tokens


def _array(values: np.ndarray) -> bytes:
    code = next(code for code, kind in enumerate(LENGTH_TYPES) if len(values) <= np.iinfo(kind).max)
    return bytes([1 << 2 | code]) + np.array([len(values)], LENGTH_TYPES[code]).tobytes() + values.tobytes()


def _files(samples: Iterator[bytes], columns: dict[str, Any]) -> Iterator[list[bytes]]:
    """Samples that go into one file."""
    empty = 8 + len(_json(columns))
    some: list[bytes] = []
    size = empty
    for sample in samples:
        if some and size + len(sample) + 4 > FILE_BYTES:
            yield some
            some, size = [], empty
        some.append(sample)
        size += len(sample) + 4
    if some:
        yield some


def _write_file(samples: list[bytes], columns: dict[str, Any], folder: Path, number: int) -> dict[str, Any]:
    """Writes one file; its row of index.json."""
    head = _json(columns)
    offsets = np.cumsum([4 + 4 * (len(samples) + 1) + len(head), *map(len, samples)]).astype("<u4")
    data = b"".join([np.array([len(samples)], "<u4").tobytes(), offsets.tobytes(), head, *samples])
    name = f"shard.{number:05d}.mds"
    (folder / name).write_bytes(data)
    raw = {"basename": name, "bytes": len(data), "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}
    return {"samples": len(samples), "raw_data": raw, "zip_data": None, **columns}


def _json(columns: dict[str, Any]) -> bytes:
    return json.dumps(columns, sort_keys=True).encode()
