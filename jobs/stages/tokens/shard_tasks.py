"""What the tasks of jobs/stages/tokens/write_shards.py do in their workers: batches of text to ids, and sorted documents to a
file.

Apart from that file so that a worker loads no more than it needs.
"""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from jobs.corpus.files.parquet import TableFile, part
from jobs.corpus.shards import store_shard
from pipeline.tables import SPANS
from pipeline.urls import host
from tokenizer.bpe.encode import load_encoder
from tokenizer.shards.files import ShardFile, ShardSettings, ShardWriter, SplitPlan, order_of, shard_name
from tokenizer.shards.splits import is_read_last, split_hashes

ENCODED = pa.schema(
    [
        ("doc_id", pa.string()),
        ("order", pa.int64()),  # ascending in the shards; see tokenizer.shards.files.order_of
        ("split_hash", pa.int64()),  # of its host or itself, the lowest are held out; see tokenizer.shards.splits
        ("late", pa.bool_()),  # whether its host is among those that are read last
        ("n_tokens", pa.int64()),  # without <|endoftext|>
        ("tokens", pa.binary()),  # little-endian, in the shards' type
    ]
)

SPLIT_HASHES = pa.schema([ENCODED.field("doc_id"), ENCODED.field("split_hash")])

ROWS_PER_BATCH = 4096


@dataclass(frozen=True)
class ShardPlan:
    """What a writing task needs to know."""

    root: str  # of the corpus
    dtype: str
    end_of_text: int
    splits: tuple[SplitPlan, ...]

    @property
    def shards(self) -> int:
        return sum(split.shards for split in self.splits)

    def split_of(self, shard: int) -> SplitPlan:
        return next(split for split in self.splits if shard < split.first_shard + split.shards)


def encode_documents(documents: pa.RecordBatch, tokenizer_json: str, settings: ShardSettings) -> pa.RecordBatch:
    """ENCODED for a batch of (doc_id, url, text); `settings.validation_unit` is host or page here."""
    doc_ids = documents.column("doc_id")
    ids, offsets = load_encoder(tokenizer_json).encode(documents.column("text"))
    order = pa.array(order_of(doc_ids.to_pylist(), settings.seed), pa.int64())
    hashes = hash_documents(documents, settings).column("split_hash")
    late = pa.array([is_read_last(name, settings.read_last_hosts) for name in _hosts(documents)], pa.bool_())
    return pa.record_batch([doc_ids, order, hashes, late, pa.array(np.diff(offsets)), _binary(ids, offsets)], schema=ENCODED)


def hash_documents(documents: pa.RecordBatch, settings: ShardSettings) -> pa.RecordBatch:
    """SPLIT_HASHES for a batch of (doc_id, url, …). A page without a host is a unit of its own."""
    units = doc_ids = documents.column("doc_id").to_pylist()
    if settings.validation_unit == "host":
        units = [name or doc_id for name, doc_id in zip(_hosts(documents), doc_ids, strict=True)]
    hashes = pa.array(split_hashes(units, settings.seed), pa.int64())
    return pa.record_batch([documents.column("doc_id"), hashes], schema=SPLIT_HASHES)


def _hosts(documents: pa.RecordBatch) -> list[str]:
    return [host(url or "") for url in documents.column("url").to_pylist()]


def _binary(ids: np.ndarray, offsets: np.ndarray) -> pa.Array:
    little = np.ascontiguousarray(ids, ids.dtype.newbyteorder("<"))
    buffers = [None, pa.py_buffer(offsets * ids.itemsize), pa.py_buffer(little)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(offsets) - 1, buffers).cast(pa.binary())


class _Row(NamedTuple):
    """A document on its way into a shard."""

    shard: int
    bucket: int
    before: int  # tokens of the split before the bucket
    n_tokens: int
    doc_id: str
    tokens: pa.Buffer


def _rows(batch: pa.RecordBatch) -> Iterator[_Row]:
    columns = [batch.column(name).to_pylist() for name in _Row._fields[:-1]]
    tokens = (value.as_buffer() for value in batch.column("tokens"))
    return map(_Row, *columns, tokens)


class _OpenShard:
    """A shard and its spans: the tokens go to a scratch file of this machine, and into the corpus when they are complete."""

    def __init__(self, number: int, plan: ShardPlan) -> None:
        self.number, self.split, self._plan = number, plan.split_of(number), plan
        self._scratch = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._writer = ShardWriter(self._scratch, plan.dtype, plan.end_of_text)
        self._spans = TableFile(plan.root, part("spans", number), SPANS)

    def add(self, rows: list[_Row]) -> None:
        """Appends documents that begin here."""
        starts = [self._writer.add(memoryview(row.tokens)) for row in rows]
        lengths = [row.n_tokens for row in rows]
        columns = ([row.doc_id for row in rows], [self.number] * len(rows), starts, lengths)
        arrays = [pa.array(values, kind) for values, kind in zip(columns, SPANS.types, strict=True)]
        self._spans.add(pa.RecordBatch.from_arrays(arrays, schema=SPANS))

    def finish(self) -> Iterator[ShardFile]:
        """Stores both files; nothing where no document begins in this shard."""
        if self._writer.documents:
            shard = self._writer.close(shard_name(self.number), self.split.name)
            stored = store_shard(self._plan.root, self._scratch, shard)
            yield replace(stored, spans=self._spans.finish())

    def close(self) -> None:
        self._scratch.close()
        self._spans.close()


def write_partition(documents: Iterator[pa.RecordBatch], plan: ShardPlan) -> Iterator[ShardFile]:
    """Writes the shards of sorted rows of `routed`. Holds one batch of documents at a time."""
    rows_of_partition = (row for batch in documents for row in _rows(batch))
    for number, rows_of_shard in groupby(rows_of_partition, key=lambda row: row.shard):
        with closing(_OpenShard(number, plan)) as shard:
            beginning = _beginning(rows_of_shard, shard)
            while some := list(islice(beginning, ROWS_PER_BATCH)):
                shard.add(some)
            yield from shard.finish()


def _beginning(rows: Iterator[_Row], shard: _OpenShard) -> Iterator[_Row]:
    """Documents that begin in the shard; what else its buckets hold belongs to the shards beside it."""
    bucket, position = -1, 0
    for row in rows:
        if row.bucket != bucket:
            bucket, position = row.bucket, row.before
        first, position = position, position + 1 + row.n_tokens
        if shard.split.shard_of(first) == shard.number:
            yield row
