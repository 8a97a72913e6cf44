"""Rows of a mixture as llm.c and modded-nanogpt read tokens: train_NNNNNN.bin and val_NNNNNN.bin, each a header and whole rows.

With a sequence length of `row_tokens` and no shuffling, llm.c reads row after row what training here reads.
"""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from jobs.export.source import Source, Stretch
from tokenizer.shards.files import HEADER_BYTES, header
from tokenizer.shards.splits import TRAIN, VALIDATION

NAMES = {TRAIN: "train", VALIDATION: "val"}
STRETCHES_OF_FILE = 95  # about 100 million tokens, as in llm.c's FineWeb shards


def write_llmc(source: Source, folder: Path) -> int:
    """Returns the number of rows."""
    rows = 0
    for split in source.splits:
        files = groupby(source.stretches(split), key=lambda stretch: stretch.shard // STRETCHES_OF_FILE)
        for number, stretches in files:
            rows += _write_file(folder / f"{NAMES[split]}_{number:06d}.bin", stretches, source.manifest.dtype)
    return rows


def _write_file(path: Path, stretches: Iterable[Stretch], dtype: str) -> int:
    rows = tokens = 0
    with path.open("wb") as file:
        file.write(bytes(HEADER_BYTES))
        for stretch in stretches:
            stretch.values.tofile(file)
            rows += len(stretch.names)
            tokens += len(stretch.values)
        file.seek(0)
        file.write(header(dtype, tokens))
    return rows
