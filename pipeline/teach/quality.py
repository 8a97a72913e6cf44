"""Teaches the model of quality that ships (`python -m pipeline.teach.quality --help`).

What decides are 218 pages that people labelled; they alone calibrate it and place the borders of its intervals. Beside them stand
genres whose worth is known on the whole, at a small weight, so that it has met manuals, novels and shop listings before.
"""

import argparse
import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.language.identify import LanguageSettings, identify
from pipeline.quality.evaluate import auc_interval, precision_at, reliability
from pipeline.quality.fit import FitSettings, Judged, fit, held_out_scores, judged
from pipeline.quality.measures import C4_LINES
from pipeline.quality.score import SHIPPED
from pipeline.read.html import HtmlSettings, extract
from pipeline.read.http.response import HttpLimits
from pipeline.read.ingest import IngestSettings, PageSettings, ingest_file
from pipeline.read.rows.columns import RowLimits
from pipeline.read.warc.records import WarcLimits
from pipeline.teach.extraction_pages import read_pages

GENRE_WEIGHT = 10.0  # of all pages of a genre together; each labelled page weighs 1
MOST_OF_A_GENRE = 70
FOLDS = 6
SEED = 20240520
GOOD_TYPES, BAD_TYPES = ("article", "documentation", "readability"), ("listing", "collection", "product")
MANUALS = ("aptitude", "debian-manuals", "install", "postgresql", "python")  # not `mirror`: what it is measured on
WORDS_OF_A_MANUAL, WORDS_OF_A_PIECE = 120, (200, 1500)


class Lesson(NamedTuple):
    text: str
    good: int
    genre: str  # "labelled": a person said so of this page


def lessons(shared: Path) -> list[Lesson]:
    """Every page, English only, in an order that is always the same."""
    labelled = [Lesson(row["text"], row["label"], "labelled") for row in _rows(shared / "quality/human_labels.jsonl.gz")]
    types = [page for page in read_pages(shared / "extraction") if page.kind in GOOD_TYPES + BAD_TYPES]
    pages = [Lesson(extract(page.html, HtmlSettings()).text, int(page.kind in GOOD_TYPES), page.kind) for page in types]
    books = [Lesson(text, 1, "novel") for file in sorted((shared / "text/novels").glob("*.gz")) for text in _pieces(_read(file))]
    wiki = [Lesson(text, 1, "encyclopedia") for text in _pieces(_read(shared / "text/wikitext-2.valid.txt.gz"))]
    manuals = [Lesson(text, 1, "manual") for name in MANUALS for text in _manual_pages(shared / f"crawl/{name}.warc.gz")]
    genres: dict[str, list[Lesson]] = {}
    for one in _english([*pages, *books, *wiki, *manuals]):
        genres.setdefault(one.genre, []).append(one)
    drawn = random.Random(SEED)  # noqa: S311 - a sample
    some = [one for found in genres.values() for one in drawn.sample(found, min(MOST_OF_A_GENRE, len(found)))]
    return labelled + some


def judged_lessons(taught: list[Lesson], settings: FitSettings) -> Judged:
    """Labelled pages are dealt to folds at random; genres are in all."""
    trusted = np.array([one.genre == "labelled" for one in taught])
    sizes = {one.genre: sum(other.genre == one.genre for other in taught) for one in taught}
    weights = np.array([1.0 if one.genre == "labelled" else GENRE_WEIGHT / sizes[one.genre] for one in taught])
    fold = np.full(len(taught), -1)
    fold[trusted] = np.random.default_rng(SEED).permutation(int(trusted.sum())) % FOLDS
    texts, good = [one.text for one in taught], np.array([one.good for one in taught], float)
    return judged(texts, ["en"] * len(texts), good, settings, weights=weights, trusted=trusted, fold=fold)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _read(file: Path) -> str:
    with gzip.open(file, "rt", encoding="utf-8", errors="replace") as stream:
        return stream.read()


def _pieces(text: str) -> Iterator[str]:
    """Some paragraphs each, as long as pages are."""
    drawn, piece = random.Random(len(text)), ""  # noqa: S311 - a sample
    wanted = drawn.randint(*WORDS_OF_A_PIECE)
    for paragraph in text.split("\n\n" if "\n\n" in text else "\n"):
        piece += " ".join(paragraph.split()) + "\n\n"
        if len(piece.split()) > wanted:
            yield piece.strip()
            piece, wanted = "", drawn.randint(*WORDS_OF_A_PIECE)


def _manual_pages(file: Path) -> Iterator[str]:
    settings = IngestSettings(
        warc=WarcLimits(), rows=RowLimits(), http=HttpLimits(), pages=PageSettings(), html=HtmlSettings(),
        language=LanguageSettings(), lines=C4_LINES, quality=None,
    )  # fmt: skip
    with file.open("rb") as stream:
        for part in ingest_file(stream, file.name, settings):
            words = part.measures.column("word_count").to_pylist()
            yield from (
                text
                for text, count in zip(part.documents.column("text").to_pylist(), words, strict=True)
                if count > WORDS_OF_A_MANUAL
            )


def _english(taught: list[Lesson]) -> list[Lesson]:
    """Different texts in English."""
    texts = list({one.text: one for one in taught}.values())
    languages = identify(pa.array([one.text for one in texts], pa.string()), LanguageSettings()).column("language").to_pylist()
    return [one for one, language in zip(texts, languages, strict=True) if language == "en"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, help="with quality, extraction, text and crawl")
    parser.add_argument("--output", type=Path, default=SHIPPED)
    options = parser.parse_args()
    settings, taught = FitSettings(), lessons(options.shared)
    pages = judged_lessons(taught, settings)
    scores, good = held_out_scores(pages, settings)[pages.trusted], pages.good[pages.trusted]
    area = auc_interval(scores, good)
    print(f"held out: AUC {area.value:.3f} ({area.low:.3f} to {area.high:.3f})")
    for share in (0.4, 0.5, 0.6):
        print(f"precision where {share:.0%} are kept: {precision_at(scores, good, share):.3f}")
    for one in reliability(scores, good):
        print(f"{one['pages']} pages: score {one['promised']:.2f}, good {one['found']:.2f}")
    model = json.dumps(fit(pages, settings, ["en"])) + "\n"
    options.output.write_text(model, "utf-8")
    print(f"{len(taught)} pages; {len(model)} bytes, SHA-256 {hashlib.sha256(model.encode()).hexdigest()}")


if __name__ == "__main__":
    main()
