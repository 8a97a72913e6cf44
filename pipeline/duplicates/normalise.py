"""Text as duplicates are compared: what is left when case, accents, punctuation, spacing and the digits of numbers are not.

The steps are FineWeb's, on characters: lower case, canonical decomposition without marks, each number ("1", "1,234", "3.14")
as "0", everything that is no letter or mark as a space. What differs from the published code, on purpose:
- punctuation is every character of Unicode's categories P and S, where the published list has 99 of them;
- format characters (zero-width joiners, soft hyphens, bidi controls, tags) are dropped with the marks, so that
  characters nobody sees cannot make two texts differ;
- final sigma is the same letter as sigma, whatever stands after it;
- each letter of a script written without spaces (Han, kana, Thai, Lao, Khmer, Burmese) is a word of its own, else a
  Japanese sentence would be one word and a shingle half a page;
- each Hangul syllable begins a word, composed or not: five words of Korean are fifteen syllables, and of pages that differ in 1
  % of their characters every second pair fell below .75.

"Café №5 — 3,14 日本" -> "cafe 0 0 日 本"
"""

import functools
import math
import unicodedata
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.arrays import flatten
from pipeline.kernels.characters import CLASS_BITS, RUN, character_table
from pipeline.kernels.duplicates.shingles import (
    ALONE,
    AS_IT_IS,
    DECIMAL_MARK,
    DIGIT,
    DROPPED,
    LETTER,
    SEPARATOR,
    STARTS,
    CharacterForms,
    normalised_texts,
)

DECIMAL_MARKS = ".,،٫⎖⎗⎘"
# Everything outside these is unassigned, private, or a surrogate, which UTF-8 does not have: it stands for itself.
ASSIGNED = (*range(0xD800), *range(0xE000, 0x33480), *range(0xE0000, 0xE0200))
TABLE_SIZE = ASSIGNED[-1] + 1


def form_of(character: str) -> str:
    """What one character becomes before it is sorted into words: "É" -> "e", "ｶﾞ"[0] -> "ｶ", "\\u0301" -> ""."""
    lower = "σ" if character == "ς" else character.lower()
    decomposed = unicodedata.normalize("NFD", lower)
    return "".join(one for one in decomposed if unicodedata.category(one) not in ("Mn", "Me", "Cf"))


def kind_of(character: str, form: str, is_run: bool) -> np.uint8:
    category = unicodedata.category(character)
    if not form:
        return DROPPED
    if character in DECIMAL_MARKS:
        return DECIMAL_MARK
    if category == "Nd":
        return DIGIT
    if category[0] in "PSZ" or category == "Cc":
        return SEPARATOR
    if begins_syllable(form[0]):
        return STARTS
    return ALONE if is_run else LETTER


def begins_syllable(letter: str) -> bool:
    """The first consonant of a Hangul syllable, which a composed one has in front once it is decomposed."""
    return "\u1100" <= letter <= "\u115f" or "\ua960" <= letter <= "\ua97c"


@functools.cache
def character_forms() -> CharacterForms:
    """Built once a process (0.3 s), from the standard library's Unicode tables."""
    return forms_of(form_of, kind_of)


def forms_of(form_of: Callable[[str], str], kind_of: Callable[[str, str, bool], np.uint8]) -> CharacterForms:
    """The table for kernels: what each assigned character becomes, and what kind that is, given whether it is a word alone."""
    is_run = (character_table() & CLASS_BITS) == RUN
    kinds = np.full(TABLE_SIZE, AS_IT_IS, np.uint8)
    lengths = np.zeros(TABLE_SIZE + 1, np.int32)
    forms, growth = [], 0
    for code in ASSIGNED:
        character = chr(code)
        form = form_of(character)
        kinds[code] = kind_of(character, form, bool(is_run[code]))
        utf8 = form.encode() if kinds[code] in (LETTER, ALONE, STARTS) else b""
        growth = max(growth, math.ceil((1 + len(utf8)) / len(character.encode())))
        lengths[code + 1] = len(utf8)
        forms.append(utf8)
    return CharacterForms(kinds, np.cumsum(lengths, dtype=np.int32), np.frombuffer(b"".join(forms), np.uint8), growth)


def normalised(text: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Each row's words, joined by single spaces; null where it has none. ["A  b!", "…"] -> ["a b", null]"""
    utf8, offsets = normalised_texts(*flatten(text), character_forms())
    words = pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(utf8))
    return pc.if_else(pc.greater(pc.binary_length(words), 0), words, None).cast(pa.string())
