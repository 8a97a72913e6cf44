"""`make bench-content`: personal data and benchmark overlap, measured; tables in Markdown beside the figures.

    python -m tests.bench.content.bench_content [--parts personal crawl contamination] [--per-kind 2000] [--items 1000]

personal        precision and recall of each kind: generated truth (a seed that no test and no work on the detectors used) and
                texts written by hand (tests/bench/content/handmade.py)
crawl           what the pages of ../shared/crawl hold, and CPU a page
contamination   recall of planted gsm8k questions by words changed, false hits on novels, speed and memory of the index
"""

import argparse
import json
from pathlib import Path
from typing import Any

from tests.bench.content.contamination import MIN_SHARES, bench_contamination
from tests.bench.content.personal import by_hand, generated, of_crawl
from tests.bench.sides import machine
from tests.paths import PROJECT, SHARED

PARTS = ("personal", "crawl", "contamination")
SEED = 2026


def run_part(part: str, chosen: argparse.Namespace) -> Any:
    if part == "personal":
        return {"generated": generated(chosen.per_kind, SEED), "by_hand": by_hand()}
    if part == "contamination":
        return bench_contamination(chosen.items)
    if SHARED is None or not (SHARED / "crawl").is_dir():
        raise SystemExit("../shared/crawl is not there: this part needs real pages")
    return of_crawl(sorted((SHARED / "crawl").glob("*.warc.gz")))


def tables(result: dict[str, Any]) -> str:
    parts = {"personal": _personal, "crawl": _crawl, "contamination": _contamination}
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


def main() -> None:
    chosen = options()
    result: dict[str, Any] = json.loads(chosen.output.read_text()) if chosen.output.exists() else {}
    for part in chosen.parts:
        print(f"running {part}", flush=True)
        result["machine"] = machine()
        result[part] = run_part(part, chosen)
        chosen.output.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    written = tables(result)
    chosen.output.with_suffix(".md").write_text(written)
    print(f"{written}\nwritten to {chosen.output} and {chosen.output.with_suffix('.md').name}")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    parser.add_argument("--per-kind", type=int, default=2000, help="true spans of each kind, and as many near misses")
    parser.add_argument("--items", type=int, default=1000, help="questions that are planted")
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "bench-content.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
