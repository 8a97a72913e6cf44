"""Who judges pages in bench_poison: winnow's scan as the stage runs it, and the model-free peers by their published rules.

The peers are written anew from what their documentation and rule files say they look for; no code of theirs is here. They
read what our extractor gives, visible text, hidden text and what markup says together, which is more than most of their users
would feed them.
"""

import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pyarrow as pa
import re2

from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.poison.findings import SEVERITIES, dropping_severities
from pipeline.poison.scan import scan
from pipeline.read.html import extract

BATCH = 256
RECIPE = Recipe()
SETTINGS = ingest_settings(RECIPE)
Span = tuple[int, int]


class Page(NamedTuple):
    """As ingest gives it to the scan."""

    text: str
    hidden: str = ""
    markup: str = ""

    @property
    def whole(self) -> str:
        return "\n".join(self)


class Judgement(NamedTuple):
    flagged: bool  # at the recipe's threshold: the page would be dropped
    reported: bool  # a warning or worse
    spans: list[Span]  # of warnings or worse in the visible text


def page_of(payload: bytes) -> Page:
    """Of a page in UTF-8."""
    extracted = extract(payload, SETTINGS.html)
    return Page(extracted.text, extracted.hidden_text, extracted.markup_text)


def winnow(pages: list[Page]) -> Iterator[Judgement]:
    """In the order of the pages."""
    severe = dropping_severities(RECIPE.scan)
    for first in range(0, len(pages), BATCH):
        batch = pages[first : first + BATCH]
        texts, hidden, markup = (pa.array(column, pa.string()) for column in zip(*batch, strict=True))
        rows: list[list[dict[str, object]]] = [[] for _ in batch]
        for finding in scan(texts, hidden, RECIPE.scan, markup).findings.to_pylist():
            rows[finding["row"]].append(finding)
        for found in rows:
            worse = [one for one in found if SEVERITIES.index(str(one["severity"])) >= SEVERITIES.index("warn")]
            spans = [(int(str(one["start"])), int(str(one["end"]))) for one in worse if one["field"] == "text"]
            yield Judgement(any(one["severity"] in severe for one in found), bool(worse), spans)


def _any_of(patterns: tuple[str, ...], *, case_sensitive: bool) -> "re2._Regexp":
    options = re2.Options()
    options.case_sensitive = case_sensitive
    options.log_errors = False
    return re2.compile("|".join(f"(?:{one})" for one in patterns), options)


# LlamaFirewall's regex scanner as its documentation lists it: two phrases of injection and four kinds of personal data.
LLAMAFIREWALL = _any_of((
    r"ignore previous instructions", r"ignore all instructions",
    r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b", r"\b(?:\+\d{1,2}\s)?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b",
    r"\b\d{4}[\s-]?\d{4}[\s-]?\d{4}[\s-]?\d{4}\b", r"\b\d{3}-\d{2}-\d{4}\b",
), case_sensitive=False)  # fmt: skip
# vigil's two rules on injections: a verb of leaving out, perhaps "earlier", and what instructions are called; marks of prompts.
_VERBS = "Ignore,Disregard,Skip,Forget,Neglect,Overlook,Omit,Bypass,Pay no attention to,Do not follow,Do not obey".split(",")
_EARLIER = "prior previous preceding above foregoing earlier initial".split()
_THINGS = (
    "content text instruction directive command context conversation input data message communication response request".split()
)
VIGIL = _any_of((
    rf"(?:{'|'.join(_VERBS)})\s*(?:{'|'.join(_EARLIER)})?\s*(?:{'|'.join(_THINGS)})", r"System Instruction: ",
    r"\[system\]\(#(?:assistant|context)\)", r"<s>\[INST\] <<SYS>>", r"<</SYS>>", r"<\|im_start\|>(?:assistant|system)",
    r"\{\{[#/]system~\}\}",
), case_sensitive=True)  # fmt: skip


def hidden_ascii(text: str) -> bool:
    """LlamaFirewall: any character of the tag block."""
    return any("\U000e0000" <= one <= "\U000e007f" for one in text)


def invisible_text(text: str) -> bool:
    """llm-guard: any format, private or unassigned character."""
    return not text.isascii() and any(unicodedata.category(one) in ("Cf", "Co", "Cn") for one in set(text))


PEERS: dict[str, Callable[[str], bool]] = {
    "LlamaFirewall HiddenASCII": hidden_ascii,
    "LlamaFirewall regex": lambda text: LLAMAFIREWALL.search(text) is not None,
    "vigil": lambda text: VIGIL.search(text) is not None,
    "llm-guard InvisibleText": invisible_text,
}
