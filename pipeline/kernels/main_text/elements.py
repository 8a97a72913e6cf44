"""What the elements of a page hold, and how they lie to one another, in a few passes over the table that the walk left.

A parent's row comes before its children's: sums go up in one pass backwards, what is inherited goes down in one forwards. So
no block ever climbs its ancestors, however deep they nest.
"""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.names import mix
from pipeline.kernels.html.parts import ELEMENT_KIND
from pipeline.kernels.main_text.cues import N_COMMAS, N_MARKS

# ---------------------------------------------------------------- sums: int64 [elements, SUM_COLUMNS]

CHARS, LINKS, BLOCKS, MARKS = 0, 1, 2, 3  # of all that stands in the element
PROSE = 4  # how much its own paragraphs look like prose, and half of what its children's do
NAMES, KINDS = 5, 6  # masks of the element and all around it
ALIKE = 7  # children of its parent that have its name and class, itself among them
PATH = 8  # a hash of the names and classes from the page down to it
SEVERAL_AT = 9  # the innermost element around it, or itself, that holds two blocks
LARGE_AT = 10  # ... a tenth of the page
PROSE_AT = 11  # ... the densest prose of the page
H1_AT = 12  # ... the page's first h1
SUM_COLUMNS = 13

LARGE = 10  # one of how many parts of the page
MIN_PROSE = 60
WEIGHT_OF_MARK = 20  # characters
PROBES = 16  # of a hash table before two shapes are taken for one: the work stays linear


@part
def new_table(size: int) -> np.ndarray:
    """A hash table of keys and counts for up to `size` of them; int64 [slots, 2]."""
    slots = 4
    while slots < 2 * size:
        slots *= 2
    return np.zeros((slots, 2), np.int64)


@part
def slot_of(table: np.ndarray, key: int) -> int:
    """Where `key` is counted; after PROBES steps another's place serves, which costs a count and no time."""
    mask = len(table) - 1
    slot = (key ^ (key >> 17)) & mask
    for _ in range(PROBES):
        if table[slot, 1] == 0 or table[slot, 0] == key:
            break
        slot = (slot + 1) & mask
    table[slot, 0] = key
    return slot


@part
def _mixed(h: int, number: int, shape: int) -> int:
    h = mix(mix(h, number), shape)
    return h ^ (h >> 31)


@part
def _sum_up(blocks: np.ndarray, elements: np.ndarray, words: np.ndarray, sums: np.ndarray) -> None:
    for k in range(len(blocks)):
        at = blocks[k, lay.ELEMENT_OF]
        sums[at, CHARS] += blocks[k, lay.CHARS]
        sums[at, LINKS] += blocks[k, lay.LINKS]
        sums[at, BLOCKS] += 1
        sums[at, MARKS] += words[k, N_MARKS]
    for at in range(len(elements) - 1, 0, -1):
        parent = elements[at, lay.PARENT]
        for column in range(MARKS + 1):
            sums[parent, column] += sums[at, column]


@part
def _count_alike(elements: np.ndarray, sums: np.ndarray) -> None:
    """Siblings of one name and class, empty ones not counted."""
    table = new_table(len(elements))
    slots = np.empty(len(elements), np.int64)
    for at in range(1, len(elements)):
        slots[at] = slot_of(table, _mixed(elements[at, lay.PARENT], elements[at, lay.NUMBER], elements[at, lay.OWN_SHAPE]))
        table[slots[at], 1] += sums[at, CHARS] > 0
    for at in range(1, len(elements)):
        sums[at, ALIKE] = table[slots[at], 1]


@part
def _weigh_prose(blocks: np.ndarray, elements: np.ndarray, words: np.ndarray, sums: np.ndarray) -> int:
    """Gives the element whose paragraphs are the page's densest prose, after Arc90's readability (2009)."""
    best = 0
    for k in range(len(blocks)):
        marks = words[k, N_MARKS]
        prose = blocks[k, lay.CHARS] - 2 * blocks[k, lay.LINKS] + WEIGHT_OF_MARK * (marks + words[k, N_COMMAS])
        if marks == 0 or prose <= MIN_PROSE:
            continue
        parent = elements[blocks[k, lay.ELEMENT_OF], lay.PARENT]
        sums[parent, PROSE] += prose
        sums[elements[parent, lay.PARENT], PROSE] += prose // 2
    for at in range(len(elements)):
        if sums[at, PROSE] > sums[best, PROSE]:
            best = at
    return best


@part
def _mark_way_up(at: int, column: int, elements: np.ndarray, sums: np.ndarray) -> None:
    while at > 0:
        sums[at, column] = at
        at = elements[at, lay.PARENT]


@part
def _hand_down(elements: np.ndarray, sums: np.ndarray) -> None:
    total = sums[0, CHARS]
    for at in range(1, len(elements)):
        parent = elements[at, lay.PARENT]
        sums[at, NAMES] = sums[parent, NAMES] | elements[at, lay.OWN_NAMES]
        sums[at, KINDS] = sums[parent, KINDS] | ELEMENT_KIND[elements[at, lay.NUMBER]]
        sums[at, PATH] = _mixed(sums[parent, PATH], elements[at, lay.NUMBER], elements[at, lay.OWN_SHAPE])
        sums[at, SEVERAL_AT] = at if sums[at, BLOCKS] >= 2 else sums[parent, SEVERAL_AT]
        sums[at, LARGE_AT] = at if sums[at, CHARS] * LARGE >= total else sums[parent, LARGE_AT]
        if sums[at, PROSE_AT] == 0:
            sums[at, PROSE_AT] = sums[parent, PROSE_AT]
        if sums[at, H1_AT] == 0:
            sums[at, H1_AT] = sums[parent, H1_AT]


@part
def first_h1(blocks: np.ndarray) -> int:
    """The row of the page's first h1, -1 where there is none."""
    for k in range(len(blocks)):
        if blocks[k, lay.KIND] & lay.LEVEL == 1:
            return k
    return -1


@part
def sum_elements(blocks: np.ndarray, elements: np.ndarray, words: np.ndarray) -> tuple[np.ndarray, int]:
    """(sums [elements, SUM_COLUMNS], the element of the densest prose); `words` [blocks, WORD_COLUMNS] of cues.py."""
    sums = np.zeros((len(elements), SUM_COLUMNS), np.int64)
    _sum_up(blocks, elements, words, sums)
    _count_alike(elements, sums)
    densest = _weigh_prose(blocks, elements, words, sums)
    _mark_way_up(densest, PROSE_AT, elements, sums)
    h1 = first_h1(blocks)
    if h1 >= 0:
        _mark_way_up(blocks[h1, lay.ELEMENT_OF], H1_AT, elements, sums)
    _hand_down(elements, sums)
    return sums, densest
