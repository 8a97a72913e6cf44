"""encoded documents -> token_counts: where each token of the vocabulary is used, and by how few.

A token that one host makes up is a sign of a page planted many times, or of something private said again and again; one that
near copies alone support says that the vocabulary was learned from repetition.

Documents go to one partition by host, and a worker reads its partition host after host. So a token's hosts are counted as they
pass, and what leaves a worker is one row per token however many documents it read: nothing is ever a row per occurrence.
"""

import resource
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.arrow_map import peak_worker_bytes, spark_schema

TOKEN_COUNTS = pa.schema([
    ("token", pa.int32()),      # ids that never occur have no row
    ("occurrences", pa.int64()),
    ("documents", pa.int64()),  # that hold the token
    ("hosts", pa.int64()),      # of those documents, as far as they have one
    ("clusters", pa.int64()),   # of those documents; a document without copies is a cluster of its own
    ("top_host", pa.string()),  # with the most occurrences, of equals the first by name; null where no document has a host
    ("top_host_occurrences", pa.int64()),
])

# What a worker tells: its sums, and (token, cluster) with zeros for documents whose copies may be in other hosts.
PARTIAL = pa.schema([*TOKEN_COUNTS, ("cluster", pa.string())])
_ROWS_PER_BATCH = 1 << 16
COUNTS_FOLDER = "token_counts"  # in `shards`


def places(documents: DataFrame, duplicates: DataFrame) -> DataFrame:
    """(doc_id, host, cluster_id) of every document, members and keepers of a cluster with the cluster's id."""
    of_pages = duplicates.where("kind <> 'record'")
    members = of_pages.select("doc_id", "cluster_id").union(of_pages.select("keeper_id", "cluster_id"))
    clusters = members.groupBy("doc_id").agg(f.min("cluster_id").alias("cluster_id"))
    return (
        documents.where("not repeated")
        .select("doc_id", "host")
        .join(clusters, "doc_id", "left")
        .withColumn("cluster_id", f.coalesce("cluster_id", "doc_id"))
    )


def token_counts(encoded: DataFrame, places: DataFrame, dtype: str) -> DataFrame:
    """TOKEN_COUNTS of `encoded` (doc_id, tokens: little-endian ids of type `dtype`); `places` is (doc_id, host, cluster_id)."""
    at_places = places.join(encoded.select("doc_id"), "doc_id", "left_semi")
    several = at_places.groupBy("cluster_id").count().where("count > 1").select("cluster_id", f.lit(True).alias("several"))
    marked = at_places.join(several, "cluster_id", "left")
    marked = marked.select("doc_id", "host", f.when(f.col("several"), f.col("cluster_id")).alias("cluster"))
    documents = encoded.select("doc_id", "tokens").join(marked, "doc_id", "left")
    # A page without a host goes by its own id, so that such pages do not all meet in one partition.
    by_host = documents.repartition(f.coalesce("host", "doc_id")).sortWithinPartitions("host")
    return _summed(_partial_counts(by_host, dtype))


def write_token_counts(counts: DataFrame, folder: str) -> None:
    """One file, sorted by token: a vocabulary is small."""
    counts.select(*TOKEN_COUNTS.names).repartition(1).sortWithinPartitions("token").write.mode("overwrite").parquet(folder)


def _partial_counts(by_host: DataFrame, dtype: str) -> DataFrame:
    peak = peak_worker_bytes(by_host.sparkSession)

    def over_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from count_partition(batches, dtype)
        peak.add(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)  # Linux counts kilobytes

    return by_host.select("tokens", "host", "cluster").mapInArrow(over_partition, spark_schema(PARTIAL))


def _summed(partial: DataFrame) -> DataFrame:
    """Every host is in one partition, so hosts add up; a cluster may be in many."""
    top = f.min(f.when(f.col("top_host").isNotNull(), f.struct((-f.col("top_host_occurrences")).alias("less"), "top_host")))
    sums = [f.sum(name).alias(name) for name in ("occurrences", "documents", "hosts")]
    clusters = f.sum("clusters") + f.count_distinct("cluster")
    summed = partial.groupBy("token").agg(*sums, clusters.alias("clusters"), top.alias("top"))
    found = {"top_host": f.col("top.top_host"), "top_host_occurrences": f.coalesce(-f.col("top.less"), f.lit(0))}
    return summed.withColumns(found).select(*TOKEN_COUNTS.names)


