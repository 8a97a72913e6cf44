"""How every page we write is made: one template, one head, one style sheet; whatever it is given is escaped."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from jobs.report import wording
from pipeline.shipped import shipped

FILTERS = ("number", "share", "size", "duration", "visible", "spelled", "token")  # functions of wording.py


def rendered(template: Path, contents: dict[str, Any]) -> str:
    """The page as text. No script, nothing from elsewhere: jobs/report/head.html says so to the browser."""
    parts = (template, shipped("jobs/report/head.html"), shipped("jobs/report/style.css"))
    return environment(parts).get_template(template.name).render(contents)


def environment(parts: Iterable[Path]) -> Environment:
    """Templates by their names, which escape every value; crawl text goes through `visible` besides."""
    made = Environment(
        loader=DictLoader({part.name: part.read_text("utf-8") for part in parts}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({name: getattr(wording, name) for name in FILTERS})
    return made
