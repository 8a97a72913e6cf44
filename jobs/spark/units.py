"""Work on texts that is done once for a stretch of a file, whatever other files the corpus has: adding inputs costs their own.

A unit is a stretch of one file, known by the file's name, which has the hash of its content in it, and by a digest of the rows
that are looked at and of all that is known of them beside their texts. What was made of a unit holds while there is such a unit.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from jobs.corpus.files.journal import Done

FILE, ROW = "file", "row"  # where a page lies: the name of a file without its folder, and a row of it
ROWS_OF_UNIT = 1024  # of a file; no result depends on it, what is kept does
UNIT, PIECE = "_unit", "_piece"


class Unit(NamedTuple):
    """A stretch of a file, with the rows of it that are looked at."""

    file: str
    number: int  # of the stretch
    rows: int
    digest: int

    @property
    def key(self) -> str:
        return f"{self.file} {self.number}: {self.rows} rows {self.digest & (1 << 64) - 1:016x}"


def units_of(rows: DataFrame) -> list[Unit]:
    """Of narrow rows of pages, in the order of files."""
    digest = f.bit_xor(f.xxhash64(*sorted(name for name in rows.columns if name != FILE)))
    found = rows.groupBy(FILE, _unit().alias(UNIT)).agg(f.count(f.lit(1)), digest).collect()
    return sorted(Unit(*row) for row in found)


def still_holding(units: Iterable[Unit], entries: Iterable[Done]) -> list[Done]:
    """The entries all of whose units are among these; of those that overlap the first by key."""
    there = {one.key for one in units}
    holding = []
    for entry in sorted(entries, key=lambda one: one.key):
        of_entry = set(entry.told["units"])
        if of_entry <= there:
            there -= of_entry
            holding.append(entry)
    return holding


def grouped(units: list[Unit], total: int) -> list[list[Unit]]:
    """At most so many groups of about as many rows, each of neighbours."""
    all_rows, done = sum(one.rows for one in units), 0
    groups: list[list[Unit]] = [[] for _ in range(total)]
    for unit in units:
        groups[done * total // all_rows].append(unit)
        done += unit.rows
    return [group for group in groups if group]


def key_of(group: list[Unit]) -> str:
    return hashlib.sha256("\n".join(one.key for one in group).encode()).hexdigest()


def with_pieces(rows: DataFrame, groups: list[list[Unit]]) -> DataFrame:
    """The rows of these groups, with the number of theirs as PIECE."""
    numbered = [(unit.file, unit.number, number) for number, group in enumerate(groups) for unit in group]
    pieces = rows.sparkSession.createDataFrame(numbered, f"{FILE} string, {UNIT} long, {PIECE} int")
    return rows.withColumn(UNIT, _unit()).join(f.broadcast(pieces), [FILE, UNIT]).drop(UNIT)


def _unit() -> Column:
    return f.floor(f.col(ROW) / ROWS_OF_UNIT).cast("long")
