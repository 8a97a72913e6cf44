"""Token shards as files of a corpus: the tokens, their spans, and shards.json, which names both and has a name of its own.

Reading goes through the functions of tokenizer/shards, of the same names, that want a folder of this machine.
"""

import hashlib
import posixpath
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from jobs.corpus.files.parquet import part, store_table
from jobs.corpus.files.stored import NewFile, store
from jobs.corpus.files.sweep import named
from jobs.corpus.folder import MANIFEST, Corpus, corpus_at
from jobs.corpus.stores.copies import keep_only, on_this_machine
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import is_local
from pipeline.blocks import StoredFile
from pipeline.errors import CorpusError
from pipeline.tables import SPANS
from tokenizer.shards import files, loader
from tokenizer.shards.files import (
    ShardFile,
    ShardManifest,
    ShardTokens,
    ShardWriter,
    manifest_name,
    read_manifest,
    shard_name,
    tokenizer_name,
)
from tokenizer.shards.loader import Loader, LoaderSettings
from tokenizer.shards.splits import TRAIN

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
    name = f"tokenizer/{tokenizer_name(sha256)}"
    path = f"{corpus}/{name}"
    try:
        content = store_of(corpus).read(name)
    except OSError as error:
        reason = error.strerror or error
        raise CorpusError(f"{path} cannot be read ({reason}): a run needs the tokenizer it was trained with") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CorpusError(f"{path} is not as it was written; `winnow tokenizer {corpus}` makes it anew")
    return content.decode()


# --- read where they lie, or from copies on this machine ---


def read_shard(root: str, shard: ShardFile) -> ShardTokens:
    """Raises CorpusError where the file is missing or another."""
    return files.read_shard(on_this_machine(root, _tokens(shard)), shard)


def read_spans(root: str, shard: ShardFile, columns: list[str]) -> pa.Table:
    """The rows of the table `spans` that a shard has, in its order."""
    return loader.read_spans(on_this_machine(root, _spans(shard)), shard, columns)


def read_shards(root: str, fingerprint: str | None = None) -> ShardManifest:
    """What the shards of a corpus are: the newest, or those with this fingerprint."""
    if is_local(root):
        return loader.read_shards(root, fingerprint)
    wanted = fingerprint or newest_shards(root)
    if wanted is None:
        raise CorpusError(f"{root} has no token shards; `winnow curate` makes them")
    return loader.read_shards(on_this_machine(root, {f"{FOLDER}/{manifest_name(wanted)}": wanted}), wanted)


def open_loader(
    root: str, settings: LoaderSettings, split: str = TRAIN, shard_rows: Sequence[int] = (), fingerprint: str | None = None
) -> Loader:
    """The loader of a corpus; `fingerprint` names shards that may have been superseded since."""
    if is_local(root):
        return loader.open_loader(root, settings, split, shard_rows, fingerprint)
    manifest = read_shards(root, fingerprint)
    read = [manifest.shards[number] for number in manifest.read_as(split)]
    forget_copies(corpus_at(root))
    folder = on_this_machine(root, {name: sha256 for one in read for name, sha256 in (_tokens(one) | _spans(one)).items()})
    return loader.open_loader(folder, settings, split, shard_rows, manifest.fingerprint)


def has_shards(root: str, fingerprint: str) -> bool:
    """Whether the list of the shards with this fingerprint lies in the corpus."""
    return store_of(root).exists(f"{FOLDER}/{manifest_name(fingerprint)}")


def forget_copies(corpus: Corpus) -> None:
    """Copies on this machine of files that the corpus no longer names: a takedown may have replaced them."""
    if not corpus.is_local and corpus.exists(MANIFEST):
        keep_only(corpus.root, named(corpus.root, corpus.manifest))


def _tokens(shard: ShardFile) -> dict[str, str]:
    return {f"{FOLDER}/{shard.file}": shard.sha256}


def _spans(shard: ShardFile) -> dict[str, str]:
    return {} if shard.spans is None else {shard.spans.file: shard.spans.sha256}
