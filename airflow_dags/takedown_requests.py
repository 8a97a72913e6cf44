"""A folder of requests, carried out once a day: each a file CASE.txt with a URL, host or doc_id on each line.

    requests/2026-117.txt            waits
    requests/done/2026-117.txt       is answered
    requests/answers/2026-117/       its certificate.json and certificate.html

One request after the other, for a corpus has one writer. A request leaves the folder when its certificate lies among the answers:
what fails half way is tried again, and nothing is lost or done twice. `winnow takedown` goes on where it stopped, and of one that
was carried out before the certificate is found by its case. One that fails does not keep the others from being answered.
"""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task
from winnow_params import DATA, params_of, path_param
from winnow_tasks import task_defaults

CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
PARAMS = {
    "corpus": path_param(f"{DATA}/corpus", "The corpus, a folder."),
    "requests": path_param(f"{DATA}/requests", "Folder of the requests."),
    "run": path_param(None, "A run on the corpus: the pages leave its weights as well."),
    "oracle": Param(False, type="boolean", description="Also train from scratch without the pages, and compare."),
}


@task
def waiting() -> list[str]:
    """The cases that wait, oldest first. Raises ValueError for a file whose name is no case: it would wait for ever."""
    folder = Path(params_of(get_current_context())["requests"])
    files = sorted(folder.glob("*.txt"), key=lambda file: (file.stat().st_mtime, file.name))
    wrong = [file.name for file in files if not CASE.fullmatch(file.stem)]
    if wrong:
        raise ValueError(f"{folder / wrong[0]} is no case: letters, digits, dots, - and _, at most 100 of them; rename it")
    return [file.stem for file in files]


@task(max_active_tis_per_dag=1)
def answer(case: str) -> str:
    """Takes the pages out, lays the certificate among the answers, and the request among those that are done; returns where."""
    params = params_of(get_current_context())
    folder, corpus = Path(params["requests"]), Path(params["corpus"])
    request, answered = folder / f"{case}.txt", folder / "answers" / case
    if not any(_certificates(corpus, case)):
        _take_down(params, request, case)
    certificates = sorted(_certificates(corpus, case), key=lambda file: file.stat().st_mtime)
    if not certificates:
        raise FileNotFoundError(
            f"{corpus / 'takedowns'} has no certificate of case {case}; `winnow takedown --case {case}` makes it"
        )
    answered.mkdir(parents=True, exist_ok=True)
    for file in (certificates[-1], certificates[-1].with_suffix(".html")):
        shutil.copy2(file, answered / file.name)
    (folder / "done").mkdir(exist_ok=True)
    request.replace(folder / "done" / request.name)
    return str(answered)


def _take_down(params: dict[str, Any], request: Path, case: str) -> None:
    command = [os.environ.get("WINNOW_COMMAND", "winnow"), "takedown", params["corpus"], "--list", str(request), "--case", case]
    command += ["--run", params["run"]] if params["run"] else []
    command += ["--oracle"] if params["run"] and params["oracle"] else []
    subprocess.run(command, check=True)  # noqa: S603 - words, no shell; what it says goes to the task's log


def _certificates(corpus: Path, case: str) -> list[Path]:
    """Those of this case: a request whose task was killed after its takedown has one already."""
    files = corpus.glob("takedowns/*/certificate*.json")
    return [file for file in files if json.loads(file.read_text("utf-8"))["request"]["case"] == case]


with DAG(
    dag_id="takedown_requests",
    description="Pages out of corpus, shards and weights, with a certificate for each request",
    doc_md=__doc__,
    schedule="@daily",
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args=task_defaults(),
    tags=["winnow", "takedown"],
) as dag:
    answer.expand(case=waiting())
