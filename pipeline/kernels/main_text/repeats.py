"""What a page says twice: cards drawn once for wide and once for narrow screens, posts quoted below one another.

A stretch of kept blocks that stands in the kept text already, block for block, is left out where it holds MIN_CHARS. What an
element says again within itself stays, a refrain or a pattern; so do rows of tables, code, terms with what explains them, and
the numbered steps of an instruction, where the same words mean something new: they go only with as much prose around them that
is said again.
"""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.names import mix
from pipeline.kernels.main_text.elements import new_table, slot_of

MIN_CHARS = 60  # of a stretch: some twelve words (Han and kana count two)
_STAYS = lay.IS_CELL | lay.IS_PRE | lay.IS_TERM | lay.IS_DEFINITION | (-1 << lay.ITEM_NUMBER_AT)


@part
def _hash_of(text: np.ndarray, start: int, end: int) -> int:
    key = end - start
    for i in range(start, end):
        key = mix(key, text[i])
    return key ^ (key >> 31)


@part
def _is_same(text: np.ndarray, block: np.ndarray, other: np.ndarray) -> bool:
    size = block[lay.END] - block[lay.START]
    if other[lay.END] - other[lay.START] != size:
        return False
    at, beside = block[lay.START], other[lay.START]
    same = 0
    while same < size and text[at + same] == text[beside + same]:
        same += 1
    return bool(same == size)


@part
def _last_same(text: np.ndarray, blocks: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """For each kept block the place in `kept` of the last one before it that says the same, -1 where there is none."""
    table = new_table(len(kept))  # of hashes, and one more than the place
    last = np.full(len(kept), -1, np.int64)
    for n in range(len(kept)):
        block = blocks[kept[n]]
        slot = slot_of(table, _hash_of(text, block[lay.START], block[lay.END]))
        before = table[slot, 1] - 1
        if before >= 0 and _is_same(text, block, blocks[kept[before]]):
            last[n] = before
        table[slot, 1] = n + 1
    return last


@part
def _container(block: np.ndarray, elements: np.ndarray) -> int:
    return elements[block[lay.ELEMENT_OF], lay.PARENT]


@part
def _stretch(n: int, kept: np.ndarray, last: np.ndarray, blocks: np.ndarray) -> tuple[int, int]:
    """(where to go on behind the kept block n, where what goes from n on ends)."""
    block = blocks[kept[n]]
    if last[n] < 0 or block[lay.KIND] & _STAYS:
        return n + 1, n
    end, prose, staying = n + 1, block[lay.CHARS], 0
    first, first_end = prose, end  # prose before anything that would stay
    while end < len(kept) and last[end] == last[end - 1] + 1:
        block = blocks[kept[end]]
        if block[lay.KIND] & _STAYS:
            staying += block[lay.CHARS]
        else:
            prose += block[lay.CHARS]
        end += 1
        if staying == 0:
            first, first_end = prose, end
    if prose >= max(MIN_CHARS, staying):
        return end, end
    return first_end, first_end if first >= MIN_CHARS else n


@kernel
def drop_repeats(text: np.ndarray, blocks: np.ndarray, elements: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """`keep` (uint8 [blocks]) without the stretches that say again what stands before; html/layout.py says what blocks are."""
    kept = np.flatnonzero(keep)
    last = _last_same(text, blocks, kept)
    for n in range(len(kept)):
        if last[n] >= 0 and _container(blocks[kept[n]], elements) == _container(blocks[kept[last[n]]], elements):
            last[n] = -1
    fewer = keep.copy()
    n = 0
    while n < len(kept):
        after, end = _stretch(n, kept, last, blocks)
        for k in range(n, end):
            fewer[kept[k]] = 0
        n = after
    return fewer
