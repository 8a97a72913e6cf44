"""What docs/cluster.md gives to paste, as far as this machine can tell."""

import json
import re

from tests.paths import PROJECT

PAGE = (PROJECT / "docs" / "cluster.md").read_text("utf-8")


def test_jobs_that_are_shown_are_json() -> None:
    (databricks,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (emr,) = re.findall(r"--job-driver '(.*?)'\n", PAGE, re.DOTALL)
    assert json.loads(databricks)["tasks"][0]["spark_python_task"]["parameters"][0] == "curate"
    assert json.loads(emr)["sparkSubmit"]["entryPointArguments"][0] == "curate"


def test_every_block_gives_python_as_much_memory_as_the_heap() -> None:
    """1 GiB each for a core: a container without room for Python kills the executor."""
    asked = re.findall(r"spark\.executor\.cores=(\d+).{0,60}?spark\.executor\.memory=(\d+)g", PAGE, re.DOTALL)
    assert len(asked) >= 4 and all(cores == heap for cores, heap in asked)
    assert all(size == "4" for size in re.findall(r"spark\.executor\.memoryOverhead=(\d+)g", PAGE))
