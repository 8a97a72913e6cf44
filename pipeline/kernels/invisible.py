"""Characters nobody sees, found in one linear pass over UTF-8 bytes and judged by their neighbours.

`removals`: every stretch that may leave the text (row, start, end, class), `suspects`: stretches long or odd enough for
pipeline/poison/characters/invisible.py to look at. Offsets are code points. What a script, a flag or a family of emoji needs is
in neither.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from pipeline.kernels.letters import decode

# Classes of invisible characters.
VISIBLE, ZERO_WIDTH, SOFT_HYPHEN, SELECTOR, TAG, MARK, EMBEDDING, OVERRIDE, BYTE_ORDER = range(9)
# Kinds of suspects. INTERLEAVED: an invisible character after every single letter. SCATTERED: many singles in one row.
RUN, TAGS, SELECTORS, OVERRIDES, INTERLEAVED, SCATTERED = range(6)

MIN_RUN = 8  # reference poison.md 1.3: eight or more zero-width characters in a row carry a byte
MIN_TAGS = 1  # no use outside flags
MIN_SELECTORS = 2  # one selector after an odd base is a typo; two in a row have no meaning
MIN_INTERLEAVED = 4  # i.g.n.o: four letters in a row, each followed by one
MIN_SCATTERED = 16  # of two or more kinds, not one of which a script asks for
ZWNJ, ZWJ, BLACK_FLAG, CANCEL_TAG, TEXT_STYLE, EMOJI_STYLE = 0x200C, 0x200D, 0x1F3F4, 0xE007F, 0xFE0E, 0xFE0F


@part
def invisible_class(c: int) -> int:
    """Which kind of invisible character this is. Spaces of any width, Hangul fillers among them, are visible."""
    if c < 0x300:
        return SOFT_HYPHEN if c == 0xAD else VISIBLE
    if 0x200B <= c <= 0x200D or 0x2060 <= c <= 0x2065 or c == 0x034F or c == 0x180E or 0x206A <= c <= 0x206F:
        return ZERO_WIDTH
    if c == 0x17B4 or c == 0x17B5 or 0xFFF9 <= c <= 0xFFFB:
        return ZERO_WIDTH
    if c == 0x200E or c == 0x200F or c == 0x061C:
        return MARK
    if c == 0x202D or c == 0x202E:
        return OVERRIDE
    if 0x202A <= c <= 0x202C or 0x2066 <= c <= 0x2069:
        return EMBEDDING
    if 0xFE00 <= c <= 0xFE0F or 0x180B <= c <= 0x180D or c == 0x180F or 0xE0100 <= c <= 0xE01EF:
        return SELECTOR
    if c == 0xFEFF:
        return BYTE_ORDER
    if 0xE0000 <= c <= 0xE007F:
        return TAG
    return VISIBLE


@part
def is_joining(c: int) -> bool:
    """Scripts whose letters join or stack, where ZWJ and ZWNJ are spelling: Arabic to N'Ko, Indic, Tibetan, Burmese, Khmer, …"""
    return (
        0x0600 <= c <= 0x08FF
        or 0x0900 <= c <= 0x0DFF
        or 0x0F00 <= c <= 0x109F
        or 0x1780 <= c <= 0x18AF
        or 0x1900 <= c <= 0x1CFF
        or 0xA800 <= c <= 0xABFF
        or 0xFB50 <= c <= 0xFDFF
        or 0xFE70 <= c <= 0xFEFC
        or 0x10A00 <= c <= 0x11FFF
        or 0x1E900 <= c <= 0x1E95F
    )


@part
def is_unspaced(c: int) -> bool:
    """Scripts without spaces, where U+200B marks where a line may break: Thai, Lao, Tibetan, Burmese, Khmer, Tai, Javanese."""
    return (
        0x0E00 <= c <= 0x109F or 0x1780 <= c <= 0x17FF or 0x1950 <= c <= 0x1AAF or 0x1B00 <= c <= 0x1C4F or 0xA980 <= c <= 0xAADF
    )


@part
def is_ideograph(c: int) -> bool:
    return 0x2E80 <= c <= 0x2FDF or 0x3400 <= c <= 0x9FFF or 0xF900 <= c <= 0xFAFF or 0x20000 <= c <= 0x3FFFF


@part
def is_pictograph(c: int) -> bool:
    """Symbols, arrows, dingbats and emoji, keycap bases left out; and of the block of punctuation what can be seen."""
    if 0x2000 <= c <= 0x206F:
        return 0x2010 <= c <= 0x2027 or 0x2030 <= c <= 0x205E
    return 0x2070 <= c <= 0x2BFF or 0x3000 <= c <= 0x303F or 0x3200 <= c <= 0x32FF or 0x1F000 <= c <= 0x1FAFF or c in (0xA9, 0xAE)


