"""A corpus that a notebook has opened: its tables, why a page is in or out, its token shards.

It is read as it stood when it was opened, whatever is made of it meanwhile: an open corpus is on record as a reader, so that what
it reads stays for a day, and goes off the record when it is closed or no longer used.
"""

import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from jobs.ask.explain import Capture, explain, meant
from jobs.corpus.files import readers
from jobs.corpus.files.parquet import read_groups
from jobs.corpus.folder import corpus_at, open_corpus
from jobs.corpus.views import connect, named_damage
from pipeline.errors import UsageError
from pipeline.tables import TABLES

if TYPE_CHECKING:
    import pandas

    from jobs.api.shards import ShardRows


def open_for_reading(corpus: str | Path) -> "Corpus":
    """A corpus by its folder or URL. Raises WinnowError where there is none, or one of another format."""
    return Corpus(str(corpus))


def _close_at_home(stack: ExitStack, process: int) -> None:
    """Not in a process that was forked from the one that opened the corpus, such as a worker of a DataLoader."""
    if os.getpid() == process:
        stack.close()


class Corpus:
    """An open corpus; `with winnow.open(CORPUS) as corpus:` closes it at the end of the block."""

    def __init__(self, root: str) -> None:
        place = corpus_at(root).root
        with ExitStack() as stack:
            stack.enter_context(readers.reading(place, readers.VIEW, place))
            self._corpus = open_corpus(place)  # read after it is known that somebody reads
            self._stack = stack.pop_all()
        self._close = weakref.finalize(self, _close_at_home, self._stack, os.getpid())

    @property
    def root(self) -> str:
        """Its folder or URL."""
        return self._corpus.root

    @property
    def manifest(self) -> dict[str, Any]:
        """corpus.json: recipe, stages with their counts, versions, every file with its hash."""
        return self._corpus.manifest

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that have been made (docs/tables.md has their columns)."""
        return tuple(name for name in TABLES if self._corpus.has(name))

    def batches(self, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """A table a group of rows at a time, 131,072 at most, in the order of its files; each file's checksums are compared."""
        named = self._columns(table, columns)
        for stored in self._corpus.files(table):
            yield from read_groups(self.root, stored, named)

    def arrow(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A table, or some of its columns, in memory."""
        named = self._columns(table, columns)
        groups = list(self.batches(table, named))
        return pa.concat_tables(groups) if groups else TABLES[table].empty_table().select(named)

    def relation(self, table: str) -> duckdb.DuckDBPyRelation:
        """A table for DuckDB, which reads what a question needs: `corpus.relation("outcomes").aggregate("outcome, count(*)")`."""
        self._columns(table, None)
        with named_damage():
            return self._open.view(table) if self._corpus.files(table) else self._open.table(table)

    def pandas(self, table: str, columns: Sequence[str] | None = None) -> "pandas.DataFrame":
        """A table, or some of its columns, as a frame in memory."""
        frame: pandas.DataFrame = self.arrow(table, columns).to_pandas()
        return frame

    def sql(self, query: str, parameters: Sequence[Any] | None = None) -> duckdb.DuckDBPyRelation:
        """The answer to a query over all tables; `?` in it stand for `parameters`. `.df()`, `.fetchall()`, `.arrow()` take it."""
        with named_damage():
            return self._open.sql(query, params=list(parameters or []))

    def explain(self, url_or_doc_id: str) -> list[Capture]:
        """Every capture of a page: `because` in a sentence, rules against their bounds, copies, findings, edits, spans.

        Other spellings of an address are found. Raises WinnowError, with candidates, where no record has it.
        """
        self._corpus.require("select")
        with named_damage():
            return explain(self._corpus, self._open, meant(self._open, url_or_doc_id))

    def shards(
        self,
        *,
        row_tokens: int = 1024,
        split: str = "train",
        seed: int = 0,
        epochs: int = 1,
        drop_last: bool = False,
        rank: int | None = None,
        world: int | None = None,
    ) -> "ShardRows":
        """Rows of the token shards as a torch IterableDataset, in the order in which `winnow train` reads them.

        Ranks and the workers of a DataLoader share the rows. Those of a corpus in a store are copied to this machine first.
        Raises UsageError where torch is not installed.
        """
        self._corpus.require("shard")
        try:
            from jobs.api.shards import Place, ShardRows
        except ImportError as error:
            raise UsageError(f"the rows of shards need {error.name}: pip install 'winnow[train]'") from error
        fingerprint = self._corpus.files("shards")[0].sha256
        place = Place.of(rank, world)
        return ShardRows(
            self, fingerprint, split, row_tokens=row_tokens, seed=seed, epochs=epochs, drop_last=drop_last, place=place
        )

    def close(self) -> None:
        """Goes off the record; relations that were taken from it end with it."""
        self._close()

    def __enter__(self) -> "Corpus":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        kept, records = self._corpus.rows("curated"), self._corpus.rows("outcomes")
        return f"<winnow.Corpus {self.root}: {kept:,} pages kept of {records:,} records>"

    @cached_property
    def _database(self) -> duckdb.DuckDBPyConnection:
        """Made when a query is first asked."""
        return self._stack.enter_context(connect(self._corpus))

    @property
    def _open(self) -> duckdb.DuckDBPyConnection:
        if not self._close.alive:
            raise UsageError(f"{self.root} was closed: winnow.open it again")
        return self._database

    def _columns(self, table: str, columns: Sequence[str] | None) -> list[str]:
        if table not in self.tables:
            raise UsageError(f"{self.root} has no table {table}; it has {', '.join(self.tables) or 'none yet'}")
        known = TABLES[table].names
        unknown = [name for name in columns or () if name not in known]
        if unknown:
            raise UsageError(f"the table {table} has no column {unknown[0]}; it has {', '.join(known)}")
        return list(known if columns is None else columns)
