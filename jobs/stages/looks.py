"""One pass over the texts of many pages, for everything that a stage takes of each page by itself.

A look is a function of a batch; several share one reading. What they give is written by the tasks, a file for each table, and
Spark goes on from those files: so neither the texts nor what was made of them pass from Python to Java. The files lie beside the
journal's entries that name them, outlive a kill of the stage, and go when it is published; those of `looked_once` stay for the
pages that they are of.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame

from jobs.corpus.files.journal import Journal
from jobs.corpus.files.parquet import TableFile, part
from jobs.corpus.folder import Corpus
from jobs.spark.pages import Pages, StoredPages
from jobs.spark.pieces import Made, Make
from jobs.spark.tables import read_files
from pipeline.errors import CorpusError


class Look(NamedTuple):
    """What is taken of each page. `take` yields batches by the names of `schemas`."""

    schemas: dict[str, pa.Schema]
    take: Callable[[pa.RecordBatch], Iterator[tuple[str, pa.RecordBatch]]]


class Taken(NamedTuple):
    """What looks took."""

    tables: dict[str, DataFrame]
    pages: int


def looked(pages: Pages, columns: tuple[str, ...], looks: list[Look], journal: Journal) -> Taken:
    """What the looks take, computed when this returns; of the pieces that `journal` has, what they took then.

    Raises CorpusError where a file of those is not as it was written.
    """
    schemas, make = _making(looks, journal)
    return _taken(pages, schemas, pages.in_pieces(" ".join(schemas), columns, journal, make), journal)


def looked_once(pages: StoredPages, columns: tuple[str, ...], looks: list[Look], kept: Journal) -> Taken:
    """The same, and what was taken of pages that are as they were is not taken again, though others have come since.

    `kept` is a journal that outlives the stage; of what is damaged in it nothing is used.
    """
    schemas, make = _making(looks, kept)
    try:
        return _taken(pages, schemas, pages.in_units(columns, kept, make), kept)
    except CorpusError:
        kept.forget()
        return _taken(pages, schemas, pages.in_units(columns, kept, make), kept)


def _making(looks: list[Look], journal: Journal) -> tuple[dict[str, pa.Schema], Make]:
    """(schemas by table, what makes files of a piece)."""
    schemas = {name: schema for look in looks for name, schema in look.schemas.items()}
    root, folder = journal.root, journal.folder

    def make(batches: Iterator[pa.RecordBatch], number: int) -> Made:
        with ExitStack() as stack:
            files = {
                name: stack.enter_context(closing(TableFile(root, part(f"{folder}/{name}", number), schema)))
                for name, schema in schemas.items()
            }
            read = 0
            for batch in batches:
                read += batch.num_rows
                for look in looks:
                    for name, rows in look.take(batch):
                        files[name].add(rows)
            return Made({name: [file.finish()] for name, file in files.items() if file.has_rows}, {"pages": read})

    return schemas, make


def _taken(pages: Pages, schemas: dict[str, pa.Schema], made: list[Made], journal: Journal) -> Taken:
    root = journal.root
    spark, corpus = pages.rows.sparkSession, Corpus(root, {"tables": {}, "stages": {}})  # it names none of these files
    found = {name: tuple(file for one in made for file in one.tables.get(name, ())) for name in schemas}
    tables = {name: read_files(spark, corpus, files, schemas[name]) for name, files in found.items()}
    return Taken(tables, sum(one.told["pages"] for one in made))
