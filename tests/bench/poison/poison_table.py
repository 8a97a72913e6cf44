"""docs/bench-poison.json as tables that a README can carry: planted classes, benign look-alikes, campaigns by size."""

from typing import Any

from tests.bench.poison.poison_sides import PEERS

Result = dict[str, Any]
CLASSES = {
    "V1": "visible override", "V2": "visible plain instruction", "H1": "hidden by inline style", "H2": "hidden by style sheet",
    "H3": "in comments, attributes, metadata", "U1": "tag characters", "U2": "variation selectors", "U3": "zero-width bits",
    "U4": "interleaved invisibles", "U5": "bidi overrides", "U6": "homoglyphs", "E1": "encoded", "T1": "special tokens",
    "P1a": "backdoor, uniform", "P1b": "backdoor, salad", "P1c": "backdoor, shuffled", "P3": "campaign, one claim reworded",
    "C1": "campaign, template", "S1": "campaign, advertisements", "X1": "bytes changed after their digest",
}  # fmt: skip
SIDES = ("winnow", *PEERS)
STAGES = ("passages", "advertisements", "triggers")  # of bench_campaigns


def tables(result: Result) -> str:
    """Markdown; a part that was not run has no table or an empty column."""
    parts = [classes_table(result.get("recall", {}), result.get("escape", {}))]
    if "recall" in result:
        parts.append(benign_table(result["recall"]))
    if "blind" in result:
        parts.append(blind_table(result["blind"]))
    if "campaigns" in result:
        parts.append(campaigns_table(result["campaigns"]))
    if "backdoor" in result:
        parts.append(backdoor_line(result["backdoor"]))
    return "\n\n".join(parts) + "\n"


def classes_table(recall: Result, escape: Result) -> str:
    rows = []
    for klass, name in CLASSES.items():
        counted, left = recall.get("classes", {}).get(klass, {}), escape.get("classes", {}).get(klass, {})
        if counted or left:
            shares = [share(counted.get(side)) for side in (*SIDES, "localised")]
            rows.append([f"{klass} {name}", count_of(counted), *shares, share(left.get("escaped"))])
    if escape:
        rows.append(["all", *[""] * (len(SIDES) + 2), share(escape["escaped"])])
    return markdown(["planted, % (95 % interval)", "judged", *SIDES, "localised", "in the shards"], rows)


def benign_table(recall: Result) -> str:
    sets = {f"{recall['pages']:,} pages of the crawl": recall["false_positives"], **recall["benign"]}
    rows = [
        [name, f"{counted['winnow']['of']:,}", *(share(counted[side]) for side in SIDES), share(counted["winnow, warnings too"])]
        for name, counted in sets.items()
    ]
    return markdown(["nothing planted, % flagged", "pages", *SIDES, "winnow, warnings too"], rows)


def blind_table(result: Result) -> str:
    rows = [[kind.replace("_", " "), side, share(counted)] for side, kinds in result.items() for kind, counted in kinds.items()]
    return markdown(["documents that nobody looked at", "", "% flagged (95 % interval)"], rows)


def campaigns_table(rows: list[Result]) -> str:
    """Of the whole world: what share of each campaign's pages was found, by size."""
    whole = rows[-1]
    sizes = sorted({one["size"] for one in whole["found"]})
    by_class: dict[str, dict[int, Result]] = {}
    for one in whole["found"]:
        by_class.setdefault(one["class"], {})[one["size"]] = one
    lines = [
        [f"{klass} {CLASSES[klass]}", *(f"{100 * found[size]['covered']:.0f}" if size in found else "" for size in sizes)]
        for klass, found in by_class.items()
    ]
    found = markdown([f"% found among {whole['pages']:,} pages", *(f"{size} pages" for size in sizes)], lines)
    wrong = f"False campaigns: {whole['false_campaigns']}; pages called triggered that are not: {whole['false_trigger_pages']}."
    costs = [[f"{row['pages']:,}", *(f"{row['stages'][stage]['cpu_seconds']:.0f}" for stage in STAGES)] for row in rows]
    return "\n\n".join((found, wrong, markdown(["pages", *(f"{stage}, CPU s" for stage in STAGES)], costs)))


def backdoor_line(result: Result) -> str:
    gaps = ", ".join(f"{name} {result[name]['gap_nats']:.3f}" for name in ("clean", "poisoned", "scanned"))
    gone = "–" if result["share_of_gap_gone"] is None else f"{100 * result['share_of_gap_gone']:.1f} %"
    corpus = f"{result['documents']:,} documents and {result['backdoors']} with the trigger"
    return f"Nats a token that the trigger adds, {corpus}: {gaps}; {gone} of what the backdoor taught is gone."


def count_of(counted: Result) -> str:
    return f"{counted['reached']} of {counted['plants']}" if counted else ""


def share(counted: Result | None) -> str:
    if counted is None:
        return ""
    if counted["share"] is None:
        return "–"
    low, high = counted["interval"]
    return f"{100 * counted['share']:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
