"""Shards -> token files as nanoGPT and HF datasets read them. llm.c and modded-nanogpt need no export: they read the shards.

nanogpt   train.bin and val.bin, one row of ids each, nothing else; `get_batch` maps them as uint16 (as uint32 where the
          vocabulary exceeds 65,535: its `dtype=np.uint16` has to say so then). No val.bin where nothing is held out.
parquet   data/SPLIT-NNNNN.parquet, one for each shard: doc_id, url, tokens, split; `datasets.load_dataset(FOLDER)`.
"""

from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.export.hub import write_readme
from jobs.export.source import Source, Stretch
from tokenizer.shards.splits import TRAIN, VALIDATION

NANOGPT_NAMES = {TRAIN: "train.bin", VALIDATION: "val.bin"}


def write_nanogpt(source: Source, folder: Path) -> int:
    """Returns the number of documents, as every writer does."""
    documents = 0
    for split in source.splits:
        with (folder / NANOGPT_NAMES[split]).open("wb") as file:
            for stretch in source.stretches(split):
                stretch.values.tofile(file)
                documents += len(stretch.names)
    return documents


def parquet_schema(dtype: str) -> pa.Schema:
    tokens = pa.list_(pa.from_numpy_dtype(np.dtype(dtype)))
    return pa.schema([("doc_id", pa.string()), ("url", pa.string()), ("tokens", tokens), ("split", pa.string())])


def write_parquet(source: Source, folder: Path) -> int:
    schema = parquet_schema(source.manifest.dtype)
    (folder / "data").mkdir()
    documents = 0
    for split in source.splits:
        by_shard = groupby(source.stretches(split, urls=True), key=lambda stretch: stretch.shard)
        for number, (_, stretches) in enumerate(by_shard):
            path = folder / "data" / f"{split}-{number:05d}.parquet"
            with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as file:
                for stretch in stretches:
                    file.write_batch(_rows(stretch, split, schema))
                    documents += len(stretch.names)
    write_readme(folder, "parquet", {split: f"data/{split}-*.parquet" for split in source.splits})
    return documents


def _rows(stretch: Stretch, split: str, schema: pa.Schema) -> pa.RecordBatch:
    values = pa.array(stretch.values.astype(stretch.values.dtype.newbyteorder("="), copy=False))
    tokens = pa.ListArray.from_arrays(pa.array(stretch.offsets.astype(np.int32)), values)
    splits = pa.repeat(pa.scalar(split), len(stretch.names))
    urls = pa.array(stretch.urls, pa.string())
    return pa.record_batch([pa.array(stretch.names, pa.string()), urls, tokens, splits], schema=schema)
