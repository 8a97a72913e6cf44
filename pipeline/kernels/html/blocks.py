"""Which blocks of a page are its content, and the text they make together.

Six questions, each about numbers that the scan left behind (characters, characters within links, what a block stands in):

1. Is a region navigation, frame, side matter or form (its element, role or a word of its class says so), without being
   most of the page?
2. Is a list or table, as a whole, links?
3. Does the page mark its content with <main> or <article>? Then what stands outside is not content.
4. Is a block links, and are its neighbours too? One link between paragraphs is part of them.
5. Is a heading left without anything under it, or a label without its list?
6. Is hardly anything left, and much more with the lists of links? Then the page is an index, and they are its content.

What is dropped is seen but not content. A page of which nothing would remain keeps all it shows.
"""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.names import CONTENT, FORM, FRAME, LIST, NAVIGATION, SIDE

# Calibrated on 871 pages against trafilatura 2.3 as pseudo-truth: mean F1 0.928 (resiliparse's main text 0.862), and a third
# more or less in any one bound moves it by less than 0.003.
MAX_SHARE_OF_FRAME = 0.4  # of the page's characters: a "sidebar" that holds more is a careless name
MIN_SHARE_OF_CONTENT = 0.25  # <main> and <article> that hold less are decoration
MAX_LINK_SHARE_OF_LIST = 0.7
MAX_LINK_SHARE = 0.6
MAX_CHARS_OF_LABEL = 30
MIN_CHARS = 250  # below, question 6 is asked: MAX_GAIN_OF_LINKS times as much, and the links stay
MAX_GAIN_OF_LINKS = 2.0


@part
def _sum_regions(blocks: np.ndarray, regions: np.ndarray) -> None:
    for k in range(len(blocks)):
        region = blocks[k, lay.REGION_OF]
        regions[region, lay.REGION_CHARS] += blocks[k, lay.CHARS]
        regions[region, lay.REGION_LINKS] += blocks[k, lay.LINKS]
    for region in range(len(regions) - 1, 0, -1):  # a child's number is greater than its parent's
        parent = regions[region, lay.PARENT]
        regions[parent, lay.REGION_CHARS] += regions[region, lay.REGION_CHARS]
        regions[parent, lay.REGION_LINKS] += regions[region, lay.REGION_LINKS]


@part
def _is_boilerplate(purpose: int, chars: int, links: int, total: int, in_content: bool, with_link_lists: int) -> bool:
    if purpose & CONTENT:
        return False
    if purpose & (NAVIGATION | SIDE | FORM) or (purpose & FRAME and not in_content):
        return chars <= MAX_SHARE_OF_FRAME * total
    return with_link_lists == 0 and bool(purpose & LIST) and links > MAX_LINK_SHARE_OF_LIST * chars


@part
def _drop_regions(regions: np.ndarray, with_link_lists: int) -> np.ndarray:
    """For each region: 1 boilerplate (or within it), 2 within <main> or <article>, 0 neither."""
    total = regions[0, lay.REGION_CHARS]
    verdict = np.zeros(len(regions), np.uint8)
    content = 0
    for region in range(1, len(regions)):
        inherited = verdict[regions[region, lay.PARENT]]
        purpose = regions[region, lay.PURPOSE]
        chars, links = regions[region, lay.REGION_CHARS], regions[region, lay.REGION_LINKS]
        if inherited == 1 or _is_boilerplate(purpose, chars, links, total, inherited == 2, with_link_lists):
            verdict[region] = 1
        elif purpose & CONTENT:
            verdict[region] = 2
            if inherited != 2:
                content += chars
        else:
            verdict[region] = inherited
    if content >= MIN_SHARE_OF_CONTENT * total:
        for region in range(len(regions)):
            verdict[region] = verdict[region] != 2
    else:
        for region in range(len(regions)):
            verdict[region] = verdict[region] == 1
    return verdict


@part
def _outside(blocks: np.ndarray, dropped: np.ndarray) -> np.ndarray:
    keep = np.empty(len(blocks), np.uint8)
    for k in range(len(blocks)):
        keep[k] = not dropped[blocks[k, lay.REGION_OF]]
    return keep


@part
def _is_links(blocks: np.ndarray, k: int) -> bool:
    return blocks[k, lay.LINKS] > MAX_LINK_SHARE * blocks[k, lay.CHARS]


