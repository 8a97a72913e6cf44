"""winnow's kernels on the peer's texts, one core, grouped as the peer's filters are. Prints one line of JSON.

    .venv/bin/python -m tests.bench.bench_kernels TEXTS.jsonl

Each group does what the peer's filter of that name does, on all rows of an Arrow array; the best of REPEATS counts,
because a repetition is short. `measures` is the call that ingest makes: all groups but MinHash.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.arrays import FlatText, flatten
from pipeline.duplicates.copies import signatures
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.kernels.characters import character_table
from pipeline.kernels.quality.line_rules import KeptText, keep_lines, split_lines
from pipeline.kernels.quality.lines import count_kept_lines, count_line_shapes, count_repeated_segments
from pipeline.kernels.quality.ngrams import repeated_chars
from pipeline.kernels.quality.words import count_listed, count_words, hash_words, tokenise
from pipeline.quality import measures as quality
from pipeline.quality.stop_words import STOP_WORDS
from tests.bench.clock import Clock, peak_bytes

REPEATS = 5
ROWS = 256  # in a batch, as ingest makes them
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
NO_LIMIT = 1 << 40


def bench(text: pa.Array, clock: Clock) -> None:
    for first in range(0, len(text), ROWS):
        batch = text[first : first + ROWS]
        _bench_groups(flatten(batch), clock)
        with clock.stage("minhash"):
            signatures(batch, DuplicateSettings())
        with clock.stage("measures"):
            quality.measure(batch, pa.array(["en"] * len(batch)))


def _bench_groups(flat: FlatText, clock: Clock) -> None:
    table, stop_words = character_table(), np.sort(hash_words(*flatten(pa.array(STOP_WORDS["en"]))))
    english = np.zeros(len(flat.offsets) - 1, np.int64)
    with clock.stage("words"):
        tokens = tokenise(*flat, table)
    with clock.stage("gopher_repetition"):
        repeated_chars(tokens.offsets, tokens.hashes, tokens.chars, MULTIPLIER)
        count_repeated_segments(*flat, table, MULTIPLIER)
    with clock.stage("gopher_quality"):
        count_words(tokens.offsets, tokens.chars, tokens.kinds)
        count_line_shapes(*flat, table)
        count_listed(tokens.offsets, tokens.hashes, english, stop_words.reshape(1, -1))
    with clock.stage("c4"):
        kept = _c4(flat, table)
    with clock.stage("words_kept"):  # the peer, too, splits what C4 has left once more
        tokenise(kept.data, kept.offsets, table)
    with clock.stage("fineweb"):
        count_kept_lines(kept.data, kept.offsets, table, MULTIPLIER)


def _c4(flat: FlatText, table: np.ndarray) -> KeptText:
    return keep_lines(
        *flat, split_lines(*flat), table,
        max_word_chars=1000, min_words=3, needs_terminal=False, drop_javascript=True, drop_policies=True,
        remove_citations=True,
    )  # fmt: skip


def main(texts: Path) -> None:
    with texts.open(encoding="utf-8") as file:
        text = pa.array((json.loads(line)["text"] for line in file), pa.string())
    bench(text[:8], Clock())  # compiles, or loads what was compiled
    best = Clock()
    for _ in range(REPEATS):
        clock = Clock()
        bench(text, clock)
        best.keep_best(clock)
    print(json.dumps({
        "side": "kernels", "documents": len(text), "text_bytes": text.nbytes - 4 * (len(text) + 1),
        "stages": best.stages, "peak_memory_bytes": peak_bytes(),
    }))  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
