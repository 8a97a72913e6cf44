"""A new dump against the corpora that were made last: what one of them keeps is not kept again, and what changed is looked at.

Without `earlier` these are the corpora that curate_crawl and this DAG have told of, the newest `last` of them.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import DAG
from winnow_params import CRAWL, DATA, MASTER, corpus, ingest, list_param, number_param, params_of, path_param
from winnow_tasks import CORPUS, MACROS, SPARK_CONNECTION, corpora_told, stage_tasks, task_defaults

PARAMS = {
    **CRAWL,
    "corpus": path_param(f"{DATA}/corpus-{{{{ ds_nodash }}}}", "Folder or URL of the new corpus."),
    "earlier": list_param([], "Corpora to compare with; none: those that were made last."),
    "last": number_param(4, 1, "So many of these."),
}


def against(context: Mapping[str, Any]) -> list[str]:
    """What follows `winnow ingest`: the crawl, and the earlier corpora in the recipe."""
    params = params_of(context)
    told = [one for one in corpora_told(context["inlet_events"][CORPUS]) if one != params["corpus"]]
    earlier = json.dumps(params["earlier"] or told[: params["last"]])  # a list of texts in JSON is one in TOML
    return ingest(context, f"duplicates.against={earlier}", f"provenance.earlier={earlier}")


with DAG(
    dag_id="refresh_corpus",
    description="A new dump, without what earlier corpora keep",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=PARAMS if SPARK_CONNECTION else PARAMS | {"master": MASTER},
    user_defined_macros=MACROS,
    default_args=task_defaults(),
    tags=["winnow", "data"],
) as dag:
    stage_tasks(against, corpus, inlets=[CORPUS])
