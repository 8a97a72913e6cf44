"""`winnow takedown`: find, redact, replay, prove, certify. Interrupted, the same command goes on where it stopped."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.corpus.folder import Corpus, changing, open_corpus
from jobs.corpus.views import connect
from jobs.runs.record import need_torch
from jobs.takedown.request import Request, read_list
from pipeline.errors import UsageError

Text = Annotated[list[str] | None, typer.Option("--text", help="a piece of the page's text; may be repeated")]
EXACT = "exact"
app = typer.Typer()


@app.command()
def takedown(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="folder of a corpus")],
    url: Annotated[list[str] | None, typer.Option("--url", help="a page's URL, as it was fetched; may be repeated")] = None,
    host: Annotated[list[str] | None, typer.Option("--host", help="all pages of a host; may be repeated")] = None,
    doc: Annotated[list[str] | None, typer.Option("--doc", help="a doc_id; may be repeated")] = None,
    text: Text = None,
    listed: Annotated[Path | None, typer.Option("--list", help="a file with a URL, host or doc_id on each line")] = None,
    run: Annotated[Path | None, typer.Option(help="a run on this corpus: take the pages out of its weights as well")] = None,
    method: Annotated[str, typer.Option(help="exact, or an approximate method for a run without usable checkpoints")] = EXACT,
    oracle: Annotated[bool, typer.Option("--oracle", help="also train from scratch without the pages, and compare")] = False,
    similar: Annotated[str, typer.Option(help="pages dropped for resembling it: restore, remove or leave")] = "restore",
    copies_from: Annotated[float, typer.Option(help="similarity from which such a page is a copy, and is removed too")] = 0.9,
    quoted: Annotated[bool, typer.Option("--quoted", help="also list pages that quote it; reads every text")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what it would reach")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, for scripts")] = False,
) -> None:
    """Take pages out: of corpus, shards, exports, and of a run's weights; ends with a certificate."""
    more = read_list(listed) if listed is not None else {}
    named = [*(url or []), *(host or []), *(doc or []), *(text or []), *more.values()]
    opened = open_corpus(corpus)
    request = None
    if named or run is None:
        request = Request(
            urls=(*(url or []), *more.get("urls", [])),
            hosts=(*(host or []), *more.get("hosts", [])),
            doc_ids=(*(doc or []), *more.get("doc_ids", [])),
            snippets=tuple(text or []),
            copies_from=copies_from,
            similar=similar,
        )
    if dry_run:
        _show_reach(opened, request, run, quoted=quoted, as_json=as_json)
        return
    if run is not None:
        need_torch()
    from jobs.commands.show_takedown import show_certificate
    from jobs.commands.terminal import print_json, say

    certificate, page = _carry_out(opened, request, run, method, oracle=oracle, say=say)
    print_json(certificate) if as_json else show_certificate(certificate)
    say(f"certificate: {page}")


def _show_reach(corpus: Corpus, request: Request | None, run: Path | None, *, quoted: bool, as_json: bool) -> None:
    from jobs.commands.show_takedown import show_reach
    from jobs.commands.terminal import print_json
    from jobs.export.record import known_exports
    from jobs.takedown.reach import find, quotes

    if request is None:
        raise UsageError("--dry-run shows what a request reaches: name pages by --url, --host, --doc, --text or --list")
    with connect(corpus) as database:
        reach = find(corpus, database, request)
        quoting = quotes(database, reach) if quoted else None
    summary: dict[str, Any] = reach.to_json() | {"request": request.name, "exports": list(map(str, known_exports(corpus)))}
    summary["quotes"] = None if quoting is None else [quote._asdict() for quote in quoting]
    summary["run"] = None
    if run is not None:
        from jobs.runs.unlearn.affected import removed_reads

        read = removed_reads(corpus, run, reach.spans)
        summary["run"] = {
            "folder": str(run),
            "reads": read.reads,
            "affected_checkpoints": read.affected_checkpoints,
            "final": read.final,
        }
    print_json(summary) if as_json else show_reach(summary)


def _carry_out(
    corpus: Corpus, request: Request | None, run: Path | None, method: str, *, oracle: bool, say: Callable[[str], None]
) -> tuple[dict[str, Any], Path]:
    """(certificate.json, where its HTML is)."""
    from jobs.corpus import pending
    from jobs.corpus.removals import read_redaction
    from jobs.takedown.carry_out import export_again, last_request, remove
    from jobs.takedown.certificate import certificate, write_certificate

    measure = None
    if run is not None:
        from jobs.commands.training_progress import training_progress
        from jobs.runs.export_run import export_run_again
        from jobs.runs.report import write_run_report
        from jobs.runs.unlearn.affected import removed_reads
        from jobs.runs.unlearn.take_out import check, measure_before, take_out

        removed_reads(corpus, run)  # a run of another corpus is refused before anything is changed
        check(run, method)
        measure = measure_before(corpus, run, request.name) if request else None
    with changing(corpus.root) as locked:
        name = remove(locked, request, measure, say) if request else last_request(locked)
        exports = export_again(locked, say)
    corpus = open_corpus(corpus.root)  # as it is without the pages
    part = None
    if run is not None:
        part = take_out(corpus, name, run, method, oracle=oracle, say=say, progress=training_progress)
        write_run_report(run)
        of_run = export_run_again(run, say)
        exports = {kind: [*exports[kind], *of_run[kind]] for kind in exports}
    written = write_certificate(corpus, certificate(read_redaction(corpus, name), part, exports))
    pending.delete(corpus, name)
    return written
