"""A small corpus of given tokens, made without Spark, and its tokens as exports should have them."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.corpus.folder import FORMAT, Corpus
from pipeline import tables
from tokenizer.shards.files import ShardManifest, ShardWriter, shard_name

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
    (folder / "shards").mkdir(parents=True)
    spans, files = [], []
    for number, (split, documents) in enumerate(shards):
        with (folder / "shards" / shard_name(number)).open("w+b") as file:
            writer = ShardWriter(file, dtype, END)
            for place, ids in enumerate(documents):
                start = writer.add(np.array(ids, dtype).tobytes())
                spans.append({"doc_id": name_of(number, place), "shard": number, "start": start, "length": len(ids)})
            files.append(writer.close(shard_name(number), split))
    manifest = ShardManifest(
        format=1, dtype=dtype, vocabulary_size=vocabulary_size or (300 if dtype == "uint16" else 100_000), end_of_text=END,
        removed=REMOVED, tokenizer_sha256=tokenizer_sha256, seed=0, shard_tokens=100, tokens=sum(file.tokens for file in files),
        documents=len(spans), shards=tuple(files), validation_share=0.02, validation_unit="page",
    )  # fmt: skip
    (folder / "shards" / "shards.json").write_text(manifest.to_json())
    stages = {name: {"fingerprint": f"of {name}"} for name in ("select", "shard")}
    (folder / "corpus.json").write_text(json.dumps({"format": FORMAT, "stages": stages, "recipe": {}}))
    _write_tables(folder, spans)
    return Corpus(str(folder))


def _write_tables(folder: Path, spans: list[dict[str, object]]) -> None:
    shuffled = sorted(spans, key=lambda span: hash((span["start"], span["shard"])))
    curated, documents = [], []
    for span in spans:
        doc_id = str(span["doc_id"])
        known = {"doc_id": doc_id, "url": url_of(doc_id), "language": "en", "text": f"text of {doc_id}"}
        curated.append(known | {"n_tokens": span["length"]})
        documents.append(known | {"repeated": False, "warc_file": "a.warc", "warc_offset": 7, "title": "ü"})
    outcomes = [{"doc_id": span["doc_id"], "outcome": "kept", "warc_file": "a.warc", "warc_offset": 7} for span in spans]
    written = {"spans": shuffled, "curated": curated, "documents": documents, "duplicates": [], "outcomes": outcomes}
    for name, rows in written.items():
        (folder / name).mkdir()
        pq.write_table(pa.Table.from_pylist(rows, tables.TABLES[name]), folder / name / "part-0.parquet")


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
