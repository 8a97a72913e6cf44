"""`winnow card`: the documents that others ask for of a corpus."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import CorpusArgument, Json
from jobs.corpus.folder import open_corpus

app = typer.Typer()


@app.command()
def card(
    corpus: CorpusArgument,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="default CORPUS/export/card")] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help='TOML of what no table knows: provider = "…"')
    ] = None,
    small: Annotated[bool, typer.Option("--small", help="domains as the EU asks of small and medium-sized providers")] = False,
    as_json: Json = False,
) -> None:
    """A card for the Hub with a data statement, Croissant 1.1, summaries by the EU AI Act and California's AB 2013, top domains.

    All of it from the tables of the corpus, each statement with its query; what no table knows is left open by name.
    """
    from jobs.card.write import output_folder, write_card
    from jobs.commands.shown.terminal import print_json, say

    opened = open_corpus(corpus)
    written = write_card(opened, output_folder(opened, output), answers, small=small)
    if as_json:
        print_json({"folder": str(written.folder), "files": written.files, "open": written.open})
        return
    say(f"{', '.join(written.files)} in {written.folder}")
    if written.open:
        say(f"left open: {', '.join(written.open)} (--answers FILE fills them in)")
