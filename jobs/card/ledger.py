"""A corpus asked once each of the questions of questions.py; what a document cites is listed at its end, with its query."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from jobs.card.questions import QUESTIONS
from jobs.corpus.folder import Corpus
from jobs.corpus.views import Row, add_missing, add_views, named_damage, rows

MEMORY = "2GB"


class Ledger:
    """The tables of a corpus, as far as they are made: those that are not have no rows."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self._database = database
        self._known: dict[str, list[Row]] = {}

    def all(self, question: str) -> list[Row]:
        """The answer to a question of QUESTIONS, by its name."""
        if question not in self._known:
            self._known[question] = rows(self._database, QUESTIONS[question])
        return self._known[question]

    def one(self, question: str) -> Row:
        """Of a question that has one row."""
        return self.all(question)[0]


@contextmanager
def open_ledger(corpus: Corpus) -> Iterator[Ledger]:
    """Raises CorpusError where the pages have not been decided, or a file is missing or damaged."""
    corpus.require("select")
    with duckdb.connect(":memory:", config={"memory_limit": MEMORY}) as database, named_damage():
        add_missing(database, add_views(database, corpus))
        yield Ledger(database)


class Cited:
    """What one document cites, in the order of its first mention: `Q1`, `Q2`, …"""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}

    def number(self, question: str) -> int:
        return self._names.setdefault(question, len(self._names) + 1)

    def queries(self) -> list[dict[str, Any]]:
        return [{"number": number, "name": name, "query": QUESTIONS[name].strip()} for name, number in self._names.items()]
