"""jobs/spark/pages.py: the texts of pages that Spark knows by their places alone, against reading every file from its start."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from jobs.corpus.files import parquet
from jobs.corpus.files.parquet import part, read_groups, store_table
from jobs.corpus.folder import Corpus
from jobs.spark import pages as module
from jobs.spark.pages import StoredPages, map_pages
from jobs.spark.pieces import Pieces
from jobs.spark.tables import read_pages, write_again
from pipeline.blocks import StoredFile
from pipeline.tables import CURATED
from tests.pages import journal_in

pytestmark = pytest.mark.spark
COLUMNS = ("doc_id", "url")
OUT = pa.schema([("doc_id", pa.string()), ("url", pa.string()), ("extra", pa.int64()), ("text", pa.string())])
FILES = {0: 70, 2: 1, 3: 0, 5: 23}  # number of a file: its rows; the table has gaps


def row(number: int, place: int) -> dict[str, object]:
    text = None if place % 11 == 3 else f"page {number}.{place} ünïcode 🙂 " * (1 + place % 5)
    return {"doc_id": f"{number:02}{place:030}", "url": None, "language": "en", "text": text, "n_tokens": None}


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """Four files, cut into groups of nine rows."""
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 9)
    files = [stored(tmp_path, number, count) for number, count in FILES.items()]
    return Corpus(str(tmp_path), {"tables": {"curated": [one.as_json() for one in files]}, "stages": {}})


def stored(root: Path, number: int, count: int) -> StoredFile:
    rows = pa.RecordBatch.from_pylist([row(number, place) for place in range(count)], CURATED)
    return store_table(str(root), part("curated", number), [rows], CURATED)


def read(spark: SparkSession, corpus: Corpus) -> StoredPages:
    return read_pages(spark, corpus, "curated", CURATED, COLUMNS)


def everything() -> list[dict[str, object]]:
    return [row(number, place) for number, count in FILES.items() for place in range(count)]


@pytest.mark.parametrize("rows_per_slice", [4, 10, 8192])
@pytest.mark.parametrize("partitions", ["1", "2", "7"])
def test_every_page_meets_its_own_text_however_files_are_cut_and_dealt(
    spark: SparkSession, corpus: Corpus, monkeypatch: pytest.MonkeyPatch, rows_per_slice: int, partitions: str
) -> None:
    monkeypatch.setattr(module, "MAX_SLICE_ROWS", rows_per_slice)
    before = spark.conf.get("spark.sql.shuffle.partitions")
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
    try:
        pages = read(spark, corpus)
        wanted = pages.rows.where(f.substring("doc_id", -1, 1) != "7").withColumn("extra", f.length("doc_id").cast("long"))
        found = map_pages(lambda batch: iter([batch.select(OUT.names)]), pages.of(wanted), ("text",), OUT).collect()
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", before)
    expected = [(one["doc_id"], None, 32, one["text"]) for one in everything() if not str(one["doc_id"]).endswith("7")]
    assert sorted(tuple(one) for one in found) == expected


def test_a_page_that_was_joined_with_several_rows_comes_with_each(spark: SparkSession, corpus: Corpus) -> None:
    pages = read(spark, corpus)
    twice = pages.rows.withColumn("extra", f.explode(f.array(f.lit(1).cast("long"), f.lit(2).cast("long"))))
    found = map_pages(lambda batch: iter([batch.select(OUT.names)]), pages.of(twice), ("text",), OUT).collect()
    assert sorted((one.doc_id, one.extra, one.text) for one in found) == [
        (one["doc_id"], number, one["text"]) for one in everything() for number in (1, 2)
    ]


def test_a_table_written_again_keeps_files_order_and_all_other_columns(spark: SparkSession, corpus: Corpus) -> None:
    pages = read(spark, corpus)
    counted = pages.of(pages.select("doc_id").withColumn("n_tokens", f.length("doc_id").cast("long")).drop("doc_id"))
    files = write_again(corpus, "curated", counted, CURATED, journal_in(Path(corpus.root)))
    assert [(one.file.split("-")[1], one.rows) for one in files] == [("00000", 70), ("00002", 1), ("00005", 23)]
    found = [one for file in files for group in read_groups(corpus.root, file) for one in group.to_pylist()]
    assert found == [one | {"n_tokens": 32} for one in everything()]


def test_a_table_without_files_has_no_pages(spark: SparkSession, tmp_path: Path) -> None:
    pages = read(spark, Corpus(str(tmp_path), {"tables": {}, "stages": {}}))
    assert map_pages(lambda batch: iter([batch.select(OUT.names)]), pages, ("text",), OUT).collect() == []


def test_a_file_that_changed_after_it_was_looked_at_is_an_error_and_no_text(spark: SparkSession, corpus: Corpus) -> None:
    pages = read(spark, corpus)
    path = Path(corpus.root, pages.files[0].file)
    column = pq.ParquetFile(path).metadata.row_group(3).column(CURATED.get_field_index("text"))
    data = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    data[start + column.total_compressed_size // 2] ^= 4
    path.write_bytes(data)
    with pytest.raises(Exception, match="not as it was written"):
        map_pages(lambda batch: iter([batch.select(["doc_id", "text"])]), pages, ("text",), OUT).collect()


def test_batches_are_small_in_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """512 pages of a megabyte each, as they stand in one group of rows, would be more than a worker has."""
    monkeypatch.setattr(module, "BYTES_PER_BATCH", 1000)
    sizes = [10, 900, 5000, 0, 400, 400, 400, 3]
    rows = pa.RecordBatch.from_arrays([pa.array(["x" * size for size in sizes])], names=["text"])
    cut = [[len(text) for text in batch["text"].to_pylist()] for batch in module._cut(rows)]
    assert cut == [[10, 900], [5000], [0, 400, 400], [400, 3]]
    monkeypatch.setattr(module, "ROWS_PER_BATCH", 2)
    assert [batch.num_rows for batch in module._cut(rows)] == [2, 1, 2, 2, 1]
    assert list(module._cut(rows.slice(0, 0))) == []


def test_pieces_that_are_cut_in_another_way_have_other_names(spark: SparkSession) -> None:
    """A release that cut them otherwise would take those of the one before for its own, and lose pages or have them twice."""
    names = [Pieces("n", 2, place, order).keys for place, order in ((f.col("a"), ()), (f.col("b"), ()), (f.col("a"), ("a",)))]
    assert len({one for some in names for one in some}) == 6
    assert names[0] == Pieces("n", 2, f.col("a")).keys
    assert names[0] != Pieces("n", 2, f.pmod(f.col("a"), f.lit(3))).keys != Pieces("n", 2, f.pmod(f.col("a"), f.lit(4))).keys
