"""What commands print: tables and progress for people, plain lines where nobody watches. Page text is made harmless first."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.invisible import spelled

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
