"""How Parquet files of a corpus are written, by Spark (jobs/spark/session.py) and here alike."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_GROUP = 1 << 17  # what one lookup has to read; duckdb's own are as large

# Columns that `winnow trace` and `winnow explain` look a single value up by. Their bloom filters let a reader pass over every
# group of rows that lacks it; in 131,072 rows a filter is 256 KiB at most, and less where there are fewer values.
LOOKED_UP = ("doc_id", "url", "keeper_id", "warc_offset")
FALSE_POSITIVES = 0.01  # of a bloom filter, as parquet-mr's default


def open_writer(target: Path, schema: pa.Schema, most_rows: int) -> pq.ParquetWriter:
    bloom = {"ndv": max(1, min(most_rows, ROWS_PER_GROUP)), "fpp": FALSE_POSITIVES}
    looked_up = {name: bloom for name in LOOKED_UP if name in schema.names}
    return pq.ParquetWriter(
        target, schema, compression="zstd", write_page_checksum=True, store_schema=False, bloom_filter_options=looked_up or None
    )


def write_group(writer: pq.ParquetWriter, group: pa.Table) -> None:
    if group.num_rows:
        writer.write_table(group, row_group_size=ROWS_PER_GROUP)


def write_table(target: Path, table: pa.Table) -> None:
    """A whole table as one file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with open_writer(target, table.schema.remove_metadata(), table.num_rows) as writer:
        write_group(writer, table)
