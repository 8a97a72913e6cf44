"""Pages that are rows of a frame, texts and all, where a test has no corpus."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.corpus.files.journal import Journal
from jobs.spark.arrow_map import PartitionFunction, map_partitions
from jobs.spark.pieces import Made, Make, Pieces, in_pieces
from jobs.stages.looks import Look, looked

PIECES = 3
TEXTS = ("text", "hidden_text", "markup_text")


@dataclass(frozen=True)
class FramePages:
    """As jobs/spark/pages.py: StoredPages, of `frame`."""

    frame: DataFrame

    @property
    def rows(self) -> DataFrame:
        return self.frame

    @property
    def piece_count(self) -> int:
        return PIECES

    def of(self, rows: DataFrame) -> "FramePages":
        return FramePages(rows)

    def select(self, *columns: str) -> DataFrame:
        return self.frame.select(*columns, *(name for name in TEXTS if name in self.frame.columns and name not in columns))

    def in_pieces(self, name: str, columns: tuple[str, ...], journal: Journal, make: Make) -> list[Made]:
        assert set(columns) <= set(self.frame.columns)
        return in_pieces(self.frame, Pieces(name, PIECES, f.pmod(f.xxhash64("doc_id"), f.lit(PIECES)).cast("int")), journal, make)

    def map_partitions(self, function: PartitionFunction, columns: tuple[str, ...], schema: pa.Schema) -> DataFrame:
        assert set(columns) <= set(self.frame.columns)
        return map_partitions(function, self.frame, schema)


def journal_in(folder: Path) -> Journal:
    return Journal(str(folder), "test", "0" * 16)


def taken(frame: DataFrame, look: Look, folder: Path) -> dict[str, DataFrame]:
    """What a look takes of pages, by table."""
    return looked(FramePages(frame), ("text",), [look], journal_in(folder)).tables
