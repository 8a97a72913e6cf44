"""What many tests share: one Spark session a process, how many examples a property test draws, and which tests are quick."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

from jobs.kernels.uses import GROUPS
from jobs.spark.session import session
from tests.short_lived import FEW_TASKS

# `make test` draws few examples each time, and others each time; `make test-deep` many. numba compiles inside the first one.
settings.register_profile("fast", max_examples=40, deadline=None, print_blob=True)
settings.register_profile("deep", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

LOADS_TORCH = ("torch", "model", "jobs.runs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what `make test-quick` leaves out."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker("spark")
        if loads_torch(getattr(item, "module", None)):
            item.add_marker("torch")


def loads_torch(module: object) -> bool:
    """Whether a file of tests imports torch, or anything of ours that computes with it."""
    names = (getattr(value, "__module__", None) or getattr(value, "__name__", "") for value in vars(module).values())
    return any(f"{name}.".startswith(tuple(f"{package}." for package in LOADS_TORCH)) for name in names)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    with session("local[2]", FEW_TASKS, preload=GROUPS, input_bytes=0) as spark:
        yield spark
