"""Tokens of a text as the published quality filters of today count them: spaCy's tokenizer of blank English, counted only.

datatrove (0.10.1) cuts English with it, so the bounds of Gopher and FineWeb as it applies them are shares of these tokens. A
chunk between spaces loses affixes from both ends ("(etc.)," -> ( etc . ) ,); then it is an address, one token, or is cut at its
infixes ("key=value" -> key = value). tests/reference/english_tokens.py is the same in regular expressions.
Left out: emoticons, contractions without an apostrophe ("dont"), times ("10am").
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from pipeline.kernels.characters import WHITESPACE, decode
from pipeline.kernels.quality.english_addresses import is_address
from pipeline.kernels.quality.english_affixes import (
    COLON,
    DASH,
    DOT,
    ICON,
    MOST_SPECIAL,
    QUOTE,
    SLASH,
    Rules,
    affix,
    is_digit,
    is_letter,
    is_lower,
    prefix_chars,
    special_tokens,
    suffix_chars,
)


@inlined
def _infix(text: np.ndarray, at: int, start: int, stop: int, rules: Rules) -> int:
    """Length of the infix at `at`; 0: none is there."""
    code = text[at]
    if 0x61 <= code <= 0x7A or 0x41 <= code <= 0x5A or 0x30 <= code <= 0x39:
        return 0
    if code == 0x2026 or affix(code, rules) & ICON:
        return 1
    if code == DOT and at + 1 < stop and text[at + 1] == DOT:
        end = at
        while end < stop and text[end] == DOT:
            end += 1
        return end - at
    if at == start or at + 1 >= stop:
        return 0
    before, after = text[at - 1], text[at + 1]
    if is_digit(before) and (code == 0x2B or code == DASH or code == 0x2A or code == 0x5E) and (is_digit(after) or after == DASH):
        return 1
    if code == DOT:
        left = is_lower(before, rules) or affix(before, rules) & QUOTE
        return 1 if left and (0x41 <= after <= 0x5A or affix(after, rules) & QUOTE) else 0
    if code == 0x2C:
        return 1 if is_letter(before, rules) and is_letter(after, rules) else 0
    if not (is_letter(before, rules) or is_digit(before)):
        return 0
    if code == DASH or code == 0x2014:
        end = at
        while end < stop and end - at < 3 and text[end] == code:
            end += 1
        fits = end - at < (4 if code == DASH else 3)
        return end - at if fits and end < stop and is_letter(text[end], rules) else 0
    if code in (0x2013, 0x7E, 0x3C, 0x3D, 0x3E, COLON, SLASH):
        return 1 if is_letter(after, rules) else 0
    return 0


@part
def _has_letter(text: np.ndarray, start: int, stop: int, rules: Rules) -> int:
    for at in range(start, stop):
        if is_letter(text[at], rules):
            return 1
    return 0


@part
def _cut_at_infixes(text: np.ndarray, start: int, stop: int, rules: Rules) -> tuple[int, int]:
    """(tokens, those with a letter)."""
    tokens = alphabetic = 0
    begun = at = start
    while at < stop:
        length = _infix(text, at, start, stop, rules)
        if length == 0:
            at += 1
            continue
        if at > begun:
            tokens += 1
            alphabetic += _has_letter(text, begun, at, rules)
        tokens += 1
        at += length
        begun = at
    if begun < stop:
        tokens += 1
        alphabetic += _has_letter(text, begun, stop, rules)
    return tokens, alphabetic


@part
def _count_chunk(text: np.ndarray, start: int, stop: int, rules: Rules) -> tuple[int, int]:
    """(tokens, those with a letter) of what stands between two spaces."""
    tokens = alphabetic = 0
    special = special_tokens(text, start, stop, rules)
    while special == 0 and start < stop:
        prefix = prefix_chars(text, start, stop, rules)
        if prefix and start + prefix < stop:
            special = special_tokens(text, start + prefix, stop, rules)
            if special:
                tokens += 1
                start += prefix
                break
        suffix = suffix_chars(text, start + prefix, stop, rules) if start + prefix < stop else 0
        if suffix and stop - suffix > start:
            special = special_tokens(text, start, stop - suffix, rules)
        if prefix == 0 and suffix == 0:
            break
        if suffix:
            tokens += 1
            alphabetic += suffix > 1 and _has_letter(text, stop - suffix, stop, rules)
            alphabetic += suffix == 1 and is_letter(text[stop - 1], rules)
            stop -= suffix
        if prefix and not special:
            tokens += 1
            start += prefix
            special = special_tokens(text, start, stop, rules) if start < stop else 0
    if special:
        return tokens + special, alphabetic + special
    if start >= stop:
        return tokens, alphabetic
    if is_address(text, start, stop, rules):
        return tokens + 1, alphabetic + _has_letter(text, start, stop, rules)
    inner, letters = _cut_at_infixes(text, start, stop, rules)
    return tokens + inner, alphabetic + letters


@part
def _plain_word(data: np.ndarray, at: int, stop: int) -> tuple[int, int]:
    """(where the chunk at `at` ends, its tokens) if it is letters of ASCII, maybe with one comma or dot behind, and no exception.

    Nine chunks of ten in prose, so that the rest may be slow; no tokens: it has to be looked at.
    """
    start = at
    while at < stop and 0x61 <= data[at] | 0x20 <= 0x7A:
        at += 1
    letters = at - start
    if letters == 0 or ((letters == 5 or letters == 6) and (data[start] | 0x20 == 0x63 or data[start] | 0x20 == 0x67)):
        return start, 0
    if at == stop or data[at] == 0x20 or data[at] == 0x0A:
        return at, 1
    closes = at + 1 == stop or data[at + 1] == 0x20 or data[at + 1] == 0x0A
    ends = data[at] == DOT and letters > MOST_SPECIAL and data[at - 1] >= 0x61
    if closes and (ends or data[at] in (0x2C, 0x3A, 0x3B, 0x29)):
        return at + 1, 2
    return start, 0


@kernel
def count_english_tokens(data: np.ndarray, offsets: np.ndarray, english: np.ndarray, rules: Rules) -> np.ndarray:
    """int64 [rows, 2] of UTF-8 `data` uint8 [bytes] cut at `offsets` int64 [rows + 1]: tokens, and those with a letter.

    Rows that are not `english` bool [rows] have none: other languages are cut by other rules.
    """
    counts = np.zeros((len(offsets) - 1, 2), dtype=np.int64)
    chunk = np.empty(256, dtype=np.int64)
    for row in range(len(counts)):
        at, length = offsets[row] if english[row] else offsets[row + 1], 0
        while at < offsets[row + 1] or length:
            code, width = 0x20, 1
            if length == 0:
                at, tokens = _plain_word(data, at, offsets[row + 1])
                counts[row, 0] += tokens
                counts[row, 1] += tokens > 0
            if at < offsets[row + 1]:
                code, width = decode(data, at, offsets[row + 1])
            at += width
            if not rules.characters[code] & WHITESPACE:
                if length == len(chunk):
                    longer = np.empty(2 * length, dtype=np.int64)
                    longer[:length] = chunk
                    chunk = longer
                chunk[length] = code
                length += 1
                continue
            if length:
                tokens, alphabetic = _count_chunk(chunk, 0, length, rules)
                counts[row, 0] += tokens
                counts[row, 1] += alphabetic
            length = 0
    return counts
