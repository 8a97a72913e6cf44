"""`make bench-content`: personal data and benchmark overlap, measured; tables in Markdown beside the figures.

    python -m tests.bench.content.bench_content [--parts personal crawl contamination lines growth beside] [--per-kind 2000]

personal        precision and recall of each kind: generated truth (a seed that no test and no work on the detectors used) and
                texts written by hand (tests/bench/content/handmade.py)
crawl           what the pages of ../shared/crawl hold, and CPU a page
contamination   recall of planted gsm8k questions by words changed, false hits on novels, speed and memory of the index
lines           what is cut as furniture and as repeated passages of the pages of ../shared/crawl; --listing FILE writes every
                different line for reading
growth          CPU of the job `repeats` at one to eight times the pages, in Spark
beside          datatrove's filters of personal data and of benchmarks on the same pages; --peer names a python that has it:
                python -m venv PEER && PEER/bin/pip install -r tests/bench/peer-requirements.txt
"""

import argparse
import json
from pathlib import Path
from typing import Any

from tests.bench.content.beside import bench_beside
from tests.bench.content.contamination import MIN_SHARES, bench_contamination
from tests.bench.content.lines import bench_growth, bench_lines
from tests.bench.content.personal import by_hand, generated, of_crawl
from tests.bench.sides import machine
from tests.paths import PROJECT, SHARED

PARTS = ("personal", "crawl", "contamination", "lines", "growth", "beside")
SEED = 2026


def run_part(part: str, chosen: argparse.Namespace) -> Any:
    if part == "personal":
        return {"generated": generated(chosen.per_kind, SEED), "by_hand": by_hand()}
    if part == "contamination":
        return bench_contamination(chosen.items)
    if SHARED is None or not (SHARED / "crawl").is_dir():
        raise SystemExit("../shared/crawl is not there: this part needs real pages")
    warcs = sorted((SHARED / "crawl").glob("*.warc.gz"))
    if part == "beside":
        return bench_beside(warcs, chosen.peer, chosen.items) if chosen.peer else None
    if part == "growth":
        return bench_growth(warcs)
    return of_crawl(warcs) if part == "crawl" else bench_lines(warcs, chosen.listing)


def tables(result: dict[str, Any]) -> str:
    parts = {
        "personal": _personal,
        "crawl": _crawl,
        "contamination": _contamination,
        "lines": _lines,
        "growth": _growth,
        "beside": _beside,
    }
    return "\n".join(line for name, table in parts.items() if name in result for line in [*table(result[name]), ""])


def _personal(part: dict[str, Any]) -> list[str]:
    lines = [
        "| kind | generated: true | recall | precision | by hand: true | recall | precision |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for kind, score in part["generated"].items():
        hand = part["by_hand"].get(kind, {})
        cells = [f"{one['true']} | {one['recall']:.3f} | {one['precision']:.3f}" if one else "– | – | –" for one in (score, hand)]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return lines


def _crawl(part: dict[str, Any]) -> list[str]:
    lines = [f"| of {part['pages']:,} pages | pages | spans |", "|---|--:|--:|"]
    lines += [f"| {kind} | {found['pages']} | {found['spans']} |" for kind, found in part["kinds"].items()]
    cost, planted = part["milliseconds_a_page"], part["planted_text_milliseconds_a_page"]
    return [*lines, "", f"{cost} ms of CPU a page; the scan for planted text takes {planted} ms on the same pages."]


def _contamination(part: dict[str, Any]) -> list[str]:
    shares = " | ".join(f"min_share {share}" for share in MIN_SHARES)
    lines = [f"| words changed | any 13-gram | {shares} |", "|---|--:|" + "--:|" * len(MIN_SHARES)]
    for row in part["recall"]:
        cells = " | ".join(f"{row[f'recall_{share}']:.3f}" for share in MIN_SHARES)
        lines.append(f"| {row['words_changed']:.0%} | {row['any_13_gram']:.3f} | {cells} |")
    false, memory = (
        part["false_hits"],
        f"{part['lookup_bytes_an_ngram']} bytes an n-gram to look up, {part['bytes_an_ngram']} with items",
    )
    return [
        *lines,
        "",
        f"{part['items']:,} items, {part['ngrams']:,} n-grams, {memory}; {part['megabytes_a_second']} MB/s of one core. "
        f"{false['ngrams']:,} n-grams of novels: {false['pages_with_a_hit']} of {false['pages']:,} pages have one of the index.",
    ]


def _lines(part: dict[str, Any]) -> list[str]:
    lines = []
    for name, what in (("whole_page", "All that a page shows"), ("main_text", "Main text")):
        found = part[name]
        lines += [
            f"{what}: of {found['pages']:,} pages {found['different_lines']:,} lines go from {found['lines']:,} places, "
            f"and {found['passages']:,} passages.",
            "",
            "| host or language | characters | cut as lines | as passages |",
            "|---|--:|--:|--:|",
            *(_cut(row) for kind in ("hosts", "languages") for row in found[kind]),
            "",
        ]
    return lines


def _growth(rows: list[dict[str, Any]]) -> list[str]:
    lines = ["| pages | places found | CPU s | largest worker |", "|--:|--:|--:|--:|"]
    for row in rows:
        memory = f"{row['peak_worker_bytes'] / 1e6:.0f} MB"
        lines.append(f"| {row['pages']:,} | {row['repeats']:,} | {row['cpu_seconds']} | {memory} |")
    return lines


def _beside(part: dict[str, Any]) -> list[str]:
    lines = ["| datatrove beside winnow | spans | different |", "|---|--:|--:|"]
    for kind in ("email", "ip"):
        lines += [f"| {kind}: {name} | {one['spans']:,} | {one['different']:,} |" for name, one in part["personal"][kind].items()]
    lines += [
        "",
        "| pages | number | winnow | datatrove, answers | only it | only winnow | with questions | only it | only winnow |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in part["contamination"]:
        cells = [row[f"{name}{what}"] if name else "" for name in ("answers", "answers_and_questions") for what in ("", "_only")]
        alone = [row[f"winnow_only_beside_{name}"] for name in ("answers", "answers_and_questions")]
        shown = [row["pages"], row["number"], row["winnow"], *cells[:2], alone[0], *cells[2:], alone[1]]
        lines.append(f"| {' | '.join(map(str, shown))} |")
    return lines


def _cut(row: dict[str, Any]) -> str:
    shares = " | ".join(f"{row[kind]:,} ({row[kind] / row['characters']:.2%})" for kind in ("lines", "passages"))
    return f"| {row['name'] or 'unknown'} | {row['characters']:,} | {shares} |"


def main() -> None:
    chosen = options()
    result: dict[str, Any] = json.loads(chosen.output.read_text()) if chosen.output.exists() else {}
    for part in chosen.parts:
        print(f"running {part}", flush=True)
        result["machine"] = machine()
        found = run_part(part, chosen)
        result |= {part: found} if found is not None else {}
        chosen.output.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    written = tables(result)
    chosen.output.with_suffix(".md").write_text(written)
    print(f"{written}\nwritten to {chosen.output} and {chosen.output.with_suffix('.md').name}")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    parser.add_argument("--per-kind", type=int, default=2000, help="true spans of each kind, and as many near misses")
    parser.add_argument("--items", type=int, default=1000, help="questions that are planted")
    parser.add_argument("--peer", type=Path, help="a python with datatrove, for the part `beside`")
    parser.add_argument("--listing", type=Path, help="where each different line that is cut is written, for reading")
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "bench-content.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
