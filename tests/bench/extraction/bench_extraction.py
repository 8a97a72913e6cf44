"""`make bench-extraction`: main text by winnow and by its peers on the same pages, with the processor time of each.

    .venv/bin/python -m tests.bench.extraction.bench_extraction [--pages ../shared/extraction] [--every N] [--output FILE]

winnow's figures are of five folds over sites: each page is judged by a model that saw no page of its site. Its speed is that of
the model that ships. `--every N` gives peers every Nth page only; differences are then of those pages.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.read.html import HtmlSettings, extract
from pipeline.teach.block_labels import lesson
from pipeline.teach.extraction_pages import Page, read_pages
from pipeline.teach.main_text import FOLDS, fold_models
from tests.bench.extraction.scores import difference, f1_of, summary
from tests.bench.quality.first_rules import first_rules
from tests.bench.sides import ONE_THREAD, machine
from tests.paths import PROJECT

PEER_FOLDER = PROJECT / ".venv-extraction"
REQUIREMENTS = Path(__file__).with_name("peer-requirements.txt")
PEERS = Path(__file__).with_name("peers.py")
REPEATS = 3
ARTICLES = ("article", "readability")


def peer_python() -> Path:
    """The interpreter of the peers' environment, made the first time and when its requirements change."""
    stamp = PEER_FOLDER / "requirements.txt"
    python = PEER_FOLDER / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != REQUIREMENTS.read_text():
        venv.create(PEER_FOLDER, with_pip=True, clear=True, upgrade_deps=True)  # an older pip stumbles over lxml[html-clean]
        subprocess.run([python, "-m", "pip", "install", "-qq", "--requirement", REQUIREMENTS], check=True)
        stamp.write_text(REQUIREMENTS.read_text())
    return python


def peers_on(pages: Sequence[Page]) -> list[dict[str, Any]]:
    """What each peer reads: name, seconds and texts."""
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as folder:
        given, found = Path(folder) / "pages.jsonl", Path(folder) / "texts.jsonl"
        with given.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps({"html": page.html.decode()}) + "\n" for page in pages)
        subprocess.run([peer_python(), PEERS, given, found], check=True, env=os.environ | ONE_THREAD)
        with found.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]


def winnow_unseen(pages: Sequence[Page]) -> list[str]:
    """The text of each page by the model that saw no page of its site."""
    models = fold_models(pages, [lesson(page) for page in pages])
    return [extract(page.html, model=models[page.fold(FOLDS)]).text for page in pages]


def winnow_seconds(pages: Sequence[Page]) -> float:
    """Processor time of the pages with the model that ships, the best of REPEATS."""
    extract(pages[0].html)
    seconds = []
    for _ in range(REPEATS):
        started = time.process_time()
        for page in pages:
            extract(page.html)
        seconds.append(time.process_time() - started)
    return min(seconds)


def broken_by_extraction(pages: Sequence[Page], texts: Sequence[str]) -> dict[str, dict[str, int]]:
    """By recipe, of articles whose text as people took it breaks no rule those that break one as extracted, by the first."""
    articles = [(page.text, text) for page, text in zip(pages, texts, strict=True) if page.text and page.kind in ARTICLES]
    counts: dict[str, dict[str, int]] = {}
    for name in ("default", "fineweb"):
        clean, found = (first_rules(_english([pair[side] for pair in articles]), name) for side in (0, 1))
        sound = [row for row in range(len(articles)) if row not in clean]
        counts[name] = {"sound": len(sound), "broken": sum(row in found for row in sound)}
        counts[name] |= Counter(found[row] for row in sound if row in found)
    return counts


def _english(texts: Sequence[str]) -> pa.Table:
    count = len(texts)
    return pa.table({"text": texts, "language": ["en"] * count, "language_confidence": [1.0] * count, "url": [""] * count})


def bench(pages: Sequence[Page], every: int) -> dict[str, Any]:
    texts = winnow_unseen(pages)
    compared, ours = pages[::every], texts[::every]
    kinds = sorted({page.kind for page in pages if page.text})
    types = [kind for kind in kinds if kind != "readability"]
    everything = [extract(page.html, HtmlSettings(main_content=False)).text for page in pages]
    result: dict[str, Any] = {
        "machine": machine(),
        "pages": len(pages),
        "pages_of_peers": len(compared),
        "sides": {
            "winnow": summary(pages, texts) | {"pages_per_second": round(len(pages) / winnow_seconds(pages), 1)},
            "all visible text": summary(pages, everything),
            "winnow, the peers' pages": summary(compared, ours),
        },
        "winnow_less_peer": {},
        "articles_broken_by_extraction": broken_by_extraction(pages, texts),
    }
    for peer in peers_on(compared):
        speed = round(len(compared) / peer["seconds"], 1)
        result["sides"][peer["name"]] = summary(compared, peer["texts"]) | {"pages_per_second": speed}
        result["winnow_less_peer"][peer["name"]] = {
            name: difference(f1_of(compared, ours, asked), f1_of(compared, peer["texts"], asked))
            for name, asked in (("seven types", types), ("readability", ["readability"]))
        }
    return result


def show(result: dict[str, Any]) -> None:
    for name, side in result["sides"].items():
        figures = "  ".join(f"{kind} {scores['f1']:.3f}" for kind, scores in side["kinds"].items())
        snippets = side["snippets"]
        print(f"{name} ({side.get('pages_per_second', '–')} pages/s): {figures}")
        print(f"    with {snippets['with_found']:.3f}  without {snippets['without_kept_out']:.3f}")
    for name, counts in result["articles_broken_by_extraction"].items():
        print(f"articles that break a rule of {name} only as extracted: {counts}")
    for name, gains in result["winnow_less_peer"].items():
        print(
            f"winnow less {name}: "
            + "  ".join(f"{kind} {gain['mean']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}]" for kind, gain in gains.items())
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, default=PROJECT.parent / "shared" / "extraction")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    result = bench(read_pages(options.pages), options.every)
    show(result)
    if options.output:
        options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
