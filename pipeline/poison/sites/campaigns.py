"""One text on many sites: passages made of n-grams that are rare in the crawl and yet stand on several registrable domains.

Pure: which n-grams a page holds, which stretches of it are passages, and what a group of alike passages is. The counting across
pages is jobs/stages/scan/find_campaigns.py. Only words are compared, so a template with other names in it, or a claim in other
words that keeps some of them, is one campaign; a claim that shares no five words in a row with its other versions is not seen.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import re2

from pipeline.arrays import flatten
from pipeline.duplicates.normalise import character_forms
from pipeline.errors import RecipeError
from pipeline.kernels.duplicates.fingerprints import sampled_ngrams
from pipeline.settings import check_settings, setting

CAMPAIGN, TRIGGER = "campaign", "trigger"  # the attacks
SKETCH = pa.schema(
    [
        ("fingerprints", pa.list_(pa.int64())),  # of the sampled n-grams, in the order of the text
        ("starts", pa.list_(pa.int32())),  # code points
        ("ends", pa.list_(pa.int32())),
    ]
)
SNAP_CHARACTERS = 120  # a passage is widened to the sentence it stands in where that is no further away
SENTENCE_ENDS = ".!?。！？।؟…\n"
QUOTES = "\"'“”„«»‘’「」『』"
# What sites copy from one another in good faith. On a passage that is the same letter by letter everywhere, one of these says
# that it is a notice and no campaign; a campaign in many versions is not excused by them.
NOTICES = (
    r"cookies?\b|privacy|datenschutz|impressum|terms (?:of|and)|all rights reserved|copyright|©|licen[cs]ed?\b|lizenz|licencia"
    r"|licença|permission (?:is|notice)|redistribut|warrant(?:y|ies)|creative commons|\bgnu\b|trademark|newsletter|subscribe"
    r"|javascript|lorem ipsum|mentions légales|confidentialit|powered by|required fields|log ?in\b|unsubscribe|gdpr"
)


@dataclass(frozen=True, kw_only=True)
class CampaignSettings:
    """What one text on many sites is, and what becomes of it."""

    enabled: bool = setting(True, "look for passages and triggers across sites")
    campaigns: Literal["drop", "cut", "label"] = setting(
        "cut",
        "what happens to a page with a passage of a campaign: dropped, the passage cut out, or only reported",
        "what remains of an unrelated page is worth keeping; Lee et al. 2022 cut such substrings too",
    )
    triggers: Literal["drop", "label"] = setting("drop", "what happens to a page with a trigger and what it sets off")
    ngram_words: int = setting(5, "words in an n-gram that is compared", minimum=1)
    sample_every: int = setting(
        4, "one n-gram in so many is looked at: cost falls with it, the shortest passage seen grows", minimum=1
    )
    min_pages: int = setting(8, "pages with alike passages", minimum=1)
    min_domains: int = setting(5, "registrable domains among them; also of every n-gram that makes a passage", minimum=1)
    max_pages: int = setting(5000, "an n-gram on more pages is common, not rare", minimum=1)
    max_template_share: float = setting(
        0.5,
        "an n-gram on a larger share of a domain's pages is the site's furniture",
        "navigation, footers",
        minimum=0,
        maximum=1,
    )
    min_ngrams: int = setting(4, "sampled n-grams in a passage: about four words each", minimum=1)
    max_gap_ngrams: int = setting(4, "sampled n-grams in a row of a passage that are not shared: words that differ", minimum=0)
    min_density: float = setting(0.4, "shared share of a passage's sampled n-grams", minimum=0, maximum=1)
    max_copy_share: float = setting(
        0.6,
        "where alike passages are more than this share of their pages the pages are copies: deduplication takes them",
        minimum=0,
        maximum=1,
    )
    trigger_min_domains: int = setting(
        4, "registrable domains where the same n-gram comes before text that means nothing", minimum=1
    )
    trigger_min_precision: float = setting(
        0.8, "share of the pages with the n-gram on which it comes before such text", minimum=0, maximum=1
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "campaigns.")


def sketches(text: pa.Array | pa.ChunkedArray, settings: CampaignSettings) -> pa.RecordBatch:
    """Schema SKETCH, one row per text."""
    bounds, *columns = sampled_ngrams(*flatten(text), character_forms(), settings.ngram_words, settings.sample_every)
    offsets = pa.array(bounds.astype(np.int32))
    return pa.record_batch([pa.ListArray.from_arrays(offsets, pa.array(one)) for one in columns], schema=SKETCH)


class Passage(NamedTuple):
    """A stretch of a page: places are code points."""

    start: int
    end: int
    fingerprints: list[int]


def passages(marked: list[dict[str, int]], settings: CampaignSettings) -> Iterator[Passage]:
    """Stretches of one page that hold enough shared n-grams close enough together.

    `marked`: its shared n-grams in order, each {"place": number among the page's sampled n-grams, "fingerprint", "start", "end"}.
    """
    run: list[dict[str, int]] = []
    for one in [*marked, None]:
        if run and (one is None or one["place"] - run[-1]["place"] > settings.max_gap_ngrams + 1):
            span = run[-1]["place"] - run[0]["place"] + 1
            distinct = sorted({two["fingerprint"] for two in run})
            if len(distinct) >= settings.min_ngrams and len(run) >= settings.min_density * span:
                yield Passage(run[0]["start"], max(two["end"] for two in run), distinct)
            run = []
        if one is not None:
            run.append(one)


def widened(text: str, start: int, end: int) -> tuple[int, int]:
    """From the beginning of the sentence or line to its end, where those are near."""
    before = text[max(0, start - SNAP_CHARACTERS) : start]
    found = max(before.rfind(mark) for mark in SENTENCE_ENDS)
    if found >= 0 or start <= SNAP_CHARACTERS:
        start -= len(before) - found - 1
        start += len(text[start:end]) - len(text[start:end].lstrip())
    after = text[max(end - 1, 0) : end + SNAP_CHARACTERS]
    ends = [at for mark in SENTENCE_ENDS if (at := after.find(mark)) >= 0]
    if ends:
        end += min(ends) - (after[min(ends)] == "\n")
    elif len(text) - end <= SNAP_CHARACTERS:
        end = len(text)
    return start, max(end, start)


@functools.cache
def _notices() -> "re2._Regexp":
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(NOTICES, options)


def is_notice(passage: str) -> bool:
    """Is it of the kind that sites copy in good faith?"""
    return _notices().search(passage) is not None


def is_quoted(text: str, start: int, end: int) -> bool:
    """Do quotation marks stand around or just inside the stretch?"""
    return any(one in QUOTES for one in text[max(0, start - 2) : start + 1]) and any(
        one in QUOTES for one in text[end - 1 : end + 2]
    )
