"""`winnow diff`: two corpora side by side, as text, JSON or one HTML page."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.commands.options import Json
from jobs.corpus.folder import open_corpus
from pipeline.errors import EnvironmentProblem

if TYPE_CHECKING:
    from jobs.ask.diff import Difference

app = typer.Typer()
SHOWN = 15  # rows of a table on a terminal; --json and --html have more


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="folder of a corpus")],
    second: Annotated[str, typer.Argument(metavar="B", help="folder of another, or of a later state of the same")],
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="write it as one page as well")] = None,
    as_json: Json = False,
) -> None:
    """What two corpora differ in: recipes, inputs, outcomes, which pages moved and why, tokens by language and host."""
    from jobs.ask.diff import as_html
    from jobs.ask.diff import diff as compared
    from jobs.commands.shown.terminal import print_json, say

    difference = compared(open_corpus(first), open_corpus(second))
    if html is not None:
        try:
            html.write_text(as_html(difference), "utf-8")
        except OSError as error:
            raise EnvironmentProblem(f"{html} cannot be written: {error.strerror}; name another file") from error
        say(f"page: {html}")
    print_json(difference.as_json()) if as_json else _show(difference)


def _show(difference: "Difference") -> None:
    from jobs.commands.shown.terminal import console, print_table

    d = difference
    console.print(f"{d.moved:,} of {d.moved + d.stayed:,} pages have another outcome\n")
    for title, found in (("recipe", d.recipe), ("versions", d.versions)):
        _some(title, ["setting", "first", "second"], found, 0)
    _some(f"inputs that differ ({d.inputs_alike:,} are alike)", ["file", "first", "second"], d.inputs, 0)
    print_table(
        "outcomes", ["outcome", "first", "second", "difference"],
        [[row["outcome"], row["first"], row["second"], _signed(row["second"] - row["first"])] for row in d.outcomes],
    )  # fmt: skip
    moves = [
        {
            "from": _fate(row["first_outcome"], row["first_reason"]),
            "to": _fate(row["second_outcome"], row["second_reason"]),
            "pages": row["pages"],
            "tokens": _signed(row["second_tokens"] - row["first_tokens"]),
            "such as": row["examples"][0]["url"],
        }
        for row in d.moves
    ]
    _some("what moved, and why", ["from", "to", "pages", "tokens", "such as"], moves, d.moves_more)
    for title, found, more in (("language", d.languages, d.languages_more), ("host", d.hosts, d.hosts_more)):
        kept = [
            row | {title: row["name"] or "unknown", "tokens": _signed(row["second_tokens"] - row["first_tokens"])}
            for row in found
            if (row["first_pages"], row["first_tokens"]) != (row["second_pages"], row["second_tokens"])
        ]
        columns = [title, "first_pages", "second_pages", "first_tokens", "second_tokens", "tokens"]
        _some(f"kept pages and tokens by {title}", columns, kept, more)


def _some(title: str, columns: list[str], found: list[dict[str, Any]], more: int) -> None:
    from jobs.commands.shown.terminal import console, print_table

    if found:
        print_table(title, columns, [[row[name] for name in columns] for row in found[:SHOWN]])
        if (rest := len(found) - SHOWN + more) > 0 and len(found) >= SHOWN:
            console.print(f"  and {rest:,} more\n")


def _fate(outcome: str, reason: str | None) -> str:
    return f"{outcome} ({reason})" if reason else outcome


def _signed(number: int) -> str:
    return f"{number:+,}" if number else "0"
