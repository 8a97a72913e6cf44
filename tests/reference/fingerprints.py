"""What pipeline/kernels/duplicates/fingerprints.py finds, word by word on a str."""

import unicodedata
from typing import NamedTuple

from pipeline.duplicates.normalise import DECIMAL_MARKS, form_of
from pipeline.kernels.characters import RUN, class_of

MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15


class Word(NamedTuple):
    text: str
    start: int
    end: int


def is_separator(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "PSZ" or category == "Cc" or character in DECIMAL_MARKS


def words(text: str) -> list[Word]:
    """In lower case and without marks, each with its place; a letter of Han or kana is a word."""
    found: list[Word] = []
    inside = False
    for at, character in enumerate(text):
        digit = unicodedata.category(character) == "Nd"
        form = character if digit or unicodedata.category(character) in ("Cn", "Co") else form_of(character)
        if not form:
            continue
        if is_separator(character):
            inside = False
            continue
        alone = class_of(character) == RUN and not digit
        if inside and not alone:
            found[-1] = Word(found[-1].text + form, found[-1].start, at + 1)
        else:
            found.append(Word(form, at, at + 1))
        inside = not alone
    return found


def mix64(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return value ^ (value >> 33)


def word_hash(word: str) -> int:
    value = 0xCBF29CE484222325
    for byte in word.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def ngrams(text: str, size: int, every: int) -> list[tuple[int, int, int]]:
    """(hash as a signed number, start, end) of those that are kept."""
    found = words(text)
    kept = []
    for first in range(len(found) - size + 1):
        value = STEP
        for word in found[first : first + size]:
            value = (mix64(value ^ word_hash(word.text)) + STEP) & MASK
        if value % every == 0:
            kept.append((value - (1 << 64) if value >> 63 else value, found[first].start, found[first + size - 1].end))
    return kept
