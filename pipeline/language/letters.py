"""The letters of a text as models are shown them: folded to lower case, each with its script, and a small sample of a page's.

The kernel is pipeline/kernels/letters.py; here are its tables, and strings in place of arrays.
"""

import functools
import unicodedata
from itertools import pairwise

import numpy as np
import pyarrow as pa

from pipeline.arrays import FlatText, flatten
from pipeline.kernels.letters import LATIN, TRANSPARENT, sample_letters

# On 4,684 pages of manuals in 21 languages, many half translated: 4 x 120 names 97.7 % as their paths do at
# 7,900 pages/s, 4 x 160 97.9 % at 5,200, 4 x 240 98.1 % at 3,400 (one busy core).
WINDOWS, WINDOW_BYTES = 4, 160


@functools.cache
def letter_tables() -> tuple[np.ndarray, np.ndarray]:
    """(folded, script) of every BMP code point for the kernel; a script is the first word of the characters' Unicode names."""
    folded, script = np.zeros(0x10000, np.uint16), np.zeros(0x10000, np.uint8)
    groups = {
        "HIRAGANA": "CJK",
        "KATAKANA": "CJK",
        "KATAKANA-HIRAGANA": "CJK",
        "BOPOMOFO": "CJK",
        "IDEOGRAPHIC": "CJK",
        "HALFWIDTH": "CJK",
        "FULLWIDTH": "LATIN",
    }
    shared = {"COMBINING", "MODIFIER", "VEDIC", "FEMININE", "MASCULINE", "MICRO"}  # go with the letter before them
    numbers = {"LATIN": LATIN}
    for point in range(0x10000):
        character = chr(point)
        category = unicodedata.category(character)
        if category == "Cf" or 0xFE00 <= point <= 0xFE0F:
            folded[point] = TRANSPARENT
        elif category[0] in "LM":
            folded[point] = ord(character.lower()[0])
            name = unicodedata.name(character).split()[0]
            if name not in shared:
                script[point] = numbers.setdefault(groups.get(name, name), len(numbers) + 1)
    return folded, script


def letter_samples(
    text: pa.Array | pa.ChunkedArray, *, windows: int = WINDOWS, window_bytes: int = WINDOW_BYTES
) -> tuple[list[str], np.ndarray]:
    """What the model is shown of each row, and how many letters that is."""
    samples, letters = flat_samples(flatten(text), windows=windows, window_bytes=window_bytes)
    raw, cuts = samples.data.tobytes(), samples.offsets.tolist()
    return [raw[start:end].decode() for start, end in pairwise(cuts)], letters


def flat_samples(text: FlatText, *, windows: int = WINDOWS, window_bytes: int = WINDOW_BYTES) -> tuple[FlatText, np.ndarray]:
    """The same, as flat arrays."""
    data, offsets, letters = sample_letters(text.data, text.offsets, *letter_tables(), windows, window_bytes)
    data.flags.writeable = offsets.flags.writeable = False
    return FlatText(data, offsets), letters
