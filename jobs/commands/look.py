"""The commands that only look at a corpus. None of them starts a JVM."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.commands.options import CorpusArgument, Json
from jobs.corpus.folder import Corpus, open_corpus
from pipeline.errors import BrokenPromise, UsageError

if TYPE_CHECKING:
    from jobs.ask.verify import Check

app = typer.Typer()
QUOTING_SHOWN = 20


@app.command()
def explain(
    corpus: CorpusArgument,
    url_or_doc_id: Annotated[
        str | None, typer.Argument(metavar="URL_OR_DOC_ID", help="as fetched; other spellings are found and said")
    ] = None,
    quoted: Annotated[str | None, typer.Option(metavar="TEXT", help="which pages hold 8 words in a row of this text")] = None,
    run: Annotated[Path | None, typer.Option(help="a run on this corpus: its steps that read the page")] = None,
    blocks: Annotated[bool, typer.Option("--blocks", help="which blocks of the page are its text, and what decided")] = False,
    as_json: Json = False,
) -> None:
    """Why a page is in, or out: every measure against its bound, copies, findings, spans, and what a run read of it."""
    from jobs.ask.explain import explain as explained
    from jobs.ask.explain import meant
    from jobs.commands.show import show_blocks, show_captures, show_reads
    from jobs.commands.shown.terminal import print_json, say
    from jobs.corpus.views import connect

    if (url_or_doc_id is None) == (quoted is None):
        raise UsageError("explain takes a URL or doc_id, or --quoted TEXT: which page?")
    opened = open_corpus(corpus)
    if url_or_doc_id is None:
        _explain_quoted(opened, str(quoted), as_json=as_json)
        return
    with connect(opened) as database:
        named = meant(database, url_or_doc_id)
        captures = explained(opened, database, named)
    if named != url_or_doc_id:
        say(f"{url_or_doc_id} is not here as written; this is {named}")
    reads = _reads(opened.root, run, captures) if run is not None else None
    judged = _blocks(opened, captures) if blocks else None
    if as_json:
        described = [capture.as_json() for capture in captures]
        for name, told in (("reads", reads), ("blocks", judged)):
            if told is not None:
                described = [one | {name: each} for one, each in zip(described, told, strict=True)]
        print_json(described)
        return
    show_captures(captures)
    for one in judged or []:
        show_blocks(one)
    for read in reads or []:
        if read is not None:
            show_reads(read)


def _blocks(corpus: Corpus, captures: list[Any]) -> list[list[dict[str, Any]]]:
    from jobs.ask.explain_blocks import blocks_of

    return blocks_of(corpus, captures)


def _explain_quoted(corpus: Corpus, text: str, *, as_json: bool) -> None:
    from jobs.ask.quoted import FEWEST_WORDS, quoting
    from jobs.commands.shown.terminal import print_json, print_table
    from jobs.corpus.views import connect

    corpus.require("select")
    with connect(corpus) as database:
        found = quoting(database, text)
    if as_json:
        print_json([one._asdict() for one in found])
    elif found:
        columns = ["share", "outcome", "doc_id", "url", "longest"]
        shown = [[getattr(one, name) for name in columns] for one in found[:QUOTING_SHOWN]]
        print_table(f"{len(found)} pages hold {FEWEST_WORDS} words in a row of it", columns, shown)
    if not found:
        raise BrokenPromise(f"no page of {corpus.root} holds {FEWEST_WORDS} words in a row of that text")


def _reads(corpus: str, run: Path, captures: list[Any]) -> list[dict[str, Any] | None]:
    """What a run read of each capture; null where it gave no document."""
    from jobs.runs.reads import reads_of

    found = ((capture.outcome["doc_id"], capture.spans) for capture in captures)
    return [reads_of(corpus, run, [doc_id], spans) if doc_id else None for doc_id, spans in found]


@app.command()
def trace(
    corpus: CorpusArgument,
    shard: Annotated[int | None, typer.Option(help="number of the shard")] = None,
    token: Annotated[int | None, typer.Option(help="index of the token in the shard")] = None,
    url: Annotated[str | None, typer.Option(help="a URL or doc_id: its spans")] = None,
    as_json: Json = False,
) -> None:
    """A token back to its WARC record, re-read and verified; or a URL forward to its spans."""
    from jobs.ask.explain import meant
    from jobs.ask.trace import Tracer, spans_of
    from jobs.commands.show import show_origin, show_spans
    from jobs.commands.shown.terminal import print_json
    from jobs.corpus.views import connect

    opened = open_corpus(corpus)
    with connect(opened) as database:
        if url is not None:
            opened.require("shard")
            url = meant(database, url)
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
def status(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="folder of a corpus, or of one that is being made")],
    prometheus: Annotated[
        Path | None, typer.Option("--prometheus", metavar="FILE", help="write it there in Prometheus' text format")
    ] = None,
    as_json: Json = False,
) -> None:
    """How far the work on a corpus is, from any terminal: stage, bytes, records, rate, memory, retries, the last error."""
    from jobs.commands.shown.stage_progress import show_status
    from jobs.commands.shown.terminal import print_json
    from jobs.corpus.folder import corpus_at
    from jobs.corpus.progress import read_status, write_prometheus

    opened = corpus_at(corpus)
    found = read_status(opened)
    if prometheus is not None:
        write_prometheus(prometheus, opened.root, found)
    print_json(found.as_json()) if as_json else show_status(opened.root, found)


@app.command()
def verify(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="folder of a corpus, or a takedown's certificate.json")],
    as_json: Json = False,
) -> None:
    """Recompute the three laws from what lies on disk; exit 1 with the difference where one does not hold."""
    from jobs.ask.verify import verify as verified
    from jobs.commands.show import show_check
    from jobs.commands.shown.terminal import print_json

    if corpus.endswith(".json"):
        from jobs.runs.unlearn.claims import check_runs
        from jobs.takedown.certify.claims import check_certificate

        looked_at: Iterator[Check] = chain(check_certificate(corpus), check_runs(corpus))
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
