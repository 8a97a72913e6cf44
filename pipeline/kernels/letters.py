"""A small sample of a page's letters, spread over the page and in its main script: what a language model is shown.

Bytes and offsets are those of pipeline.arrays.FlatText. `folded[c]` is the lower-case form of BMP code point c, 0 where c is
no letter; `script[c]` a small number per script, 0 for marks that take the script before them.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel

SCRIPTS = 256
LATIN = 1
TRANSPARENT = 1  # in `folded`: soft hyphen, joiners and other format characters, left out without splitting the word
IDEOGRAPH = 0x4E00  # stands for the ideographs of planes 2 and 3 where a script is looked up


@inlined
def decode(data: np.ndarray, i: int, end: int) -> tuple[int, int]:
    """(code point, bytes it takes) at i; a byte that starts nothing whole gives (0xFFFD, 1), so any bytes can be walked."""
    lead = data[i]
    if lead < 0x80:
        return int(lead), 1
    if 0xC2 <= lead < 0xE0 and i + 1 < end:
        return (np.int64(lead & 0x1F) << 6) | (data[i + 1] & 0x3F), 2
    if 0xE0 <= lead < 0xF0 and i + 2 < end:
        return (np.int64(lead & 0x0F) << 12) | (np.int64(data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F), 3
    if 0xF0 <= lead < 0xF5 and i + 3 < end:
        return (
            (np.int64(lead & 0x07) << 18)
            | (np.int64(data[i + 1] & 0x3F) << 12)
            | (np.int64(data[i + 2] & 0x3F) << 6)
            | (data[i + 3] & 0x3F)
        ), 4
    return 0xFFFD, 1


@inlined
def encode(out: np.ndarray, at: int, point: int) -> int:
    """Write the code point as UTF-8 at `at`; the position behind it."""
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at], out[at + 1] = 0xC0 | (point >> 6), 0x80 | (point & 0x3F)
        return at + 2
    if point < 0x10000:
        out[at], out[at + 1], out[at + 2] = 0xE0 | (point >> 12), 0x80 | ((point >> 6) & 0x3F), 0x80 | (point & 0x3F)
        return at + 3
    out[at], out[at + 1] = 0xF0 | (point >> 18), 0x80 | ((point >> 12) & 0x3F)
    out[at + 2], out[at + 3] = 0x80 | ((point >> 6) & 0x3F), 0x80 | (point & 0x3F)
    return at + 4


@inlined
def letter(point: int, folded: np.ndarray) -> int:
    """Lower-case letter, 0 for none. Beyond the BMP only ideographs count: the rest is emoji, mathematics and dead scripts."""
    if point < 0x10000:
        return int(folded[point])
    return point if 0x20000 <= point < 0x40000 else 0


@kernel
def main_script(
    data: np.ndarray, start: int, end: int, folded: np.ndarray, script: np.ndarray, windows: int, window_bytes: int
) -> int:
    """The script with most UTF-8 bytes in the windows, Latin (1) counted half. Bytes, because a Han character says as much as
    a short Latin word; half, because names, code and menus in Latin letters stand in pages of every script."""
    counts = np.zeros(SCRIPTS, np.int64)
    for window in range(windows):
        i = start + (end - start) * window // windows
        stop = start + (end - start) * (window + 1) // windows
        while i < stop and data[i] & 0xC0 == 0x80:
            i += 1
        seen = 0
        while i < stop and seen < window_bytes:
            point, size = decode(data, i, end)
            i += size
            if letter(point, folded) > TRANSPARENT:
                counts[script[point if point < 0x10000 else IDEOGRAPH]] += size
                seen += size
    counts[0] = 0
    counts *= 2
    counts[LATIN] //= 2
    return int(np.argmax(counts)) if counts.max() else 0


@kernel
def sample_letters(
    data: np.ndarray, offsets: np.ndarray, folded: np.ndarray, script: np.ndarray, windows: int, window_bytes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row the lower-case letters of its main script, one space for whatever stands between words.

    A row is cut into `windows` equal parts and each gives its first `window_bytes` bytes of letters, so a page of numbers
    with one sentence in it is still heard. Reads every byte at most twice. Gives (bytes, offsets [rows + 1], letters [rows]).
    """
    rows = len(offsets) - 1
    capacity = 0
    for row in range(rows):
        capacity += 2 * min(offsets[row + 1] - offsets[row], windows * (window_bytes + 4)) + windows
    out = np.empty(capacity, np.uint8)
    out_offsets = np.zeros(rows + 1, np.int64)
    letters = np.zeros(rows, np.int64)
    at = 0
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        wanted = main_script(data, start, end, folded, script, windows, window_bytes)
        row_at = at
        for window in range(windows):
            i = start + (end - start) * window // windows
            stop = start + (end - start) * (window + 1) // windows
            while i < stop and data[i] & 0xC0 == 0x80:
                i += 1
            seen = 0
            pending = at > row_at  # a space is owed before the next letter
            inside = False  # the last letter was of the wanted script
            while i < stop and seen < window_bytes:
                point, size = decode(data, i, end)
                i += size
                small = letter(point, folded)
                if small == TRANSPARENT:
                    continue
                kind = script[point if point < 0x10000 else IDEOGRAPH] if small else 0
                inside = small != 0 and (kind == wanted or (kind == 0 and inside))
                if not inside:
                    pending = at > row_at
                    continue
                if pending:
                    out[at] = 0x20
                    at += 1
                    pending = False
                at = encode(out, at, small)
                letters[row] += 1
                seen += size
        out_offsets[row + 1] = at
    return out[:at], out_offsets, letters