@part
def is_selectable(base: int, selector: int) -> bool:
    """May this one selector follow this base? Emoji styles after symbols and keycaps, variants after ideographs, Mongolian, …"""
    if selector in (TEXT_STYLE, EMOJI_STYLE):
        return is_pictograph(base) or 0x30 <= base <= 0x39 or base == 0x23 or base == 0x2A
    if 0x180B <= selector <= 0x180F:
        return 0x1800 <= base <= 0x18AF
    if is_ideograph(base):
        return selector <= 0xFE02 or selector >= 0xE0100
    # Standardized variants: mathematics, zero, punctuation of East Asia, Burmese and Phags-pa letters, Manichaean.
    return selector <= 0xFE02 and (
        is_pictograph(base)
        or base == 0x30
        or 0x1000 <= base <= 0x109F
        or 0xA840 <= base <= 0xA87F
        or 0xAA60 <= base <= 0xAA7F
        or 0xFF00 <= base <= 0xFFEF
        or 0x10AC0 <= base <= 0x10AFF
    )


@part
def is_wanted(c: int, kind: int, before: int, after: int) -> bool:
    """Does the text need this character here, going by the code points beside it (0 at either end of the row)?"""
    if kind == SELECTOR:
        return bool(is_selectable(before, c))
    if kind == ZERO_WIDTH:
        if c == ZWJ and (is_pictograph(before) or before == EMOJI_STYLE):
            return bool(is_pictograph(after))
        if c in (ZWJ, ZWNJ):
            return bool(is_joining(before)) or (bool(is_joining(after)) and (before < 0x80 or before == 0xA0))
        if c == 0x200B:
            return bool(is_unspaced(before)) or bool(is_unspaced(after))
        if 0x2061 <= c <= 0x2064:  # invisible function application, times, comma, plus: between two visible things
            return before > 0x20 and after > 0x20 and invisible_class(before) == VISIBLE and invisible_class(after) == VISIBLE
        if c == 0x180E:
            return 0x1800 <= before <= 0x18AF
        return (c == 0x17B4 or c == 0x17B5) and 0x1780 <= before <= 0x17FF
    return False


@part
def flag_length(data: np.ndarray, i: int, end: int) -> int:
    """Bytes of the tag sequence at i if it spells a subdivision flag (letters, digits, then the cancel tag), else 0."""
    size = 0
    while i + size + 4 <= end and size <= 4 * 7:
        c, _ = decode(data, i + size, end)
        size += 4
        if c == CANCEL_TAG:
            return size if size >= 4 * 4 else 0
        if not (0xE0030 <= c <= 0xE0039 or 0xE0061 <= c <= 0xE007A):
            return 0
    return 0


@inlined
def may_be_invisible(data: np.ndarray, i: int, end: int) -> bool:
    """Whether the two bytes at i can begin an invisible character: cheap, and false for nearly all text."""
    lead = int(data[i])
    if i + 1 >= end:
        return False
    second = int(data[i + 1])
    if lead == 0xE2:
        return second == 0x80 or second == 0x81
    if lead == 0xC2:
        return second == 0xAD
    if lead == 0xEF:
        return second >= 0xB8
    if lead == 0xF3:
        return second == 0xA0
    if lead == 0xE1:
        return second == 0x9E or second == 0xA0
    return (lead == 0xCD and second == 0x8F) or (lead == 0xD8 and second == 0x9C)


@inlined
def is_right_to_left(data: np.ndarray, i: int, end: int) -> bool:
    """Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms, by the first two bytes."""
    lead = data[i]
    if 0xD6 <= lead <= 0xDF:
        return lead > 0xD6 or (i + 1 < end and data[i + 1] >= 0x90)
    if lead == 0xE0:
        return i + 1 < end and data[i + 1] < 0xA4
    return lead == 0xEF and i + 1 < end and 0xAC <= data[i + 1] < 0xB8


@part
def next_invisible(data: np.ndarray, i: int, end: int, last: int) -> tuple[int, int, int, int]:
    """(byte of the next invisible character or the end, characters passed, first byte of the one before, right-to-left letters).

    The loop that nearly all text spends its time in, so it allocates nothing.
    """
    passed, right_to_left = 0, 0
    while i < end:
        byte = data[i]
        if byte < 0x80:
            last = i
            i += 1
            passed += 1
            continue
        if may_be_invisible(data, i, end):
            if invisible_class(decode(data, i, end)[0]) != VISIBLE:
                break
        elif is_right_to_left(data, i, end):
            right_to_left += 1
        last = i
        i += 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        passed += 1
    return min(i, end), passed, last, right_to_left


@part
def grown(table: np.ndarray, rows: int) -> np.ndarray:
    """Room for at least one more row; doubling keeps the whole linear."""
    if rows < len(table):
        return table
    larger = np.empty((2 * len(table), table.shape[1]), table.dtype)
    for row in range(rows):
        for column in range(table.shape[1]):
            larger[row, column] = table[row, column]
    return larger


