"""What the DAGs here share: tasks that are one line of `winnow` each. Imports nothing of winnow.

Set on the machines that parse and run the DAGs:

| variable                  | meaning                                                                     | default        |
|---------------------------|-----------------------------------------------------------------------------|----------------|
| `WINNOW_COMMAND`          | the command, where it is not on the PATH                                    | `winnow`       |
| `WINNOW_SPARK_CONNECTION` | id of an Airflow connection to Spark: stages go there by spark-submit       | none           |
| `WINNOW_APPLICATION`      | where `jobs/submit/winnow.py` lies, for spark-submit                        | `winnow.py`    |
| `WINNOW_SCHEDULE`         | of curate_crawl: a cron line or a preset such as `@weekly`                  | by hand        |
| `WINNOW_DATA`             | absolute folder or URL that the defaults of parameters lie in               | `/data`        |
| `WINNOW_POOL`             | pool of the tasks that write; with one slot one corpus is written at a time | `default_pool` |
| `WINNOW_TASK_HOURS`       | after so many a task is stopped, and tried again from where it stands       | 24             |
| `WINNOW_DEFERRABLE`       | 1: a stage holds no worker while it runs, the triggerer waits for it        | 0              |
| `WINNOW_JOBS`             | folder of such stages' logs, seen by workers and triggerer; `winnow-jobs`   | `AIRFLOW_HOME` |
| `WINNOW_ON_FAILURE`       | `module.function` that is called with the context of a task that failed     | none           |
"""

import importlib
import json
import os
import shlex
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Asset, BaseOperator, chain
from jinja2 import pass_context

STAGES = (*json.loads(Path(__file__).with_name("stages.json").read_text("utf-8")), "verify")  # `make docs` writes the file
SPARK_CONNECTION = os.environ.get("WINNOW_SPARK_CONNECTION", "")
APPLICATION = os.environ.get("WINNOW_APPLICATION", "winnow.py")
DEFERRABLE = os.environ.get("WINNOW_DEFERRABLE", "0") not in ("", "0")
CORPUS = Asset(name="winnow_corpus", uri="winnow://corpus", group="winnow")  # each event's `extra` has {"corpus": where it lies}

Arguments = Callable[[Mapping[str, Any]], list[str]]  # of a task's context, what follows `winnow` on its command line

# --- tasks ---

ARGUMENTS: dict[str, Arguments] = {}  # by the id of DAG and task


@pass_context
def winnow_line(context: Mapping[str, Any]) -> str:
    """What follows `winnow`, for a shell: whatever stands in a parameter stays one word, and is no template."""
    task = context["task"]
    return shlex.join(ARGUMENTS[f"{task.dag_id}.{task.task_id}"](context))


MACROS = {"winnow_line": winnow_line}  # of every DAG


def stage_task(task_id: str, arguments: Arguments, **options: Any) -> BaseOperator:
    """A stage where the task runs or on the connection; with WINNOW_DEFERRABLE it holds no worker meanwhile."""
    if not DEFERRABLE:
        return (spark_task if SPARK_CONNECTION else command_task)(task_id, arguments, **options)
    from winnow_deferred import DeferredOperator

    command = submitted(task_id, arguments) if SPARK_CONNECTION else local(arguments)
    return DeferredOperator(task_id=task_id, command=command, **options)


def local(arguments: Arguments) -> Callable[[Mapping[str, Any]], tuple[list[str], dict[str, str]]]:
    """`winnow …` as words, of a task's context."""
    return lambda context: ([os.environ.get("WINNOW_COMMAND", "winnow"), *arguments(context)], {})


