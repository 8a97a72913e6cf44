"""One curation in a process of its own; its last line is JSON.

python -m tests.bench.scale.curate_once CORPUS CORES INPUT... [--against EARLIER]
"""

import argparse
import json
import time
from typing import Any

from jobs.corpus.folder import changing
from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import build_recipe
from jobs.kernels.uses import GROUPS
from jobs.stages.curate import STAGES, run_stages
from jobs.stages.stage import Work, working
from tests.bench.scale.processes import java_peak_bytes, seconds_so_far


def curate(root: str, cores: int, inputs: list[str], earlier: list[str]) -> dict[str, Any]:
    """Seconds by stage; Java's start is in the first that needs it. What the corpora `earlier` keep goes."""
    recipe = build_recipe({"duplicates": {"against": earlier}})
    stages: dict[str, Any] = {}
    started, before = time.monotonic(), seconds_so_far()
    with changing(root) as corpus:
        found = list_inputs(inputs, skip_bad=False)
        with working(Work(corpus, recipe, master=f"local[{cores}]", inputs=found, preload=tuple(GROUPS))) as work:

            def ended(name: str, _: bool) -> None:
                nonlocal started, before
                now, seconds, jobs = time.monotonic(), seconds_so_far(), _jobs(work)
                done = sum(stage["jobs"] for stage in stages.values())
                stages[name] = {"wall": now - started, **(seconds - before)._asdict(), "jobs": jobs - done}
                started, before = now, seconds

            run_stages(work, STAGES, lambda _: None, ended)
            told = {
                "java_peak_bytes": java_peak_bytes(), "worker_peak_bytes": work.peak_bytes, "shuffled_bytes": _shuffled(work),
            }  # fmt: skip
    rows = {table: corpus.rows(table) for table in ("documents", "curated")}
    text = sum(one.bytes for one in corpus.files("documents"))
    return {"stages": stages, **told, **rows, "documents_bytes": text, "input_bytes": sum(one.size for one in found)}


def _jobs(work: Work) -> int:
    spark = work.started_spark
    return 0 if spark is None else int(spark.sparkContext._jsc.sc().dagScheduler().numTotalJobs())


def _shuffled(work: Work) -> int:
    """Bytes that all stages of Spark have written for others to read, compressed."""
    executors = work.spark.sparkContext._jsc.sc().statusStore().executorList(False)
    return sum(int(executors.apply(number).totalShuffleWrite()) for number in range(executors.size()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus")
    parser.add_argument("cores", type=int)
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--against", action="append", default=[])
    options = parser.parse_args()
    print(json.dumps(curate(options.corpus, options.cores, options.inputs, options.against)))
