"""The commands of `winnow quality`: a score of one's own, and how good one is."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import CorpusArgument, Json
from pipeline.errors import UsageError

app = typer.Typer()
group = typer.Typer(help="Train a model of quality on pages that you judged, or hold one against labels.", no_args_is_help=True)
app.add_typer(group, name="quality")

Files = list[str]


@group.command()
def train(
    good: Annotated[Files, typer.Option("--good", metavar="FILE", help="pages worth training on; may be repeated")],
    bad: Annotated[Files, typer.Option("--bad", metavar="FILE", help="pages that are not; may be repeated")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="MODEL", help="the model, JSON; its sheet is written beside it")
    ],
    as_json: Json = False,
) -> None:
    """A model from good and bad pages: WARC, JSON lines or Parquet. A recipe names it: [quality] model = "MODEL"."""
    from jobs.commands.shown.terminal import print_json, say
    from jobs.quality.train import train as trained

    sheet = trained(good, bad, output)
    if as_json:
        print_json(sheet)
        return
    low, high = sheet["auc_interval"]
    say(f"{output}: {sheet['pages']} pages, held out AUC {sheet['auc']} ({low} to {high}); sheet: {output.with_suffix('.md')}")


@group.command()
def labels(
    corpus: CorpusArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="good.jsonl and bad.jsonl are written there")],
    as_json: Json = False,
) -> None:
    """What people said of pages in `winnow inspect`, as `winnow quality train` reads it; and how far they agree.

    The label that most people give counts. Pages on which as many say keep as drop are left out, and those taken out since.
    """
    from jobs.commands.shown.terminal import print_json, print_table, say
    from jobs.corpus.folder import open_corpus
    from jobs.quality.labels import Labels, agreements, export_labels

    opened = open_corpus(corpus)
    written, agreed = export_labels(opened, output), agreements(Labels(opened.root).all())
    if as_json:
        print_json(written | {"agreements": [one._asdict() for one in agreed]})
        return
    rest = f"{written['undecided']} undecided, {written['gone']} gone"
    say(f"{written['good']} good and {written['bad']} bad pages in {output}; {rest}")
    if agreed:
        print_table("how far two people agree", ["first", "second", "pages", "alike", "kappa"], [list(one) for one in agreed])


@group.command()
def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="a model's file, or default")],
    labels: Annotated[
        Files, typer.Option("--labels", metavar="FILE", help="JSON lines or Parquet with `text` and `label`, 1 or 0")
    ],
    keep_share: Annotated[float | None, typer.Option(help="share that is kept; default: as many as are good")] = None,
    as_json: Json = False,
) -> None:
    """How well a model tells good pages from bad ones."""
    from jobs.commands.shown.terminal import print_json, print_table
    from jobs.quality.evaluate import evaluate as evaluated

    if keep_share is not None and not 0 < keep_share <= 1:
        raise UsageError(f"--keep-share is {keep_share}: a number, above 0, at most 1")
    found = evaluated(model, labels, keep_share)
    if as_json:
        print_json(found)
        return
    low, high = found["auc_interval"]
    rows: list[list[object]] = [
        ["pages", str(found["pages"])], ["good", str(found["good"])], ["AUC", f"{found['auc']} ({low} to {high})"],
        [f"precision, {100 * found['keep_share']:.0f} % kept", str(found["precision"])],
    ]  # fmt: skip
    print_table(f"{model} on {', '.join(labels)}", ["", ""], rows)
    print_table(
        "reliability", ["pages", "score", "good"], [[one["pages"], one["promised"], one["found"]] for one in found["reliability"]]
    )
