"""Other extractors on the same pages. Runs in their own environment and imports nothing of ours.

    .venv-extraction/bin/python tests/bench/extraction/peers.py PAGES.jsonl TEXTS.jsonl

Each line of PAGES.jsonl is {"html"}, already decoded; each of TEXTS.jsonl is {"name", "seconds" of processor time, "texts"}. A
page on which a peer raises gives no text: that is what its users get.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import justext
import lxml.html
import readability
import trafilatura
from resiliparse.extract.html2text import extract_plain_text

Extractor = Callable[[str], str | None]
STOP_WORDS = frozenset(word for name in justext.get_stoplists() for word in justext.get_stoplist(name))


def trafilatura_default(html: str) -> str | None:
    return trafilatura.extract(html)


def trafilatura_without_comments(html: str) -> str | None:
    return trafilatura.extract(html, include_comments=False)


def trafilatura_precision(html: str) -> str | None:
    return trafilatura.extract(html, include_comments=False, favor_precision=True)


def resiliparse_main(html: str) -> str | None:
    return extract_plain_text(html, main_content=True, comments=False)


def resiliparse_with_comments(html: str) -> str | None:
    return extract_plain_text(html, main_content=True, comments=True)


def justext_good(html: str) -> str | None:
    paragraphs = justext.justext(html.encode(), STOP_WORDS, encoding="utf-8")
    return "\n\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


def readability_lxml(html: str) -> str | None:
    return lxml.html.fromstring(readability.Document(html).summary()).text_content()


PEERS: tuple[Extractor, ...] = (
    trafilatura_default,
    trafilatura_without_comments,
    trafilatura_precision,
    resiliparse_main,
    resiliparse_with_comments,
    justext_good,
    readability_lxml,
)


def read(extract: Extractor, html: str) -> str:
    try:
        return extract(html) or ""
    except Exception:  # whatever it is, the page is lost to the peer's user
        return ""


def main(pages: Path, texts: Path) -> None:
    with pages.open(encoding="utf-8") as lines:
        htmls = [json.loads(line)["html"] for line in lines]
    with texts.open("w", encoding="utf-8") as out:
        for extract in PEERS:
            read(extract, htmls[0])
            started = time.process_time()
            found = [read(extract, html) for html in htmls]
            seconds = time.process_time() - started
            out.write(json.dumps({"name": extract.__name__, "seconds": seconds, "texts": found}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
