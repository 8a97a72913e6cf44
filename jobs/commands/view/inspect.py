"""`winnow inspect`: the web view of a corpus."""

from typing import Annotated

import typer

from jobs.commands.options import CorpusArgument
from jobs.corpus.folder import open_corpus
from pipeline.errors import UsageError

app = typer.Typer()


@app.command()
def inspect(
    corpus: CorpusArgument,
    other: Annotated[str | None, typer.Option("--with", metavar="OTHER", help="a second corpus, to hold beside it")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="on 127.0.0.1; 0 takes one that is free")] = 0,
) -> None:
    """Look at a corpus in a browser on this machine: rules and what another bound would change, documents, copies, findings.

    It serves 127.0.0.1 alone and changes nothing. Stop it with Ctrl-C.
    """
    from jobs.commands.shown.terminal import say

    try:
        from jobs.inspect.serve import serve
    except ImportError as error:
        raise UsageError(f"winnow inspect needs {error.name}: pip install 'winnow[inspect]'") from error
    beside = open_corpus(other).root if other is not None else None
    serve(open_corpus(corpus).root, beside, port, say)
