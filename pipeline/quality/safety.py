"""Words of lists that somebody keeps pages away for, counted by the page's language. None ships; what is made of it a rule says.

Lists are as LDNOOBW has them: a file a language, a word or phrase a line. A phrase is met where its tokens stand side by side
(kernels/quality/words.py), in lower case and with their accents: "año" is another word than "ano". In scripts without spaces it
is met wherever its characters stand. A page in a language without a list has no count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.arrays import flatten
from pipeline.errors import RecipeError
from pipeline.quality.stop_words import PARTICLES
from pipeline.settings import check_settings, setting
from pipeline.tables import INT, SAFETY_MEASURES, SHARE

MAX_PHRASE_TOKENS = 16
_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, kw_only=True)
class SafetySettings:
    """Lists of words that pages are measured by. The rules `safety_words` and `safety_word_share` have no bound by default."""

    lists: tuple[str, ...] = setting(
        (),
        "files called by a language (en, de.txt), a word or phrase a line, or folders of such, as LDNOOBW has them",
        content="list",
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "safety.")


class SafetyLists(NamedTuple):
    """Phrases by language: of n tokens as sorted hashes, and in scripts without spaces as they are written."""

    hashed: dict[str, dict[int, np.ndarray]]  # language -> tokens of a phrase -> uint64, ascending
    written: dict[str, tuple[str, ...]]

    @property
    def languages(self) -> frozenset[str]:
        return frozenset((*self.hashed, *self.written))


def language_of(path: str) -> str:
    """ "lists/en" -> en, "lists/pt-br.txt" -> pt"""
    return PurePosixPath(path).name.partition(".")[0].lower().replace("_", "-").partition("-")[0]


def build_lists(phrases: Mapping[str, Sequence[str]]) -> SafetyLists:
    """Of the phrases of each language; raises RecipeError for one that is too long."""
    hashed: dict[str, dict[int, np.ndarray]] = {}
    written: dict[str, tuple[str, ...]] = {}
    for language, some in phrases.items():
        lower = sorted({one.strip().lower() for one in some} - {""})
        if language in PARTICLES:
            written[language] = tuple(lower)
            continue
        values: dict[int, list[int]] = {}
        bounds, hashes = _tokens(pa.array(lower, pa.string()))
        for phrase, first, last in zip(lower, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            if last - first > MAX_PHRASE_TOKENS:
                raise RecipeError(
                    f"safety.lists: {phrase[:60]!r} has {last - first} words, and at most {MAX_PHRASE_TOKENS} are met"
                )
            if last > first:
                values.setdefault(last - first, []).append(int(_runs(hashes[first:last], last - first)[0]))
        hashed[language] = {size: np.unique(np.array(some, np.uint64)) for size, some in values.items()}
    return SafetyLists(hashed, written)


def safety_words(text: pa.Array, language: pa.Array, lists: SafetyLists | None) -> pa.RecordBatch:
    """SAFETY_MEASURES, a row a text; null where no list is of its language."""
    counts, words = np.zeros(len(text), np.int64), np.ones(len(text), np.int64)
    known = np.zeros(len(text), bool)
    for one in sorted(lists.languages) if lists is not None else ():
        rows = np.flatnonzero(pc.fill_null(pc.equal(language, one), False).to_numpy(zero_copy_only=False))
        if lists is not None and len(rows):
            counts[rows], words[rows] = _of_language(pc.fill_null(text.take(pa.array(rows)), ""), one, lists)
            known[rows] = True
    share = (np.minimum(counts, words) / np.maximum(words, 1)).astype(np.float32)
    columns = [pa.array(counts.astype(np.int32), INT, mask=~known), pa.array(share, SHARE, mask=~known)]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(list(SAFETY_MEASURES.items())))


def _of_language(text: pa.Array, language: str, lists: SafetyLists) -> tuple[np.ndarray, np.ndarray]:
    """(places where a phrase stands, tokens) of each text."""
    lower = pc.utf8_lower(text)
    bounds, hashes = _tokens(lower)
    counts = np.zeros(len(text), np.int64)
    for phrase in lists.written.get(language, ()):
        counts += pc.count_substring(lower, phrase).to_numpy(zero_copy_only=False)
    ends = np.repeat(bounds[1:], np.diff(bounds))  # of the row that each token is of
    for size, listed in lists.hashed.get(language, {}).items():
        runs = _runs(hashes, size)
        places = np.flatnonzero(np.isin(runs, listed) & (np.arange(len(runs)) + size <= ends[: len(runs)]))
        counts += np.bincount(np.searchsorted(bounds, places, "right") - 1, minlength=len(text))[: len(text)]
    return counts, np.diff(bounds)


def _tokens(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(bounds [rows + 1], hashes) of all tokens."""
    from pipeline.kernels.characters import character_table
    from pipeline.kernels.quality.words import tokenise

    found = tokenise(*flatten(text), character_table())
    return found.offsets, found.hashes


def _runs(hashes: np.ndarray, size: int) -> np.ndarray:
    """uint64 of each run of `size` tokens: a polynomial in their hashes."""
    count = max(0, len(hashes) - size + 1)
    value = np.zeros(count, np.uint64)
    for place in range(size):
        value = value * _BASE + hashes[place : place + count]
    return value
