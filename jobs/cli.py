"""The `winnow` command. Each subcommand is thin: parse, call a job, print. Errors are one line, never a traceback."""

import errno
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.corpus import changing, open_corpus
from jobs.runs import unlearning_commands
from jobs.runs.commands import register
from jobs.takedown import command as takedown
from pipeline.errors import BrokenPromise, CorpusError, EnvironmentProblem, UsageError, WinnowError

app = typer.Typer(
    name="winnow",
    help="Turn web crawls into token shards worth training on, account for every record, and explain every page.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

CorpusArgument = Annotated[str, typer.Argument(metavar="CORPUS", help="folder of a corpus")]
Inputs = Annotated[list[str], typer.Argument(metavar="INPUT...", help="files, globs, folders, http(s) or s3 URLs")]
Output = Annotated[str, typer.Option("--output", "-o", metavar="CORPUS", help="folder of the corpus, made if need be")]
RecipeFile = Annotated[str | None, typer.Option("--recipe", metavar="FILE", help="TOML; `winnow recipe` prints the default")]
Master = Annotated[
    str | None, typer.Option("--master", metavar="URL", help="Spark master; default local[*], all cores of this machine")
]
SparkSettings = Annotated[list[str] | None, typer.Option("--spark", metavar="KEY=VALUE", help="a Spark setting; may be repeated")]
SkipBad = Annotated[bool, typer.Option("--skip-bad-inputs", help="record unreadable inputs in `files` and go on")]
Json = Annotated[bool, typer.Option("--json", help="print JSON, for scripts")]


@app.command()
def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    seed: Annotated[int, typer.Option(help="same seed, same bytes")] = 0,
) -> None:
    """Make a small real crawl to try things on, offline."""
    from jobs.sample import make_sample
    from jobs.terminal import say

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
    from jobs.recipe import read_recipe
    from jobs.scan_documents import scan_documents
    from jobs.terminal import say

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
    from jobs.recipe_text import recipe_toml

    sys.stdout.write(recipe_toml())


@app.command()
def explain(
    corpus: CorpusArgument,
    url_or_doc_id: Annotated[str, typer.Argument(metavar="URL_OR_DOC_ID")],
    run: Annotated[Path | None, typer.Option(help="a run on this corpus: its steps that read the page")] = None,
    as_json: Json = False,
) -> None:
    """Why a page is in, or out: every measure against its bound, copies, findings, spans, and what a run read of it."""
    from jobs.explain import explain as explained
    from jobs.show import show_captures, show_reads
    from jobs.tables_view import connect
    from jobs.terminal import print_json

    opened = open_corpus(corpus)
    with connect(opened) as database:
        captures = explained(opened, database, url_or_doc_id)
    reads = _reads(opened.root, run, captures) if run is not None else None
    if as_json:
        told = [capture.as_json() for capture in captures]
        print_json(told if reads is None else [one | {"reads": read} for one, read in zip(told, reads, strict=True)])
        return
    show_captures(captures)
    for read in reads or []:
        if read is not None:
            show_reads(read)


def _reads(corpus: str, run: Path, captures: list[Any]) -> list[dict[str, Any] | None]:
    """What a run read of each capture; null where it gave no document."""
    from jobs.runs.reads import reads_of

    return [reads_of(corpus, run, capture.spans) if capture.outcome["doc_id"] else None for capture in captures]


@app.command()
def trace(
    corpus: CorpusArgument,
    shard: Annotated[int | None, typer.Option(help="number of the shard")] = None,
    token: Annotated[int | None, typer.Option(help="index of the token in the shard")] = None,
    url: Annotated[str | None, typer.Option(help="a URL or doc_id: its spans")] = None,
    as_json: Json = False,
) -> None:
    """A token back to its WARC record, re-read and verified; or a URL forward to its spans."""
    from jobs.show import show_origin, show_spans
    from jobs.tables_view import connect
    from jobs.terminal import print_json
    from jobs.trace import Tracer, spans_of

    opened = open_corpus(corpus)
    with connect(opened) as database:
        if url is not None:
            opened.require("shard")
            spans = spans_of(database, url)
            print_json(spans) if as_json else show_spans(url, spans)
            if not spans:
                raise BrokenPromise(f"{url} reached no shard; `winnow explain` says why")
            return
        if shard is None or token is None:
            raise UsageError("trace needs --shard N --token I, or --url URL")
        origin = Tracer(opened, database).token(shard, token)
    print_json(origin.as_json()) if as_json else show_origin(origin)
    if not origin.verified:
        raise BrokenPromise(f"not verified: {origin.why_not}")


