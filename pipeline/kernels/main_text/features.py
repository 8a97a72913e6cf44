"""What the model of main text is told of each block of a page: the numbers and bits of names.py, one row a block."""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html import parts
from pipeline.kernels.main_text import cues
from pipeline.kernels.main_text import elements as el
from pipeline.kernels.main_text.names import AT, BIT_OF, MASK_OF, NUMBER_COUNT
from pipeline.kernels.main_text.page_features import L_BLOCKS, L_CHARS, L_LINKS, L_MARKS, L_PLAIN, count_like, of_page, ratio

_REACH = 4  # blocks on either side
_FAR = 999.0


@part
def _kind_of_last(c: int) -> int:
    """0 the end of a sentence, 1 a colon, 2 a digit, 3 beyond ASCII, 4 a letter, 5 anything else."""
    if c in (46, 33, 63):
        return 0
    if c == 58 or 48 <= c <= 57:
        return 1 if c == 58 else 2
    return 3 if c >= 128 else 4 if 97 <= (c | 32) <= 122 else 5


@part
def _of_block(text: np.ndarray, block: np.ndarray, word: np.ndarray, row: np.ndarray) -> None:
    chars = block[lay.CHARS]
    row[AT.chars] = chars
    row[AT.words] = word[cues.N_WORDS]
    row[AT.link_share] = ratio(block[lay.LINKS], chars)
    row[AT.commas] = word[cues.N_COMMAS]
    row[AT.digit_share] = ratio(word[cues.N_DIGITS], chars)
    row[AT.capital_share] = ratio(word[cues.N_CAPITALS], word[cues.N_WORDS])
    row[AT.plain_share] = ratio(word[cues.N_PLAIN], word[cues.N_WORDS])
    row[AT.signs] = word[cues.N_SIGNS]
    row[AT.last] = _kind_of_last(text[block[lay.END] - 1])
    row[AT.level] = block[lay.KIND] & lay.LEVEL


@part
def _of_neighbours(k: int, blocks: np.ndarray, row: np.ndarray) -> None:
    first, end = max(0, k - _REACH), min(len(blocks), k + _REACH + 1)
    chars = links = 0
    for other in range(first, end):
        chars += blocks[other, lay.CHARS]
        links += blocks[other, lay.LINKS]
    row[AT.around_chars] = ratio(chars, end - first)
    row[AT.around_links] = ratio(links, chars)
    if k > 0:
        row[AT.before_links] = ratio(blocks[k - 1, lay.LINKS], blocks[k - 1, lay.CHARS])
    if k + 1 < len(blocks):
        row[AT.after_chars] = blocks[k + 1, lay.CHARS]
        row[AT.after_links] = ratio(blocks[k + 1, lay.LINKS], blocks[k + 1, lay.CHARS])
    if k + 2 < len(blocks):
        row[AT.after2_chars] = blocks[k + 2, lay.CHARS]


@part
def _of_elements(at: int, elements: np.ndarray, sums: np.ndarray, row: np.ndarray) -> None:
    parent, several, large = elements[at, lay.PARENT], sums[at, el.SEVERAL_AT], sums[at, el.LARGE_AT]
    row[AT.depth] = elements[at, lay.LEVEL_OF]
    row[AT.parent_chars] = sums[at, el.CHARS]
    row[AT.parent_links] = ratio(sums[at, el.LINKS], sums[at, el.CHARS])
    row[AT.alike] = sums[at, el.ALIKE]
    row[AT.parent_alike] = sums[parent, el.ALIKE]
    row[AT.several_chars] = sums[several, el.CHARS]
    row[AT.several_links] = ratio(sums[several, el.LINKS], sums[several, el.CHARS])
    row[AT.several_mean] = ratio(sums[several, el.CHARS], sums[several, el.BLOCKS])
    row[AT.several_blocks] = sums[several, el.BLOCKS]
    row[AT.several_alike] = sums[several, el.ALIKE]
    row[AT.several_depth] = elements[several, lay.LEVEL_OF]
    row[AT.large_share] = ratio(sums[large, el.CHARS], sums[0, el.CHARS])
    row[AT.large_links] = ratio(sums[large, el.LINKS], sums[large, el.CHARS])
    row[AT.large_mean] = ratio(sums[large, el.CHARS], sums[large, el.BLOCKS])
    row[AT.large_marks] = ratio(sums[large, el.MARKS], sums[large, el.BLOCKS])
    row[AT.large_blocks] = sums[large, el.BLOCKS]


@part
def _of_like(like: np.ndarray, total: int, row: np.ndarray) -> None:
    row[AT.like_blocks] = like[L_BLOCKS]
    row[AT.like_share] = ratio(like[L_CHARS], total)
    row[AT.like_links] = ratio(like[L_LINKS], like[L_CHARS])
    row[AT.like_mean] = ratio(like[L_CHARS], like[L_BLOCKS])
    row[AT.like_marks] = ratio(like[L_MARKS], like[L_BLOCKS])
    row[AT.like_plain] = ratio(like[L_PLAIN], like[L_BLOCKS])


