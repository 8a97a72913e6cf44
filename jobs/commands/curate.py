"""The commands that make a corpus: a sample to try things on, every stage at once, each stage by itself, the recipe."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import CorpusArgument, Inputs, Master, Output, RecipeFile, SkipBad, SparkSettings
from jobs.corpus.folder import changing, open_corpus
from pipeline.errors import UsageError

app = typer.Typer()


@app.command()
def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    seed: Annotated[int, typer.Option(help="same seed, same bytes")] = 0,
) -> None:
    """Make a small real crawl to try things on, offline."""
    from jobs.commands.terminal import say
    from jobs.sample import make_sample

    made = make_sample(directory, seed=seed)
    say(f"{directory}: {made.records} records in {len(made.files)} files, {made.hosts} hosts, {len(made.languages)} languages")


@app.command()
def curate(
    inputs: Inputs,
    output: Output,
    recipe: RecipeFile = None,
    master: Master = None,
    spark: SparkSettings = None,
    skip_bad_inputs: SkipBad = False,
) -> None:
    """Every stage, from crawl to shards and report. Continues where a killed run stopped."""
    _run(None, output, inputs=inputs, recipe=recipe, master=master, spark=spark, skip_bad=skip_bad_inputs)


@app.command()
def ingest(
    inputs: Inputs,
    output: Output,
    recipe: RecipeFile = None,
    master: Master = None,
    spark: SparkSettings = None,
    skip_bad_inputs: SkipBad = False,
) -> None:
    """Records to documents with every measure, and rejects."""
    _run("ingest", output, inputs=inputs, recipe=recipe, master=master, spark=spark, skip_bad=skip_bad_inputs)


def _add_stage(name: str, summary: str) -> None:
    """One subcommand for a stage that works on a corpus that exists."""

    def command(corpus: CorpusArgument, recipe: RecipeFile = None, master: Master = None, spark: SparkSettings = None) -> None:
        open_corpus(corpus)
        _run(name, corpus, recipe=recipe, master=master, spark=spark)

    command.__doc__ = summary
    app.command(name=name)(command)


_add_stage("filter", "Measures to verdicts: which rules each document breaks.")


@app.command(name="scan")
def scan_stage(
    corpus: Annotated[str | None, typer.Argument(metavar="CORPUS", help="folder of a corpus; not with --documents")] = None,
    recipe: RecipeFile = None,
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
        _run("scan", corpus, recipe=recipe, master=master, spark=spark)
        return
    if documents is None or output is None or corpus is not None:
        raise UsageError("scan takes a CORPUS, or --documents FILE.jsonl with --output FINDINGS.jsonl")
    from jobs.ask.scan_documents import scan_documents
    from jobs.commands.terminal import say
    from jobs.corpus.recipe import read_recipe

    done = scan_documents(documents, output, read_recipe(recipe).scan)
    say(f"{done.documents} documents, {done.flagged} flagged, {done.bad} rows left out: {output}")


_add_stage("dedup", "Exact and near copies, by value of the survivor.")
_add_stage("select", "One outcome for every record; the curated documents.")
_add_stage("tokenizer", "Curated text to word counts and a byte-level BPE tokenizer.")
_add_stage("shard", "Curated text to token shards and spans.")
_add_stage("report", "All of the above as one HTML file.")


@app.command()
def recipe() -> None:
    """Print the default recipe, every bound with its source."""
    from jobs.corpus.recipe_text import recipe_toml

    sys.stdout.write(recipe_toml())


def _run(
    stage: str | None,
    output: str,
    *,
    inputs: list[str] | None = None,
    recipe: str | None,
    master: str | None,
    spark: list[str] | None,
    skip_bad: bool = False,
) -> None:
    """Runs one stage, or all of them. All that can be wrong with the request is found before Spark starts."""
    from jobs.commands.terminal import say, stage_progress
    from jobs.corpus.inputs import list_inputs
    from jobs.corpus.recipe import build_recipe, read_recipe
    from jobs.spark.java import find_java
    from jobs.stages.curate import BY_NAME, STAGES, run_stages
    from jobs.stages.stage import Work, working

    chosen = read_recipe(recipe)
    files = list_inputs(inputs, skip_bad=skip_bad, rows=chosen.rows) if inputs is not None else ()
    find_java()
    with changing(output) as corpus:
        if recipe is None and inputs is None:
            chosen = build_recipe(corpus.read_manifest()["recipe"])  # a single stage goes on with the corpus' own recipe
        work = Work(corpus=corpus, recipe=chosen, master=master, spark_settings=_spark_settings(spark), inputs=files)
        with working(work), stage_progress(work) as (started, ended):
            run_stages(work, STAGES if stage is None else (BY_NAME[stage],), started, ended)
        if work.started_spark is not None:
            say(f"Spark took {work.start_seconds:.1f} s to start")
        if stage in (None, "report"):
            say(f"report: {corpus.path('report.html')}")


def _spark_settings(pairs: list[str] | None) -> dict[str, str]:
    settings = {}
    for pair in pairs or []:
        name, sign, value = pair.partition("=")
        if not sign or not name.startswith("spark."):
            raise UsageError(f"--spark takes spark.NAME=VALUE, not {pair!r}")
        settings[name] = value
    return settings