@app.command()
def verify(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="folder of a corpus, or a takedown's certificate.json")],
    as_json: Json = False,
) -> None:
    """Recompute the three laws from what lies on disk; exit 1 with the difference where one does not hold."""
    from jobs.ledger import verify as verified
    from jobs.show import show_check
    from jobs.terminal import print_json

    if corpus.endswith(".json"):
        from jobs.takedown.claims import check_certificate

        looked_at = check_certificate(Path(corpus))
    else:
        looked_at = verified(open_corpus(corpus))
    checks = []
    for check in looked_at:
        checks.append(check)
        if not as_json:
            show_check(check)
    if as_json:
        print_json([check.__dict__ for check in checks])
    broken = sum(not check.holds for check in checks)
    if broken:
        raise BrokenPromise(f"{broken} of {len(checks)} checks failed on {corpus}")


@app.command()
def export(
    corpus: CorpusArgument,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="folder; default CORPUS/export/FORMAT")] = None,
    form: Annotated[str, typer.Option("--format", help="jsonl, nanogpt, megatron, mds or parquet; of a run: hf")] = "jsonl",
) -> None:
    """Documents as {"id", "text", "metadata"} .jsonl.zst, tokens in another trainer's layout, or a run for transformers.

    llm.c and modded-nanogpt read CORPUS/shards/shard-*.bin as they are.
    """
    from jobs.export_documents import export as exported
    from jobs.terminal import say

    if form == "hf":
        from jobs.runs.export_run import export_run

        say(f"{corpus}: step {export_run(Path(corpus), output or Path(corpus, 'export', 'hf'))} as transformers reads it")
        return
    opened = open_corpus(corpus)
    folder = output or Path(opened.path("export", form))
    say(f"{exported(opened, form, folder)} documents in {folder}")


register(app)
unlearning_commands.register(app)
takedown.register(app)


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
    from jobs.curate import BY_NAME, STAGES, run_stages
    from jobs.inputs import list_inputs
    from jobs.java import find_java
    from jobs.recipe import build_recipe, read_recipe
    from jobs.stage import Work, working
    from jobs.terminal import say, stage_progress

    files = list_inputs(inputs, skip_bad=skip_bad) if inputs is not None else ()
    chosen = read_recipe(recipe)
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


def _as_winnow_error(error: BaseException) -> WinnowError | None:
    """What an error from below means for the user, where we know."""
    text = str(error)
    if (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)) or "No space left on device" in text:
        free = ", ".join(f"{folder} has {shutil.disk_usage(folder).free >> 20:,} MiB free" for folder in {".", "/tmp"})  # noqa: S108 - only looked at
        return EnvironmentProblem(
            f"the disk is full ({free}); nothing half-made is visible. Make room and run the same command again"
        )
    for kind in WinnowError.__subclasses__() + UsageError.__subclasses__():
        marker = f"pipeline.errors.{kind.__name__}: "
        if marker in text:  # raised in a worker: Spark hands over its traceback as text
            return kind(text.split(marker)[-1].splitlines()[0])
    duckdb = sys.modules.get("duckdb")  # loaded by whatever command asked it something
    if duckdb is not None and isinstance(error, duckdb.Error):
        return CorpusError(
            f"a table of the corpus is damaged, or of an earlier version ({text.splitlines()[0]}); "
            "`winnow verify CORPUS` says more, `winnow curate` with the same inputs makes it again"
        )
    if isinstance(error, PermissionError):
        return EnvironmentProblem(
            f"{error.filename} cannot be written: {error.strerror}; choose another folder or change its rights"
        )
    return None


def main() -> Any:
    """Entry point: exit 0 fine, 1 a promise broken, 2 usage or bad input."""
    try:
        app(standalone_mode=True)
    except KeyboardInterrupt:
        sys.stderr.write("winnow: stopped; the same command continues\n")
        sys.exit(130)
    except Exception as error:
        known = error if isinstance(error, WinnowError) else _as_winnow_error(error)
        if known is None:
            raise
        sys.stderr.write(f"winnow: {known}\n")
        sys.exit(known.exit_status)
