"""Where a page comes from: bytes that are not those their digest names, dates outside the crawl, and one URL with two faces.

A corpus that is listed by URL can be poisoned by whoever buys the domain (split view), one that is a snapshot by an edit just
before it is taken (front-running): Carlini et al. 2023. Both show only beside an earlier capture;
jobs/stages/scan/find_provenance.py joins them. A third way shows there too: a domain that nobody knew and that has hundreds of
like pages within days, as networks of made-up news sites do (3.6 million articles in 2024: NewsGuard and American Sunlight
Project 2025); jobs/stages/scan/find_first_seen.py.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.duplicates.normalise import character_forms
from pipeline.errors import RecipeError
from pipeline.kernels.duplicates.fingerprints import sampled_ngrams
from pipeline.settings import check_settings, setting

PROVENANCE = "provenance"  # the attack
NGRAM_WORDS = 5


@dataclass(frozen=True, kw_only=True)
class ProvenanceSettings:
    """What does not fit a page's papers, and what becomes of it."""

    wrong_digest: Literal["drop", "label"] = setting(
        "drop", "a payload that its digest was not made of: the page is dropped, or only reported", "Carlini et al. 2023"
    )
    max_wrong_share: float = setting(
        0.2, "where more of a file's digests are wrong, its writer made them in another way: only reported", minimum=0, maximum=1
    )
    crawl_first: str | None = setting(None, "ISO date before which nothing of this crawl was fetched; none: not checked")
    crawl_last: str | None = setting(None, "ISO date after which nothing of this crawl was fetched; none: not checked")
    max_days_from_median: int | None = setting(
        90, "a fetch further from the middle of its file's is dated outside the crawl; none: not checked", minimum=0
    )
    earlier: tuple[str, ...] = setting((), "corpora of earlier crawls to compare with, by folder or URL", content="documents")
    min_kept_share: float = setting(
        0.2,
        "of an earlier capture's word 5-grams; with fewer, the URL shows something else now: split view",
        minimum=0,
        maximum=1,
    )
    hold_back_days: int = setting(
        14, "text that an earlier capture so few days before does not have may have been put there for the snapshot", minimum=0
    )
    min_unchanged_share: float = setting(
        0.6, "of the earlier capture's 5-grams, for new text to count as an edit of it", minimum=0, maximum=1
    )
    max_new_share: float = setting(0.5, "of the page's 5-grams; with more, it is a new page and no edit", minimum=0, maximum=1)
    edited_text: Literal["cut", "label"] = setting(
        "label", "what happens to text that such an edit put in: cut out, or only reported", formerly="late_edits"
    )
    burst_min_pages: int | None = setting(
        50,
        "pages of a domain that no earlier corpus has, first seen within burst_days, are reported; none: not checked",
        "never dropped for it: a new site is no crime; NewsGuard 2025 on networks that grow by hundreds of pages a day",
        minimum=1,
    )
    burst_days: int = setting(7, "days within which the pages of a burst were first fetched", minimum=1)
    burst_max_known_pages: int = setting(5, "pages that earlier corpora have of the domain; with more it was known", minimum=0)
    burst_min_alike_share: float = setting(
        0.5,
        "of the word 5-grams of a burst's pages, those that an earlier one of them has: pages of one mould",
        minimum=0,
        maximum=1,
    )
    burst_max_share: float = setting(
        0.5,
        "where more of the domains with so many pages were unknown, the earlier corpora are of another crawl: not reported",
        minimum=0,
        maximum=1,
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "provenance.")


class Change(NamedTuple):
    """Between an earlier capture and this one; places are code points of this one, (0, 0) where nothing is new."""

    kept_share: float  # of the earlier 5-grams
    new_share: float  # of this one's
    start: int
    end: int


def changes(earlier: pa.Array, text: pa.Array) -> list[Change]:
    """Row by row. Where a side is too short for a 5-gram, all is kept if the other is too."""
    old_bounds, old, _, _ = _ngrams(earlier)
    bounds, new, starts, ends = _ngrams(text)
    found = []
    for row in range(len(text)):
        before, after = old[old_bounds[row] : old_bounds[row + 1]], new[bounds[row] : bounds[row + 1]]
        kept = np.isin(np.unique(before), after)
        is_new = ~np.isin(after, before)
        span = _new_words(np.flatnonzero(is_new), starts[bounds[row] : bounds[row + 1]], ends[bounds[row] : bounds[row + 1]])
        share = float(kept.mean()) if len(kept) else float(not len(after))
        found.append(Change(share, float(is_new.mean()) if len(after) else 0.0, *span))
    return found


def _new_words(places: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> tuple[int, int]:
    """From the last word of the old n-gram before the first new one to the first word of the old one after the last."""
    if not len(places):
        return 0, 0
    first, last = places[0], places[-1]
    start = int(ends[first - 1]) if first else int(starts[0])
    end = int(starts[last + 1]) if last + 1 < len(starts) else int(ends[last])
    return start, max(start, end)


def _ngrams(text: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    bounds, hashes, starts, ends = sampled_ngrams(*flatten(text), character_forms(), NGRAM_WORDS, 1)
    return bounds, hashes, starts, ends


def sampled_fingerprints(text: pa.Array, every: int) -> tuple[np.ndarray, np.ndarray]:
    """(row, fingerprint) of the distinct word 5-grams of each row, one in `every` by its hash: the same wherever they stand."""
    bounds, fingerprints, _, _ = sampled_ngrams(*flatten(text), character_forms(), NGRAM_WORDS, every)
    rows = np.repeat(np.arange(len(text)), np.diff(bounds))
    pairs = np.unique(np.stack((rows, fingerprints)), axis=1)
    return pairs[0], pairs[1]


def verdict(change: Change, days: float | None, settings: ProvenanceSettings) -> str:
    """split_view, edited_text, or "" where the change is an ordinary one."""
    if change.kept_share < settings.min_kept_share:
        return "split_view"
    soon = days is not None and 0 <= days <= settings.hold_back_days
    edited = change.kept_share >= settings.min_unchanged_share and 0 < change.new_share <= settings.max_new_share
    return "edited_text" if soon and edited else ""
