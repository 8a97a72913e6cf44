"""A crawl to a corpus, one task per stage, `verify` at the end. winnow_tasks.py lists the variables that are read.

A Common Crawl dump by its name, or inputs; these and the corpus may hold the run's date, so a backfill makes a corpus a date:

    airflow backfill create --dag-id curate_crawl --from-date 2026-01-01 --to-date 2026-06-30 \
        --dag-run-conf '{"inputs": ["s3://crawl/{{ ds }}/"], "corpus": "s3://corpora/{{ ds_nodash }}"}'
"""

import os
from datetime import UTC, datetime

from airflow.sdk import DAG
from winnow_params import CRAWL, MASTER, corpus, ingest
from winnow_tasks import MACROS, SPARK_CONNECTION, stage_tasks, task_defaults

with DAG(
    dag_id="curate_crawl",
    description="Web crawl to token shards, with an account of every record",
    doc_md=__doc__,
    schedule=os.environ.get("WINNOW_SCHEDULE") or None,
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # a corpus has one writer
    params=CRAWL if SPARK_CONNECTION else CRAWL | {"master": MASTER},
    user_defined_macros=MACROS,
    default_args=task_defaults(),
    tags=["winnow", "data"],
) as dag:
    stage_tasks(ingest, corpus)