def submitted(task_id: str, arguments: Arguments) -> Callable[[Mapping[str, Any]], tuple[list[str], dict[str, str]] | None]:
    """`spark-submit winnow.py …` as words; null where its exit status does not tell the end, so that the worker has waited."""

    def command(context: Mapping[str, Any]) -> tuple[list[str], dict[str, str]] | None:
        from airflow.providers.apache.spark.hooks.spark_submit import SparkSubmitHook

        hook = SparkSubmitHook(conn_id=SPARK_CONNECTION, name=f"winnow-{task_id}", application_args=arguments(context))
        if hook._is_kubernetes or hook._should_track_driver_status:  # the hook follows their drivers, which outlive spark-submit
            hook.submit(APPLICATION)
            return None
        return hook._build_spark_submit_command(APPLICATION), {**(hook._env or {})}

    return command


def command_task(task_id: str, arguments: Arguments, **options: Any) -> BaseOperator:
    """Runs `winnow …` where the task runs."""
    line = 'exec "${WINNOW_COMMAND:-winnow}" {{ winnow_line() }}'
    task = BashOperator(task_id=task_id, bash_command=line, append_env=True, skip_on_exit_code=None, **options)
    ARGUMENTS[f"{task.dag_id}.{task_id}"] = arguments
    return task


def spark_task(task_id: str, arguments: Arguments, **options: Any) -> BaseOperator:
    """Runs `spark-submit winnow.py …` on the connection. Templates give strings, so the list is set just before."""
    from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

    def set_arguments(context: Any) -> None:
        context["task"].application_args = arguments(context)

    return SparkSubmitOperator(
        task_id=task_id, name=f"winnow-{task_id}", conn_id=SPARK_CONNECTION, application=APPLICATION,
        pre_execute=set_arguments, **options,
    )  # fmt: skip


def stage_tasks(ingest: Arguments, corpus: Callable[[Mapping[str, Any]], str], **of_ingest: Any) -> None:
    """All stages one after the other, and `verify`, which tells of the corpus as an asset."""

    def of_stage(name: str) -> Arguments:
        if name == "ingest":
            return lambda context: [name, *ingest(context), *_master(context)]
        # With the recipe that ingest wrote into the corpus.
        return lambda context: [name, corpus(context), *(_master(context) if name != "verify" else [])]

    def tell(context: Any, _: Any = None) -> None:
        context["outlet_events"][CORPUS].extra = {"corpus": corpus(context)}

    tasks = []
    for name in STAGES:
        if name == "verify":  # a broken law stays broken
            tasks.append(command_task(name, of_stage(name), outlets=[CORPUS], post_execute=tell, retries=0))
        else:
            options = of_ingest if name == "ingest" else {}
            tasks.append(stage_task(name, of_stage(name), **options))
    chain(*tasks)


def corpora_told(events: Iterable[Any]) -> list[str]:
    """Where the corpora lie that events of CORPUS tell of, the newest first, each once."""
    newest_first = sorted(events, key=lambda event: event.timestamp, reverse=True)
    return list(dict.fromkeys(event.extra["corpus"] for event in newest_first if "corpus" in event.extra))


def _master(context: Mapping[str, Any]) -> list[str]:
    return ["--master", context["params"]["master"]] if context["params"].get("master") else []


# --- what all DAGs are given ---


def failed(context: Any) -> None:
    """Calls what `WINNOW_ON_FAILURE` names; it is imported when something failed, not while the DAG is parsed."""
    module, _, function = os.environ["WINNOW_ON_FAILURE"].rpartition(".")
    getattr(importlib.import_module(module), function)(context)


def task_defaults() -> dict[str, Any]:
    """Of every task. What was stopped continues where it stood, so trying again is cheap."""
    return {
        "owner": "winnow",
        "pool": os.environ.get("WINNOW_POOL", "default_pool"),
        "retries": 2,
        "retry_delay": timedelta(minutes=2),
        "retry_exponential_backoff": True,
        "execution_timeout": timedelta(hours=float(os.environ.get("WINNOW_TASK_HOURS", "24"))),
        "on_failure_callback": [failed] if os.environ.get("WINNOW_ON_FAILURE") else [],
    }