@part
def _drop_links(blocks: np.ndarray, keep: np.ndarray) -> None:
    """Drops blocks of links that have a dropped block or another of links beside them."""
    count = len(blocks)
    previous_is_links = True
    for k in range(count):
        is_links = _is_links(blocks, k)
        if keep[k] == 1 and is_links:
            following = k + 1 >= count or keep[k + 1] == 0 or _is_links(blocks, k + 1)
            if previous_is_links or following:
                keep[k] = 2
        previous_is_links = is_links or keep[k] == 0
    for k in range(count):
        keep[k] = keep[k] == 1


@part
def _is_label(text: np.ndarray, blocks: np.ndarray, k: int) -> bool:
    """A few words that end in a letter, a digit or a colon."""
    last = text[blocks[k, lay.END] - 1]
    ends = last == 58 or last >= 128 or 48 <= last <= 57 or 97 <= (last | 32) <= 122
    is_line = blocks[k, lay.KIND] & (lay.LEVEL | lay.IS_ROW | lay.IS_PRE) == 0
    return ends and is_line and blocks[k, lay.CHARS] <= MAX_CHARS_OF_LABEL


@part
def _drop_what_announces(text: np.ndarray, blocks: np.ndarray, dropped_lists: np.ndarray, keep: np.ndarray) -> None:
    """Drops a heading below h1 of whose section nothing is kept, and the label ("Contents") of a dropped list of links.

    Two headings with nothing between them on the page are the author's business: both stay.
    """
    next_level = 0  # of the next kept block: 0 at the end, 7 where it is no heading
    between = False  # blocks dropped on the way to it
    label_before = False
    for k in range(len(blocks) - 1, -1, -1):
        level = blocks[k, lay.KIND] & lay.LEVEL
        if keep[k]:
            bare = level > 1 and between and next_level <= level
            if bare or (label_before and _is_label(text, blocks, k)):
                keep[k] = 0
        if keep[k]:
            next_level = level if level else 7
            between = False
            label_before = False
        else:
            between = True
            label_before = dropped_lists[blocks[k, lay.REGION_OF]] != 0


@part
def _kept_chars(blocks: np.ndarray, keep: np.ndarray) -> int:
    chars = 0
    for k in range(len(blocks)):
        if keep[k]:
            chars += blocks[k, lay.CHARS]
    return chars


@part
def choose_blocks(text: np.ndarray, blocks: np.ndarray, regions: np.ndarray, main_content: bool) -> np.ndarray:
    """1 for each block whose text is kept. Shapes: blocks [blocks, BLOCK_COLUMNS], regions [regions, REGION_COLUMNS]."""
    keep = np.ones(len(blocks), np.uint8)
    if not main_content:
        return keep
    _sum_regions(blocks, regions)
    chars = 0
    for with_link_lists in range(2):
        dropped = _drop_regions(regions, with_link_lists)
        candidates = _outside(blocks, dropped)
        if not with_link_lists:
            _drop_links(blocks, candidates)
            _drop_what_announces(text, blocks, dropped & ((regions[:, lay.PURPOSE] & LIST) != 0), candidates)
        kept = _kept_chars(blocks, candidates)
        if kept > MAX_GAIN_OF_LINKS * chars:
            keep = candidates
            chars = kept
        if chars >= MIN_CHARS:
            break
    return keep


# ---------------------------------------------------------------- text


@part
def _newlines_between(blocks: np.ndarray, above: int, below: int) -> int:
    """1 between the lines of one list, table, definition or <pre>, 2 between paragraphs."""
    if blocks[above, lay.GROUP_OF] != blocks[below, lay.GROUP_OF] or blocks[below, lay.GROUP_OF] == 0:
        return 2
    kind, kind_above = blocks[below, lay.KIND], blocks[above, lay.KIND]
    if kind & (lay.IS_ITEM | lay.IS_DEFINITION) or kind & kind_above & (lay.IS_PRE | lay.IS_TERM):
        return 1
    return 1 if kind & kind_above & lay.IS_CELL and (kind | kind_above) & lay.IS_ROW else 2


@part
def join_blocks(text: np.ndarray, blocks: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """The kept blocks as UTF-8, joined."""
    size = 0
    for k in range(len(blocks)):
        if keep[k]:
            size += blocks[k, lay.END] - blocks[k, lay.START] + 4  # two newlines and "- "
    out = np.empty(size, np.uint8)
    at = 0
    above = -1
    for k in range(len(blocks)):
        if not keep[k]:
            continue
        if above >= 0:
            for _ in range(_newlines_between(blocks, above, k)):
                out[at] = 10
                at += 1
        if blocks[k, lay.KIND] & lay.IS_ITEM:
            out[at] = 45
            out[at + 1] = 32
            at += 2
        for i in range(blocks[k, lay.START], blocks[k, lay.END]):
            out[at] = text[i]
            at += 1
        above = k
    return out[:at]
