"""Character references: `&amp;` `&#233;` `&#x4E2D;`, decoded by the tables of the HTML standard.

The 2,231 names of the standard (Python's own copy, `html.entities.html5`) are looked up by the running hash of their
letters, one look-up a letter and no more than the longest name has (32), so that the longest name that fits is found.
Source: HTML standard, 13.2.5.72 "Character reference state" and following.
"""

from html.entities import html5

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html.names import find, hash_table, mix

LONGEST_EXPANSION = 6  # bytes that one reference can become: `&nGt;` is two code points of three bytes

# Numeric references 0x80-0x9F mean what windows-1252 makes of them; its five holes stay as they are.
WINDOWS_1252 = np.array([ord(bytes([code]).decode("cp1252", "ignore") or chr(code)) for code in range(0x80, 0xA0)], np.int64)

NAMES = hash_table({name: number for number, name in enumerate(html5, start=1)}, 4096)  # with and without `;`


def _values() -> np.ndarray:
    """Length and UTF-8 of every value; row 0 is unused. Shape [names + 1, 1 + LONGEST_EXPANSION], uint8."""
    values = np.zeros((len(html5) + 1, 1 + LONGEST_EXPANSION), np.uint8)
    for number, text in enumerate(html5.values(), start=1):
        encoded = text.encode()
        values[number, 0] = len(encoded)
        values[number, 1 : 1 + len(encoded)] = np.frombuffer(encoded, np.uint8)
    return values


VALUES = _values()
LONGEST_NAME = max(len(name) for name in html5)


@part
def put_code_point(code: int, out: np.ndarray, at: int) -> int:
    """Writes one code point as UTF-8; returns the position after it."""
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | (code >> 6)
        out[at + 1] = 0x80 | (code & 63)
        return at + 2
    if code < 0x10000:
        out[at] = 0xE0 | (code >> 12)
        out[at + 1] = 0x80 | ((code >> 6) & 63)
        out[at + 2] = 0x80 | (code & 63)
        return at + 3
    out[at] = 0xF0 | (code >> 18)
    out[at + 1] = 0x80 | ((code >> 12) & 63)
    out[at + 2] = 0x80 | ((code >> 6) & 63)
    out[at + 3] = 0x80 | (code & 63)
    return at + 4


@part
def _digit(byte: int, base: int) -> int:
    if 48 <= byte <= 57:
        return byte - 48
    letter = byte | 32
    return letter - 87 if base == 16 and 97 <= letter <= 102 else -1


@part
def _numeric(data: np.ndarray, at: int, end: int, out: np.ndarray, to: int) -> tuple[int, int]:
    base = 10
    i = at + 2
    if i < end and (data[i] | 32) == 120:
        base = 16
        i += 1
    first = i
    code = 0
    while i < end:
        digit = _digit(data[i], base)
        if digit < 0:
            break
        code = min(code * base + digit, 0x110000)  # any number of digits, no overflow
        i += 1
    if i == first:
        return 0, 0
    if i < end and data[i] == 59:
        i += 1
    if 0x80 <= code < 0xA0:
        code = WINDOWS_1252[code - 0x80]
    elif code == 0 or code >= 0x110000 or 0xD800 <= code < 0xE000:
        code = 0xFFFD
    return i - at, put_code_point(code, out, to) - to


@part
def is_alphanumeric(byte: int) -> bool:
    return 48 <= byte <= 57 or 97 <= (byte | 32) <= 122


@part
def decode_entity(data: np.ndarray, at: int, end: int, out: np.ndarray, to: int) -> tuple[int, int]:
    """Decodes the reference whose `&` stands at `at` to out[to:]: (bytes read, bytes written), or (0, 0) if it is none.

    The longest name wins, with or without its semicolon: `&notit` -> `¬it`.
    """
    if at + 1 < end and data[at + 1] == 35:
        return _numeric(data, at, end, out, to)
    i = at + 1
    stop = min(end, i + LONGEST_NAME)
    name = read = found = 0
    while i < stop and (is_alphanumeric(data[i]) or data[i] == 59):
        name = mix(name, data[i])
        i += 1
        known = find(NAMES, name)
        if known:
            found = known
            read = i - at
        if data[i - 1] == 59:
            break
    if found == 0:
        return 0, 0
    size = VALUES[found, 0]
    for k in range(size):
        out[to + k] = VALUES[found, 1 + k]
    return read, size
