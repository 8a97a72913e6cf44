"""Which pages of ../shared are called navigation, by host, and some of them drawn by a fixed seed, to be read by eye.

    python -m tests.bench.quality.page_types --show 60

Nobody has labelled such pages: what docs/quality.md says of them is what a reader of these lines made of them.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.read.ingest import ingest_file
from pipeline.read.navigation import NAVIGATION
from tests.paths import SHARED

SEED = 20240520
FOLDERS = ("crawl", "extraction")
SHOWN = 70  # characters of each end of a text


def documents(shared: Path) -> Iterator[dict[str, Any]]:
    """Different HTML pages: url, title, text, page_type."""
    settings, seen = ingest_settings(Recipe()), set[str]()
    for file in sorted(one for folder in FOLDERS for one in (shared / folder).glob("*.warc.gz")):
        with file.open("rb") as stream:
            for part in ingest_file(stream, file.name, settings):
                for row in part.documents.select(["url", "host", "title", "text", "mime", "page_type"]).to_pylist():
                    if "html" in (row["mime"] or "") and row["text"] not in seen:
                        seen.add(row["text"])
                        yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="pages of each build that are printed")
    options = parser.parse_args()
    pages = list(documents(options.shared))
    told = [row for row in pages if row["page_type"] == NAVIGATION]
    folders = [row for row in told if (row["title"] or "").startswith(("Index of", "Directory listing"))]
    contents = [row for row in told if row not in folders]
    print(json.dumps({
        "pages": len(pages), "types": Counter(row["page_type"] or "none" for row in pages),
        "folders": Counter(row["host"] for row in folders), "tables_of_contents": Counter(row["host"] for row in contents),
    }, indent=1))  # fmt: skip
    for some in (folders, contents):
        for row in random.Random(SEED).sample(some, min(options.show, len(some))):
            print(row["url"], repr(row["title"]), repr(row["text"][:SHOWN]), repr(row["text"][-SHOWN:]), sep="\n  ")


if __name__ == "__main__":
    main()
