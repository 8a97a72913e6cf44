"""A page in parts, spread over it and begun with a line where one begins near: what is asked of each tells whether all is one
language, and of all together which."""

import numpy as np

from pipeline.kernels.cache import kernel

NEWLINE = 0x0A


@kernel
def cut_parts(data: np.ndarray, offsets: np.ndarray, most: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(offsets of all parts, number of the first part of each row [rows + 1]): a row of n bytes has ceil(n / size) parts, at
    least one and at most `most`. They are equal, but for a border that moves on to the next line break within half a part."""
    rows = len(offsets) - 1
    bounds = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        length = offsets[row + 1] - offsets[row]
        bounds[row + 1] = bounds[row] + max(1, min(most, (length + size - 1) // size))
    cuts = np.empty(bounds[rows] + 1, np.int64)
    cuts[0] = offsets[0]
    for row in range(rows):
        start, end, parts = offsets[row], offsets[row + 1], bounds[row + 1] - bounds[row]
        for number in range(1, parts):
            cut = start + (end - start) * number // parts
            farthest = start + (end - start) * (2 * number + 1) // (2 * parts)
            line = cut
            while line < farthest and data[line] != NEWLINE:
                line += 1
            if line < farthest:
                cut = line
            while cut < end and data[cut] & 0xC0 == 0x80:
                cut += 1
            cuts[bounds[row] + number] = cut
        cuts[bounds[row + 1]] = end
    return cuts, bounds


@kernel
def joined(data: np.ndarray, offsets: np.ndarray, bounds: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(bytes, offsets) of rows: the samples bounds[row] to bounds[row + 1] of which `counts` is true, a blank between them."""
    rows = len(bounds) - 1
    out, out_offsets, at = np.empty(len(data) + len(counts), np.uint8), np.zeros(rows + 1, np.int64), 0
    for row in range(rows):
        for sample in range(bounds[row], bounds[row + 1]):
            if counts[sample] and offsets[sample + 1] > offsets[sample]:
                if at > out_offsets[row]:
                    out[at] = 0x20
                    at += 1
                length = offsets[sample + 1] - offsets[sample]
                out[at : at + length] = data[offsets[sample] : offsets[sample + 1]]
                at += length
        out_offsets[row + 1] = at
    return out[:at], out_offsets
