"""Which documents have a band of their signature in common with another.

Nearly every band is that of one document. They meet packed (jobs/spark/packed.py), and what only one document has ends there: a
row of Spark is made of the others alone.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from jobs.spark.arrow_map import arrow_map
from jobs.spark.packed import PACKED, bucket_of, met, packed

BAND = pa.schema([("band", pa.int64()), ("doc_id", pa.string())])


def shared_bands(documents: DataFrame, buckets: int) -> DataFrame:
    """BAND of bands that several of `documents` (doc_id, bands) have; `buckets` is how many meet at once."""

    def dealt(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        bands = batch["bands"]
        owners = batch["doc_id"].take(pc.list_parent_indices(bands))
        rows = pa.record_batch([bands.flatten(), owners], schema=BAND)
        yield packed(rows, bucket_of(rows["band"].to_numpy(), buckets))

    return met(arrow_map(dealt, documents.select("doc_id", "bands"), PACKED), BAND, of_several, BAND)


def of_several(rows: pa.Table) -> pa.Table:
    """Rows whose band another row has too."""
    _, inverse, counts = np.unique(rows["band"].to_numpy(), return_inverse=True, return_counts=True)
    return rows.filter(pa.array(counts[inverse] > 1))
