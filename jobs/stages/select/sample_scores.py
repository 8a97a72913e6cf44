"""documents that would be kept -> those that lose the lot which their score weighs."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from jobs.spark.arrow_map import arrow_map
from pipeline.select import SelectSettings, drawn

LOST = pa.schema([("doc_id", pa.string())])


def losing(scored: DataFrame, settings: SelectSettings) -> DataFrame:
    """(doc_id) of those that go; `scored` has doc_id (unique) and quality. What a page draws depends on no other page."""

    def lose(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        stays = pa.array(drawn(batch["doc_id"].to_pylist(), batch["quality"], settings))
        yield pa.RecordBatch.from_arrays([batch["doc_id"].filter(pc.invert(stays))], schema=LOST)

    return arrow_map(lose, scored.select("doc_id", "quality"), LOST)
