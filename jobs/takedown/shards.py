"""Token shards with some documents written over, in place: no other token moves, so no other row of a run does."""

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from jobs.corpus.folder import Corpus
from jobs.corpus.parquet import write_table
from jobs.corpus.views import Row
from pipeline.hashing import stream_sha256
from pipeline.tables import SPANS
from tokenizer.bpe.encode import load_encoder
from tokenizer.shards.files import HEADER_BYTES, MANIFEST, ShardFile, ShardManifest, ShardWriter, shard_name
from tokenizer.shards.splits import RESTORED


def redact_shards(shards: Path, staged: Path, manifest: ShardManifest, spans: list[Row]) -> ShardManifest:
    """Writes the shards that hold these spans to `staged`, the spans' tokens replaced by `<|removed|>`; the new manifest."""
    staged.mkdir(parents=True, exist_ok=True)
    files = list(manifest.shards)
    for number in sorted({span["shard"] for span in spans}):
        target = staged / files[number].file
        shutil.copyfile(shards / files[number].file, target)
        dtype = np.dtype(manifest.dtype).newbyteorder("<")
        tokens = np.memmap(target, dtype, "r+", offset=HEADER_BYTES, shape=(files[number].tokens,))
        for span in spans:
            if span["shard"] == number:
                tokens[span["start"] : span["start"] + span["length"]] = manifest.removed
        tokens.flush()
        del tokens
        with target.open("rb") as file:
            files[number] = replace(files[number], sha256=stream_sha256(file))
    return replace(manifest, shards=tuple(files))


def restore_shard(staged: Path, manifest: ShardManifest, pages: pa.Table, tokenizer: str) -> tuple[ShardManifest, pa.Table]:
    """A shard of its own for pages (doc_id, …, text) that come back; (the manifest with it, their spans).

    Runs that have begun must read what they would have read, so no split of theirs may grow: the shard's split is `restored`,
    which no loader opens. `winnow shard` deals its documents out when the shards are made anew.
    """
    if not pages.num_rows:
        return manifest, SPANS.empty_table()
    number, name = len(manifest.shards), shard_name(len(manifest.shards))
    ids, offsets = load_encoder(tokenizer).encode(pages["text"])
    ids = ids.astype(np.dtype(manifest.dtype).newbyteorder("<"))
    starts = []
    with (staged / name).open("w+b") as file:
        writer = ShardWriter(file, manifest.dtype, manifest.end_of_text)
        for first, stop in pairwise(offsets.tolist()):
            starts.append(writer.add(ids[first:stop].tobytes()))
        added: ShardFile = writer.close(name, RESTORED)
    spans = pa.table([pages["doc_id"], [number] * len(starts), starts, np.diff(offsets)], names=SPANS.names).cast(SPANS)
    tokens, documents = manifest.tokens + added.tokens, manifest.documents + added.documents
    return replace(manifest, shards=(*manifest.shards, added), tokens=tokens, documents=documents), spans


def append_spans(corpus: Corpus, staged: Path, spans: pa.Table) -> None:
    """The restored shard is the last, so its spans are a file after all others."""
    if spans.num_rows:
        files = len(list(Path(corpus.path("spans")).glob("*.parquet")))
        write_table(staged / "spans" / f"part-{files:05d}-restored.parquet", spans)


def write_manifest(staged: Path, manifest: ShardManifest) -> None:
    (staged / MANIFEST).write_text(manifest.to_json(), "utf-8")
