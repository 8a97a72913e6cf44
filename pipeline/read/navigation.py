"""Pages that only lead to others, told by how they are built: a server's list of a folder, a numbered table of contents.

Where that is sure and nowhere else: lists of news, of products, of results are texts of links too, and people call them by other
types. docs/quality.md says how often this is right.
"""

import numpy as np
import re2

from pipeline.kernels.main_text.page_type import TYPE_FEATURES

NAVIGATION = "navigation"  # one of PAGE_TYPES
LINKS_AT = TYPE_FEATURES.index("page_links")
MIN_LINKS = 0.6  # of the page's characters, those in links
MIN_NUMBERED, MIN_NUMBERED_SHARE = 5, 0.6  # lines of a table of contents that are numbered
MOST_LINE_CHARACTERS = 200  # a longer one is prose

# A whole title: of Apache, nginx, lighttpd, busybox; of Python's server.
_FOLDER = re2.compile(r"\s*(?:Index of|Directory listing for) /\S*\s*")
_NUMBERED = re2.compile(r"\s*(?:[-#]+ )?(?:\d{1,3}|[A-Z])\.\d{1,3}\.(?:\d{1,3}\.)*\s*\S")  # "- 4.1. Copies", "A.2.1. Links"


def is_navigation(title: str, text: str, row: np.ndarray) -> bool:
    """`text` is the page's main text; `row` float32 [TYPE_FEATURES], of page_row."""
    return _FOLDER.fullmatch(title) is not None or (row[LINKS_AT] >= MIN_LINKS and _is_table_of_contents(text))


def _is_table_of_contents(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    if max(map(len, lines), default=0) > MOST_LINE_CHARACTERS:
        return False
    numbered = sum(_NUMBERED.match(line) is not None for line in lines)
    return numbered >= max(MIN_NUMBERED, MIN_NUMBERED_SHARE * len(lines))
