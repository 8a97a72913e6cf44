"""A small corpus of given tokens, made without Spark, and its tokens as exports should have them."""

from pathlib import Path

import numpy as np

from jobs.corpus.folder import Corpus
from jobs.corpus.shards import store_shards, write_shard
from tests.jobs.stored import put
from tokenizer.shards.files import FORMAT as SHARDS
from tokenizer.shards.files import ShardManifest

END, REMOVED = 0, 1
Documents = list[list[int]]
SPLITS = ("train", "validation")


def name_of(shard: int, place: int) -> str:
    return f"{shard:016x}{place:016x}"


def url_of(doc_id: str) -> str | None:
    return None if doc_id.endswith("1") else f"https://example.org/{doc_id}"


def token_corpus(
    folder: Path,
    shards: list[tuple[str, Documents]],
    dtype: str = "uint16",
    tokenizer_sha256: str = "f" * 64,
    vocabulary_size: int | None = None,
) -> Corpus:
    """`shards` are (split, documents), those of training first; tables as far as exports and checks of shards read them."""
    files, spans = [], []
    for number, (split, documents) in enumerate(shards):
        named = [(name_of(number, place), np.array(ids, dtype)) for place, ids in enumerate(documents)]
        files.append(write_shard(str(folder), number, split, named, END, np.dtype(dtype)))
        spans += [(name, len(ids)) for name, ids in named]
    manifest = ShardManifest(
        format=SHARDS, dtype=dtype, vocabulary_size=vocabulary_size or (300 if dtype == "uint16" else 100_000), end_of_text=END,
        removed=REMOVED, tokenizer_sha256=tokenizer_sha256, seed=0, shard_tokens=100, tokens=sum(file.tokens for file in files),
        documents=len(spans), shards=tuple(files), validation_share=0.02, validation_unit="page",
    )  # fmt: skip
    listed, lengths = store_shards(str(folder), manifest)
    publishes = {"select": ["curated", "outcomes"], "shard": ["shards", "spans"]}
    stages = {name: {"fingerprint": f"of {name}", "publishes": tables} for name, tables in publishes.items()}
    shuffled = sorted(lengths, key=lambda one: one.sha256)
    return put(folder, rows_of(spans), stored={"shards": listed, "spans": shuffled}, stages=stages, recipe={})


def rows_of(spans: list[tuple[str, int]]) -> dict[str, list[dict[str, object]]]:
    """Tables as far as exports and checks of shards read them, for documents with so many tokens."""
    known = [{"doc_id": name, "url": url_of(name), "language": "en", "text": f"text of {name}"} for name, _ in spans]
    place = {"warc_file": "a.warc", "warc_offset": 7}
    return {
        "curated": [one | {"n_tokens": length} for one, (_, length) in zip(known, spans, strict=True)],
        "documents": [one | place | {"title": "ü"} for one in known],
        "measures": [one | {"language_confidence": 0.5} for one in known],
        "outcomes": [one | place | {"outcome": "kept"} for one in known],
        "duplicates": [],
    }


def expected(shards: list[tuple[str, Documents]], split: str) -> list[tuple[str, list[int]]]:
    """(doc_id, tokens) of a split, without what was taken out."""
    return [
        (name_of(number, place), [*ids, END])
        for number, (of, documents) in enumerate(shards)
        for place, ids in enumerate(documents)
        if of == split and ids[:1] != [REMOVED]
    ]


SMALL: list[tuple[str, Documents]] = [
    ("train", [[5, 6, 299], [], [7]]),
    ("train", [[REMOVED, REMOVED], [250] * 300, [9, 8]]),
    ("validation", [[4], [3, 3]]),
]
LARGE: list[tuple[str, Documents]] = [("train", [[70_000, 5], [99_999] * 70_000, []]), ("validation", [[65_536]])]
