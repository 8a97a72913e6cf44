"""Texts with digits, marks and blanks as ASCII has them, for the detectors: "０３－３５８１" and "٠٢ ٢٧٩٥" are digits, too.

One character for one, so that places in the folded text, counted in characters, are places in the text itself.
"""

import functools
import sys
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import re2

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63"
_BLANKS = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_FULL_WIDTH = range(0xFF01, 0xFF5F)  # "！" to "～"
_LONG_VOWEL = re2.compile(r"(\d)ー")  # written for a hyphen between digits; a letter elsewhere


def folded(text: pa.Array) -> pa.Array:
    """The same where there is nothing to fold; null stays null."""
    rows = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(text, _class_of_all()), False)).to_pylist()
    if not rows:
        return text
    given = text.to_pylist()
    for row in rows:
        codes = np.frombuffer(given[row].encode("utf-32-le", "surrogatepass"), np.uint32)
        given[row] = _LONG_VOWEL.sub(r"\1-", _forms()[codes].tobytes().decode("utf-32-le", "surrogatepass"))
    return pa.array(given, text.type)


@functools.cache
def _table() -> dict[int, int]:
    """Code point -> that of the ASCII character that it stands for."""
    digits = {code: 48 + unicodedata.decimal(chr(code)) for code in range(128, sys.maxunicode + 1) if chr(code).isdecimal()}
    wide = {code: code - 0xFEE0 for code in _FULL_WIDTH}
    return digits | wide | dict.fromkeys(map(ord, _DASHES), ord("-")) | dict.fromkeys(map(ord, _BLANKS), ord(" "))


@functools.cache
def _forms() -> np.ndarray:
    """uint32 [code points]: what each becomes."""
    forms = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    forms[list(_table())] = list(_table().values())
    return forms


@functools.cache
def _class_of_all() -> str:
    """A class of RE2: every character that is folded, as ranges."""
    codes = sorted(_table())
    starts = [code for code in codes if code - 1 not in _table()]
    ends = [code for code in codes if code + 1 not in _table()]
    return "[" + "".join(rf"\x{{{start:x}}}-\x{{{end:x}}}" for start, end in zip(starts, ends, strict=True)) + "]"
