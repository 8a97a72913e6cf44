"""A run on every corpus that was made: trained, then evaluated on its held-out pages.

Starts when curate_crawl or refresh_corpus has told of a corpus; by hand `corpus` names one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import DAG, Param, chain
from winnow_params import DATA, number_param, params_of, path_param, settings_param
from winnow_tasks import CORPUS, MACROS, command_task, corpora_told, task_defaults

PARAMS = {
    "corpus": path_param(None, "A corpus; none: the one that started this run."),
    "run": path_param(f"{DATA}/runs/{{{{ ds_nodash }}}}", "Folder of the run; what stands there goes on."),
    "model": Param("small", type="string", enum=["tiny", "small", "gpt2"], description="Its size."),
    "steps": number_param(None, 1, "Updates; none: those of the size."),
    "settings": settings_param("Settings of the plan that are changed, as batch_rows=64; one a line."),
}


def train(context: Mapping[str, Any]) -> list[str]:
    """What follows `winnow`. Raises ValueError where no corpus is known."""
    params = params_of(context)
    told = corpora_told((context.get("triggering_asset_events") or {}).get(CORPUS, []))
    corpora = [params["corpus"]] if params["corpus"] else told[:1]
    if not corpora:
        raise ValueError("no corpus is named, and none started this run: give the parameter corpus")
    options = ["--steps", str(params["steps"])] if params["steps"] else []
    options += [word for one in params["settings"] for word in ("--set", one)]
    return ["train", *corpora, "--output", params["run"], "--model", params["model"], *options]


def evaluate(context: Mapping[str, Any]) -> list[str]:
    return ["evaluate", str(params_of(context)["run"])]


with DAG(
    dag_id="train_on_shards",
    description="A model on the newest corpus",
    doc_md=__doc__,
    schedule=[CORPUS],
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    user_defined_macros=MACROS,
    default_args=task_defaults(),
    tags=["winnow", "model"],
) as dag:
    chain(command_task("train", train), command_task("evaluate", evaluate))
