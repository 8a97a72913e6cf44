"""Learning and encoding beside HF tokenizers and tiktoken, on the same text, one core each.

    python -m tests.bench.bench_tokenizer CURATED [--sizes 16384 32768]

CURATED is a Parquet file or folder with a column `text`. Every contender runs in a process of its own that starts with nothing
but the path, so that peak memory is its own. Seconds are processor time, so that a busy machine does not change them much;
compiling the kernels is not counted, it happens once on a machine.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import dataset
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from tokenizer.count import WORD_COUNTS, count_words, merge
from tokenizer.encode import Encoder
from tokenizer.learn import TokenizerSettings, learn
from tokenizer.vocabulary import END_OF_TEXT, tiktoken_encoding, tokenizer_json

ROWS = 512


def batches(path: str) -> Iterator[pa.Array]:
    for batch in dataset.dataset(path).to_batches(columns=["text"], batch_size=ROWS):
        yield batch.column("text")


def read_only(path: str, size: int, tokenizer: Path) -> dict[str, float]:
    """What the others do besides their work: the floor of their memory."""
    return {"megabytes": sum(texts.nbytes for texts in batches(path)) / 1e6}


def learn_ours(path: str, size: int, tokenizer: Path) -> dict[str, float]:
    settings = TokenizerSettings(vocabulary_size=size)
    small = count_words(pa.array(["warm up, warm up"]), settings.max_word_bytes)
    learn(small["word"], small["count"], settings)
    started = time.process_time()
    counts = WORD_COUNTS.empty_table()
    waiting: list[pa.Table] = []
    for texts in batches(path):
        waiting.append(pa.Table.from_batches([count_words(texts, settings.max_word_bytes)]))
        if sum(table.num_rows for table in waiting) > 2_000_000:
            counts, waiting = merge(counts, *waiting), []
    counts = merge(counts, *waiting)
    counted = time.process_time()
    merges = learn(counts["word"], counts["count"], settings)
    ended = time.process_time()
    tokenizer.write_text(tokenizer_json(merges))
    seconds = {"count_seconds": counted - started, "learn_seconds": ended - counted, "seconds": ended - started}
    return seconds | {"words": counts.num_rows}


def learn_hf(path: str, size: int, tokenizer: Path) -> dict[str, float]:
    ours = Tokenizer.from_file(str(tokenizer))
    fresh = Tokenizer(models.BPE())
    fresh.pre_tokenizer = ours.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=TokenizerSettings().min_pair_count,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    started = time.process_time()
    fresh.train_from_iterator((text for texts in batches(path) for text in texts.to_pylist()), trainer)
    seconds = time.process_time() - started
    same = json.loads(fresh.to_str())["model"] == json.loads(ours.to_str())["model"]
    return {"seconds": seconds, "same_vocabulary_and_merges": same}


def encode_ours(path: str, size: int, tokenizer: Path) -> dict[str, float]:
    encoder = Encoder(tokenizer.read_text())
    encoder.encode(pa.array(["warm up"]))
    return _encoding(path, lambda texts: len(encoder.encode(texts).ids))


def encode_tiktoken(path: str, size: int, tokenizer: Path) -> dict[str, float]:
    encoding = tiktoken_encoding(tokenizer.read_text())
    return _encoding(path, lambda texts: sum(map(len, encoding.encode_ordinary_batch(texts.to_pylist(), num_threads=1))))


def encode_hf(path: str, size: int, tokenizer: Path) -> dict[str, float]:
    theirs = Tokenizer.from_file(str(tokenizer))
    theirs.encode_special_tokens = True
    return _encoding(path, lambda texts: sum(len(encoded.ids) for encoded in theirs.encode_batch_fast(texts.to_pylist())))


def _encoding(path: str, encode: Callable[[pa.Array], int]) -> dict[str, float]:
    seconds, tokens, size = 0.0, 0, 0
    for texts in batches(path):
        started = time.process_time()
        tokens += encode(texts)
        seconds += time.process_time() - started
        size += texts.nbytes
    return {"seconds": seconds, "megabytes_per_second": size / 1e6 / seconds, "tokens": tokens, "bytes_per_token": size / tokens}


CONTENDERS = {one.__name__: one for one in (read_only, learn_ours, learn_hf, encode_ours, encode_tiktoken, encode_hf)}


def apart(name: str, path: str, size: int, tokenizer: Path) -> None:
    """Runs one contender in a process of its own and prints its line."""
    command = [sys.executable, "-m", "tests.bench.bench_tokenizer", path, "--run", name, str(size), str(tokenizer)]
    one_core = {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    answer = json.loads(subprocess.run(command, env=os.environ | one_core, check=True, capture_output=True, text=True).stdout)
    told = ", ".join(f"{key} {value:,.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in answer.items())
    print(f"{size:>6} {name:16} {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("curated")
    parser.add_argument("--sizes", type=int, nargs="+", default=[16_384, 32_768])
    parser.add_argument("--run", nargs=3, metavar=("NAME", "SIZE", "TOKENIZER"), help="one contender, in this process")
    arguments = parser.parse_args()
    if arguments.run:
        name, size, tokenizer = arguments.run
        answer = CONTENDERS[name](arguments.curated, int(size), Path(tokenizer))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(answer | {"peak_megabytes": round(peak)}))
        return
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes:
            for name in CONTENDERS:
                apart(name, arguments.curated, size, Path(folder) / f"{size}.json")


if __name__ == "__main__":
    main()
