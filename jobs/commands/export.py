"""The command that hands documents, tokens or a run to somebody else's program."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import within
from jobs.corpus.folder import open_corpus
from pipeline.errors import UsageError
from pipeline.settings import LARGEST_SEED

app = typer.Typer()


@app.command()
def export(
    corpora: Annotated[
        list[str], typer.Argument(metavar="CORPUS...", help="folder or URL of a corpus, of several with --weights, or of a run")
    ],
    output: Annotated[str | None, typer.Option("--output", "-o", help="folder or URL; default CORPUS/export/FORMAT")] = None,
    form: Annotated[
        str,
        typer.Option("--format", help="jsonl, nanogpt, megatron, mds, parquet; of several corpora also llm.c; of a run hf, peft"),
    ] = "jsonl",
    weights: Annotated[
        str | None, typer.Option(metavar="3,1", help="of several corpora: their shares, as of winnow train, in its very order")
    ] = None,
    seed: Annotated[int | None, within("of several corpora: of that order; default 0", minimum=0, maximum=LARGEST_SEED)] = None,
    row_tokens: Annotated[int | None, within("of several corpora: tokens of a row; default 1,024", minimum=2)] = None,
    rows: Annotated[int | None, within("of several corpora: so many rows; default until one comes again", minimum=1)] = None,
    step: Annotated[int | None, typer.Option(help="of a run: of the checkpoint; default the newest")] = None,
    dtype: Annotated[str | None, typer.Option(help="of --format hf: float32 or bfloat16; default float32")] = None,
) -> None:
    """Documents as {"id", "text", "metadata"} .jsonl.zst, tokens in another trainer's layout, or a run for transformers.

    Of several corpora the rows that winnow train reads, or the documents as it begins them, in that order.
    llm.c and modded-nanogpt read CORPUS/shards/shard-*.bin as they are.
    """
    given = {name: value for name, value in [("seed", seed), ("row_tokens", row_tokens), ("rows", rows)] if value is not None}
    if form in ("hf", "peft"):
        _run(_alone(corpora, weights, given), output, form, step, dtype)
        return
    if step is not None or dtype is not None:
        raise UsageError(f"--step and --dtype are of a run: --format hf or peft, not {form}")
    if len(corpora) > 1:
        _mixture(corpora, output, form, weights, given)
    else:
        _corpus(_alone(corpora, weights, given), output, form)


def _alone(corpora: list[str], weights: str | None, given: dict[str, int]) -> str:
    """The one that is named. Raises UsageError where something is said that is of several."""
    if len(corpora) > 1:
        raise UsageError(f"a run is exported alone, and {len(corpora)} folders are named: name one of them")
    if weights is not None or given:
        options = [*(["weights"] if weights is not None else []), *given]
        named = ", ".join(f"--{name.replace('_', '-')}" for name in options)
        raise UsageError(f"{named}: there is one corpus, {corpora[0]}; name the others of the mixture, or leave it out")
    return corpora[0]


def _run(run: str, output: str | None, form: str, step: int | None, dtype: str | None) -> None:
    from jobs.commands.runs.known import say_known
    from jobs.commands.shown.terminal import say
    from jobs.runs.export_run import export_run

    say_known(Path(run))
    made = export_run(Path(run), Path(output or f"{run}/export/{form}"), form, step, dtype)
    say(f"{run}: step {made} as {'transformers' if form == 'hf' else 'PEFT'} reads it")


def _corpus(corpus: str, output: str | None, form: str) -> None:
    from jobs.commands.shown.terminal import say
    from jobs.export.documents import export as exported

    opened = open_corpus(corpus)
    folder = output or opened.path("export", form)
    say(f"{exported(opened, form, folder, say)} documents in {folder}")


def _mixture(corpora: list[str], output: str | None, form: str, weights: str | None, given: dict[str, int]) -> None:
    from jobs.commands.shown.terminal import say
    from jobs.export.mixture.export import ROWS, export_mixture
    from jobs.export.mixture.rows import MixtureSettings
    from tokenizer.shards.turns import whole_weights

    if weights is None:
        wanted = ",".join(["3", *"1" * (len(corpora) - 1)])
        raise UsageError(f"{len(corpora)} corpora want --weights, such as {wanted}: the shares that training would read")
    if output is None:
        raise UsageError("an export of several corpora lies in none of them: name a folder by --output")
    settings = MixtureSettings(weights=whole_weights(weights, len(corpora)), **given)
    count = export_mixture([open_corpus(one).root for one in corpora], settings, form, output, say)
    say(f"{count:,} {'rows' if form in ROWS else 'documents'} in {output}")
