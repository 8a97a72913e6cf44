"""What commands print: tables and progress for people, plain lines where nobody watches. Page text is made harmless first."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from jobs.commands.task_watcher import TaskWatcher
from pipeline.invisible import spelled

if TYPE_CHECKING:  # Spark, which most commands do without
    from jobs.stages.stage import Work

console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
messages = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def harmless(text: object) -> str:
    """Text of unknown origin for a terminal: no escape sequences, nothing invisible, no markup."""
    return escape("".join(character if character == "\n" else spelled(character) for character in str(text)))


def say(text: str) -> None:
    """A line of ours, on the way to a result."""
    messages.print(text, markup=False)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def print_table(title: str, columns: list[str], rows: list[list[object]]) -> None:
    """Numbers to the right, text to the left; every cell made harmless."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[place], int | float | None) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console.print(table)
    console.print()


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}"
    return harmless(value)


@contextmanager
def stage_progress(work: "Work") -> Iterator[Any]:
    """Yields (started, ended) callbacks for the stages of a curate run.

    On a terminal: one moving line with the tasks that Spark has finished of those it knows, elapsed and remaining time.
    """
    if not messages.is_terminal:
        yield (lambda stage: say(f"{stage}: started"), lambda stage, made: say(_ended(work, stage, made)))
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} tasks"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=messages, transient=True) as progress:
        line = progress.add_task("starting", total=None)
        watcher = TaskWatcher(work, progress, line)

        def started(stage: str) -> None:
            progress.reset(line, description=stage, total=None)

        def ended(stage: str, made: bool) -> None:
            progress.console.print(_ended(work, stage, made), markup=False)

        watcher.start()
        try:
            yield started, ended
        finally:
            watcher.stop()


def _ended(work: "Work", stage: str, made: bool) -> str:
    record = work.corpus.manifest["stages"][stage]
    counts = ", ".join(f"{name} {count:,}" for name, count in record["counts"].items())
    if not made:
        return f"{stage}: unchanged ({counts})"
    return f"{stage}: {counts} in {record['seconds']:.1f} s ({record['records_per_second']:,.0f} records/s)"
