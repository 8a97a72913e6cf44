"""Token shards as files of a corpus: the tokens, their spans, and shards.json, which names both and has a name of its own."""

import hashlib
import posixpath
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from jobs.corpus.files.parquet import part, store_table
from jobs.corpus.files.stored import NewFile, store
from jobs.corpus.folder import MANIFEST, Corpus, corpus_at
from pipeline.blocks import StoredFile
from pipeline.errors import CorpusError
from pipeline.tables import SPANS
from tokenizer.shards.files import ShardFile, ShardManifest, ShardWriter, manifest_name, read_manifest, shard_name, tokenizer_name

FOLDER = "shards"


def store_shard(root: str, file: BinaryIO, shard: ShardFile) -> ShardFile:
    """Copies a complete shard, open for reading, into the corpus; `shard.file` has HASH where its hash goes."""
    file.seek(0)
    with NewFile(root, f"{FOLDER}/{shard.file}") as target:
        shutil.copyfileobj(file, target, 1 << 20)
        stored = target.finish()
    return replace(shard, file=posixpath.basename(stored.file))


def write_shard(
    root: str, number: int, split: str, documents: Iterable[tuple[str, np.ndarray]], end_of_text: int, dtype: np.dtype
) -> ShardFile:
    """A shard of these documents (doc_id, their own token ids) and its rows of `spans`, which are held in memory."""
    rows = []
    with tempfile.TemporaryFile() as scratch:
        writer = ShardWriter(scratch, np.dtype(dtype).name, end_of_text)
        for doc_id, ids in documents:
            start = writer.add(np.ascontiguousarray(ids, np.dtype(dtype).newbyteorder("<")).tobytes())
            rows.append({"doc_id": doc_id, "shard": number, "start": start, "length": len(ids)})
        shard = store_shard(root, scratch, writer.close(shard_name(number), split))
    spans = store_table(root, part("spans", number), [pa.RecordBatch.from_pylist(rows, SPANS)], SPANS)
    return replace(shard, spans=spans)


def store_shards(root: str, manifest: ShardManifest) -> tuple[list[StoredFile], list[StoredFile]]:
    """Writes the manifest of shards that are stored; (the files of `shards`, it first, the files of `spans`)."""
    listing = store(root, f"{FOLDER}/{manifest_name('HASH')}", manifest.to_json().encode())
    return [listing, *map(as_stored, manifest.shards)], [one.spans for one in manifest.shards if one.spans is not None]


def as_stored(shard: ShardFile) -> StoredFile:
    return StoredFile(f"{FOLDER}/{shard.file}", shard.bytes, shard.sha256, shard.blocks, shard.documents)


def shards_of(corpus: Corpus) -> ShardManifest:
    """Raises CorpusError where the corpus has no shards yet."""
    corpus.require("shard")
    return read_manifest(corpus.text("shards"))


def newest_shards(root: str) -> str | None:
    """Fingerprint of the shards that a corpus has now; null where the folder is none of ours and has shards.json alone."""
    corpus = corpus_at(root)
    if not corpus.exists(MANIFEST):
        return None
    corpus.require("shard")
    return corpus.files("shards")[0].sha256


def read_tokenizer_json(corpus: str, sha256: str) -> str:
    """The tokenizer.json of a corpus that has this hash. Raises CorpusError where it is missing or another."""
    path = Path(corpus, "tokenizer", tokenizer_name(sha256))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror}): a run needs the tokenizer it was trained with") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CorpusError(f"{path} is not as it was written; `winnow tokenizer {corpus}` makes it anew")
    return content.decode()
