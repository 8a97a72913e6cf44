"""The `winnow` command: the commands of jobs/commands/ under one roof."""

import importlib.metadata
from typing import Annotated

import typer

from jobs.commands import curate, export, fetch, look, planning, quality, takedown, warm
from jobs.commands.runs import evaluating, training, tuning, unlearning, using, writing
from jobs.commands.view import card, diff, inspect

app = typer.Typer(
    name="winnow",
    help="Turn web crawls into token shards worth training on, account for every record, and explain every page.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (
    curate,
    fetch,
    look,
    inspect,
    diff,
    card,
    export,
    quality,
    training,
    planning,
    writing,
    evaluating,
    tuning,
    using,
    unlearning,
    takedown,
    warm,
):
    app.add_typer(group.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"winnow {importlib.metadata.version('winnow')}")
        raise typer.Exit


def _be_quiet(wanted: bool) -> None:
    if wanted:
        from jobs.commands.terminal import messages

        messages.quiet = True


@app.callback()
def winnow(
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing on the way: results, and errors in a line.", callback=_be_quiet)
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before any subcommand."""
