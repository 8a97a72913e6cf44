"""A small sample of a page's letters, spread over the page and in its main script: what a language model is shown.

Bytes and offsets are those of pipeline.arrays.FlatText. `folded[c]` is the lower-case form of BMP code point c, 0 where c is
no letter; `script[c]` a small number per script, 0 for marks that take the script before them.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part

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


@inlined
def bounds_of(data: np.ndarray, start: int, end: int, window: int, windows: int) -> tuple[int, int]:
    """Where a window of a text begins, at a character, and where it ends."""
    first = start + (end - start) * window // windows
    stop = start + (end - start) * (window + 1) // windows
    while first < stop and data[first] & 0xC0 == 0x80:
        first += 1
    return first, stop


@part
def script_weights(
    data: np.ndarray, start: int, end: int, folded: np.ndarray, script: np.ndarray, windows: int, window_bytes: int
) -> np.ndarray:
    """Twice the UTF-8 bytes of each script in the windows, Latin (1) counted half. Bytes, because a Han character says as much as
    a short Latin word; half, because names, code and menus in Latin letters stand in pages of every script."""
    counts = np.zeros(SCRIPTS, np.int64)
    for window in range(windows):
        i, stop = bounds_of(data, start, end, window, windows)
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
    return counts


@kernel
def main_script(
    data: np.ndarray, start: int, end: int, folded: np.ndarray, script: np.ndarray, windows: int, window_bytes: int
) -> int:
    """The script of the most weight, 0 where there are no letters."""
    counts = script_weights(data, start, end, folded, script, windows, window_bytes)
    return int(np.argmax(counts)) if counts.max() else 0


@part
def sample_row(
    data: np.ndarray, start: int, end: int, wanted: int, folded: np.ndarray, script: np.ndarray, windows: int, window_bytes: int,
    out: np.ndarray, at: int,
) -> tuple[int, int]:  # fmt: skip
    """Writes one row's sample, the letters of the script `wanted`, at `at`; (the position behind it, letters written)."""
    row_at, letters = at, 0
    for window in range(windows):
        i, stop = bounds_of(data, start, end, window, windows)
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
            letters += 1
            seen += size
    return at, letters


@part
def room_for_samples(offsets: np.ndarray, windows: int, window_bytes: int) -> int:
    """Bytes that the samples of all rows take at most."""
    room = 0
    for row in range(len(offsets) - 1):
        room += 2 * min(offsets[row + 1] - offsets[row], windows * (window_bytes + 4)) + windows
    return room


@kernel
def sample_letters(
    data: np.ndarray, offsets: np.ndarray, folded: np.ndarray, script: np.ndarray, windows: int, window_bytes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row the lower-case letters of its main script, one space for whatever stands between words.

    A row is cut into `windows` equal parts and each gives its first `window_bytes` bytes of letters, so a page of numbers
    with one sentence in it is still heard. Reads every byte at most twice. Gives (bytes, offsets [rows + 1], letters [rows]).
    """
    rows = len(offsets) - 1
    out, out_offsets = np.empty(room_for_samples(offsets, windows, window_bytes), np.uint8), np.zeros(rows + 1, np.int64)
    letters = np.zeros(rows, np.int64)
    at = 0
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        wanted = main_script(data, start, end, folded, script, windows, window_bytes)
        at, letters[row] = sample_row(data, start, end, wanted, folded, script, windows, window_bytes, out, at)
        out_offsets[row + 1] = at
    return out[:at], out_offsets, letters


@kernel
def sample_parts(
    data: np.ndarray,
    cuts: np.ndarray,
    bounds: np.ndarray,
    folded: np.ndarray,
    script: np.ndarray,
    windows: int,
    window_bytes: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each part of each page its first `window_bytes` bytes of letters: (bytes, offsets [parts + 1], letters [parts], whether
    the part is in its page's script [parts]).

    Page `p` is parts bounds[p] to bounds[p + 1], and its script weighs most in all its parts. A part is in that script where no
    other weighs more than twice as much in it, by `windows` windows: a line of code before each paragraph makes no Latin page.
    """
    parts = len(cuts) - 1
    out, out_offsets = np.empty(room_for_samples(cuts, 1, window_bytes), np.uint8), np.zeros(parts + 1, np.int64)
    letters, in_script, at = np.zeros(parts, np.int64), np.zeros(parts, np.bool_), 0
    for page in range(len(bounds) - 1):
        of_page = np.zeros(SCRIPTS, np.int64)
        weights = np.zeros((bounds[page + 1] - bounds[page], SCRIPTS), np.int64)
        for part_number in range(bounds[page], bounds[page + 1]):
            found = script_weights(
                data, cuts[part_number], cuts[part_number + 1], folded, script, windows, window_bytes // windows
            )
            weights[part_number - bounds[page]] = found
            of_page += found
        main = np.argmax(of_page)
        for part_number in range(bounds[page], bounds[page + 1]):
            own = weights[part_number - bounds[page]]
            in_script[part_number] = own[main] > 0 and 2 * own[main] >= own.max()
            wanted = main if in_script[part_number] else np.argmax(own)
            at, letters[part_number] = sample_row(
                data, cuts[part_number], cuts[part_number + 1], wanted, folded, script, 1, window_bytes, out, at
            )
            out_offsets[part_number + 1] = at
    return out[:at], out_offsets, letters, in_script
