"""Crawls of as many pages as one asks for, of about 2.2 kB of text each; tests/bench/poison/generated_text.py says of what."""

import random
from collections.abc import Iterator
from html import escape
from itertools import islice
from pathlib import Path

from tests.bench.poison.generated_text import Chain, source_text, with_benign_copies
from tests.crawls import Crawl

WORDS_A_PAGE = 330
PAGES_A_FILE = 3000


def write_crawl(folder: Path, pages: int, seed: int = 1) -> list[Path]:
    """WARC files in `folder`, which may be there already."""
    files = [folder / f"crawl-{number:03}.warc.gz" for number in range(-(-pages // PAGES_A_FILE))]
    if not all(file.exists() for file in files):
        made = enumerate(_pages(pages, seed))
        for file in files:
            crawl = Crawl()
            for number, (host, text) in islice(made, PAGES_A_FILE):
                crawl.response(f"http://{host}/{number}", _html(text, number), date=_date(number))
            crawl.write(file)
    return files


def _pages(count: int, seed: int) -> Iterator[tuple[str, str]]:
    chain = Chain(source_text(None, 1 << 22))
    menus = (" ".join(words.split()[:12]) for words in chain.pages(count, 40, seed + 1))
    yield from with_benign_copies(chain.pages(count, WORDS_A_PAGE, seed), seed, (), menus)


def _html(text: str, number: int) -> str:
    menu, *paragraphs = text.split("\n\n")
    body = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    links = "".join(f'<li><a href="/{word}">{escape(word)}</a></li>' for word in menu.split())
    head = f'<head><meta charset="utf-8"><title>Page {number}</title></head>'
    return f'<!doctype html><html lang="en">{head}<body><nav><ul>{links}</ul></nav><main>{body}</main></body></html>'


def _date(number: int) -> str:
    day = random.Random(number).randrange(1, 29)
    return f"2026-01-{day:02}T{number % 24:02}:00:00Z"
