"""What writing with a model leaves behind: its excuses, its blanks to fill in, its prompts. They drop no page by themselves."""

import functools

import re2

from pipeline.lists import sections
from pipeline.poison.findings import Finding, excerpt
from pipeline.poison.words.instructions import MAX_TEXT_BYTES, compiled
from pipeline.shipped import shipped

ARTEFACT = "artefact"
MAX_HITS = 20
RULES = (  # (rule, severity, reason); their patterns: lists/artefacts.txt
    ("assistant_phrase", "warn", "a chat model speaks of itself"),
    ("assistant_refusal", "note", "a chat model declines or makes excuses"),
    ("assistant_opening", "note", "a chat model's opening or closing was left in"),
    ("template_blank", "note", "a blank that was to be filled in"),
    ("leftover_prompt", "note", "the order to write the text was published with it"),
)


@functools.cache
def _patterns() -> tuple["re2._Regexp", tuple["re2._Regexp", ...]]:
    """(any artefact, those of each rule): most pages have none, and are read once."""
    lists = sections(shipped("pipeline/poison/words/lists/artefacts.txt"))
    wanted = ["|".join(lists[rule]) for rule, *_ in RULES]
    return compiled("|".join(f"(?:{one})" for one in wanted)), tuple(map(compiled, wanted))


def findings(row: int, field: str, raw: bytes) -> list[Finding]:
    """Artefacts in one field of a page."""
    raw = raw[:MAX_TEXT_BYTES]
    found: list[Finding] = []
    text = ""
    any_artefact, patterns = _patterns()
    if any_artefact.search(raw) is None:
        return found
    for (rule, severity, reason), pattern in zip(RULES, patterns, strict=True):
        for number, match in enumerate(pattern.finditer(raw)):
            if number == MAX_HITS:
                break
            text = text or raw.decode("utf-8", "ignore")
            begin = len(raw[: match.start()].decode("utf-8", "ignore"))
            stop = begin + len(raw[match.start() : match.end()].decode("utf-8", "ignore"))
            found.append(Finding(row, rule, ARTEFACT, severity, field, begin, stop, excerpt(text, begin, stop), "", reason))
    return found
