"""What is computed of every page is held on disk until the last job has read it, and outlives a kill of the stage.

`persist` would hold it in Spark's own folder, which goes with its process. Here each piece is a file beside the entry of the
journal that names it, and both go when the stage is published.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame

from jobs.corpus.files.journal import Journal
from jobs.corpus.files.parquet import TableFile, part
from jobs.corpus.folder import Corpus
from jobs.spark.arrow_map import BatchFunction
from jobs.spark.pieces import Made, Pieces, in_pieces, pieces_for
from jobs.spark.tables import by_doc_id, read_files


@dataclass(frozen=True)
class Kept:
    """Holds results of the stage whose journal it has."""

    corpus: Corpus
    journal: Journal

    def rows(self, name: str, function: BatchFunction, pages: DataFrame, schema: pa.Schema) -> DataFrame:
        """`function` applied to every Arrow batch of `pages` (doc_id, …), as `arrow_map` does it; no order of rows is kept."""
        count = pieces_for(self.corpus.records)
        pieces = Pieces(name, count, by_doc_id(count))
        root, folder = self.corpus.root, f"{self.journal.folder}/{name}"

        def make(batches: Iterator[pa.RecordBatch], number: int) -> Made | None:
            with closing(TableFile(root, part(folder, number), schema)) as file:
                for batch in batches:
                    for made in function(batch) if batch.num_rows else ():
                        file.add(made)
                return Made({name: [file.finish()]}, {}) if file.has_rows else None

        files = tuple(file for made in in_pieces(pages, pieces, self.journal, make) for file in made.tables[name])
        return read_files(pages.sparkSession, self.corpus, files, schema)
