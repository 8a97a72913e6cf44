"""A crawl to a corpus in Airflow 3, one task per stage. Imports nothing of winnow and runs nothing while it is parsed.

Each task is one line: `winnow STAGE …`, or `spark-submit winnow.py STAGE …` where a Spark connection is named. Set on the
machines that parse and run it:

| variable                  | meaning                                                             | default     |
|---------------------------|---------------------------------------------------------------------|-------------|
| `WINNOW_COMMAND`          | the command, where it is not on the PATH                            | `winnow`    |
| `WINNOW_SPARK_CONNECTION` | id of an Airflow connection to Spark: stages go there               | none        |
| `WINNOW_APPLICATION`      | where `jobs/submit/winnow.py` lies, for spark-submit                | `winnow.py` |
| `WINNOW_SCHEDULE`         | a cron line or a preset such as `@weekly`                           | by hand     |
"""

import json
import os
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, BaseOperator, Param, chain

STAGES = (*json.loads(Path(__file__).with_name("stages.json").read_text("utf-8")), "verify")  # `make docs` writes the file
SPARK_CONNECTION = os.environ.get("WINNOW_SPARK_CONNECTION", "")
APPLICATION = os.environ.get("WINNOW_APPLICATION", "winnow.py")

ONE_LINE = r"^[^\s-][^\x00-\x1f\x7f]*$"  # no option in disguise, no control character
PARAMS = {
    "inputs": Param(
        ["crawl"],
        type="array",
        items={"type": "string", "pattern": ONE_LINE, "maxLength": 4096},
        minItems=1,
        uniqueItems=True,
        description="Files, globs, folders, http(s) or s3 URLs of WARC, WET, JSONL or Parquet; one a line.",
    ),
    "corpus": Param(
        "corpus",
        type="string",
        pattern=ONE_LINE,
        maxLength=4096,
        description="Folder of the corpus; made if need be, continued if it exists.",
    ),
    "recipe": Param(
        None,
        type=["null", "string"],
        pattern=r"^(default|fineweb|c4|gopher|[^\s-][^\x00-\x1f\x7f]*\.toml)$",
        maxLength=4096,
        description="A recipe that ships, or a file (`winnow recipe NAME` prints one); it may differ from the corpus' own.",
    ),
    "skip_bad_inputs": Param(False, type="boolean", description="Record unreadable inputs and go on, in place of stopping."),
}
MASTER = Param(
    None,
    type=["null", "string"],
    pattern=r"^(local(\[[0-9*]+(,[0-9]+)?\])?|yarn|(spark|k8s)://[A-Za-z0-9._:/,\[\]-]+)$",
    description="Spark master of the winnow command; none means all cores of the machine that runs the task.",
)


def arguments(stage: str, params: Mapping[str, Any]) -> list[str]:
    """What follows `winnow` on the command line of a stage."""
    if stage == "verify":
        return [stage, params["corpus"]]
    options = ["--master", params["master"]] if params.get("master") else []
    if stage != "ingest":
        return [stage, params["corpus"], *options]  # with the recipe that ingest wrote into the corpus
    options += ["--recipe", params["recipe"], "--yes"] if params["recipe"] else []  # nobody is there to be asked
    options += ["--skip-bad-inputs"] if params["skip_bad_inputs"] else []
    return [stage, *params["inputs"], "--output", params["corpus"], *options]


def quoted_arguments(stage: str, params: Mapping[str, Any]) -> str:
    """The same for a shell: whatever stands in a parameter stays one word."""
    return shlex.join(arguments(stage, params))


def command_task(stage: str) -> BaseOperator:
    """Runs `winnow STAGE …` where the task runs."""
    line = f'exec "${{WINNOW_COMMAND:-winnow}}" {{{{ quoted_arguments("{stage}", params) }}}}'
    return BashOperator(task_id=stage, bash_command=line, append_env=True, skip_on_exit_code=None, **retried(stage))


def spark_task(stage: str) -> BaseOperator:
    """Runs `spark-submit winnow.py STAGE …` on the connection. Templates give strings, so the list is set just before."""
    from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

    def set_arguments(context: Any) -> None:
        context["task"].application_args = arguments(stage, context["params"])

    return SparkSubmitOperator(
        task_id=stage,
        name=f"winnow-{stage}",
        conn_id=SPARK_CONNECTION,
        application=APPLICATION,
        pre_execute=set_arguments,
        **retried(stage),
    )


def retried(stage: str) -> dict[str, Any]:
    """A stage continues where it stopped, so trying again is cheap; a broken law stays broken."""
    if stage == "verify":
        return {"retries": 0}
    return {"retries": 2, "retry_delay": timedelta(minutes=2), "retry_exponential_backoff": True}


with DAG(
    dag_id="curate_crawl",
    description="Web crawl to token shards, with an account of every record",
    doc_md=__doc__,
    schedule=os.environ.get("WINNOW_SCHEDULE") or None,
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # a corpus has one writer
    params=PARAMS if SPARK_CONNECTION else PARAMS | {"master": MASTER},
    user_defined_macros={"quoted_arguments": quoted_arguments},
    default_args={"owner": "winnow"},
    tags=["winnow", "data"],
) as dag:
    chain(*(spark_task(stage) if SPARK_CONNECTION else command_task(stage) for stage in STAGES))