@part
def appended(table: np.ndarray, rows: int, row: int, second: int, third: int, fourth: int) -> np.ndarray:
    """The table with one more row written at `rows`."""
    table = grown(table, rows)
    table[rows, 0], table[rows, 1], table[rows, 2], table[rows, 3] = row, second, third, fourth
    return table


@part
def unwanted_stretch(data: np.ndarray, i: int, end: int, previous: int) -> tuple[int, int, int, int, int]:
    """The invisible characters from byte i on that nothing asks for.

    Gives (byte behind them, how many, class of the first, the first, kind of suspect or -1).
    None if the first one is wanted: then the byte behind that one.
    """
    count, first_class, first, distinct, tags, selectors, overrides = 0, VISIBLE, 0, 0, 0, 0, 0
    while i < end:
        point, size = decode(data, i, end)
        kind = invisible_class(point)
        if kind == VISIBLE:
            break
        after = decode(data, i + size, end)[0] if i + size < end else 0
        if is_wanted(point, kind, previous, after):
            if count == 0:
                return i + size, 0, kind, point, -1
            break
        if count == 0:
            first_class, first = kind, point
        distinct += point != first
        tags += kind == TAG
        selectors += kind == SELECTOR
        overrides += kind == OVERRIDE
        count += 1
        previous = point
        i += size
    suspect = -1
    if tags >= MIN_TAGS:
        suspect = TAGS
    elif selectors >= MIN_SELECTORS:
        suspect = SELECTORS
    elif overrides:
        suspect = OVERRIDES
    elif count >= MIN_RUN and distinct:
        suspect = RUN
    return i, count, first_class, first, suspect


@inlined
def is_written(c: int) -> bool:
    """Letters, digits, signs: all that is seen. Spaces are not, so the padding of newsletters interleaves nothing."""
    return c > 0x20 and c != 0xA0 and c != 0x3000 and c != 0x3164 and not 0x2000 <= c <= 0x200A


@kernel
def find_invisible(data: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(removals [n, 4]: row, start, end, class; suspects [n, 4]: row, start, end, kind; right_to_left [rows]: letters seen).

    A removal's class is that of its first character. Marks and embeddings are removals everywhere here; the caller keeps
    them in rows with right-to-left letters, where they are typography.
    """
    rows = len(offsets) - 1
    removals, removed = np.empty((64, 4), np.int64), 0
    suspects, suspected = np.empty((16, 4), np.int64), 0
    right_to_left = np.zeros(rows, np.int64)
    for row in range(rows):
        i, end, at = offsets[row], offsets[row + 1], 0
        last = i  # first byte of the character before i
        singles, kinds = 0, 0
        chain, chain_start, chain_end, chain_suspect = 0, 0, -2, -1  # single characters, each followed by one invisible one
        while i < end:
            i, passed, last, seen = next_invisible(data, i, end, last)
            at += passed
            right_to_left[row] += seen
            if i >= end:
                break
            before = decode(data, last, end)[0] if i > offsets[row] else 0
            flag = flag_length(data, i, end) if before == BLACK_FLAG else 0
            if flag:
                last = i + flag - 4
                i += flag
                at += flag // 4
                continue
            stop, count, first_class, first, suspect = unwanted_stretch(data, i, end, before)
            if count == 0:
                last = i
                i = stop
                at += 1
                continue
            start, at = at, at + count
            last, i = stop - 1, stop
            while data[last] & 0xC0 == 0x80:
                last -= 1
            removals = appended(removals, removed, row, start, at, first_class)
            removed += 1
            if suspect >= 0:
                suspects = appended(suspects, suspected, row, start, at, suspect)
                suspected += 1
            if first_class != SOFT_HYPHEN and is_written(before):
                singles += 1
                kinds |= 1 << (first & 31)
            if count == 1 and before == 0x20 and chain and start == chain_end + 1:  # a space between disguised words
                chain_end = at
                continue
            if count > 1 or not is_written(before):
                chain = 0
                continue
            if chain == 0 or start != chain_end + 1:
                chain, chain_start = 0, start - 1
            chain, chain_end = chain + 1, at
            if chain == MIN_INTERLEAVED:
                suspects = appended(suspects, suspected, row, chain_start, at, INTERLEAVED)
                chain_suspect = suspected
                suspected += 1
            elif chain > MIN_INTERLEAVED:
                suspects[chain_suspect, 2] = at
        if singles >= MIN_SCATTERED and kinds & (kinds - 1):
            suspects = appended(suspects, suspected, row, 0, at, SCATTERED)
            suspected += 1
    return removals[:removed], suspects[:suspected], right_to_left
