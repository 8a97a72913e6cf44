"""What kind of character a code point is: one byte of class and flags each, looked up by every text kernel.

The table is built from the standard library's `unicodedata` on first use (about 0.1 s), so it speaks the Unicode version
of the Python that runs it. Sentence terminals are no property of `unicodedata`; their ranges stand below.
"""

import functools
import unicodedata

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part

# Classes: the low three bits.
SPACE, MARK, LETTER, DIGIT, EXTEND, RUN, JOINER, DIGIT_JOINER = range(8)
CLASS_BITS = 7
# Flags.
WHITESPACE = 8  # str.isspace(): what str.strip and str.split remove
TERMINAL = 16  # ends a sentence: Unicode's Sentence_Terminal plus the ellipsis
LOWER = 32  # str.islower(): a sentence does not start with it
CLOSER = 64  # quotation marks and closing brackets, which may follow a terminal
EAST_ASIAN = 128  # of a RUN: Han or kana

# Letters of a run, in scripts written without spaces, that count as one word; pipeline/quality/measures.py says why.
EAST_ASIAN_WORD_CHARS = 2
OTHER_RUN_WORD_CHARS = 4
# These scripts, by the first word of their characters' Unicode names.
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH", "IDEOGRAPHIC")
_OTHER_RUNS = ("THAI", "LAO", "KHMER", "MYANMAR", "JAVANESE", "TAI", "NEW")  # New Tai Lue
# Stand inside a word when a letter or digit is on both sides. UAX #29's MidLetter and ExtendNumLet, and the marks which the
# Treebank tokenizer (the one that Gopher's bounds were applied with in FineWeb) leaves inside words.
_JOINERS = "'’.-‐‑/\\_=+·"
_SEPARATORS = "\u200b\u1361\u0f0b\u0f0c"  # zero-width space, Ethiopic word space, Tibetan tsheg: part words like a space
_DIGIT_JOINERS = ",:٫٬"  # inside numbers only
# Sentence_Terminal of Unicode 14 (PropList.txt), first and last code point of each range; then the ellipsis, Khmer khan and
# bariyoosan, and Tibetan shads.
_TERMINALS = (
    "21 2E 3F 589 61D-61F 6D4 700-702 7F9 837 839 83D-83E 964-965 104A-104B 1362 1367-1368 166E 1735-1736 1803 1809 1944-1945 "
    "1AA8-1AAB 1B5A-1B5B 1B5E-1B5F 1B7D-1B7E 1C3B-1C3C 1C7E-1C7F 203C-203D 2047-2049 2E2E 2E3C 2E53-2E54 3002 A4FF A60E A6F3 "
    "A6F7 A876-A877 A8CE-A8CF A92F A9C8-A9C9 AA5D-AA5F AAF0-AAF1 ABEB FE52 FE56-FE57 FF01 FF0E FF1F FF61 10A56-10A57 10F55-10F59 "
    "10F86-10F89 11047-11048 110BE-110C1 11141-11143 111C5-111C6 111CD 111DE-111DF 11238-11239 1123B-1123C 112A9 1144B-1144C "
    "115C2-115C3 115C9-115D7 11641-11642 1173C-1173E 11944 11946 11A42-11A43 11A9B-11A9C 11C41-11C42 11EF7-11EF8 16A6E-16A6F "
    "16AF5 16B37-16B38 16B44 16E98 1BC9F 1DA88 2026 17D4-17D5 F0D-F11"
)
_ASSIGNED = ((0, 0x33480), (0xE0000, 0xE0200))  # everything else is unassigned or private use: a mark
STARTS_LINE_BREAK = np.zeros(256, dtype=np.uint8)  # first bytes of the characters at which str.splitlines breaks
STARTS_LINE_BREAK[[0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0xC2, 0xE2]] = 1


def class_of(character: str) -> int:
    """The class of one character, e.g. "é" -> LETTER, "の" -> RUN, "-" -> JOINER."""
    if character in _JOINERS:
        return JOINER
    if character in _DIGIT_JOINERS:
        return DIGIT_JOINER
    category = unicodedata.category(character)
    if character.isspace() or category[0] == "Z" or category == "Cc" or character in _SEPARATORS:
        return SPACE
    if category[0] == "L":
        return RUN if _script(character) in _EAST_ASIAN + _OTHER_RUNS else LETTER
    if category[0] == "N":
        return DIGIT
    return EXTEND if category[0] == "M" or category == "Cf" else MARK


