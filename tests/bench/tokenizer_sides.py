"""One contender of `make bench-tokenizer`, in a process of its own: prints one line of JSON.

    python -m tests.bench.tokenizer_sides NAME TEXTS.parquet SIZE FOLDER

FOLDER keeps what one leaves for the next: ours-SIZE.json, hf-SIZE.json, shards/. Seconds are of the processor. Memory is the
process's largest resident size: `floor` after imports, compiled kernels and one pass over the text, `peak` at the end; what
lies between is the contender's own. Ours imports numba, which costs more than tokenizers does.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.tables import WORD_COUNTS

Result = dict[str, Any]
ROWS = 512
WARM_UP = "warm up, Warm-up 12 \u00fc \u6587"
LOADER_SECONDS = 5.0


def batches(path: Path) -> Iterator[pa.Array]:
    """A row group at a time, nothing read ahead."""
    file = pq.ParquetFile(path, memory_map=False, pre_buffer=False)
    for group in range(file.num_row_groups):
        for batch in file.iter_batches(ROWS, row_groups=[group], columns=["text"], use_threads=False):
            yield batch.column("text")


def resident() -> tuple[int, int]:
    """(now, largest so far) in bytes. `ru_maxrss` would count what the parent of this process holds."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    now, largest = (int(status[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, largest


def floor(path: Path) -> Result:
    imports = resident()[1]
    size = sum(texts.nbytes for texts in batches(path))
    return {"imports_bytes": imports, "floor_bytes": resident()[1], "text_bytes": size}


def learn_ours(path: Path, size: int, folder: Path) -> Result:
    from tokenizer.bpe.count import count_words, merge
    from tokenizer.bpe.learn import TokenizerSettings, learn
    from tokenizer.bpe.vocabulary import tokenizer_json

    settings = TokenizerSettings(vocabulary_size=size)
    small = merge(pa.Table.from_batches([count_words(pa.array([WARM_UP]), settings.max_word_bytes)]))
    learn(small["word"], small["count"], TokenizerSettings(vocabulary_size=300))
    result = floor(path)
    started = time.process_time()
    counts = counted(
        (pa.Table.from_batches([count_words(texts, settings.max_word_bytes)]) for texts in batches(path)),
        WORD_COUNTS.empty_table(), merge,
    ).select(["word", "count"])  # fmt: skip
    counting = time.process_time() - started
    peak_of_counting = resident()[1]
    merges = learn(counts["word"], counts["count"], settings)
    seconds = time.process_time() - started
    (folder / f"ours-{size}.json").write_text(tokenizer_json(merges))
    return result | {
        "seconds": seconds, "counting_seconds": counting, "counting_peak_bytes": peak_of_counting, "words": counts.num_rows,
    }  # fmt: skip


def counted(parts: Iterator[pa.Table], empty: pa.Table, merge: Callable[..., pa.Table]) -> pa.Table:
    """Counts merged like the digits of a number, each table with one of its own size: few rows wait, and few move twice."""
    waiting: list[pa.Table] = []
    for part in parts:
        waiting.append(part)
        while len(waiting) > 1 and waiting[-2].num_rows <= 2 * waiting[-1].num_rows:
            waiting[-2:] = [merge(*waiting[-2:])]
    return merge(empty, *waiting)


