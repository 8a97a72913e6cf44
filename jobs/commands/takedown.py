"""`winnow takedown`: find, redact, replay, prove, certify. Interrupted, the same command goes on where it stopped."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.commands.shown.failures import naming_room
from jobs.corpus.folder import Corpus, changing, open_corpus
from jobs.corpus.views import connect
from jobs.runs.record import lineage, need_torch
from jobs.takedown.reach.request import Request, read_list
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from jobs.corpus.removals import RunPart

Text = Annotated[list[str] | None, typer.Option("--text", help="a piece of the page's text; may be repeated")]
EXACT = "exact"
app = typer.Typer()


@app.command()
def takedown(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="folder of a corpus; with --example that of a tuned run")],
    url: Annotated[list[str] | None, typer.Option("--url", help="a page's URL, as it was fetched; may be repeated")] = None,
    host: Annotated[list[str] | None, typer.Option("--host", help="all pages of a host; may be repeated")] = None,
    doc: Annotated[list[str] | None, typer.Option("--doc", help="a doc_id; may be repeated")] = None,
    text: Text = None,
    example: Annotated[
        list[str] | None, typer.Option("--example", help="an id of an example that a run was tuned by; may be repeated")
    ] = None,
    listed: Annotated[Path | None, typer.Option("--list", help="a file with a URL, host or doc_id on each line")] = None,
    run: Annotated[Path | None, typer.Option(help="a run on this corpus: take the pages out of its weights as well")] = None,
    method: Annotated[str, typer.Option(help="exact, or an approximate method for a run without usable checkpoints")] = EXACT,
    oracle: Annotated[bool, typer.Option("--oracle", help="also train from scratch without the pages, and compare")] = False,
    similar: Annotated[str, typer.Option(help="pages dropped for resembling it: restore, remove or leave")] = "restore",
    copies_from: Annotated[float, typer.Option(help="similarity from which such a page is a copy, and is removed too")] = 0.9,
    passages: Annotated[
        str, typer.Option(help="pages that hold 50 words in a row of it: list them, cut these out of them, or remove them")
    ] = "list",
    out_of_reach: Annotated[
        list[Path] | None, typer.Option(metavar="RUN", help="a run that read it and cannot be trained again; may be repeated")
    ] = None,
    case: Annotated[str | None, typer.Option(help="your case number, for the certificate")] = None,
    reference: Annotated[str | None, typer.Option(help="the requester's own reference, for the certificate")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what it would reach")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, for scripts")] = False,
) -> None:
    """Take pages out: of corpus, shards, exports, and of a run's weights; ends with a certificate."""
    if example:
        from jobs.commands.runs.taking_out import take_examples

        take_examples(Path(corpus), frozenset(example), oracle=oracle, as_json=as_json)
        return
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
            passages=passages,
            similar=similar,
        )
    if dry_run:
        _show_reach(opened, request, run, as_json=as_json)
        return
    if run is not None:
        need_torch()
    from jobs.commands.show_takedown import show_certificate
    from jobs.commands.shown.terminal import print_json, say

    wanted = _Wanted(opened, request, run, method, oracle, out_of_reach or [], case, reference)
    with naming_room([opened.root, tempfile.gettempdir()], opened.bytes_of):  # at most: it writes anew what the pages are in
        certificate, page = _carry_out(wanted, say)
    print_json(certificate) if as_json else show_certificate(certificate)
    say(f"certificate: {page}")


def _show_reach(corpus: Corpus, request: Request | None, run: Path | None, *, as_json: bool) -> None:
    from jobs.commands.show_takedown import show_reach
    from jobs.commands.shown.terminal import print_json
    from jobs.corpus.recipe import build_recipe
    from jobs.export.record import known_exports
    from jobs.takedown.reach.reach import find
    from jobs.takedown.reach.replacements import chosen
    from jobs.takedown.without.differing import changes_of, effect

    if request is None:
        raise UsageError("--dry-run shows what a request reaches: name pages by --url, --host, --doc, --text or --list")
    with connect(corpus) as database:
        reach, recipe = find(corpus, database, request), build_recipe(corpus.manifest["recipe"])
        changed = changes_of(reach, chosen(database, reach, request, recipe.duplicates))
        found = effect(database, changed, recipe.repeats, recipe.campaigns)
    summary: dict[str, Any] = reach.to_json() | {"request": request.name, "exports": [one.name for one in known_exports(corpus)]}
    summary |= {"differing": found._asdict(), "run": None}
    if run is not None:
        from jobs.runs.unlearn.affected import removed_reads

        read = removed_reads(corpus, run, [*reach.spans, *reach.cut_spans])
        summary["run"] = {
            "folder": str(run),
            "reads": read.reads,
            "affected_checkpoints": read.affected_checkpoints,
            "final": read.final,
        }
    print_json(summary) if as_json else show_reach(summary)


@dataclass(frozen=True)
class _Wanted:
    """What the command line says."""

    corpus: Corpus
    request: Request | None  # null: the last one
    run: Path | None
    method: str
    oracle: bool
    out_of_reach: list[Path]
    case: str | None
    reference: str | None


def _carry_out(wanted: _Wanted, say: Callable[[str], None]) -> tuple[dict[str, Any], str]:
    """(certificate.json, where its HTML is)."""
    from jobs.corpus import pending
    from jobs.runs.unlearn.affected import removed_reads, run_states
    from jobs.takedown.certify.certificate import gathered, write_certificate
    from jobs.takedown.redact.carry_out import export_again, last_request, remove

    corpus, request, run, measure = wanted.corpus, wanted.request, wanted.run, None
    if run is not None:
        from jobs.runs.unlearn.take_out import check, measure_before

        removed_reads(corpus, run)  # a run of another corpus is refused before anything is changed
        check(run, wanted.method)
        measure = measure_before(corpus, run, request.name) if request else None
    with changing(corpus.root) as locked:
        name = remove(locked, request, measure, say) if request else last_request(locked)
        exports = export_again(locked, say)
    corpus = open_corpus(corpus.root)  # as it is without the pages
    part = None
    if run is not None:
        part, of_run = _out_of_run(corpus, name, wanted, run, say)
        exports = {kind: [*exports[kind], *of_run[kind]] for kind in exports}
    runs = run_states(corpus, wanted.out_of_reach)
    evidence = gathered(corpus, name, part, exports, runs, wanted.case, wanted.reference)
    written = write_certificate(corpus.root, name, evidence)
    pending.delete(corpus, name)
    for one in runs:
        if one.state in ("knows", "unknown"):
            say(f"not complete: {one.folder} {one.why or 'still knows the pages'}; name it with --run, or with --out-of-reach")
    return written


def _out_of_run(
    corpus: Corpus, name: str, wanted: _Wanted, run: Path, say: Callable[[str], None]
) -> "tuple[RunPart, dict[str, list[str]]]":
    """(what there is to certify about the run, what became of its exports)."""
    from jobs.commands.runs.progress import training_progress
    from jobs.runs.export_run import export_run_again
    from jobs.runs.report import write_run_report
    from jobs.runs.unlearn.take_out import take_out

    part = take_out(corpus, name, run, wanted.method, oracle=wanted.oracle, say=say, progress=training_progress)
    exports: dict[str, list[str]] = {"rewritten": [], "out_of_reach": []}
    for folder in lineage(run):
        write_run_report(folder)
        made = export_run_again(folder, say)
        exports = {kind: [*exports[kind], *made[kind]] for kind in exports}
    return part, exports
