"""The commands that make a corpus: a sample to try things on, every stage at once, each stage by itself, the recipe."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import (
    Again,
    Changes,
    CorpusArgument,
    Files,
    Inputs,
    Keep,
    Master,
    Output,
    Plugins,
    Prometheus,
    RecipeFile,
    Sample,
    SkipBad,
    SparkSettings,
    Yes,
)
from jobs.commands.run_stages import Wanted, run
from jobs.corpus.folder import open_corpus
from jobs.corpus.stages import STEPS, Step
from pipeline.errors import UsageError

app = typer.Typer()


@app.command(name="sample")
def make_sample_crawl(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    seed: Annotated[int, typer.Option(help="same seed, same bytes")] = 0,
) -> None:
    """Make a small real crawl to try things on, offline."""
    from jobs.commands.shown.terminal import say
    from jobs.sample import make_sample

    made = make_sample(directory, seed=seed)
    say(f"{directory}: {made.records} records in {len(made.files)} files, {made.hosts} hosts, {len(made.languages)} languages")


@app.command()
def curate(
    inputs: Inputs,
    output: Output,
    recipe: RecipeFile = None,
    changes: Changes = None,
    yes: Yes = False,
    master: Master = None,
    spark: SparkSettings = None,
    skip_bad_inputs: SkipBad = False,
    files: Files = None,
    sample: Sample = None,
    prometheus: Prometheus = None,
    plugin: Plugins = None,
    keep: Keep = None,
    again: Again = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say which stages would be made, and why")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="with --dry-run: print JSON")] = False,
) -> None:
    """Every stage, from crawl to shards and report. Continues where a killed run stopped."""
    run(
        Wanted(
            output=output, inputs=inputs, recipe=recipe, master=master, spark=spark, skip_bad=skip_bad_inputs,
            keep=keep or [], dry_run=dry_run, as_json=as_json, changes=changes or [], yes=yes, files=files, sample=sample,
            prometheus=prometheus, plugins=plugin or [], again=again or [],
        )
    )  # fmt: skip


@app.command()
def ingest(
    inputs: Inputs,
    output: Output,
    recipe: RecipeFile = None,
    changes: Changes = None,
    yes: Yes = False,
    master: Master = None,
    spark: SparkSettings = None,
    skip_bad_inputs: SkipBad = False,
    files: Files = None,
    sample: Sample = None,
    prometheus: Prometheus = None,
) -> None:
    """Records to documents with every measure, and rejects."""
    run(
        Wanted(
            stage="ingest", output=output, inputs=inputs, recipe=recipe, master=master, spark=spark, skip_bad=skip_bad_inputs,
            changes=changes or [], yes=yes, files=files, sample=sample, prometheus=prometheus,
        )
    )  # fmt: skip


def add_stage(step: Step) -> None:
    """One subcommand for a stage that works on a corpus that exists."""

    def command(
        corpus: CorpusArgument,
        recipe: RecipeFile = None,
        changes: Changes = None,
        yes: Yes = False,
        master: Master = None,
        spark: SparkSettings = None,
        plugin: Plugins = None,
        keep: Annotated[bool, typer.Option("--keep", help="accept the stage as it stands, and record that")] = False,
        again: Annotated[bool, typer.Option("--again", help="make it anew though nothing it is made of changed")] = False,
    ) -> None:
        open_corpus(corpus)
        kept = [step.name] if keep else []
        run(
            Wanted(
                stage=step.name, output=corpus, recipe=recipe, master=master, spark=spark, keep=kept,
                again=[step.name] if again else [], changes=changes or [], yes=yes, plugins=plugin or [],
            )
        )  # fmt: skip

    command.__doc__ = step.summary
    app.command(name=step.name)(command)


@app.command(name="scan")
def scan_stage(
    corpus: Annotated[str | None, typer.Argument(metavar="CORPUS", help="folder of a corpus; not with --documents")] = None,
    recipe: RecipeFile = None,
    changes: Changes = None,
    yes: Yes = False,
    master: Master = None,
    spark: SparkSettings = None,
    documents: Annotated[
        Path | None, typer.Option(metavar="FILE", help='JSON lines with "id" and "text" or "html", in place of a corpus')
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FINDINGS", help="JSON lines; with --documents")
    ] = None,
) -> None:
    """Text to findings (what looks planted) and edits; or, with --documents, any JSON lines to a score and findings each."""
    if documents is None and corpus is not None and output is None:
        open_corpus(corpus)
        run(Wanted(stage="scan", output=corpus, recipe=recipe, master=master, spark=spark, changes=changes or [], yes=yes))
        return
    if documents is None or output is None or corpus is not None:
        raise UsageError("scan takes a CORPUS, or --documents FILE.jsonl with --output FINDINGS.jsonl")
    from jobs.ask.scan_documents import scan_documents
    from jobs.commands.shown.terminal import say
    from jobs.corpus.recipe import choose_recipe

    done = scan_documents(documents, output, choose_recipe(recipe, changes or []).recipe.scan)
    say(f"{done.documents} documents, {done.flagged} flagged, {done.bad} rows left out: {output}")


@app.command()
def recipe(
    name: Annotated[
        str, typer.Argument(metavar="NAME|CORPUS", help="default, fineweb, c4, gopher, or a corpus: its own")
    ] = "default",
) -> None:
    """Print a recipe that ships, or a corpus' own, every bound with its source."""
    from jobs.corpus.presets import PRESETS
    from jobs.corpus.recipe import build_recipe
    from jobs.corpus.recipe_text import recipe_toml

    standing = None if name in PRESETS else open_corpus(name).manifest["recipe"]
    sys.stdout.write(recipe_toml("corpus" if standing is not None else name, build_recipe(standing or {"base": name})))


for one in STEPS:
    if one.name not in ("ingest", "scan"):  # these take more than a corpus
        add_stage(one)
