"""C4's line rules: which lines of a text stay, what they look like then, and how many sentences they hold."""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.characters import (
    CLASS_BITS,
    DIGIT,
    RUN,
    SPACE,
    STARTS_LINE_BREAK,
    continues_run,
    decode,
    is_line_break,
    run_word_chars,
    words_in_run,
)
from pipeline.kernels.quality.lines import ends_with_ellipsis, strip_left, strip_right
from pipeline.kernels.quality.sentences import count_sentences

KEPT, BLANK, LONG_WORD, NO_TERMINAL, SHORT, JAVASCRIPT, POLICY = range(7)  # what becomes of a line
_NEWLINE, _RETURN, _BRACKET, _CURLY, _DOT = 0x0A, 0x0D, 0x5B, 0x7B, 0x2E

_PHRASES = (
    "lorem ipsum", "javascript",
    "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies",
)  # fmt: skip
_HAS_LOREM, _HAS_JAVASCRIPT, _HAS_CURLY = 1, 2, 1 << len(_PHRASES)
_HAS_POLICY = _HAS_CURLY - 1 - _HAS_LOREM - _HAS_JAVASCRIPT
_CITATIONS = ("[edit]", "[citation needed]")


def _rows_of_bytes(texts: tuple[str, ...]) -> np.ndarray:
    """uint8 [texts, longest + 1], padded with zeros."""
    rows = np.zeros((len(texts), max(map(len, texts)) + 1), dtype=np.uint8)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = np.frombuffer(text.encode(), dtype=np.uint8)
    return rows


_PHRASE_BYTES = _rows_of_bytes(_PHRASES)
_CITATION_BYTES = _rows_of_bytes(_CITATIONS)
_BITS_AT = np.zeros((3, 256), dtype=np.uint8)  # which phrases have this byte, in either case, as their first, second, third
for _place in range(3):
    for _bit, _byte in enumerate(_PHRASE_BYTES[:, _place]):
        _BITS_AT[_place, [_byte, _byte - 32]] |= 1 << _bit


class Lines(NamedTuple):
    """The lines of a batch as str.splitlines cuts them; those of row i are `[offsets[i]:offsets[i + 1]]`."""

    offsets: np.ndarray  # int64 [rows + 1]
    bounds: np.ndarray  # int64 [lines, 3]: first byte, end of the content, first byte of the next line
    fates: np.ndarray  # uint8 [lines]


class KeptText(NamedTuple):
    """Each row's kept lines, stripped, without citations, joined by newlines: the text that C4 goes on with."""

    data: np.ndarray  # uint8 [bytes]
    offsets: np.ndarray  # int64 [rows + 1]
    counts: np.ndarray  # int64 [rows, 3]: sentences, lines with "lorem ipsum", lines with "{"


@part
def _lower(byte: int) -> int:
    return byte + 32 if 65 <= byte <= 90 else byte


@part
def _stands_at(data: np.ndarray, at: int, end: int, phrase: np.ndarray, fold_case: bool) -> int:
    """Length of `phrase` (zero-terminated) if it stands at `at`, else 0. Case is folded in ASCII only."""
    length = 0
    while phrase[length]:
        if at + length >= end or (_lower(data[at + length]) if fold_case else data[at + length]) != phrase[length]:
            return 0
        length += 1
    return length


@part
def _found(data: np.ndarray, start: int, end: int) -> int:
    """Bits of what occurs in the line: bit i for _PHRASES[i], and _HAS_CURLY."""
    found = 0
    for at in range(start, end):
        if data[at] == _CURLY:
            found |= _HAS_CURLY
        if at + 2 < end and _BITS_AT[0, data[at]] & _BITS_AT[1, data[at + 1]] & _BITS_AT[2, data[at + 2]]:
            for phrase in range(len(_PHRASE_BYTES)):
                if _stands_at(data, at, end, _PHRASE_BYTES[phrase], True):
                    found |= 1 << phrase
    return found


