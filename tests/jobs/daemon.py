"""Spark's Python daemon, which loads what its workers need before it forks the first (tests/conftest.py)."""

from pyspark.daemon import manager

from jobs.kernels.uses import GROUPS

if __name__ == "__main__":
    for use in GROUPS.values():
        use()
    manager()
