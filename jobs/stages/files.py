"""How rows of `curated` are dealt into files."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

DOCUMENTS_PER_FILE = 20_000  # a fixed number, so that the files do not depend on partitions


def in_files(documents: DataFrame, count: int) -> DataFrame:
    """Documents sorted by doc_id, cut into files by value alone: the same files whatever the cluster."""
    files = max(1, -(-count // DOCUMENTS_PER_FILE))
    place = (f.conv(f.substring("doc_id", 1, 8), 16, 10).cast("long") * files / (1 << 32)).cast("int")
    return documents.repartitionById(files, place).sortWithinPartitions("doc_id")