@part
def citation_bytes(data: np.ndarray, at: int, end: int, table: np.ndarray) -> int:
    """Length of a citation mark at the "[" at `at`: [], [12], [edit], [citation needed]; 0 if it is none."""
    stop = at + 1
    while stop < end:
        code_point, width = decode(data, stop, end)
        if (table[code_point] & CLASS_BITS) != DIGIT:
            break
        stop += width
    if stop < end and data[stop] == 0x5D:
        return stop + 1 - at
    length: int = _stands_at(data, at, end, _CITATION_BYTES[0], False)
    if length == 0:
        length = _stands_at(data, at, end, _CITATION_BYTES[1], False)
    return length


@part
def _skip_separators(data: np.ndarray, at: int, end: int, table: np.ndarray) -> int:
    while at < end:
        code_point, width = decode(data, at, end)
        if (table[code_point] & CLASS_BITS) != SPACE:
            break
        at += width
    return at


@part
def _words_of_chunk(data: np.ndarray, start: int, end: int, table: np.ndarray) -> tuple[int, int, int]:
    """(end of the chunk, its characters, the words of its runs of unspaced scripts), up to what parts words."""
    at, chars, words = start, 0, 0
    while at < end:
        code_point, width = decode(data, at, end)
        flags = table[code_point]
        if (flags & CLASS_BITS) == SPACE:
            break
        chars += 1
        at += width
        if (flags & CLASS_BITS) == RUN:
            word_chars, run_chars = run_word_chars(flags), 1
            while at < end:
                code_point, width = decode(data, at, end)
                if not continues_run(table[code_point], word_chars):
                    break
                run_chars += 1
                at += width
            words += words_in_run(run_chars, word_chars)
            chars += run_chars - 1
    return at, chars, words


@part
def _words_of_line(
    data: np.ndarray, start: int, end: int, table: np.ndarray, enough: int, longest_allowed: int
) -> tuple[int, int]:
    """(words between spaces, characters of the longest); stops counting where both answers are known.

    A chunk with runs of an unspaced script counts as their words, and none of them is long.
    """
    words = longest = 0
    at = _skip_separators(data, start, end, table)
    while at < end and (words < enough or end - at > longest_allowed):
        at, chars, run_words = _words_of_chunk(data, at, end, table)
        words += max(1, run_words)
        longest = longest if run_words else max(longest, chars)
        at = _skip_separators(data, at, end, table)
    return words, longest


@part
def _ends_with_terminal(data: np.ndarray, start: int, end: int) -> bool:
    """C4: ends in . ? ! " or ' but not in an ellipsis of dots."""
    if start == end:
        return False
    byte = data[end - 1]
    if byte == _DOT:
        return not ends_with_ellipsis(data, start, end)
    return bool(byte == 0x3F or byte == 0x21 or byte == 0x22 or byte == 0x27)


@part
def _copy_without_citations(data: np.ndarray, start: int, end: int, table: np.ndarray, out: np.ndarray, at_out: int) -> int:
    """Copies the line to `out[at_out:]`; the end of the copy."""
    at = start
    while at < end:
        byte = data[at]
        if byte == _BRACKET:
            length = citation_bytes(data, at, end, table)
            if length:
                at += length
                continue
        out[at_out] = byte
        at_out += 1
        at += 1
    return at_out


@kernel
def _split_lines(data: np.ndarray, offsets: np.ndarray, bounds: np.ndarray, line_offsets: np.ndarray) -> int:
    """Fills `bounds` and `line_offsets`; with no room in `bounds` only counts."""
    count = 0
    for row in range(len(offsets) - 1):
        start = at = offsets[row]
        end = offsets[row + 1]
        while at < end:
            if at + 1 < end and not STARTS_LINE_BREAK[data[at]]:
                at += 1
                continue
            code_point, width = decode(data, at, end)
            after = at + width
            breaks = is_line_break(code_point)
            if breaks or after >= end:
                stop = at if breaks else end
                if code_point == _RETURN and after < end and data[after] == _NEWLINE:
                    after += 1
                if len(bounds):
                    bounds[count, 0], bounds[count, 1], bounds[count, 2] = start, stop, after
                count += 1
                start = after
            at = after
        line_offsets[row + 1] = count
    return count


