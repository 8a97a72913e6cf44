"""What `winnow verify` asks of the shards: their bytes, their tokens against `spans`, and both sides of the split.

Each check is (what was looked at, what is wrong); "" is nothing. A shard is read once, a MiB at a time.
"""

import hashlib
from collections.abc import Iterator

import duckdb
import numpy as np

from jobs.corpus.folder import Corpus
from jobs.corpus.shards import as_stored, shards_of
from jobs.corpus.views import Row, rows
from pipeline.errors import CorpusError
from tokenizer.bpe.encode import id_type
from tokenizer.bpe.vocabulary import read_tokenizer
from tokenizer.shards.files import HEADER_BYTES, MANIFEST, ShardFile, ShardManifest, header
from tokenizer.shards.splits import SPLITS, TRAIN, VALIDATION

Fault = tuple[str, str]
BLOCK_BYTES = 1 << 20


def shard_checks(corpus: Corpus, database: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Every check in turn. What can only be known with a sound manifest or tokenizer is left out where there is none."""
    try:
        manifest = shards_of(corpus)
    except (CorpusError, OSError, UnicodeDecodeError) as error:
        yield f"{MANIFEST} is as it was written", str(error)
        return
    yield f"{MANIFEST} is as it was written", ""
    try:
        tokenizer = corpus.text("tokenizer")
    except (CorpusError, OSError, UnicodeDecodeError) as error:
        yield "the tokenizer is as it was written", str(error)
        return
    found = hashlib.sha256(tokenizer.encode()).hexdigest()
    yield "the shards are of this tokenizer", _differs(manifest.tokenizer_sha256, found)
    if found == manifest.tokenizer_sha256:
        yield f"{MANIFEST} names the tokenizer's own ids", _vocabulary_fault(manifest, tokenizer)
    yield f"{MANIFEST} adds up", _sums_fault(manifest)
    for number, shard in enumerate(manifest.shards):
        yield from _shard_checks(corpus, database, manifest, number, shard)
    yield "removed documents have no token left", _left_tokens(corpus, database, manifest)
    yield "no copies on both sides of the split", _straddling(database, manifest)


def _vocabulary_fault(manifest: ShardManifest, tokenizer_json: str) -> str:
    vocabulary = read_tokenizer(tokenizer_json)
    listed = (manifest.dtype, manifest.vocabulary_size, manifest.end_of_text, manifest.removed)
    return _differs(listed, (id_type(len(vocabulary)).name, len(vocabulary), vocabulary.end_of_text, vocabulary.removed))


def _sums_fault(manifest: ShardManifest) -> str:
    sums = tuple(sum(getattr(shard, name) for shard in manifest.shards) for name in ("tokens", "documents"))
    splits = [shard.split for shard in manifest.shards]
    if splits != [split for split in SPLITS for _ in range(splits.count(split))]:
        return f"shards do not stand in the order of their splits: {', '.join(SPLITS)}"
    return _differs((manifest.tokens, manifest.documents), sums)


def _shard_checks(
    corpus: Corpus, database: duckdb.DuckDBPyConnection, manifest: ShardManifest, number: int, shard: ShardFile
) -> Iterator[Fault]:
    if not corpus.exists("shards", shard.file):
        yield f"sha256 of {shard.file}", _differs(shard.sha256, "missing")
        return
    digest, begins, fault = _scan(corpus, manifest, shard)
    yield f"sha256 of {shard.file}", _differs(shard.sha256, digest)
    if digest == shard.sha256:
        spans = database.execute("SELECT start, length FROM spans WHERE shard = ? ORDER BY start", [number]).fetchnumpy()
        starts, lengths = (np.asarray(spans[name], np.int64) for name in ("start", "length"))
        fault = fault or _span_fault(begins, starts, lengths, shard)
        yield f"{shard.file} holds the documents of `spans` and nothing else", fault


def _scan(corpus: Corpus, manifest: ShardManifest, shard: ShardFile) -> tuple[str, np.ndarray, str]:
    """(sha256, where <|endoftext|> stands, what is wrong with the header or the ids)."""
    digest, places, at, largest = hashlib.sha256(), [np.zeros(0, np.int64)], 0, 0
    dtype = np.dtype(manifest.dtype).newbyteorder("<")
    with corpus.store.open(f"shards/{shard.file}") as file:
        head = file.read(HEADER_BYTES)
        digest.update(head)
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            tokens = np.frombuffer(block[: len(block) // dtype.itemsize * dtype.itemsize], dtype)
            places.append(at + np.flatnonzero(tokens == manifest.end_of_text))
            largest = max(largest, int(tokens.max(initial=0)))
            at += len(tokens)
    fault = "" if head == header(manifest.dtype, shard.tokens) else "its header is not that of its type and number of tokens"
    if largest >= manifest.vocabulary_size:
        fault = f"it holds token {largest}, the vocabulary ends at {manifest.vocabulary_size - 1}"
    return digest.hexdigest(), np.concatenate(places), fault or _differs(shard.tokens, at)


def _span_fault(begins: np.ndarray, starts: np.ndarray, lengths: np.ndarray, shard: ShardFile) -> str:
    """Each span begins after an <|endoftext|> and ends where the next one's stands; no other token is one."""
    if len(starts) != shard.documents:
        return f"listed {shard.documents} documents, `spans` has {len(starts)}"
    ends = np.append(starts[1:] - 1, shard.tokens)
    wrong = np.flatnonzero(starts + lengths != ends)
    if len(starts) and starts[0] != 1:
        return f"its first span starts at {starts[0]}, not at 1"
    if len(wrong):
        place = int(wrong[0])
        return f"the span at {starts[place]} ends at {starts[place] + lengths[place]}, not at {ends[place]}"
    if not np.array_equal(begins, starts - 1):
        strange = np.setxor1d(begins, starts - 1)
        return f"<|endoftext|> and the beginnings of spans do not meet, first at token {strange[0]}"
    return ""


def _left_tokens(corpus: Corpus, database: duckdb.DuckDBPyConnection, manifest: ShardManifest) -> str:
    """Spans of removed documents hold `<|removed|>` alone."""
    for span in rows(database, "SELECT * FROM spans SEMI JOIN (FROM outcomes WHERE outcome = 'removed') USING (doc_id)"):
        if (tokens_of(corpus, manifest, span) != manifest.removed).any():
            return f"shard {span['shard']} still holds tokens of document {span['doc_id']}, from token {span['start']} on"
    return ""


def tokens_of(corpus: Corpus, manifest: ShardManifest, span: Row) -> np.ndarray:
    """The tokens of one row of `spans`."""
    dtype = np.dtype(manifest.dtype).newbyteorder("<")
    with corpus.open(as_stored(manifest.shards[span["shard"]])) as file:
        file.seek(HEADER_BYTES + span["start"] * dtype.itemsize)
        return np.frombuffer(file.read(span["length"] * dtype.itemsize), dtype)


def _straddling(database: duckdb.DuckDBPyConnection, manifest: ShardManifest) -> str:
    first = len(manifest.read_as(TRAIN))
    split = f"CASE WHEN shard < {first} THEN 0 WHEN shard < {first + len(manifest.read_as(VALIDATION))} THEN 1 END"
    found = rows(
        database,
        f"""
        WITH listed AS (SELECT doc_id, keeper_id, cluster_id FROM duplicates WHERE kind <> 'record'),
             members AS (SELECT doc_id, cluster_id FROM listed UNION SELECT keeper_id, cluster_id FROM listed)
        SELECT cluster_id, list(doc_id) AS doc_ids FROM members JOIN spans USING (doc_id) SEMI JOIN curated USING (doc_id)
        GROUP BY cluster_id HAVING count(DISTINCT {split}) > 1 LIMIT 3
        """,
    )
    return f"clusters such as {found[0]}" if found else ""


def _differs(listed: object, found: object) -> str:
    return "" if listed == found else f"listed {listed}, found {found}"
