"""How a takedown is seen on a terminal: what it would reach, and how it ended."""

from typing import Any

from jobs.commands.shown.terminal import console, harmless, print_table

SHOWN, FEW = 20, 5


def show_reach(reach: dict[str, Any]) -> None:
    pages, spans, run = reach["pages"], reach["spans"], reach["run"]
    columns = ["doc_id", "url", "outcome", "why", "similarity"]
    print_table(f"{len(pages)} documents to remove", columns, [[page[name] for name in columns] for page in pages[:SHOWN]])
    if reach["dropped_copies"]:
        columns = ["doc_id", "url", "keeper_id", "similarity"]
        rows = [[page[name] for name in columns] for page in reach["dropped_copies"][:FEW]]
        print_table(f"{len(reach['dropped_copies'])} similar pages were dropped for them", columns, rows)
    if spans:
        columns = ["doc_id", "shard", "start", "length"]
        print_table(f"{len(spans)} spans in the shards", columns, [[span[name] for name in columns] for span in spans[:SHOWN]])
    if reach["elsewhere"]:
        columns = ["doc_id", "url", "outcome", "share", "passages"]
        rows = [[page[name] for name in columns] for page in reach["elsewhere"][:SHOWN]]
        print_table(f"{len(reach['elsewhere'])} pages hold passages of them, and stay", columns, rows)
    if reach["cuts"]:
        columns = ["doc_id", "url", "outcome", "share", "passages", "characters"]
        rows = [[page[name] for name in columns] for page in reach["cuts"][:SHOWN]]
        print_table(f"{len(reach['cuts'])} pages would lose passages of them", columns, rows)
    if reach["held_back"]:
        columns = ["doc_id", "start", "end", "reason", "pages"]
        held = [[one[name] for name in columns] for one in reach["held_back"][:SHOWN]]
        print_table(f"{len(reach['held_back'])} repeated texts that they keep, cut from so many pages that stay", columns, held)
    _show_differing(reach["differing"])
    if run:
        if run["reads"]:
            print_table(f"read {len(run['reads'])} times by {harmless(run['folder'])}", list(run["reads"][0]),
                        [list(read.values()) for read in run["reads"][:SHOWN]])  # fmt: skip
        seen = ", ".join(map(str, run["affected_checkpoints"])) or "none"
        console.print(f"  checkpoints that have seen them: {seen}; the run is at step {run['final']}\n")
    if reach["missing"]:
        rows = [[one["asked"], ", ".join(one["candidates"][:FEW]) or "none"] for one in reach["missing"][:SHOWN]]
        print_table(f"{len(reach['missing'])} names that no document has", ["asked for", "what may be meant"], rows)
    for folder in reach["exports"]:
        console.print(f"  export that would be made anew: {harmless(folder)}")
    console.print(f"  this would be takedown {reach['request']}; nothing was changed")


def _show_differing(found: dict[str, Any]) -> None:
    """Pages that stay, and would be cut elsewhere in a corpus that never had those."""
    if found["sample"]:
        columns = ["doc_id", "url", "characters_back", "characters_cut"]
        rows = [[page[name] for name in columns] for page in found["sample"]]
        print_table(f"{found['pages']} pages that stay would be cut elsewhere without them", columns, rows)
    if found["places"]:
        console.print(f"  places on hosts at their bound, that other pages would have: {found['places']}\n")
    if found["findings"]:
        columns = ["rule", "size", "removed", "pages", "dropped", "lapses"]
        shared = [[one[name] for name in columns] for one in found["findings"][:SHOWN]]
        print_table(
            "findings that they have a part in, and pages that stay have, too: --again scan judges them anew", columns, shared
        )


def show_certificate(certificate: dict[str, Any]) -> None:
    run = certificate["run"]
    facts: list[list[object]] = [
        ["documents removed", len(certificate["documents"])],
        ["spans written over", len(certificate["corpus"]["spans"])],
        ["pages that lost passages of them", len(certificate["cuts"])],
        ["similar pages that came back", len(certificate["restored"])],
        ["pages that would be cut elsewhere now", certificate["held_back"].get("pages")],
        ["findings they had a part in, on pages", sum(one["pages"] for one in certificate["held_back"].get("findings", []))],
        ["tokenizer as if never seen", certificate["corpus"]["tokenizer_exact"]],
    ]
    if run:
        facts += [
            ["method", certificate["method"]],
            ["read by the run, times", run["reads"]],
            ["first in step", run["first_read"]],
            ["rolled back to step", run["rollback"]],
            ["steps trained again", run["steps"]],
            ["seconds", run["seconds"]],
            ["checkpoints purged", ", ".join(map(str, run["purged"])) or "none"],
        ]
        for name in ("model_sha256", "optimizer_sha256"):
            facts += [
                [f"{name} {when}", certificate[name][when]] for when in ("before", "after", "oracle") if certificate[name][when]
            ]
        facts.append(["exact", certificate["exact"]])
    print_table(f"takedown {certificate['request']['name']}", ["", "value"], facts)
    if certificate["audit"]:
        whens = [when for when in ("before", "after", "oracle") if when in certificate["audit"]]
        measures = list(certificate["audit"][whens[0]])
        rows: list[list[object]] = [[one, *(certificate["audit"][when].get(one) for when in whens)] for one in measures]
        print_table("what the weights know of the pages", ["measure", *whens], rows)
