"""How the looking commands print what they found, for people."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jobs.commands.shown.terminal import console, harmless, print_table
from jobs.corpus.views import Row

if TYPE_CHECKING:  # only named here: who has one has loaded it
    from jobs.ask.explain import Capture
    from jobs.ask.trace import TokenOrigin
    from jobs.ask.verify import Check

FACTS = """doc_id url fetched_at warc_file warc_offset warc_length record_id digest_ok digest_failed http_status mime charset
charset_source language language_confidence language_share page_type robots license license_source tdm_reservation tdm_policy
canonical_url published_at
title characters hidden_characters markup_characters beginning""".split()
JUDGED = ("stage", "rule", "measure", "value", "minimum", "maximum", "broken", "overruled_by")
FOUND = ("severity", "attack", "rule", "reason", "field", "start", "end", "excerpt", "decoded")


def show_captures(captures: "list[Capture]") -> None:
    for number, capture in enumerate(captures, 1):
        reason = f" ({harmless(capture.outcome['reason'])})" if capture.outcome["reason"] else ""
        console.print(f"[bold]capture {number} of {len(captures)}: {capture.outcome['outcome']}{reason}[/bold]")
        console.print(f"  {harmless(capture.because)}\n")
        if capture.document is None:
            _facts(capture.outcome, tuple(capture.outcome))
            continue
        _facts(capture.document, FACTS)
        print_table(
            "measures and bounds",
            list(JUDGED),
            [[one[name] for name in JUDGED] for one in capture.rules],
        )
        _some("copies", ("kind", "similarity", "doc_id", "url", "keeper_id", "keeper_url"), capture.duplicates)
        _some("findings", FOUND, capture.findings)
        _some("edits", ("reason", "edits", "characters"), capture.edits)
        _some("spans", ("shard", "start", "length"), capture.spans)


def show_blocks(blocks: list[Row]) -> None:
    """Each block of a page; its reasons are features with their value and what they add to the score, in logits."""
    _some("blocks", ("kept", "probability", "characters", "beginning", "reasons"), blocks)


def show_spans(url: str, spans: list[Row]) -> None:
    if spans:
        print_table(f"spans of {harmless(url)}", list(spans[0]), [list(span.values()) for span in spans])


def show_reads(read: Row) -> None:
    steps, affected = read["steps"], ", ".join(map(str, read["affected_checkpoints"])) or "none"
    if steps:
        print_table(f"read by {harmless(read['run'])}", list(steps[0]), [list(one.values()) for one in steps[:20]])
    if read["through"]:
        console.print(f"  by the weights that it began with, those of {harmless(read['through'][-1])}")
    if read["before"]:
        console.print(f"  and {read['before']} by runs before that one")
    if read["taught"]:
        console.print(f"  and {read['taught']} by runs that it was distilled from")
    console.print(f"  {len(steps)} reads so far; checkpoints that have seen it: {affected}\n")


def show_origin(origin: "TokenOrigin") -> None:
    _facts(origin.as_json(), tuple(origin.as_json()))


def show_check(check: "Check") -> None:
    mark = "[green]ok   [/green]" if check.holds else "[red]FAILS[/red]"
    console.print(f"{mark} {check.law}: {harmless(check.what)}" + ("" if check.holds else f" - {harmless(check.difference)}"))


def _facts(values: Row, names: Iterable[str]) -> None:
    for name in names:
        if values.get(name) is not None:
            console.print(f"  {name:20} {harmless(values[name])}")
    console.print()


def _some(title: str, columns: tuple[str, ...], found: list[Row]) -> None:
    if found:
        print_table(title, list(columns), [[one[name] for name in columns] for one in found])
