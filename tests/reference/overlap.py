"""What pipeline/contamination finds, word by word on a str, with n-grams as tuples of words."""

import unicodedata
from collections import defaultdict
from typing import NamedTuple

from pipeline.contamination.settings import ContaminationSettings
from pipeline.contamination.words import form_of
from pipeline.kernels.characters import RUN, class_of


class Word(NamedTuple):
    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    found: list[Word] = []
    inside = False
    for at, character in enumerate(text):
        unassigned = unicodedata.category(character) in ("Cn", "Co")
        form = character if unassigned else form_of(character)
        if not form:
            inside = inside and unicodedata.category(character) in ("Mn", "Me", "Cf")
            continue
        alone = class_of(character) == RUN
        if inside and not alone:
            found[-1] = Word(found[-1].text + form, found[-1].start, at + 1)
        else:
            found.append(Word(form, at, at + 1))
        inside = not alone
    return found


def ngrams(text: str, size: int) -> list[tuple[str, ...]]:
    spelled = [word.text for word in words(text)]
    return [tuple(spelled[first : first + size]) for first in range(len(spelled) - size + 1)]


def size_for(string: str, settings: ContaminationSettings) -> int | None:
    count = len(words(string))
    if count >= settings.ngram_words:
        return settings.ngram_words
    return settings.short_ngram_words if count >= settings.short_ngram_words else None


def telling(strings: list[str], settings: ContaminationSettings) -> dict[tuple[str, ...], list[int]]:
    """The n-grams that count, each with its strings."""
    owners = defaultdict(set)
    for number, string in enumerate(strings):
        if size := size_for(string, settings):
            for gram in ngrams(string, size):
                if 2 * len(set(gram)) >= size:
                    owners[gram].add(number)
    return {gram: sorted(some) for gram, some in owners.items() if len(some) <= settings.max_strings}


def hits(page: str, strings: list[str], settings: ContaminationSettings) -> list[tuple[int, int, int, int]]:
    """(number of the n-gram's first word, start, end, string), in order."""
    known, found, on_page = telling(strings, settings), [], words(page)
    for size in (settings.ngram_words, settings.short_ngram_words):
        for first, gram in enumerate(ngrams(page, size)):
            for string in known.get(gram, ()):
                if size_for(strings[string], settings) == size:
                    found.append((first, on_page[first].start, on_page[first + size - 1].end, string))
    return sorted(found)