def count_partition(batches: Iterator[pa.RecordBatch], dtype: str) -> Iterator[pa.RecordBatch]:
    """PARTIAL of documents (tokens, host, cluster) sorted by host. Holds a few numbers per token, and one batch."""
    counter, host, clustered = _Counter(), None, _Clustered()
    for batch in batches:
        hosts, clusters = (batch.column(name).to_pylist() for name in ("host", "cluster"))
        for row, data in enumerate(batch.column("tokens")):
            if hosts[row] != host:
                counter.end_host(host)
                host = hosts[row]
            ids, counts = np.unique(np.frombuffer(data.as_buffer(), np.dtype(dtype).newbyteorder("<")), return_counts=True)
            ids = ids.astype(np.int64)
            counter.add(ids, counts, alone=clusters[row] is None)
            if clusters[row] is not None:
                yield from clustered.add(clusters[row], ids)
    counter.end_host(host)
    yield from clustered.rows()
    yield from counter.rows()


class _Counter:
    """Sums over documents that come host after host. Arrays are as long as the largest id asks for."""

    def __init__(self) -> None:
        self._occurrences, self._documents, self._hosts, self._alone, self._of_host, self._of_top = np.zeros((6, 1024), np.int64)
        self._top = np.full(1024, None, object)
        self._touched: list[np.ndarray] = []

    def add(self, ids: np.ndarray, counts: np.ndarray, alone: bool) -> None:
        """One document: its distinct ids, ascending, and how often each occurs."""
        if not len(ids):
            return
        self._make_room(int(ids[-1]) + 1)
        self._occurrences[ids] += counts
        self._of_host[ids] += counts
        self._documents[ids] += 1
        self._alone[ids] += alone
        self._touched.append(ids)
        if len(self._touched) > 1024:  # a host of a million pages must not hold a million lists
            self._touched = [np.unique(np.concatenate(self._touched))]

    def end_host(self, host: str | None) -> None:
        """All documents of `host` have been added; null stands for documents without one, which count for no host."""
        if not self._touched:
            return
        ids = np.unique(np.concatenate(self._touched))
        if host is not None:
            self._hosts[ids] += 1
            better = ids[self._of_host[ids] > self._of_top[ids]]  # hosts come in order, so of equals the first stays
            self._of_top[better], self._top[better] = self._of_host[better], host
        self._of_host[ids] = 0
        self._touched = []

    def rows(self) -> Iterator[pa.RecordBatch]:
        found = np.flatnonzero(self._occurrences)
        for first in range(0, len(found), _ROWS_PER_BATCH):
            ids = found[first : first + _ROWS_PER_BATCH]
            sums = [column[ids] for column in (self._occurrences, self._documents, self._hosts, self._alone)]
            columns = [ids.astype(np.int32), *sums, pa.array(self._top[ids], pa.string()), self._of_top[ids]]
            yield pa.record_batch([*columns, pa.nulls(len(ids), pa.string())], schema=PARTIAL)

    def _make_room(self, size: int) -> None:
        if size <= len(self._top):
            return
        more = max(size, 2 * len(self._top)) - len(self._top)
        for name in ("_occurrences", "_documents", "_hosts", "_alone", "_of_host", "_of_top"):
            setattr(self, name, np.concatenate([getattr(self, name), np.zeros(more, np.int64)]))
        self._top = np.concatenate([self._top, np.full(more, None, object)])


class _Clustered:
    """(token, cluster) of documents that share a cluster, which deduplication leaves few of; some may come twice."""

    def __init__(self) -> None:
        self._ids: list[np.ndarray] = []
        self._clusters: list[tuple[str, int]] = []

    def add(self, cluster: str, ids: np.ndarray) -> Iterator[pa.RecordBatch]:
        self._ids.append(ids)
        self._clusters.append((cluster, len(ids)))
        if sum(size for _, size in self._clusters) >= _ROWS_PER_BATCH:
            yield from self.rows()

    def rows(self) -> Iterator[pa.RecordBatch]:
        if not self._ids:
            return
        ids = np.concatenate(self._ids).astype(np.int32)
        names = [name for name, size in self._clusters for _ in range(size)]
        zeros = np.zeros(len(ids), np.int64)
        yield pa.record_batch([ids, *[zeros] * 4, pa.nulls(len(ids), pa.string()), zeros, names], schema=PARTIAL)
        self._ids, self._clusters = [], []