@part
def _of_prose(at: int, densest: int, elements: np.ndarray, sums: np.ndarray, row: np.ndarray) -> None:
    """Where the block and the densest prose of the page meet: how far above either, and how much stands there."""
    meet = sums[at, el.PROSE_AT]
    row[AT.prose_up] = elements[densest, lay.LEVEL_OF] - elements[meet, lay.LEVEL_OF]
    row[AT.prose_down] = elements[at, lay.LEVEL_OF] - elements[meet, lay.LEVEL_OF]
    row[AT.prose_meet_share] = ratio(sums[meet, el.CHARS], sums[0, el.CHARS])
    row[AT.prose_meet_part] = ratio(sums[densest, el.CHARS], sums[meet, el.CHARS])
    row[AT.prose_meet_links] = ratio(sums[meet, el.LINKS], sums[meet, el.CHARS])
    row[AT.prose_share] = ratio(sums[densest, el.CHARS], sums[0, el.CHARS])
    row[AT.prose_chars] = sums[densest, el.CHARS]


@part
def _of_h1(k: int, h1: int, blocks: np.ndarray, elements: np.ndarray, sums: np.ndarray, row: np.ndarray) -> None:
    at = blocks[k, lay.ELEMENT_OF]
    meet = sums[at, el.H1_AT]
    row[AT.since_h1] = k - h1 if h1 >= 0 else _FAR
    row[AT.h1_up] = elements[blocks[h1, lay.ELEMENT_OF], lay.LEVEL_OF] - elements[meet, lay.LEVEL_OF] if h1 >= 0 else _FAR
    row[AT.h1_down] = elements[at, lay.LEVEL_OF] - elements[meet, lay.LEVEL_OF] if h1 >= 0 else _FAR
    row[AT.h1_meet_share] = ratio(sums[meet, el.CHARS], sums[0, el.CHARS])
    row[AT.h1_meet_links] = ratio(sums[meet, el.LINKS], sums[meet, el.CHARS])


@part
def _fill_bits(k: int, heading: int, blocks: np.ndarray, elements: np.ndarray, words: np.ndarray, sums: np.ndarray,
               masks: np.ndarray, row: np.ndarray) -> None:  # fmt: skip
    """`masks` [8] is room for what `_BITS` names, in its order."""
    at = blocks[k, lay.ELEMENT_OF]
    parent = elements[at, lay.PARENT]
    above = elements[parent, lay.PARENT]
    masks[0] = sums[at, el.NAMES]
    masks[1] = elements[at, lay.OWN_NAMES] | elements[parent, lay.OWN_NAMES] | elements[above, lay.OWN_NAMES]
    masks[2] = parts.ELEMENT_KIND[elements[at, lay.NUMBER]]
    masks[3] = sums[at, el.KINDS]
    masks[4] = words[k, cues.CUES_OF]
    masks[5] = words[heading, cues.CUES_OF] if heading >= 0 and blocks[k, lay.KIND] & lay.LEVEL == 0 else 0
    masks[6] = blocks[k, lay.INLINE_KINDS]
    masks[7] = blocks[k, lay.INLINE_NAMES]
    for column in range(len(MASK_OF)):
        row[NUMBER_COUNT + column] = (masks[MASK_OF[column]] & BIT_OF[column]) != 0


@kernel
def features_of(text: np.ndarray, blocks: np.ndarray, elements: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(float32 [blocks, FEATURES], the names around each block as bits of parts.py) of a page that was walked."""
    words = np.empty((len(blocks), cues.WORD_COLUMNS), np.int64)
    for k in range(len(blocks)):
        cues.read_words(text, blocks[k, lay.START], blocks[k, lay.END], words[k])
    sums, densest = el.sum_elements(blocks, elements, words)
    like, slots = count_like(blocks, words, sums)
    page = np.zeros(NUMBER_COUNT, np.float32)
    of_page(blocks, elements, words, sums, like, page)
    features = np.zeros((len(blocks), NUMBER_COUNT + len(MASK_OF)), np.float32)
    names = np.empty(len(blocks), np.int64)
    masks = np.empty(8, np.int64)
    h1, heading, headings, before = el.first_h1(blocks), -1, 0, 0
    for k in range(len(blocks)):
        at, row = blocks[k, lay.ELEMENT_OF], features[k]
        row[:NUMBER_COUNT] = page
        _of_block(text, blocks[k], words[k], row)
        row[AT.at], row[AT.from_end] = k, len(blocks) - k
        row[AT.share_before] = ratio(before, sums[0, el.CHARS])
        row[AT.share_of_page] = ratio(blocks[k, lay.CHARS], sums[0, el.CHARS])
        _of_neighbours(k, blocks, row)
        _of_elements(at, elements, sums, row)
        _of_like(like[slots[k]], sums[0, el.CHARS], row)
        _of_prose(at, densest, elements, sums, row)
        _of_h1(k, h1, blocks, elements, sums, row)
        row[AT.since_heading] = k - heading if heading >= 0 else _FAR
        row[AT.heading_level] = blocks[heading, lay.KIND] & lay.LEVEL if heading >= 0 else 0
        row[AT.headings_before] = headings
        _fill_bits(k, heading, blocks, elements, words, sums, masks, row)
        names[k] = sums[at, el.NAMES] | blocks[k, lay.INLINE_NAMES]
        before += blocks[k, lay.CHARS]
        if blocks[k, lay.KIND] & lay.LEVEL:
            heading = k
            headings += 1
    return features, names
