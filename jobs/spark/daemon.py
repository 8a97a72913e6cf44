"""Spark's Python daemon on one machine: it loads once what its workers need, and they are forked from it.

A worker ends after an idle minute, and loading libraries and kernels takes seconds of CPU. WINNOW_PRELOAD names the groups of
kernels (jobs/kernels/uses.py) that the stages to be made need.
"""

import gc
import os

from pyspark.daemon import manager

from jobs.kernels.uses import GROUPS

PRELOAD = "WINNOW_PRELOAD"

if __name__ == "__main__":
    for group in filter(None, os.environ.get(PRELOAD, "").split(",")):
        GROUPS[group]()
    gc.freeze()  # as workers do with what they load themselves (jobs/spark/arrow_map.py)
    manager()
