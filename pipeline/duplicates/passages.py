"""What a text shares with others word for word: runs of at least so many words, and where they stand.

Words are those of the campaign scan (pipeline/kernels/duplicates/fingerprints.py): case, marks and accents apart, so that a
passage is found though its punctuation was changed. Two runs of words are taken for the same where their 64-bit hashes are.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.duplicates.normalise import character_forms
from pipeline.kernels.duplicates.fingerprints import sampled_ngrams

PASSAGE_WORDS = 50  # the length from which Lee et al. 2022 call a repeated passage a copy


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
