"""The removed pages' tokens, kept until a takedown that also concerns a run has ended, and then deleted.

They are what an audit asks the weights about and what approximate methods unlearn. They lie in CORPUS/.winnow/takedown-REQUEST/,
with the numbers that were measured before anything changed; a takedown that was killed leaves them, and the same command,
given again, ends with deleting them.
"""

import io
import itertools
import json

import numpy as np

from jobs.corpus.folder import Corpus
from jobs.corpus.shards import read_shard
from jobs.corpus.views import Row
from tokenizer.shards.files import ShardManifest
from tokenizer.shards.splits import TRAIN

TOKENS, OFFSETS, BEFORE = "tokens.npy", "offsets.npy", "before.json"


def keep(corpus: Corpus, name: str, manifest: ShardManifest, spans: list[Row]) -> None:
    """Copies the tokens of these spans, each with its `<|endoftext|>` first, as far as they are in shards of training."""
    folder = _folder(name)
    corpus.store.delete_folder(folder)
    pieces, trained_on = [], manifest.read_as(TRAIN)
    for span in spans:
        if span["shard"] in trained_on:
            tokens = read_shard(corpus.root, manifest.shards[span["shard"]])
            pieces.append(np.asarray(tokens[span["start"] - 1 : span["start"] + span["length"]], np.int32))
    corpus.store.put(f"{folder}/{TOKENS}", _as_bytes(np.concatenate([*pieces, np.zeros(0, np.int32)])))
    corpus.store.put(f"{folder}/{OFFSETS}", _as_bytes(np.cumsum([0, *map(len, pieces)]).astype(np.int64)))


def _as_bytes(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def documents(corpus: Corpus, name: str) -> list[np.ndarray]:
    """Token ids of each document; none where they were not kept, or have been deleted."""
    try:
        found = [corpus.store.read(f"{_folder(name)}/{file}") for file in (TOKENS, OFFSETS)]
    except FileNotFoundError:
        return []
    tokens, offsets = (np.load(io.BytesIO(data), allow_pickle=False) for data in found)
    return [tokens[start:stop] for start, stop in itertools.pairwise(offsets)]


def note_before(corpus: Corpus, name: str, measured: dict[str, float]) -> None:
    corpus.store.put(f"{_folder(name)}/{BEFORE}", json.dumps(measured).encode())


def before(corpus: Corpus, name: str) -> dict[str, float] | None:
    try:
        return dict(json.loads(corpus.store.read(f"{_folder(name)}/{BEFORE}")))
    except FileNotFoundError:
        return None


def delete(corpus: Corpus, name: str) -> None:
    """For good: a store that keeps versions keeps none of these."""
    if corpus.store.found(_folder(name)):
        corpus.store.delete_folder(_folder(name))
        corpus.store.forget_versions()


def _folder(name: str) -> str:
    return f".winnow/takedown-{name}"
