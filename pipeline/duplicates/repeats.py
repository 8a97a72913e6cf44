"""Text that pages repeat: lines that a host has on many pages, passages that a page has twice, spans of sentences anywhere.

A line, passage or span is what its words are (pipeline/duplicates/normalise.py, numbers as they stand), so case, accents,
punctuation and blanks make no difference. Each is a stretch of words, and its hash a polynomial in the hashes of the words, taken
from two prefix sums: sum of h[i] * B^i over the stretch, times B^-first. B is odd, so it has an inverse modulo 2^64.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.duplicates.passages import windows
from pipeline.errors import RecipeError
from pipeline.settings import check_settings, setting

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
NEWLINE = 10
_TERMINALS = np.array([ord(mark) for mark in ".!?…。！？؟।"], np.uint32)
_CLOSERS = np.array([ord(mark) for mark in "\"'”’»)]」』"], np.uint32)
_BLANKS = np.array([ord(mark) for mark in " \t\n\r\u00a0\u3000"], np.uint32)
_UNSPACED = np.array([ord(mark) for mark in "。！？"], np.uint32)  # end a sentence whatever follows


@dataclass(frozen=True, kw_only=True)
class RepeatSettings:
    """Text that stands on many pages, or twice on one: all but one place of it leaves the kept text."""

    host_pages: int | None = setting(
        10,
        "a line on so many kept pages that a host has in one language is its furniture; none: lines are not counted",
        "winnow: docs/content.md",
        minimum=2,
    )
    host_share: float = setting(0.1, "and on this share of those pages", "winnow: docs/content.md", minimum=0, maximum=1)
    min_hosts: int | None = setting(
        None,
        "a line on so many hosts is everybody's furniture; none: hosts are not compared",
        "CCNet removes lines by shard",
        minimum=2,
    )
    min_words: int = setting(
        8,
        "words of a run of such lines that goes: single headings and labels stay, a menu and a slogan do not",
        "winnow: docs/content.md",
        minimum=1,
    )
    keep: Literal["one", "none"] = setting(
        "one", "a line stays on one page, that with the smallest doc_id of those that have it, or on none", "winnow"
    )
    passage_words: int | None = setting(
        50, "a run of words that a page has had before goes there; none: pages are not held against themselves",
        "length: Lee et al. 2022", minimum=10,
    )  # fmt: skip
    sentences: int | None = setting(
        None, "a span of so many sentences is kept at one place of the corpus; none: spans are not looked for", "C4: 3", minimum=2
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "repeats.")


class Stretches(NamedTuple):
    """Pieces of the texts of a batch, in their order, with the words in them. Shapes: [pieces]."""

    rows: np.ndarray  # int64, in the batch
    starts: np.ndarray  # int64, code points of the row
    ends: np.ndarray  # int64, exclusive
    words: np.ndarray  # int64
    hashes: np.ndarray  # int64; 0 where there is no word


class Words(NamedTuple):
    """Every word of some texts, their rows one behind the other. `at` are code points of all of them."""

    texts: np.ndarray  # uint32, the code points
    bases: np.ndarray  # int64 [rows + 1], where each row begins
    starts: np.ndarray  # int64 [words]
    ends: np.ndarray  # int64 [words]
    bounds: np.ndarray  # int64 [rows + 1], the words of each row
    sums: np.ndarray  # uint64 [words + 1]: before each word, of h[i] * B^i
    inverse: np.ndarray  # uint64 [words + 1]: B^-i

    def hashes(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """int64 of the words first:last of each stretch."""
        found = (self.sums[last] - self.sums[first]) * self.inverse[first]
        mixed = mixed64(found + (last - first).astype(np.uint64))
        return np.where(last > first, mixed, 0).astype(np.uint64).view(np.int64)


def powers(base: int, count: int) -> np.ndarray:
    """base^0, base^1, … modulo 2^64."""
    found = np.full(count, base, np.uint64)
    found[:1] = 1
    return np.asarray(np.multiply.accumulate(found))


def mixed64(values: np.ndarray) -> np.ndarray:
    """MurmurHash3's finaliser."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        values = (values ^ (values >> np.uint64(33))) * np.uint64(factor)
    return np.asarray(values ^ (values >> np.uint64(33)))


def words_of(text: pa.Array) -> Words:
    given = ["" if one is None else one for one in text.to_pylist()]
    texts = np.frombuffer("".join(given).encode("utf-32-le"), np.uint32)
    bases = np.concatenate([[0], np.cumsum([len(one) for one in given], dtype=np.int64)])
    found = windows(pa.array(given, pa.string()), 1)
    rows = np.repeat(np.arange(len(given)), np.diff(found.bounds))
    starts, ends = (bases[rows] + places for places in (found.starts, found.ends))
    terms = mixed64(found.hashes.view(np.uint64)) * powers(_BASE, len(starts))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms, dtype=np.uint64)])
    return Words(texts, bases, starts, ends, found.bounds, sums, powers(_INVERSE, len(sums)))


def lines(words: Words) -> Stretches:
    """Every line, without its line break; the end of a text that ends in one begins none."""
    breaks = np.flatnonzero(words.texts == NEWLINE)
    return _stretches(words, breaks + 1, breaks)


