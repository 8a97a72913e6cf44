"""Token shards with some documents written over, in place: no other token moves, so no other row of a run does."""

import shutil
import tempfile
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from jobs.corpus.folder import Corpus
from jobs.corpus.shards import as_stored, read_spans, store_shard, write_shard
from jobs.corpus.views import Row
from pipeline.blocks import digests_of
from pipeline.tables import SPANS
from tokenizer.bpe.encode import load_encoder
from tokenizer.shards.files import HEADER_BYTES, ShardFile, ShardManifest, shard_name
from tokenizer.shards.splits import RESTORED


def redacted_shards(corpus: Corpus, manifest: ShardManifest, spans: list[Row]) -> ShardManifest:
    """Stores the shards that hold these spans anew, the spans' tokens replaced by `<|removed|>`; the new manifest."""
    files = list(manifest.shards)
    for number in sorted({span["shard"] for span in spans}):
        own = [span for span in spans if span["shard"] == number]
        files[number] = _redacted(corpus, manifest, number, own)
    return replace(manifest, shards=tuple(files))


def _redacted(corpus: Corpus, manifest: ShardManifest, number: int, spans: list[Row]) -> ShardFile:
    shard, dtype = manifest.shards[number], np.dtype(manifest.dtype).newbyteorder("<")
    with tempfile.TemporaryFile() as scratch:
        with corpus.open(as_stored(shard)) as source:
            shutil.copyfileobj(source, scratch, 1 << 20)
        for span in spans:
            scratch.seek(HEADER_BYTES + span["start"] * dtype.itemsize)
            scratch.write(np.full(span["length"], manifest.removed, dtype).tobytes())
        return _stored(corpus, scratch, replace(shard, file=shard_name(number)))


def _stored(corpus: Corpus, file: BinaryIO, shard: ShardFile) -> ShardFile:
    file.seek(0)
    found = digests_of(file)
    return store_shard(corpus.root, file, replace(shard, bytes=found.bytes, sha256=found.sha256, blocks=found.blocks))


def with_restored_shard(
    corpus: Corpus, manifest: ShardManifest, pages: pa.Table, tokenizer: str
) -> tuple[ShardManifest, pa.Table]:
    """Stores a shard of its own for pages (doc_id, …, text) that come back; (the manifest with it, their spans).

    Runs that have begun must read what they would have read, so no split of theirs may grow: the shard's split is `restored`,
    which no loader opens. `winnow shard` deals its documents out when the shards are made anew.
    """
    if not pages.num_rows:
        return manifest, SPANS.empty_table()
    encoded = load_encoder(tokenizer).encode(pages["text"])
    texts = zip(pages["doc_id"].to_pylist(), np.split(encoded.ids, encoded.offsets[1:-1]), strict=True)
    added = write_shard(corpus.root, len(manifest.shards), RESTORED, texts, manifest.end_of_text, np.dtype(manifest.dtype))
    spans = read_spans(corpus.root, added, SPANS.names)
    tokens, documents = manifest.tokens + added.tokens, manifest.documents + added.documents
    return replace(manifest, shards=(*manifest.shards, added), tokens=tokens, documents=documents), spans