def split_lines(data: np.ndarray, offsets: np.ndarray) -> Lines:
    """Every line of every row, its fate not yet known."""
    line_offsets = np.zeros(len(offsets), dtype=np.int64)
    count = _split_lines(data, offsets, np.empty((0, 3), np.int64), line_offsets)
    bounds = np.empty((count, 3), dtype=np.int64)
    _split_lines(data, offsets, bounds, line_offsets)
    return Lines(line_offsets, bounds, np.zeros(count, dtype=np.uint8))


@kernel
def _keep_lines(
    data: np.ndarray, line_offsets: np.ndarray, bounds: np.ndarray, fates: np.ndarray, table: np.ndarray,
    out: np.ndarray, out_offsets: np.ndarray, counts: np.ndarray,
    max_word_chars: int, min_words: int, needs_terminal: bool, drops: int, citations: bool,
) -> None:  # fmt: skip
    at_out = np.int64(0)
    for row in range(len(out_offsets) - 1):
        kept = 0
        for line in range(line_offsets[row], line_offsets[row + 1]):
            start = strip_left(data, bounds[line, 0], bounds[line, 1], table)
            end = strip_right(data, start, bounds[line, 1], table)
            if start == end:
                fates[line] = BLANK
                continue
            words, longest = _words_of_line(data, start, end, table, min_words, max_word_chars)
            if longest > max_word_chars:
                fates[line] = LONG_WORD
                continue
            begin = at_out + (kept > 0)  # room for the newline between
            if citations:
                stop = _copy_without_citations(data, start, end, table, out, begin)
            else:
                stop = begin + end - start
                for place in range(end - start):
                    out[begin + place] = data[start + place]
            found = _found(out, begin, stop)
            if needs_terminal and not _ends_with_terminal(out, begin, stop):
                fates[line] = NO_TERMINAL
                continue
            if words < min_words:
                fates[line] = SHORT
                continue
            counts[row, 1] += (found & _HAS_LOREM) != 0
            if found & drops & _HAS_JAVASCRIPT:
                fates[line] = JAVASCRIPT
                continue
            counts[row, 2] += (found & _HAS_CURLY) != 0
            if found & drops & _HAS_POLICY:
                fates[line] = POLICY
                continue
            fates[line] = KEPT
            counts[row, 0] += count_sentences(out, begin, stop, table)
            if kept:
                out[at_out] = _NEWLINE
            kept += 1
            at_out = stop
        out_offsets[row + 1] = at_out


def keep_lines(
    data: np.ndarray, offsets: np.ndarray, lines: Lines, table: np.ndarray, *, max_word_chars: int, min_words: int,
    needs_terminal: bool, drop_javascript: bool, drop_policies: bool, remove_citations: bool,
) -> KeptText:  # fmt: skip
    """Decides every line's fate (written to `lines.fates`) and returns the text that is left."""
    out = np.empty(int(offsets[-1] - offsets[0]) + len(offsets), dtype=np.uint8)
    out_offsets = np.zeros(len(offsets), dtype=np.int64)
    counts = np.zeros((len(offsets) - 1, 3), dtype=np.int64)
    drops = drop_javascript * _HAS_JAVASCRIPT + drop_policies * _HAS_POLICY
    _keep_lines(
        data, lines.offsets, lines.bounds, lines.fates, table, out, out_offsets, counts,
        max_word_chars, min_words, needs_terminal, drops, remove_citations,
    )  # fmt: skip
    out.flags.writeable = out_offsets.flags.writeable = False  # as pipeline.arrays.FlatText is, for the same kernels read it
    return KeptText(out[: out_offsets[-1]], out_offsets, counts)
