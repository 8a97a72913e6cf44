"""The `winnow` command: the commands of jobs/commands/ under one roof. Errors are one line, never a traceback."""

import importlib.metadata
import sys
from typing import Annotated, Any

import typer

from jobs.commands import curate, export, look, runs, takedown, unlearning, warm
from jobs.commands.failures import as_winnow_error
from pipeline.errors import WinnowError

app = typer.Typer(
    name="winnow",
    help="Turn web crawls into token shards worth training on, account for every record, and explain every page.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (curate, look, export, runs, unlearning, takedown, warm):
    app.add_typer(group.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"winnow {importlib.metadata.version('winnow')}")
        raise typer.Exit


@app.callback()
def winnow(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before any subcommand."""


def main() -> Any:
    """Entry point: exit 0 fine, 1 a promise broken, 2 usage or bad input."""
    try:
        app(standalone_mode=True)
    except KeyboardInterrupt:
        sys.stderr.write("winnow: stopped; the same command continues\n")
        sys.exit(130)
    except Exception as error:
        known = error if isinstance(error, WinnowError) else as_winnow_error(error)
        if known is None:
            raise
        sys.stderr.write(f"winnow: {known}\n")
        sys.exit(known.exit_status)
