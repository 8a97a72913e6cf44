"""Tags that say what a page may be used for, whose it is and when it was published: noted in the walk, read afterwards.

A page has a handful of them among hundreds of tags: the kernel only tells which ones they are, by the names that they carry
(as written: nobody spells them with character references); pipeline/read/signals.py reads their attributes.
"""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.names import IS_SPACE, LOWER, find, hash_table, mix

ROBOTS, TDM_RESERVATION, TDM_POLICY, LICENCE_NAME, PUBLISHED, DATED, CANONICAL, LICENCE_LINK, COMMONS_LINK, LINKED_DATA = (
    1 << bit for bit in range(10)
)
MANY = LICENCE_NAME | PUBLISHED | DATED | LICENCE_LINK | COMMONS_LINK  # a page may have one for each of its pictures or posts
MOST_OF_MANY = lay.MOST_SIGNALS // 2  # so that they leave room for the others

# Values of name, property and itemprop, in lower case.
NAMES = {"robots": ROBOTS, "tdm-reservation": TDM_RESERVATION, "tdm-policy": TDM_POLICY}
NAMES |= dict.fromkeys("license licence dc.license dcterms.license dc.rights dcterms.rights cc:license".split(), LICENCE_NAME)
NAMES |= dict.fromkeys("article:published_time og:published_time datepublished".split(), PUBLISHED)
NAMES |= dict.fromkeys(
    """
    citation_date citation_publication_date date dc.date dc.date.issued dcterms.created dcterms.date dcterms.issued
    parsely-pub-date pubdate publication_date publish-date publish_date publishdate sailthru.date""".split(),
    DATED,
)
NAME_TABLE = hash_table(NAMES, 128)
REL_TABLE = hash_table({"canonical": CANONICAL, "license": LICENCE_LINK}, 8)
_COMMONS = np.frombuffer(b"creativecommons.org/", np.uint8).copy()


@part
def listed_bits(data: np.ndarray, i: int, end: int, table: np.ndarray) -> int:
    """Bits of the words between blanks, in any case."""
    bits = 0
    while i < end:
        word = 0
        while i < end and not IS_SPACE[data[i]]:
            word = mix(word, LOWER[data[i]])
            i += 1
        bits |= find(table, word)
        i += 1
    return bits


@part
def is_commons_link(data: np.ndarray, i: int, end: int) -> bool:
    """Whether an address is one of creativecommons.org: `https://`, `//`, with `www.` or without."""
    while i < end and IS_SPACE[data[i]]:
        i += 1
    scheme = min(end, i + 7)
    while i < scheme and data[i] != 47:
        i += 1
    if i + 2 > end or data[i] != 47 or data[i + 1] != 47:
        return False
    i += 2
    if i + 4 <= end and LOWER[data[i]] == 119 and data[i + 3] == 46:
        i += 4
    if end - i < len(_COMMONS):
        return False
    k = 0
    while k < len(_COMMONS) and LOWER[data[i + k]] == _COMMONS[k]:
        k += 1
    return k == len(_COMMONS)


@part
def note_signal(bits: int, start: int, end: int, state: np.ndarray) -> None:
    """Enters a tag whose name and attributes, or whose content, stand between `start` and `end`."""
    row = state[lay.SIGNAL_ROWS]
    if row >= (MOST_OF_MANY if bits & ~MANY == 0 else lay.MOST_SIGNALS):
        return
    state[lay.SIGNAL_ROWS] = row + 1
    at = lay.SIGNAL_AT + row * lay.SIGNAL_COLUMNS
    state[at] = bits
    state[at + 1] = start
    state[at + 2] = end
