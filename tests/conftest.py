"""What many tests share: one Spark session for the whole run, behind loopback like every local run."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

from jobs.spark.session import session

settings.register_profile("winnow", deadline=None, print_blob=True)  # numba compiles inside the first example
settings.load_profile("winnow")


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    with session("local[2]", {"spark.sql.shuffle.partitions": "4"}) as spark:
        yield spark
