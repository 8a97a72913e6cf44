"""Where each token of the vocabulary is used, and by how few, counted over documents that come host after host.

A token that one host makes up is a sign of a page planted many times, or of something private said again and again; one that
near copies alone support says that the vocabulary was learned from repetition.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipeline.tables import TOKEN_COUNTS

# What a worker tells: its sums, and (token, cluster) with zeros for documents whose copies may be in other hosts.
PARTIAL = pa.schema([*TOKEN_COUNTS, ("cluster", pa.string())])
_ROWS_PER_BATCH = 1 << 16
COUNTS_FOLDER = "token_counts"  # in `shards`


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
