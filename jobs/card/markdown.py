"""Markdown by templates. Text of the crawl stands in spans of code, where nothing is interpreted, no HTML and no link."""

from collections.abc import Callable
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from jobs.report.wording import THIN_SPACE, number, share, size, visible
from pipeline.shipped import shipped

# What ends a code span or a cell of a table, or is read as HTML by whoever does not know of code spans.
LOOK_ALIKE = str.maketrans({"`": "ˋ", "|": "¦", "<": "‹", ">": "›"})
PARTS = {
    "README.md": shipped("jobs/card/readme.md"),
    "eu-ai-act.md": shipped("jobs/card/eu_ai_act.md"),
    "california-ab2013.md": shipped("jobs/card/california.md"),
    "parts.md": shipped("jobs/card/parts.md"),
}


def crawl(text: object, longest: int = 100) -> Markup:
    """`a|b<i> -> `a¦b‹i›``: a name from the crawl on one line, as it stands in a code span."""
    shown = visible(text, longest).translate(LOOK_ALIKE).strip()
    return Markup(f"`{shown or ' '}`")  # noqa: S704 - nothing in it ends the span


def ours(text: str) -> Markup:
    """A text of this project, as it stands: a query, the name of a size."""
    return Markup(text)  # noqa: S704


def _figure(written: Callable[..., str], gap: str) -> Callable[..., Markup]:
    """A number as reports write it, with a plain `gap` in place of the narrow space."""
    return lambda *values: Markup(written(*values).replace(THIN_SPACE, gap))  # noqa: S704 - digits, a sign and a unit


def _guarded(value: Any) -> Any:
    """Of what a template puts out: a text that went through no filter is the crawl's."""
    return crawl(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def environment() -> Environment:
    made = Environment(
        loader=DictLoader({name: part.read_text("utf-8") for name, part in PARTS.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_guarded,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    figures = {"number": _figure(number, ","), "share": _figure(share, " "), "size": _figure(size, " ")}
    made.filters |= {**figures, "crawl": crawl, "ours": ours}
    return made
