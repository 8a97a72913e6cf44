"""Hostile strings in every column, shown wherever people look: F15 of the matrix of faults.

One fault is one string in one place: a column of a table, a field of a certificate, of run.json or of a run's measurements. The
page or the terminal then shows it spelled out: nothing of it is an element, an attribute, an address or a control character.
What reads hostile pages in the first place has its tests in tests/pipeline/read (test_html_hostile.py).
"""

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import cache, partial
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
from markupsafe import Markup
from rich.console import Console

from jobs.commands import show
from jobs.commands.shown import terminal
from jobs.corpus.folder import open_corpus
from jobs.corpus.removals import read_evidence, read_redaction
from jobs.corpus.views import connect
from jobs.report import figures, report_of
from jobs.runs import report as run_report
from jobs.takedown.certify.certificate import as_html, certificate
from pipeline.invisible import is_invisible
from pipeline.tables import TABLES
from tests.faults.outcome import Outcome, total
from tests.faults.subject import Subject
from tests.jobs.report.report_corpus import make_corpus
from tests.jobs.running import WITHOUT_CHARTS, change_run
from tests.jobs.stored import put, table

MARK = "q7z"  # of all of them: it shows whether the string is there at all
PAYLOADS = (
    f"<script>{MARK}(1)</script>",
    f'"><img src=x onerror={MARK}(1)>',
    f"' onmouseover='{MARK}(1)",
    f"javascript:{MARK}(1)",
    f"</style><style>@import url(//{MARK}.test)</style>",
    f"</title><svg/onload={MARK}(1)>",
    f"{{{{ {MARK}.__class__ }}}}{{% raw %}}",
    f"\x1b]0;{MARK}\x07\x1b[2J",
    f"\x9b31m{MARK}",
    f"\u202e{MARK}\u2066\u200b\ufeff\U000e0041",
    f"[bold link=http://{MARK}.test]x[/]",
    f"<iframe srcdoc='&lt;script>{MARK}'>",
    f"--><!--{MARK}",
    f"]]>{MARK}&#x3c;script&#x3e;",
)
ACTIVE = {"script", "link", "iframe", "object", "embed", "img", "image", "use", "base", "form", "foreignobject", "video", "audio"}
KEYS = {"doc_id", "keeper_id", "cluster_id", "outcome", "kind", "warc_file"}  # tables meet by these, or know their values


