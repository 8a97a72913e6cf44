"""Parameters of the DAGs, and what those of a crawl say on the command line. A text in them may hold the run's date."""

import os
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from airflow.sdk import Param

DATA = os.environ.get("WINNOW_DATA", "/data").rstrip("/")

ONE_LINE = r"^[^\s-][^\x00-\x1f\x7f]*$"  # no option in disguise, no control character


def path_param(default: str | None, description: str) -> Param:
    kinds = ["string"] if default is not None else ["null", "string"]
    return Param(default, type=kinds, pattern=ONE_LINE, maxLength=4096, description=f"{description} {DATES}")


def list_param(default: list[str], description: str) -> Param:
    items = {"type": "string", "pattern": ONE_LINE, "maxLength": 4096}
    return Param(default, type="array", items=items, uniqueItems=True, description=f"{description} {DATES}")


def settings_param(description: str) -> Param:
    items = {"type": "string", "pattern": r"^[a-z][a-z0-9_.]*=[^\x00-\x1f\x7f]*$", "maxLength": 4096}
    return Param([], type="array", items=items, description=description)


def number_param(default: int | None, least: int, description: str) -> Param:
    return Param(default, type=["null", "integer"], minimum=least, description=description)


DATES = "May hold {{ ds }}, {{ ds_nodash }}, {{ year }}, {{ month }} or {{ week }} of the run's date."
_NAMED = re.compile(r"\{\{\s*(\w*)\s*\}\}")


def filled(value: Any, context: Mapping[str, Any]) -> Any:
    """A parameter with the dates that it names in place of their names; of a list each. Nothing else is a template.

    Raises ValueError where it names something else.
    """
    if isinstance(value, list):
        return [filled(one, context) for one in value]
    if not isinstance(value, str):
        return value
    run = context["dag_run"]
    date: datetime = run.logical_date or run.run_after
    known = {"ds": "%Y-%m-%d", "ds_nodash": "%Y%m%d", "year": "%Y", "month": "%m", "week": "%V"}
    text = _NAMED.sub(lambda name: date.strftime(known[name[1]]) if name[1] in known else name[0], value)
    if "{{" in text:
        raise ValueError(f"{value!r} names no date that is known; it may hold {', '.join(known)} in double braces")
    return text


def params_of(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: filled(value, context) for name, value in context["params"].items()}


# --- a crawl ---

CRAWL = {  # what is read, and how
    "inputs": list_param([], "Files, globs, folders, lists, http(s) or s3 URLs of WARC, WET, JSONL or Parquet; one a line."),
    "dump": Param(
        None,
        type=["null", "string"],
        pattern=r"^CC-MAIN-[0-9A-Za-z{} _-]{1,60}(/wet)?$",
        description="A Common Crawl dump by its name, CC-MAIN-2026-42; with /wet its texts.",
    ),
    "files": number_param(None, 1, "So many of the files that the inputs and the dump name; none: all."),
    "sample": number_param(None, 0, "With files: drawn by this seed, in place of the first."),
    "corpus": path_param(f"{DATA}/corpus", "Folder or URL of the corpus; made if need be, continued if it exists."),
    "recipe": Param(
        None,
        type=["null", "string"],
        pattern=r"^(default|fineweb|c4|gopher|[^\s-][^\x00-\x1f\x7f]*\.toml)$",
        maxLength=4096,
        description="A recipe that ships, or a file (`winnow recipe NAME` prints one); it may differ from the corpus' own.",
    ),
    "settings": settings_param("Settings of the recipe that are changed, as rules.gopher_short_doc.minimum=30; one a line."),
    "skip_bad_inputs": Param(False, type="boolean", description="Record unreadable inputs and go on, in place of stopping."),
}
MASTER = Param(
    None,
    type=["null", "string"],
    pattern=r"^(local(\[[0-9*]+(,[0-9]+)?\])?|yarn|(spark|k8s)://[A-Za-z0-9._:/,\[\]-]+)$",
    description="Spark master of the winnow command; none means all cores of the machine that runs the task.",
)


def ingest(context: Mapping[str, Any], *settings: str) -> list[str]:
    """What follows `winnow ingest`; `settings` are changed too. Raises ValueError where there is nothing to read."""
    params = params_of(context)
    inputs = [*params["inputs"], *([f"cc:{params['dump']}"] if params["dump"] else [])]
    if not inputs:
        raise ValueError("there is nothing to read: name inputs, or a dump")
    options = ["--recipe", params["recipe"], "--yes"] if params["recipe"] else []  # nobody is there to be asked
    options += ["--files", str(params["files"])] if params["files"] else []
    options += ["--sample", str(params["sample"])] if params["files"] and params["sample"] is not None else []
    options += [word for one in (*params["settings"], *settings) for word in ("--set", one)]
    options += ["--skip-bad-inputs"] if params["skip_bad_inputs"] else []
    return [*inputs, "--output", params["corpus"], *options]


def corpus(context: Mapping[str, Any]) -> str:
    return str(params_of(context)["corpus"])
