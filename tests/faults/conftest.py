"""One corpus with a run, to put faults into."""

import pytest
from pyspark.sql import SparkSession

from tests.faults.parts import Place
from tests.faults.subject import make_subject


@pytest.fixture(scope="package")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("faults")
    make_subject(folder / "subject", spark)
    return Place(folder)
