"""text -> everything that says which documents have to be compared, each text read once."""

import hashlib
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from jobs.spark.arrow_map import BatchFunction
from pipeline.duplicates.copies import signature_bands, signatures, text_keys
from pipeline.duplicates.scope import bands_within, keys_within
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.instants import instant
from pipeline.tables import SKETCHES
from pipeline.urls import url_key

Value = Callable[[pa.RecordBatch], pa.Array]

# Settings that decide only after documents have been signed. Of any other, a new one too, another value makes other sketches.
DECIDED_LATER = frozenset({"min_similarity", "min_keeper_similarity", "bucket_neighbours", "strict", "against"})

SIGNED = pa.schema(
    [
        *SKETCHES,
        ("warc_file", pa.string()),
        ("warc_offset", pa.int64()),
        ("is_part", pa.bool_()),  # a row that may share its address with others of the same fetch
    ]
)


def text_length(batch: pa.RecordBatch) -> pa.Array:
    """Code points: the shorter copy has usually lost something."""
    return pc.utf8_length(batch["text"])


def signing(settings: DuplicateSettings, value: Value = text_length) -> BatchFunction:
    """Batches with doc_id, url, fetched_at, is_row, warc_file, warc_offset and text -> SIGNED."""

    def signed(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        keys = {name: pa.nulls(batch.num_rows, SIGNED.field(name).type) for name in ("url_key", "text_key", "bands")}
        if settings.same_url:
            keys["url_key"] = _address_keys(batch, settings)
        if settings.exact:
            keys["text_key"] = text_keys(batch["text"])
        if settings.near:
            keys["bands"] = signature_bands(signatures(batch["text"], settings), settings)
        if settings.within_inputs:
            keys = _within_inputs(keys, batch["warc_file"].to_pylist(), settings)
        fetched = pa.array([instant(date) for date in batch["fetched_at"].to_pylist()], pa.int64())
        known = value(batch).cast(pa.float64())
        known = pc.if_else(pc.is_nan(known), None, known)  # NaN would be the best of all
        named = {name: batch[name] for name in ("doc_id", "warc_file", "warc_offset")}
        is_part = pc.and_(batch["is_row"], settings.row_urls != "always")
        columns = {**named, **keys, "fetched": fetched, "is_part": is_part, "value": known}
        yield pa.RecordBatch.from_arrays([columns[name] for name in SIGNED.names], schema=SIGNED)

    return signed


def _within_inputs(keys: dict[str, pa.Array], paths: list[str], settings: DuplicateSettings) -> dict[str, pa.Array]:
    """Pages of two inputs have no key in common, so whatever compares pages by these stays within one."""
    found = {name: keys_within(keys[name], paths) for name in ("url_key", "text_key")}
    return found | {"bands": bands_within(keys["bands"], paths, settings.bands) if settings.near else keys["bands"]}


def _address_keys(batch: pa.RecordBatch, settings: DuplicateSettings) -> pa.Array:
    keys = pa.array([_hashed(url_key(url)) if url else None for url in batch["url"].to_pylist()], pa.binary())
    return pc.if_else(pc.and_(batch["is_row"], settings.row_urls == "never"), None, keys)


def _hashed(key: str | None) -> bytes | None:
    """128 bits of an address: a corpus that is kept beside others should not carry each twice."""
    return None if key is None else hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
