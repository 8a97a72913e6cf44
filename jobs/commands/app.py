"""The `winnow` command: the commands of jobs/commands/ under one roof."""

import importlib.metadata
import logging
from typing import Annotated

import typer

from jobs.commands import curate, export, fetch, look, planning, quality, takedown, warm
from jobs.commands.examples import add_examples
from jobs.commands.runs import evaluating, training, tuning, unlearning, using, writing
from jobs.commands.view import card, diff, inspect
from pipeline.errors import UsageError

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
add_examples(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"winnow {importlib.metadata.version('winnow')}")
        raise typer.Exit


def _be_quiet(wanted: bool) -> None:
    if wanted:
        from jobs.commands.shown.terminal import messages

        _one_of_both(logging.getLogger("jobs").isEnabledFor(logging.DEBUG))
        messages.quiet = True


def _be_verbose(wanted: bool) -> None:
    if wanted:
        from jobs.commands.shown.terminal import messages
        from jobs.commands.shown.verbose import listen

        _one_of_both(messages.quiet)
        listen()


def _one_of_both(other: bool) -> None:
    if other:
        raise UsageError("--quiet says less and --verbose more: pass one of them")


@app.callback()
def winnow(
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing on the way: results, and errors in a line.", callback=_be_quiet)
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Say what goes on inside: log lines, tracebacks, Spark's log.", callback=_be_verbose
        ),
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before any subcommand."""
