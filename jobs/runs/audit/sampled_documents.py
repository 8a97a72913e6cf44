"""Documents of a split, drawn at random and read as tokens: those of training beside held-out ones of the same lengths."""

from bisect import bisect_left
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.corpus.shards import read_shard, read_spans
from pipeline.errors import UsageError
from pipeline.tables import SPANS
from tokenizer.shards.files import ShardManifest
from tokenizer.shards.splits import TRAIN, VALIDATION

LEAST_TOKENS = 16  # a shorter document has too little to be recognised by
_POOL = 20  # documents of training drawn for each that is wanted, to find one of the right length


class Sampled(NamedTuple):
    """Token ids, `<|endoftext|>` first; member i is about as long as held-out document i."""

    members: list[np.ndarray]
    held_out: list[np.ndarray]


class SplitDocuments:
    """Where the documents of a split lie; shards, starts (of `<|endoftext|>`) and lengths are int64 [documents]."""

    def __init__(self, corpus: str, manifest: ShardManifest, split: str, least_tokens: int = LEAST_TOKENS) -> None:
        self._corpus, self._manifest = corpus, manifest
        tables = [read_spans(corpus, manifest.shards[number], SPANS.names[1:]) for number in manifest.read_as(split)]
        spans = pa.concat_tables([pa.schema(list(SPANS)[1:]).empty_table(), *tables])
        spans = spans.filter(pc.greater_equal(spans["length"], least_tokens))
        spans = spans.sort_by([("shard", "ascending"), ("start", "ascending")])
        self.shards, starts, self.lengths = (spans[name].to_numpy().astype(np.int64) for name in ("shard", "start", "length"))
        self.starts = starts - 1

    def __len__(self) -> int:
        return len(self.shards)

    def tokens(self, number: int) -> np.ndarray:
        """The document with its `<|endoftext|>`, int32."""
        start = int(self.starts[number])
        shard = read_shard(self._corpus, self._manifest.shards[int(self.shards[number])])
        return np.asarray(shard[start : start + 1 + int(self.lengths[number])]).astype(np.int32)

    def present(self, number: int) -> bool:
        """Whether nothing of it has been taken out."""
        return not (self.tokens(number) == self._manifest.removed).any()


def sampled(corpus: str, manifest: ShardManifest, documents: int, seed: int = 0) -> Sampled:
    """Up to so many documents of each split; fewer where fewer are held out. Taken-down and very short ones are left out."""
    train, held_out = (SplitDocuments(corpus, manifest, split) for split in (TRAIN, VALIDATION))
    rng = np.random.default_rng(seed)
    others = _present(held_out, rng.permutation(len(held_out)), documents)
    pool = _present(train, rng.permutation(len(train)), _POOL * len(others))
    if not others or not pool:
        raise UsageError(
            f"{corpus} has {len(pool)} documents of training and {len(others)} held-out ones of {LEAST_TOKENS} tokens or more: "
            "an audit compares both; raise shards.validation_share in the recipe"
        )
    pairs = matched(train.lengths[pool], held_out.lengths[others])
    members = [train.tokens(pool[member]) for member, _ in pairs]
    return Sampled(members, [held_out.tokens(others[other]) for _, other in pairs])


def _present(documents: SplitDocuments, order: np.ndarray, most: int) -> list[int]:
    found: list[int] = []
    for number in order.tolist():
        if len(found) == most:
            break
        if documents.present(number):
            found.append(number)
    return found


def matched(members: np.ndarray, others: np.ndarray) -> list[tuple[int, int]]:
    """(member, other) of nearest length, each once, longest first; as many pairs as the smaller side has."""
    free = sorted(range(len(members)), key=lambda number: (members[number], number))
    pairs = []
    for other in sorted(range(len(others)), key=lambda number: (-others[number], number))[: len(members)]:
        at = bisect_left(free, others[other], key=lambda number: members[number])
        near = [place for place in (at - 1, at) if 0 <= place < len(free)]
        best = min(near, key=lambda place: abs(int(members[free[place]]) - int(others[other])))
        pairs.append((free.pop(best), other))
    return pairs