def sentences(words: Words) -> Stretches:
    """Every sentence that has a word: up to a terminal mark, the closing ones behind it and a blank, or to the end of a line."""
    texts, size = words.texts, len(words.texts)
    marks = np.flatnonzero(np.isin(texts, _TERMINALS))
    row_ends = words.bases[np.searchsorted(words.bases, marks, "right")]
    after = marks + 1
    for _ in range(2):  # a quotation mark and a bracket
        after += np.isin(texts[np.minimum(after, size - 1)], _CLOSERS) & (after < row_ends)
    ends = (after >= row_ends) | np.isin(texts[np.minimum(after, size - 1)], _BLANKS) | np.isin(texts[marks], _UNSPACED)
    breaks = np.flatnonzero(texts == NEWLINE)
    found = _stretches(words, np.concatenate([after[ends], breaks + 1]), breaks[:0])
    return Stretches(*(column[found.words > 0] for column in found))


def _stretches(words: Words, borders: np.ndarray, breaks: np.ndarray) -> Stretches:
    """Of the stretches between borders, and between rows; what ends in one of `breaks` ends before it."""
    # A border at the end of a row begins nothing there: else an empty stretch would be of the row that comes next, or of none.
    starts = np.union1d(words.bases[:-1][np.diff(words.bases) > 0], np.setdiff1d(borders, words.bases))
    ends = np.concatenate([starts[1:], words.bases[-1:]]) if len(starts) else starts
    rows = np.searchsorted(words.bases, starts, "right") - 1
    first, last = (np.searchsorted(words.starts, borders) for borders in (starts, ends))
    ends = ends - np.isin(ends - 1, breaks)
    return Stretches(rows, starts - words.bases[rows], ends - words.bases[rows], last - first, words.hashes(first, last))


def spans(found: Stretches, size: int, words: Words) -> Stretches:
    """Every run of `size` stretches of one row, from the first word of the first to the end of the last."""
    places = np.arange(max(0, len(found.rows) - size + 1))
    places = places[found.rows[places] == found.rows[places + size - 1]]
    starts, ends = found.starts[places], found.ends[places + size - 1]
    bases = words.bases[found.rows[places]]
    first, last = (np.searchsorted(words.starts, bases + borders) for borders in (starts, ends))
    return Stretches(found.rows[places], starts, ends, last - first, words.hashes(first, last))


def repeated_passages(words: Words, size: int) -> list[tuple[int, int, int]]:
    """(row, start, end) of what a page has had before: runs of at least `size` words, whose earlier place does not overlap."""
    found: list[tuple[int, int, int]] = []
    for row, (first, last) in enumerate(zip(words.bounds[:-1].tolist(), words.bounds[1:].tolist(), strict=True)):
        if last - first >= 2 * size:
            places = np.arange(first, last - size + 1)
            hashes = words.hashes(places, places + size)
            _, earliest, inverse = np.unique(hashes, return_index=True, return_inverse=True)
            again = places[np.arange(len(places)) - earliest[inverse] >= size]
            found += [(row, *place) for place in _merged(words, row, again, size)]
    return found


def _merged(words: Words, row: int, again: np.ndarray, size: int) -> Iterator[tuple[int, int]]:
    """Code points of the row under runs of words that overlap or touch; with the marks behind the last word."""
    if not len(again):
        return
    borders = np.flatnonzero(np.diff(again) > size)
    base, end_of_row = int(words.bases[row]), int(words.bases[row + 1])
    for one, other in zip(
        again[np.concatenate([[0], borders + 1])], again[np.concatenate([borders, [len(again) - 1]])], strict=True
    ):
        end = int(words.ends[other + size - 1])
        stop = int(words.starts[other + size]) if other + size < len(words.starts) else end_of_row
        behind = np.flatnonzero(np.isin(words.texts[end : min(stop, end_of_row)], _BLANKS))
        end = end + int(behind[0]) if len(behind) else min(stop, end_of_row)
        yield int(words.starts[one]) - base, end - base


class Cut(NamedTuple):
    """A line of one text that goes; with those beside it, it covers the run whole."""

    line: int  # its number among the lines of the text
    start: int
    end: int


def cuts(found: Stretches, goes: np.ndarray, min_words: int) -> list[Cut]:
    """Of one text's lines those that go, where a run of them has enough words. Blank lines inside a run go with it.

    A blank line that parted a run from what follows stays where none stood before it, so that paragraphs stay apart; at the end
    of a text the line break before the run goes too.
    """
    blank = found.words == 0
    made: list[Cut] = []
    for first, last in _runs(goes, blank):
        if found.words[first:last].sum() < min_words:
            continue
        own = [place for place in range(first, last) if not blank[place]]
        until = _end_of_run(found, blank, first, own[-1])
        starts = [int(found.starts[place]) for place in own]
        if until == int(found.ends[-1]) and first:
            starts[0] = int(found.ends[_line_before(blank, first)])
        made += [Cut(place, start, end) for place, start, end in zip(own, starts, [*starts[1:], until], strict=True)]
    return made


def _runs(goes: np.ndarray, blank: np.ndarray) -> Iterator[tuple[int, int]]:
    """first:last of lines that go, with nothing but blank ones between them."""
    first = last = None
    for place, (one, empty) in enumerate(zip(goes.tolist(), blank.tolist(), strict=True)):
        if one:
            first, last = (place if first is None else first), place + 1
        elif not empty and first is not None and last is not None:
            yield first, last
            first = last = None
    if first is not None and last is not None:
        yield first, last


def _end_of_run(found: Stretches, blank: np.ndarray, first: int, last: int) -> int:
    following = last + 1
    if first == 0 or blank[first - 1]:
        while following < len(blank) and blank[following]:
            following += 1
    elif all(blank[following:]):
        following = len(blank)
    return int(found.starts[following]) if following < len(blank) else int(found.ends[-1])


def _line_before(blank: np.ndarray, first: int) -> int:
    """The last line before a run that is not blank; the first one where all are."""
    return next((place for place in range(first - 1, -1, -1) if not blank[place]), 0)
