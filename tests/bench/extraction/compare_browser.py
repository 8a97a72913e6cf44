"""What a page shows, by us and by headless Chromium, both ways and by cause.

    .venv/bin/python -m tests.bench.extraction.compare_browser [--real N] [--hostile N] [--worst FILE]

Characters are letters and digits, in lower case (a sheet may say text-transform). Of what only one of the two shows, text nodes
tell the cause as the browser has it. Two kinds are counted apart, as they are meant: what innerText has although nobody can see
it (transparent, clipped, off the screen), and what hides here less than there: what a reader has to open or choose (details,
option, textarea), and unseen elements that nobody ends.
"""

import argparse
import glob
import gzip
import json
from collections import Counter
from pathlib import Path

from pipeline.read.html import HtmlSettings, extract
from pipeline.read.http import charset
from pipeline.read.http import response as http
from pipeline.read.http.media_type import media_type
from pipeline.read.warc import records as warc
from tests.bench.extraction.browser import Shown, chromium, shown_by_chromium
from tests.bench.extraction.hostile_pages import hostile_page
from tests.paths import SHARED

EVERYTHING = HtmlSettings(main_content=False)
WITHOUT_END = "an unseen element without end"
MEANT = {"details", "select", "option", "textarea", WITHOUT_END}
UNSEEN = {"audio", "canvas", "datalist", "dialog", "noscript", "object", "template", "video"}
MIN_LETTERS = 4  # of a text node: shorter ones stand everywhere
LARGEST_PAGE = 400_000
Counts = dict[str, Counter[str]]


def letters(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


def compared(page: bytes, shown: Shown) -> Counts:
    """Letters by cause: `shown`, by the browser in all; `lost` and `called hidden` of them by us; `shown wrongly`."""
    ours = extract(page, EVERYTHING)
    seen, hidden = letters(ours.text), letters(ours.hidden_text)
    theirs = letters(shown.text)
    counts: Counts = {name: Counter() for name in ("shown", "called hidden", "lost", "shown wrongly", "meant")}
    counts["shown"]["all"] = len(theirs)
    unseen = {letters(text): why for text, why in shown.unseen}
    for line in shown.text.splitlines():
        for piece in [line] if letters(line) in seen else line.split():
            key = letters(piece)
            if len(key) < MIN_LETTERS or key in seen:
                continue
            why = next((why for text, why in unseen.items() if key in text or text in key), "")
            where = "called hidden" if key in hidden else "lost"
            counts["meant" if why else where][why or "shown by the browser"] += len(key)
    for text, why in shown.hidden:
        why = WITHOUT_END if why in UNSEEN and f"</{why}" not in page.decode().partition(text)[2] else why
        for piece in [text] if letters(text) in seen else text.split():
            key = letters(piece)
            if len(key) >= MIN_LETTERS and key in seen and key not in theirs:
                counts["meant" if why in MEANT else "shown wrongly"][why] += len(key)
    return counts


def pages_of_shared(limit: int) -> list[tuple[str, bytes]]:
    """(name, page in UTF-8) from crawl, extraction and cases, spread evenly over their files."""
    assert SHARED is not None
    files = sorted(glob.glob(f"{SHARED}/crawl/*.warc.gz") + glob.glob(f"{SHARED}/extraction/*.warc.gz"))
    files += sorted(glob.glob(f"{SHARED}/cases/bugs/*/input.warc.gz"))
    by_file = [_html_of(file) for file in files]
    pages: list[tuple[str, bytes]] = []
    for left, found in enumerate(sorted(by_file, key=len)):  # small files first: large ones give what these lack
        share = -(-(limit - len(pages)) // (len(by_file) - left))
        pages += found[:: max(1, len(found) // max(share, 1))][:share]
    pages += [(file, Path(file).read_bytes()) for file in sorted(glob.glob(f"{SHARED}/cases/extraction/*.html"))]
    return pages


def _html_of(file: str) -> list[tuple[str, bytes]]:
    found = []
    with open(file, "rb") as stream:
        for record in warc.read_records(stream, warc.WarcLimits()):
            if not isinstance(record, warc.Record) or record.record_type != "response":
                continue
            try:
                response = http.parse_response(record.block, http.HttpLimits())
            except http.UnreadablePayload:
                continue
            if response.status == 200 and media_type(response.mime, response.payload) == "text/html":
                html = charset.decode(response.payload, response.charset, html=True).utf8
                if len(html) <= LARGEST_PAGE:
                    found.append((record.url, html))
    return found


def table(counts: Counts) -> str:
    total = counts["shown"]["all"]
    lines = [
        f"Chromium shows {total:,} letters and digits.",
        "",
        "| | cause | characters | share of what it shows |",
        "|---|---|---:|---:|",
    ]
    for name in ("called hidden", "lost", "shown wrongly", "meant"):
        lines.append(f"| **{name}** | all | {counts[name].total():,} | {counts[name].total() / max(total, 1):.3%} |")
        lines += [f"| {name} | {why} | {count:,} | {count / max(total, 1):.3%} |" for why, count in counts[name].most_common(12)]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=int, default=600, help="pages of ../shared")
    parser.add_argument("--hostile", type=int, default=2000, help="generated pages")
    parser.add_argument("--worst", type=Path, help="JSON lines of the pages that differ, for whoever looks for causes")
    options = parser.parse_args()
    if chromium() is None:
        raise SystemExit("no Chromium here: nothing is compared")
    sets = {"real": pages_of_shared(options.real) if SHARED else []}
    sets["hostile"] = [(f"seed {seed}", hostile_page(seed)) for seed in range(options.hostile)]
    with gzip.open(options.worst, "wt", encoding="utf-8") if options.worst else open("/dev/null", "w") as worst:
        for name, pages in ((name, pages) for name, pages in sets.items() if pages):
            total: Counts = {}
            answers = shown_by_chromium([page for _, page in pages])
            for (url, page), shown in zip(pages, answers, strict=True):
                if shown is None:
                    continue
                found = compared(page, shown)
                for kind, counter in found.items():
                    total.setdefault(kind, Counter()).update(counter)
                wrong = sum(found[kind].total() for kind in ("called hidden", "lost", "shown wrongly"))
                if wrong:
                    worst.write(
                        json.dumps({"url": url, "wrong": wrong, "counts": found, "html": page.decode(), "text": shown.text})
                        + "\n"
                    )
            print(f"\n## {name}: {len(pages):,} pages, {sum(one is None for one in answers)} without an answer\n\n{table(total)}")


if __name__ == "__main__":
    main()
