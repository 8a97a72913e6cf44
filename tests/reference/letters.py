"""Slow obvious twin of pipeline/kernels/letters.py, on str and unicodedata."""

import unicodedata
from collections import Counter
from itertools import pairwise

SHARED_MARKS = {"COMBINING", "MODIFIER", "VEDIC", "FEMININE", "MASCULINE", "MICRO"}
CJK = {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "IDEOGRAPHIC", "HALFWIDTH"}


def kind_of(character: str) -> str | None:
    """Script name, "" for marks that go with any script, "-" for what is left out silently, None for everything else."""
    point = ord(character)
    if point >= 0x10000:
        return "CJK" if 0x20000 <= point < 0x40000 else None
    category = unicodedata.category(character)
    if category == "Cf" or 0xFE00 <= point <= 0xFE0F:
        return "-"
    if category[0] not in "LM":
        return None
    name = unicodedata.name(character).split()[0]
    return "" if name in SHARED_MARKS else "CJK" if name in CJK else "LATIN" if name == "FULLWIDTH" else name


def parts(text: str, windows: int, window_bytes: int) -> list[str]:
    """Each equal part (by bytes) of the text, up to the letter that fills its share."""
    raw, found = text.encode(), []
    edges = [len(raw) * number // windows for number in range(windows + 1)]
    for left, right in pairwise(edges):
        part, seen, at = "", 0, 0
        for character in text:
            if left <= at < right and seen < window_bytes:
                part += character
                seen += len(character.encode()) if kind_of(character) not in (None, "-") else 0
            at += len(character.encode())
        found.append(part)
    return found


def weights_of(text: str, windows: int, window_bytes: int) -> Counter[str]:
    """Twice the bytes of each script in the windows, Latin counted half."""
    weights: Counter[str] = Counter()
    for character in "".join(parts(text, windows, window_bytes)):
        kind = kind_of(character)
        if kind and kind != "-":
            weights[kind] += len(character.encode()) * (1 if kind == "LATIN" else 2)
    return weights


def heaviest(weights: Counter[str]) -> list[str]:
    """The scripts of the most weight: several where there is a tie, none without letters."""
    best = max(weights.values(), default=0)
    return [kind for kind, weight in weights.items() if weight == best and weight]


def main_script(text: str, windows: int, window_bytes: int) -> str:
    found = heaviest(weights_of(text, windows, window_bytes))
    return found[0] if len(found) == 1 else ""


def has_tie(text: str, windows: int, window_bytes: int) -> bool:
    """Two scripts of equal weight: the kernel takes the one numbered first, which is no promise."""
    return any(kind_of(one) not in (None, "-", "") for one in text) and main_script(text, windows, window_bytes) == ""
