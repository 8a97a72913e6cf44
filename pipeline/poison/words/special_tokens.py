"""Control tokens of chat models in page text: read by a tokenizer that is not careful, they end the document or begin a turn.

Pages about models print them too: there they are notes. In a quoted string of program text they are a warning.
"""

import functools

import re2

from pipeline.lists import sections
from pipeline.poison.findings import Finding, excerpt
from pipeline.poison.words.instructions import MAX_TEXT_BYTES, compiled
from pipeline.shipped import shipped

CONTROL = "control"
MAX_HITS = 20
ABOUT_BYTES = 400  # around a hit are not asked what the page is about
MIN_TERMS = 2  # of a page about models, different ones
NAMED_BYTES = 40
NAMED = (
    r"(?:tokens?|markers?|tags?|delimiters?|escap(?:e|es|ed|ing)|strip(?:s|ped|ping)?|contain(?:s|ing)?|called|such as|zeichen|"
    r"marque(?:ur|urs)|marcador(?:es)?|jetons?)[,:]? ?[\"'`“„«(]?$"
)
QUOTES = "\"'`"


@functools.cache
def _patterns() -> tuple["re2._Regexp", "re2._Regexp", "re2._Regexp"]:
    """Tokens that nothing else is, tokens that may be other things, and terms of pages about models."""
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    lists = sections(shipped("pipeline/poison/words/lists/special_tokens.txt"))
    strong, weak, terms = ("|".join(lists[name]) for name in ("strong", "weak", "terms"))
    return re2.compile(strong, options), re2.compile(weak, options), compiled(rf"(?:^|[^\pL])({terms})(?:$|[^\pL])")


@functools.cache
def _named() -> "re2._Regexp":
    return compiled(NAMED)


def findings(row: int, field: str, raw: bytes, visible: bytes) -> list[Finding]:
    """Tokens in one field of a page; `visible` says what the page is about."""
    strong, weak, _ = _patterns()
    hits = [(match.start(), match.end(), True) for match in _first(strong, raw)]
    hits += [(match.start(), match.end(), False) for match in _first(weak, raw)]
    if not hits:
        return []
    about = is_about_models(visible, [raw[start:end] for start, end, _ in hits])
    text = raw.decode("utf-8", "ignore")
    found = []
    for start, end, certain in sorted(hits):
        severity, reason = _verdict(raw, start, end, certain=certain, about=about)
        begin = len(raw[:start].decode("utf-8", "ignore"))
        stop = begin + len(raw[start:end].decode("utf-8", "ignore"))
        found.append(Finding(row, "special_token", CONTROL, severity, field, begin, stop, excerpt(text, begin, stop), "", reason))
    return found


def _verdict(raw: bytes, start: int, end: int, *, certain: bool, about: bool) -> tuple[str, str]:
    if about:
        return "note", "a control token on a page about models"
    if not certain:
        return "warn", "looks like a control token of a model"
    if is_string_of_code(raw, start, end):
        return "warn", "a control token as a string in program text"
    if is_named(raw, start):
        return "warn", "a control token that the text speaks of"
    return "severe", "a control token of a chat model"


def is_string_of_code(raw: bytes, start: int, end: int) -> bool:
    """Is it alone in quotes or backticks, with program text around: an assignment, a call, a list, or nothing but itself?"""
    before, after = raw[max(0, start - 1) : start].decode("latin-1"), raw[end : end + 1].decode("latin-1")
    if not before or not after or before not in QUOTES or after not in QUOTES:
        return False
    line = raw[max(0, start - 200) : start].split(b"\n")[-1] + raw[end : end + 60].split(b"\n")[0]
    return any(mark in line for mark in (b"=", b"(", b"[", b"{")) or not line.strip(b" \t\r,\"'`")


def is_named(raw: bytes, start: int) -> bool:
    """Do the words before it say that a token, a marker or a tag is meant?"""
    return _named().search(raw[max(0, start - NAMED_BYTES) : start]) is not None


def is_about_models(visible: bytes, hits: list[bytes]) -> bool:
    """Does the page speak of models and tokens away from the tokens themselves?"""
    _, _, terms = _patterns()
    away = visible[:MAX_TEXT_BYTES]
    places = [at for hit in set(hits) for at in _places(away, hit)]
    for at in places:
        begin, end = max(0, at - ABOUT_BYTES), min(len(away), at + ABOUT_BYTES)
        away = away[:begin] + b" " * (end - begin) + away[end:]
    said = {match.group(1).lower().removesuffix(b"s") for match in _first(terms, away, 50)}
    return len(said) >= MIN_TERMS


def _places(text: bytes, hit: bytes) -> list[int]:
    found: list[int] = []
    at = text.find(hit)
    while at >= 0 and len(found) < MAX_HITS:
        found.append(at)
        at = text.find(hit, at + len(hit))
    return found


def _first(pattern: "re2._Regexp", text: bytes, limit: int = MAX_HITS) -> list["re2._Match"]:
    found: list[re2._Match] = []
    for match in pattern.finditer(text[:MAX_TEXT_BYTES]):
        found.append(match)
        if len(found) == limit:
            break
    return found
