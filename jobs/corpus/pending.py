"""The removed pages' tokens, kept until a takedown that also concerns a run has ended, and then deleted.

They are what an audit asks the weights about and what approximate methods unlearn. They lie in CORPUS/.winnow/takedown-REQUEST/,
with the numbers that were measured before anything changed; a takedown that was killed leaves them, and the same command,
given again, ends with deleting them.
"""

import itertools
import json
import shutil
from pathlib import Path

import numpy as np

from jobs.corpus.files.stored import make_folder
from jobs.corpus.folder import Corpus
from jobs.corpus.views import Row
from tokenizer.shards.files import ShardManifest, read_shard
from tokenizer.shards.splits import TRAIN

TOKENS, OFFSETS, BEFORE = "tokens.npy", "offsets.npy", "before.json"


def keep(corpus: Corpus, name: str, manifest: ShardManifest, spans: list[Row]) -> None:
    """Copies the tokens of these spans, each with its `<|endoftext|>` first, as far as they are in shards of training."""
    folder = _folder(corpus, name)
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(corpus.root, f".winnow/takedown-{name}")
    pieces, trained_on = [], manifest.read_as(TRAIN)
    for span in spans:
        if span["shard"] in trained_on:
            tokens = read_shard(corpus.root, manifest.shards[span["shard"]])
            pieces.append(np.asarray(tokens[span["start"] - 1 : span["start"] + span["length"]], np.int32))
    np.save(folder / TOKENS, np.concatenate([*pieces, np.zeros(0, np.int32)]), allow_pickle=False)
    np.save(folder / OFFSETS, np.cumsum([0, *map(len, pieces)]).astype(np.int64), allow_pickle=False)


def documents(corpus: Corpus, name: str) -> list[np.ndarray]:
    """Token ids of each document; none where they were not kept, or have been deleted."""
    folder = _folder(corpus, name)
    if not (folder / OFFSETS).exists():
        return []
    tokens, offsets = (np.load(folder / file, allow_pickle=False) for file in (TOKENS, OFFSETS))
    return [tokens[start:stop] for start, stop in itertools.pairwise(offsets)]


def note_before(corpus: Corpus, name: str, measured: dict[str, float]) -> None:
    (_folder(corpus, name) / BEFORE).write_text(json.dumps(measured))


def before(corpus: Corpus, name: str) -> dict[str, float] | None:
    path = _folder(corpus, name) / BEFORE
    return dict(json.loads(path.read_text())) if path.exists() else None


def delete(corpus: Corpus, name: str) -> None:
    shutil.rmtree(_folder(corpus, name), ignore_errors=True)


def _folder(corpus: Corpus, name: str) -> Path:
    return Path(corpus.path(".winnow", f"takedown-{name}"))