def learn_hf(path: Path, size: int, folder: Path) -> Result:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    ours = Tokenizer.from_file(str(folder / f"ours-{size}.json"))
    fresh = Tokenizer(models.BPE())
    fresh.pre_tokenizer, fresh.decoder = ours.pre_tokenizer, ours.decoder
    specials = [token["content"] for token in json.loads(ours.to_str())["added_tokens"]]
    del ours
    trainer = trainers.BpeTrainer(
        vocab_size=size, min_frequency=2, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    result = floor(path)
    started = time.process_time()
    fresh.train_from_iterator((text for texts in batches(path) for text in texts.to_pylist()), trainer)
    seconds = time.process_time() - started
    peak = resident()[1]
    fresh.save(str(folder / f"hf-{size}.json"))
    models_of = [json.loads((folder / f"{side}-{size}.json").read_text())["model"] for side in ("ours", "hf")]
    return result | {
        "seconds": seconds, "peak_bytes": peak, "same_merges": models_of[0]["merges"] == models_of[1]["merges"],
        "same_vocabulary": models_of[0]["vocab"] == models_of[1]["vocab"],
    }  # fmt: skip


def encode_ours(path: Path, size: int, folder: Path) -> Result:
    from tokenizer.bpe.encode import Encoder

    encoder = Encoder((folder / f"ours-{size}.json").read_text())
    encoder.encode(pa.array([WARM_UP]))
    return encoding(path, lambda texts: len(encoder.encode(texts).ids))


def encode_tiktoken(path: Path, size: int, folder: Path) -> Result:
    from tokenizer.bpe.vocabulary import tiktoken_encoding

    theirs = tiktoken_encoding((folder / f"ours-{size}.json").read_text())
    return encoding(path, lambda texts: sum(map(len, theirs.encode_ordinary_batch(texts.to_pylist(), num_threads=1))))


def encode_hf(path: Path, size: int, folder: Path) -> Result:
    """With the vocabulary that HF learned itself: its bytes a token are what ours have to equal."""
    from tokenizers import Tokenizer

    theirs = Tokenizer.from_file(str(folder / f"hf-{size}.json"))
    theirs.encode_special_tokens = True

    def encoded(texts: pa.Array) -> int:
        return sum(len(one.ids) for one in theirs.encode_batch_fast(texts.to_pylist(), add_special_tokens=False))

    return encoding(path, encoded)


def encoding(path: Path, encode: Callable[[pa.Array], int]) -> Result:
    result = floor(path)
    seconds, tokens, size = 0.0, 0, 0
    for texts in batches(path):
        started = time.process_time()
        tokens += encode(texts)
        seconds += time.process_time() - started
        size += sum(map(len, (text.encode() for text in texts.to_pylist())))
    speed = {"seconds": seconds, "megabytes_per_second": size / 1e6 / seconds}
    return result | speed | {"tokens": tokens, "bytes_per_token": size / tokens}


def write_shards(path: Path, size: int, folder: Path) -> Result:
    """The shard stage on one core, by the wall: read, encode, order, write, hash, spans. Spark has been started before."""
    from jobs.corpus.shards import store_shards
    from jobs.spark.session import session
    from jobs.stages.tokens.write_shards import write_shards as written
    from tests.pages import FramePages, journal_in
    from tokenizer.shards.files import MANIFEST, ShardSettings

    learned = (folder / f"ours-{size}.json").read_text()
    with session("local[1]") as spark:
        documents = spark.read.parquet(str(path))
        written(FramePages(documents.limit(50)), learned, ShardSettings(), journal_in(folder / "warm"))
        started = time.perf_counter()
        manifest, _ = written(FramePages(documents), learned, ShardSettings(), journal_in(folder))
        store_shards(str(folder), manifest)
        seconds = time.perf_counter() - started
        (folder / "shards" / MANIFEST).write_text(manifest.to_json())
    text = sum(texts.nbytes for texts in batches(path))
    shards = {"tokens": manifest.tokens, "documents": manifest.documents, "shards": len(manifest.shards)}
    return {"seconds": seconds, "megabytes_per_second": text / 1e6 / seconds} | shards


def load(path: Path, size: int, folder: Path) -> Result:
    """Batches of the training shards, in the loader's own order, until LOADER_SECONDS are over."""
    from tokenizer.shards.loader import LoaderSettings, open_loader

    started = time.process_time()
    loader = open_loader(str(folder), LoaderSettings())
    opened = time.process_time() - started
    loader.batch(0)
    started, steps = time.process_time(), 0
    while time.process_time() - started < LOADER_SECONDS:
        steps += 1
        loader.batch(steps)
    seconds = time.process_time() - started
    row_tokens, rows = loader.settings.row_tokens, loader.settings.batch_rows
    return {
        "tokens_per_second": steps * rows * row_tokens / seconds, "opening_seconds": opened, "tokens": loader.tokens,
        "padding_share": loader.padding_share, "row_tokens": row_tokens, "batch_rows": rows,
    }  # fmt: skip


CONTENDERS = {one.__name__: one for one in (learn_ours, learn_hf, encode_ours, encode_tiktoken, encode_hf, write_shards, load)}


if __name__ == "__main__":
    _, name, path, size, folder = sys.argv
    found = CONTENDERS[name](Path(path), int(size), Path(folder))
    print(json.dumps({"name": name, "size": int(size), "peak_bytes": resident()[1]} | found))
