"""The command that copies a dump, or a part of it, to this machine."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from jobs.commands.options import Files, RecipeFile, Sample
from pipeline.errors import UsageError

app = typer.Typer()


@app.command()
def fetch(
    dump: Annotated[str, typer.Argument(metavar="DUMP", help="as CC-MAIN-2026-42")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="made if need be; files lie in it as they do in the dump")],
    files: Files = None,
    sample: Sample = None,
    kind: Annotated[Literal["warc", "wet"], typer.Option(help="pages as they came, or as text")] = "warc",
    listing: Annotated[bool, typer.Option("--list", help="only print what would be fetched")] = False,
    recipe: RecipeFile = None,
    host: Annotated[str | None, typer.Option(metavar="URL", help="in place of the recipe's sources.crawl_host")] = None,
) -> None:
    """Copy files of a Common Crawl dump here, one after another; the same command goes on where it was stopped."""
    from jobs.commands.shown.terminal import console, say
    from jobs.corpus.recipe import read_recipe
    from jobs.corpus.sources.fetch import fetch_all, files_of_dump

    if files is None and not listing:
        raise UsageError(f"{dump} may have 100,000 files of 1 GB: say how many by --files N, or look at them by --list")
    if sample is not None and files is None:
        raise UsageError("--sample SEED draws from the dump, so it needs --files N")
    settings = read_recipe(recipe).sources
    settings = replace(settings, crawl_host=host) if host else settings
    named = files_of_dump(f"{dump.removeprefix('cc:')}/{kind}", directory, settings, files, sample)
    if listing:
        for one in named:
            console.print(one.path, markup=False)
        return
    total = 0
    for number, fetched in enumerate(fetch_all(named, directory, settings), 1):
        total += fetched.bytes
        there = "" if fetched.new else ", there already"
        say(f"{number} of {len(named)}: {fetched.path.name}, {fetched.bytes:,} bytes{there}")
    say(f"{directory}: {len(named)} files, {total:,} bytes. `winnow curate {directory} --output CORPUS` goes on")
