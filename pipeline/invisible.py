"""Which characters have no ink, and text in which they are written out, so that nobody is fooled by invisible ones."""

import unicodedata

# Their category says they are marks, letters or symbols, but nothing of them is to be seen.
INKLESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def is_invisible(character: str) -> bool:
    return unicodedata.category(character) in INVISIBLE_CATEGORIES or character in INKLESS


def spelled(character: str) -> str:
    """The character, or its number where it has no ink: "\\u200b" -> "<U+200B>"."""
    return f"<U+{ord(character):04X}>" if is_invisible(character) else character
