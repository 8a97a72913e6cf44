"""Text in the letters that lists of words are written in: composed, and without the points of Hebrew and Arabic.

"e" + U+0301 is "é" to a reader, and a pointed word is the word. Vietnamese in decomposed form had no stop word, and the words of
vocalised Arabic were twice as long as they are (2026-11).
"""

import unicodedata

import pyarrow as pa
import pyarrow.compute as pc
import re2

_POINTS = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"  # and the tatweel
_MARKED = f"[\u0300-\u036f{_POINTS}]"
_MADE_PLAIN = dict.fromkeys(code for code in range(0x590, 0x671) if re2.fullmatch(f"[{_POINTS}]", chr(code)))


def plain(text: str) -> str:
    """One text. Arabic's hamza stays: it is composed with its letter first."""
    return unicodedata.normalize("NFC", text).translate(_MADE_PLAIN)


def plain_letters(text: pa.Array) -> pa.Array:
    """Rows with marks made plain; where there are none, the same array."""
    marked = pc.fill_null(pc.match_substring_regex(text, _MARKED), False)
    if not pc.any(marked).as_py():
        return text
    rows = zip(text.to_pylist(), marked.to_pylist(), strict=True)
    return pa.array([plain(one) if is_marked else one for one, is_marked in rows], text.type)
