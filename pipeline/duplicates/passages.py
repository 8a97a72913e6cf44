"""What a text shares with others word for word: runs of at least so many words, and where they stand.

Words are those of the campaign scan (pipeline/kernels/duplicates/fingerprints.py): case, marks and accents apart, so that a
passage is found though its punctuation was changed. Two runs of words are taken for the same where their 64-bit hashes are.

A passage that a takedown cut out of a page leaves FILLER of its length, so that every other position in the page stays.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.arrays import flatten
from pipeline.duplicates.normalise import character_forms
from pipeline.kernels.duplicates.fingerprints import sampled_ngrams
from pipeline.lineage import REMOVED

PASSAGE_WORDS = 50  # the length from which Lee et al. 2022 call a repeated passage a copy
FILLER = "\ufdd0"  # a noncharacter, which Unicode (23.7) leaves to programs: no text means anything by it


class Windows(NamedTuple):
    """Every run of so many words of some texts: those of row i stand at bounds[i]:bounds[i + 1]."""

    bounds: np.ndarray  # int64 [rows + 1]
    hashes: np.ndarray  # int64
    starts: np.ndarray  # int32, code points
    ends: np.ndarray  # int32, exclusive

    def row(self, number: int) -> "Windows":
        first, stop = self.bounds[number : number + 2].tolist()
        return Windows(np.array([0, stop - first]), *(column[first:stop] for column in self[1:]))


def windows(text: pa.Array | pa.ChunkedArray, words: int = PASSAGE_WORDS) -> Windows:
    """Of each text; a shorter one has none."""
    return Windows(*sampled_ngrams(*flatten(text), character_forms(), words, 1))


def stretches(found: Windows, wanted: np.ndarray) -> list[tuple[int, int]]:
    """(start, end) in code points of what one text has of these runs of words (int64, sorted); none overlap."""
    merged: list[tuple[int, int]] = []
    for place in np.flatnonzero(np.isin(found.hashes, wanted)):
        start, end = int(found.starts[place]), int(found.ends[place])
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def common_runs(texts: pa.Array, others: pa.Array) -> list[list[int]]:
    """The hashes of each text's runs of words that one of the others has too, sorted."""
    own, theirs = windows(texts), np.unique(windows(others).hashes)
    return [np.intersect1d(own.row(row).hashes, theirs).tolist() for row in range(len(texts))]


class Owned(NamedTuple):
    """The runs of words of several texts, sorted by hash, so that what another text has of each is found at once."""

    hashes: np.ndarray  # int64, sorted; a run that stands twice is there twice
    rows: np.ndarray  # int64, the text that each is of
    counts: np.ndarray  # int64 [texts], how many each text has


def owned(of: Windows) -> Owned:
    rows = np.repeat(np.arange(len(of.bounds) - 1), np.diff(of.bounds))
    order = np.argsort(of.hashes, kind="stable")
    return Owned(of.hashes[order], rows[order], np.diff(of.bounds))


def shares(of: Owned, other: Windows) -> np.ndarray:
    """float64 [texts]: the share of each text's runs of words that one other text has too; 0 where it has none."""
    own = np.unique(other.hashes)
    first, stop = (np.searchsorted(of.hashes, own, side) for side in ("left", "right"))
    places = np.concatenate(
        [np.arange(one, end) for one, end in zip(first, stop, strict=True) if end > one] or [np.zeros(0, int)]
    )
    held = np.bincount(of.rows[places], minlength=len(of.counts))
    return np.asarray(held / np.maximum(of.counts, 1))


def written_over(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with FILLER in these spans, as long as before."""
    pieces, at = list[str](), 0
    for start, end in sorted(spans):
        pieces += (text[at:start], FILLER * (end - max(at, start)))
        at = max(at, end)
    return "".join((*pieces, text[at:]))


def same_but_for_filler(text: str, whole: str | None) -> bool:
    """Whether `text` is what `whole` is once passages have been written over."""
    if whole is None or FILLER not in text:
        return text == whole
    return len(text) == len(whole) and all(one in (other, FILLER) for one, other in zip(text, whole, strict=True))


def edits_of_filler(texts: pa.Array) -> pa.RecordBatch:
    """(row, start, end, replacement, reason) of every stretch of FILLER: what is left of a text is what is kept of it."""
    rows, starts, ends = list[int](), list[int](), list[int]()
    for row in pc.indices_nonzero(pc.match_substring(texts, FILLER)).to_pylist():
        filled = np.array([one == FILLER for one in texts[row].as_py()])
        borders = np.flatnonzero(np.diff(np.concatenate([[False], filled, [False]]).astype(np.int8)))
        rows += [row] * (len(borders) // 2)
        starts += borders[::2].tolist()
        ends += borders[1::2].tolist()
    columns = [pa.array(one, pa.int32()) for one in (rows, starts, ends)]
    constant = [pa.repeat(pa.scalar(one, pa.string()), len(rows)) for one in ("", REMOVED)]
    return pa.record_batch([*columns, *constant], names=["row", "start", "end", "replacement", "reason"])
