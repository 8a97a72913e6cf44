"""How far a page's English is that of chat models: words that they overuse, counted against what people wrote before them.

Kobak et al. 2025 ("Delving into LLM-assisted writing") found such words in excess in the abstracts of 2024, Liang et al. 2024
in peer reviews. What this can tell: whether a host, over many pages, writes in that vocabulary. What it cannot: who wrote a page.
Some people write so, a model that is asked to does not, other languages and short texts are not seen at all, and the words
change with the models. So it is a label, a note on the page and a share of its host in the report, and never a reason to drop.
"""

import functools
import math

import re2

from pipeline.lists import sections
from pipeline.poison.findings import EXCERPT_CHARACTERS, Finding
from pipeline.poison.words.artefacts import ARTEFACT
from pipeline.poison.words.instructions import MAX_TEXT_BYTES
from pipeline.shipped import shipped

RULE = "model_vocabulary"
REASON = "words that chat models overuse stand unusually close together"
BASE_RATE = 0.0008  # of words: ten times what 2.05 million words of manuals have (0.00008), since other genres praise more
MIN_DISTINCT = 5  # different ones, so that a page about fostering children or harnesses is none
MIN_SURPRISE = 6.0  # minus log10 of the chance that so many or more stand in a text of this length at the base rate


@functools.cache
def _pattern() -> "re2._Regexp":
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 64 << 20
    options.log_errors = False
    words = sections(shipped("pipeline/poison/words/lists/model_vocabulary.txt"))["overused"]
    return re2.compile(rf"\b(?:{'|'.join(words)})\b", options)


def findings(row: int, field: str, raw: bytes) -> list[Finding]:
    """At most one: the page's vocabulary, at the first of its words."""
    raw = raw[:MAX_TEXT_BYTES]
    matches = [(match.start(), match.end()) for match in _pattern().finditer(raw)]
    if len(matches) < MIN_DISTINCT:
        return []
    distinct = sorted({raw[start:end].lower().decode() for start, end in matches})
    words = raw.count(b" ") + raw.count(b"\n") + 1
    if len(distinct) < MIN_DISTINCT or surprise(len(matches), BASE_RATE * words) < MIN_SURPRISE:
        return []
    begin = len(raw[: matches[0][0]].decode("utf-8", "ignore"))
    stop = begin + matches[0][1] - matches[0][0]
    shown = f"{len(matches)} of {words} words: {', '.join(distinct)}"[:EXCERPT_CHARACTERS]
    return [Finding(row, RULE, ARTEFACT, "note", field, begin, stop, shown, "", REASON)]


def surprise(count: int, expected: float) -> float:
    """Minus log10 of the chance of `count` or more where `expected` are (Poisson's upper tail, bounded by its first term)."""
    if count <= expected:
        return 0.0
    log_chance = count * math.log(expected) - expected - math.lgamma(count + 1) - math.log1p(-expected / (count + 1))
    return max(0.0, -log_chance / math.log(10))
