"""Recall of planted benchmark items by the share of their words that was changed, false hits on novels, speed and memory.

Items are gsm8k's, pages are stretches of novels, from ../shared/text. A changed word is another word of the novel, at as many
places of the item as the share says, drawn by the seed.
"""

import gzip
import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.contamination.index import Index, build_index, table_of
from pipeline.contamination.items import strings
from pipeline.contamination.overlap import contaminated, places
from pipeline.contamination.settings import ContaminationSettings
from pipeline.contamination.words import character_forms
from pipeline.kernels.overlap import text_words
from tests.paths import SHARED

CHANGED = (0.0, 0.05, 0.1, 0.2)
MIN_SHARES = (0.1, 0.2, 0.3, 0.5)
PAGE_CHARACTERS = 4000
Rows = list[tuple[str, int, str, str]]


def texts_folder() -> Path | None:
    folder = SHARED / "text" if SHARED is not None else None
    return folder if folder is not None and folder.is_dir() else None


def gsm8k(folder: Path, part: str) -> Rows:
    lines = gzip.decompress((folder / f"gsm8k.{part}.jsonl.gz").read_bytes()).decode().splitlines()
    return [(f"gsm8k.{part}", number, *one) for number, line in enumerate(lines, 1) for one in strings(json.loads(line))]


def novel_pages(folder: Path, limit_bytes: int) -> list[str]:
    pages: list[str] = []
    size = 0
    for file in sorted((folder / "novels").glob("*.txt.gz")):
        text = gzip.decompress(file.read_bytes()).decode()
        pages += [text[start : start + PAGE_CHARACTERS] for start in range(0, len(text), PAGE_CHARACTERS)]
        size += len(text)
        if size > limit_bytes:
            break
    return pages


def reworded(text: str, share: float, others: list[str], rng: random.Random) -> str:
    words = text.split()
    for place in rng.sample(range(len(words)), round(share * len(words))):
        words[place] = rng.choice(others)
    return " ".join(words)


def planted(items: list[str], pages: list[str], share: float, seed: int) -> list[str]:
    """One page an item, which stands between two paragraphs of it."""
    rng = random.Random(seed)
    made = []
    for number, item in enumerate(items):
        page = pages[number % len(pages)]
        middle = page.find(" ", len(page) // 2)
        made.append(f"{page[:middle]}\n\n{reworded(item, share, page.split(), rng)}\n\n{page[middle:]}")
    return made


def recall(rows: Rows, index: Index, pages: list[str], number: int) -> list[dict[str, Any]]:
    """Of questions, by the share of their words that was changed, those found as themselves at each min_share."""
    questions = [(place, row[3]) for place, row in enumerate(rows) if row[2] == "question"][:number]
    found = []
    for share in CHANGED:
        texts = pa.array(planted([text for _, text in questions], pages, share, seed=round(share * 100)))
        of_page = places(texts, index, ContaminationSettings(min_share=0.01))
        best: dict[int, float] = {}
        for one in of_page:
            if one.string == questions[one.row][0]:
                best[one.row] = max(best.get(one.row, 0.0), one.share)
        row = {f"recall_{least}": sum(one >= least for one in best.values()) / len(questions) for least in MIN_SHARES}
        found.append({"words_changed": share, "items": len(questions), "any_13_gram": len(best) / len(questions), **row})
    return found


def false_hits(index: Index, pages: list[str]) -> dict[str, Any]:
    """Of pages that hold no item."""
    texts = pa.array(pages)
    bounds, _ = text_words(*flatten(texts), character_forms())
    ngrams = int(np.maximum(0, np.diff(bounds) - 12).sum())
    any_hit = places(texts, index, ContaminationSettings(min_share=0.01))
    flagged = places(texts, index, ContaminationSettings())
    return {"pages": len(pages), "ngrams": ngrams, "pages_with_a_hit": len({one.row for one in any_hit}), "flagged": len(flagged)}


def speed(index: Index, pages: list[str], repeats: int = 5) -> float:
    """Megabytes of text a second of one core, the best of `repeats`."""
    texts, settings = pa.array(pages), ContaminationSettings()
    contaminated(texts.slice(0, 2), index, settings)
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        contaminated(texts, index, settings)
        seconds.append(time.process_time() - started)
    return sum(len(page.encode()) for page in pages) / min(seconds) / 1e6


def bench_contamination(items: int) -> dict[str, Any]:
    folder = texts_folder()
    if folder is None:
        raise SystemExit("../shared/text is not there: this part needs gsm8k and the novels")
    rows = gsm8k(folder, "test") + gsm8k(folder, "train")
    started = time.process_time()
    index = build_index(table_of(rows), ContaminationSettings())
    seconds, entries, pages = time.process_time() - started, len(index.strings), novel_pages(folder, 6_500_000)
    return {
        "items": len({row[:2] for row in rows}),
        "ngrams": entries,
        "left_out": index.left_out,
        "build_seconds": round(seconds, 2),
        "lookup_bytes_an_ngram": round(index.lookup_bytes / entries, 2),
        "bytes_an_ngram": round(index.bytes / entries, 2),
        "megabytes_a_second": round(speed(index, pages[:500]), 1),
        "recall": recall(rows, index, pages, items),
        "false_hits": false_hits(index, pages),
    }
