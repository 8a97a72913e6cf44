"""The command that hands documents, tokens or a run to somebody else's program."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import CorpusArgument
from jobs.corpus.folder import open_corpus
from pipeline.errors import UsageError

app = typer.Typer()


@app.command()
def export(
    corpus: CorpusArgument,
    output: Annotated[str | None, typer.Option("--output", "-o", help="folder or URL; default CORPUS/export/FORMAT")] = None,
    form: Annotated[str, typer.Option("--format", help="jsonl, nanogpt, megatron, mds or parquet; of a run: hf, peft")] = "jsonl",
    step: Annotated[int | None, typer.Option(help="of a run: of the checkpoint; default the newest")] = None,
    dtype: Annotated[str | None, typer.Option(help="of --format hf: float32 or bfloat16; default float32")] = None,
) -> None:
    """Documents as {"id", "text", "metadata"} .jsonl.zst, tokens in another trainer's layout, or a run for transformers.

    llm.c and modded-nanogpt read CORPUS/shards/shard-*.bin as they are.
    """
    from jobs.commands.shown.terminal import say
    from jobs.export.documents import export as exported

    if form in ("hf", "peft"):
        from jobs.commands.runs.known import say_known
        from jobs.runs.export_run import export_run

        say_known(Path(corpus))
        made = export_run(Path(corpus), Path(output or f"{corpus}/export/{form}"), form, step, dtype)
        say(f"{corpus}: step {made} as {'transformers' if form == 'hf' else 'PEFT'} reads it")
        return
    if step is not None or dtype is not None:
        raise UsageError(f"--step and --dtype are of a run: --format hf or peft, not {form}")
    opened = open_corpus(corpus)
    folder = output or opened.path("export", form)
    say(f"{exported(opened, form, folder, say)} documents in {folder}")