def is_east_asian(character: str) -> bool:
    """A letter of Chinese or Japanese; Hangul is written with spaces."""
    return unicodedata.category(character)[0] == "L" and _script(character) in _EAST_ASIAN


def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0]


def _flags_of(character: str) -> int:
    closer = unicodedata.category(character) in ("Pe", "Pf") or character in "\"'"
    east_asian = is_east_asian(character)
    return WHITESPACE * character.isspace() + LOWER * character.islower() + CLOSER * closer + EAST_ASIAN * east_asian


@functools.cache
def character_table() -> np.ndarray:
    """uint8 [0x110000]: class and flags of every code point."""
    table = np.full(0x110000, MARK, dtype=np.uint8)
    for first, last in _ASSIGNED:
        table[first:last] = [class_of(character) | _flags_of(character) for character in map(chr, range(first, last))]
    for code_points in _TERMINALS.split():
        low, _, high = code_points.partition("-")
        table[int(low, 16) : int(high or low, 16) + 1] |= TERMINAL
    return table


@inlined  # tokens 10 % faster
def decode(data: np.ndarray, at: int, end: int) -> tuple[int, int]:
    """(code point, bytes) of the UTF-8 character at `at`; a byte that starts none is U+FFFD of one byte."""
    lead: int = np.int64(data[at])  # type: ignore[assignment]  # int() would keep it unsigned
    if lead < 0x80:
        return lead, 1
    if 0xC2 <= lead < 0xE0 and at + 1 < end:
        return ((lead & 0x1F) << 6) | (data[at + 1] & 0x3F), 2
    if 0xE0 <= lead < 0xF0 and at + 2 < end:
        return ((lead & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F), 3
    if 0xF0 <= lead < 0xF5 and at + 3 < end:
        code_point = ((lead & 0x07) << 18) | ((data[at + 1] & 0x3F) << 12) | ((data[at + 2] & 0x3F) << 6) | (data[at + 3] & 0x3F)
        return min(code_point, 0x10FFFF), 4
    return 0xFFFD, 1


@part
def is_line_break(code_point: int) -> bool:
    """The characters at which str.splitlines breaks; "\\r\\n" is one break, which the caller joins."""
    return 0x0A <= code_point <= 0x0D or 0x1C <= code_point <= 0x1E or code_point in (0x85, 0x2028, 0x2029)


@part
def run_word_chars(flags: int) -> int:
    """Letters that make a word in the run of a character with these flags."""
    return EAST_ASIAN_WORD_CHARS if flags & EAST_ASIAN else OTHER_RUN_WORD_CHARS


@part
def continues_run(flags: int, word_chars: int) -> bool:
    """Whether a character belongs to a run that has words of `word_chars`."""
    kind = flags & CLASS_BITS
    return kind == EXTEND or (kind == RUN and run_word_chars(flags) == word_chars)


@part
def words_in_run(chars: int, word_chars: int) -> int:
    """Words of a run of so many characters: the nearest whole number, at least 1; a half counts as one."""
    return max(1, (chars + word_chars // 2) // word_chars)


@kernel
def count_characters(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """int64 [rows]: code points of each row."""
    counts = np.zeros(len(offsets) - 1, dtype=np.int64)
    for row in range(len(counts)):
        for at in range(offsets[row], offsets[row + 1]):
            counts[row] += (data[at] & 0xC0) != 0x80
    return counts


@kernel
def count_ascii_kinds(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """int64 [rows, 3] of `data` uint8 [bytes], cut at `offsets` int64 [rows + 1]: letters of ASCII, its capitals, its digits."""
    counts = np.zeros((len(offsets) - 1, 3), dtype=np.int64)
    for row in range(len(counts)):
        for at in range(offsets[row], offsets[row + 1]):
            byte = data[at]
            counts[row, 0] += 0x61 <= byte | 0x20 <= 0x7A
            counts[row, 1] += 0x41 <= byte <= 0x5A
            counts[row, 2] += 0x30 <= byte <= 0x39
    return counts