class _Elements(HTMLParser):
    """What a browser would act upon."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.acting: list[str] = []
        self.styles = list[str]()
        self._in_style = False
        self.feed(source)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        named = [f"{tag} {name}={value}" for name, value in attributes if _acts(name, value or "")]
        self.acting += named + ([tag] if tag in ACTIVE else [])

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        self.styles += [data] if self._in_style else []


def _acts(name: str, value: str) -> bool:
    return name.startswith("on") or name in {"src", "srcset", "srcdoc"} or ("href" in name and not value.startswith("#"))


def page_is_safe(source: str, sound: str) -> bool:
    """Nothing acts, and no character without ink is there, but what is there in the page without the string."""
    here, there = _Elements(source), _Elements(sound)
    invisible = {one for one in source if is_invisible(one)} - {one for one in sound if is_invisible(one)} - {"\n", "\t"}
    return here.acting == there.acting and here.styles == there.styles and not invisible


# Places


def in_report(folder: Path, rng: random.Random, payload: str) -> bool:
    """A column of a table, in all of its rows."""
    name, column = rng.choice(text_columns(_made(folder)))
    return page_is_safe(_report(_with(folder, name, column, payload)), _sound_report(folder))


@cache
def _sound_report(folder: Path) -> str:
    return _report(_made(folder))


def _report(corpus: Path) -> str:
    with patch.multiple(figures, **WITHOUT_CHARTS):  # tests/jobs/report has them
        return report_of(open_corpus(str(corpus)))


def on_terminal(folder: Path, rng: random.Random, payload: str) -> bool:
    """A column of a table, on the terminal of `winnow explain`."""
    from jobs.ask.explain import explain

    name, column = rng.choice(text_columns(_made(folder)))
    corpus = open_corpus(str(_with(folder, name, column, payload)))
    with connect(corpus) as database:
        doc_id = table(corpus, "documents")[rng.randrange(40)]["doc_id"]
        captures = explain(corpus, database, doc_id)
    screen = StringIO()
    console = Console(file=screen, highlight=False, width=200, force_terminal=True, color_system=None)
    with patch.object(terminal, "console", console), patch.object(show, "console", console), redirect_stdout(screen):
        show.show_captures(captures)
    said = screen.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "")  # what is bold is a heading of ours
    return not {one for one in said if is_invisible(one)} - {"\n"}


def in_certificate(subject: Subject, rng: random.Random, payload: str) -> bool:
    """A text anywhere in a certificate."""
    corpus = open_corpus(str(subject.folder / "corpus"))
    (name,) = corpus.manifest["takedowns"]
    evidence = read_evidence(corpus, name, "certificate")
    assert evidence is not None
    values = certificate(read_redaction(corpus, name), evidence)
    sound = as_html(values)
    places = list(hostile_places(values))
    holder, key = rng.choice(places)
    holder[key] = payload
    return page_is_safe(as_html(values), sound)


# Charts are drawn elsewhere; what a run says is gone where its tokenizer is, and is crawl text as any other.
PATCHED = ("loss_curve", "rates_curve", "throughput_curve", "_conversation")


def in_run_page(subject: Subject, rng: random.Random, payload: str) -> bool:
    """A text of run.json."""
    run = subject.folder / "run"
    values = json.loads((run / "run.json").read_text())
    places = [(holder, key) for holder, key in hostile_places(values) if holder is not values["plan"] and key != "checksum"]
    holder, key = rng.choice(places)
    with patch.multiple(run_report, **{one: lambda *_: Markup("") for one in PATCHED}):
        sound = run_report.write_run_report(run).read_text()
        holder[key] = payload
        change_run(run, **values)
        return page_is_safe(run_report.write_run_report(run).read_text(), sound)


def hostile_places(values: Any) -> Iterator[tuple[Any, Any]]:
    """(dict or list, key) of every text in JSON values."""
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(value, str):
            yield values, key
        elif isinstance(value, dict | list):
            yield from hostile_places(value)


@cache
def _made(folder: Path) -> Path:
    make_corpus(folder / "sound", documents=40)
    return folder / "sound"


def text_columns(corpus: Path) -> list[tuple[str, str]]:
    opened = open_corpus(str(corpus))
    tables = [name for name, schema in TABLES.items() if opened.files(name) and name != "token_counts" and schema]
    return [(name, one.name) for name in tables for one in TABLES[name] if pa.types.is_string(one.type) and one.name not in KEYS]


def _with(folder: Path, name: str, column: str, payload: str) -> Path:
    """The corpus with the string in a column of a table."""
    target = folder / "hostile"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(_made(folder), target)
    put(target, {name: [row | {column: payload} for row in table(open_corpus(str(target)), name)]})
    return target


def run(subject: Subject, folder: Path, seed: int, count: int) -> tuple[Outcome, list[str]]:
    """What became of `count` strings, and where those were that were not shown as text."""
    rng, found, wrong = random.Random(seed), list[Outcome](), list[str]()
    places = {
        "report": partial(in_report, folder),
        "terminal": partial(on_terminal, folder),
        "certificate": partial(in_certificate, subject),
        "run page": partial(in_run_page, subject),
    }
    for _ in range(count):
        payload, place = rng.choice(PAYLOADS), rng.choice(list(places))
        safe = places[place](random.Random(rng.random()), payload)
        subject.restore()
        found.append(Outcome(1, harmless=safe, silent=not safe))
        wrong += [] if safe else [f"{place}: {payload!r}"]
    return total(found), wrong
