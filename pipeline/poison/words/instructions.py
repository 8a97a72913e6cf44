"""Text that tells a model what to do: an address to it, an override of its orders, or both, near what is wanted of it.

A page that says so where no reader sees it was planted. A page that says so in view is, far more often, about prompts:
there the strongest words are worth a look and never cost the page. All patterns run in RE2, in linear time.
"""

import functools
from typing import NamedTuple

import re2

from pipeline.lists import sections
from pipeline.poison.words.phrases import AI, MEANS_OTHER, MODELS, PHRASES, Phrases
from pipeline.shipped import shipped

OVERRIDE, WEAK_OVERRIDE, ADDRESS, REVIEW, EXTRACTION = "override", "weak_override", "address", "review", "extraction"
MAX_HITS = 20  # per kind, language and text
NEAR_BYTES = 300  # between an override or address and what belongs to it: two or three sentences
MAX_TEXT_BYTES = 4 << 20
LETTERS = r"[^\s.,;:!?\"'()<>\[\]{}]*"  # what a capital L stands for in the phrases; cheap, because it names no letters
BEFORE = r"(?:^|[\s.,;:!?\"'“”„«»‘’()<>\[\]{}*_`#¿¡/-])"
AFTER = r"(?:$|[\s.,;:!?\"'“”«»‘’()<>\[\]{}*_`/।،؟-])"
BETWEEN = r"[,:;\"'“”„«»)\]]{0,2}\s+(?:[^\s.!?]{1,24}\s+){0,3}[\"'“„«(\[]?"
CLOSE = r"[,:;\"'“”„«»]?\s*(?:[^\s.!?]{1,24}\s+){0,2}[\"'“„«]?"  # an address has its model within two words
UNSPACED_BETWEEN = r"[^\n.!?。！？]{0,8}"

HIS = r"\b(?:its|his|her|their)\b"
QUOTES = "\"'“”„«‘‚`「『《"


class Hit(NamedTuple):
    """What was said where: byte offsets in the text."""

    kind: str
    start: int
    end: int
    language: str


def compiled(pattern: str) -> "re2._Regexp":
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 64 << 20
    options.log_errors = False
    return re2.compile(pattern, options)


def fragment(alternation: str) -> str:
    """A phrase list as RE2 reads it: grouped, with L and `\\pL` widened to whatever is no space or punctuation."""
    cheap = alternation.replace(r"\pL*", "L").replace(r"\pL+", "L").replace("L?", "L").replace("L", LETTERS)
    return f"(?:{cheap})"


def models(language: str) -> str:
    """Every word for a model in this language."""
    return "|".join((PHRASES[language].model, MODELS, *(() if language in MEANS_OTHER else (AI,))))


def override_pattern(phrases: Phrases, which: str) -> str:
    """ignore, which and orders in the four orders that languages use."""
    ignore, which, orders = fragment(phrases.ignore), fragment(which), fragment(phrases.orders)
    gap, left, right = (BETWEEN, BEFORE, AFTER) if phrases.spaced else (UNSPACED_BETWEEN, "", "")
    sequences = ((ignore, which, orders), (ignore, orders, which), (which, orders, ignore), (orders, which, ignore))
    return left + "(?:" + "|".join(gap.join(sequence) for sequence in sequences) + ")" + right


def address_pattern(language: str) -> str:
    """Somebody is called and a model is named, or (Turkish, Hindi, Japanese, Korean) the other way round."""
    phrases = PHRASES[language]
    calls, model = fragment(phrases.calls), fragment(models(language))
    if not phrases.spaced:
        return f"(?:{calls}.{{0,8}}{model}|{model}.{{0,6}}{calls})"
    # "For LLM reviewers:", "AI agents:"; "Assistant:" alone is a line of a conversation.
    opened = r"(?:^|\n|[.!?]\s)\s*"
    called = rf"(?:for|an|für|pour|para|per|voor|för|til|dla|для|@)\s*(?:all\s+|any\s+|the\s+)?{model}"
    label = rf"{opened}(?:{called}|(?:all\s+|any\s+)?(?:{MODELS}|{AI}))\s*[:：]"
    return f"(?:{BEFORE}(?:{calls}{CLOSE}{model}|{model}{CLOSE}{calls}){AFTER}|{label})"


@functools.cache
def prefilter(kind: str) -> "tuple[re2.Set, tuple[str, ...]]":
    """Which languages have any word of this kind in a text: one pass for all of them."""
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 256 << 20
    options.log_errors = False
    words = re2.Set.SearchSet(options)
    for language, phrases in PHRASES.items():
        body = phrases.ignore if kind == "ignore" else models(language)
        words.Add(BEFORE + fragment(body) + AFTER if phrases.spaced else fragment(body))
    words.Compile()
    return words, tuple(PHRASES)


@functools.cache
def pattern(kind: str, language: str) -> "re2._Regexp":
    phrases = PHRASES[language]
    if kind == ADDRESS:
        return compiled(address_pattern(language))
    if kind == "task":
        body = fragment(phrases.task)
        return compiled(BEFORE + body + AFTER if phrases.spaced else body)
    return compiled(override_pattern(phrases, phrases.earlier if kind == OVERRIDE else phrases.every))


@functools.cache
def alternations() -> dict[str, str]:
    """What is looked for beside PHRASES, by what it is."""
    lists = sections(shipped("pipeline/poison/words/lists/instructions.txt"))
    return {name: "|".join(entries) for name, entries in lists.items()}


@functools.cache
def fixed(name: str) -> "re2._Regexp":
    lists = alternations()
    verbs, names = fragment(lists["extraction verbs"]), f"(?:{lists['prompt names']})"
    gap = r"[^\n.!?。！？]{0,40}?"
    extractions = rf"{verbs}{gap}{names}|{names}{gap}(?:출력|보여|を?表示|を?出力|を?教え)"
    narrations = rf"\b(?:{lists['narrations']})\b"
    named = {
        REVIEW: lists["reviews"],
        "discussion": lists["discussions"],
        EXTRACTION: extractions,
        "narration": narrations,
        "his": HIS,
    }
    return compiled(named[name])


def overrides(text: bytes) -> list[Hit]:
    """Every "ignore the previous instructions" of the text, strong before weak, each place once."""
    words, languages = prefilter("ignore")
    hits: list[Hit] = []
    for number in sorted(words.Match(text[:MAX_TEXT_BYTES]) or ()):
        for kind in (OVERRIDE, WEAK_OVERRIDE):
            for match in _first(pattern(kind, languages[number]), text):
                if not any(hit.start < match.end() and match.start() < hit.end for hit in hits):
                    hits.append(Hit(kind, match.start(), match.end(), languages[number]))
    return hits


def addresses(text: bytes) -> list[Hit]:
    """Every "if you are a language model" of the text, each place once."""
    words, languages = prefilter("model")
    hits: list[Hit] = []
    for number in sorted(words.Match(text[:MAX_TEXT_BYTES]) or ()):
        for match in _first(pattern(ADDRESS, languages[number]), text):
            if not any(hit.start < match.end() and match.start() < hit.end for hit in hits):
                hits.append(Hit(ADDRESS, match.start(), match.end(), languages[number]))
    return hits


def others(kind: str, text: bytes) -> list[Hit]:
    """REVIEW or EXTRACTION: one pattern for all languages."""
    return [Hit(kind, match.start(), match.end(), "en") for match in _first(fixed(kind), text)]


def has_task(text: bytes, hit: Hit) -> bool:
    """Is something wanted just behind the hit (before it, where verbs come last)?"""
    around = text[max(0, hit.start - 60) : hit.end + NEAR_BYTES]
    return pattern("task", hit.language).search(around) is not None


def is_near(one: Hit, other: Hit) -> bool:
    return max(one.start, other.start) - min(one.end, other.end) <= NEAR_BYTES


def is_discussion(visible: bytes) -> bool:
    """Is the page about prompts and attacks on them, going by what its readers see?"""
    return fixed("discussion").search(visible[:MAX_TEXT_BYTES]) is not None


def is_quoted(text: bytes, hit: Hit) -> bool:
    """Does the sentence of the hit begin with a quotation mark or a backtick?"""
    return any(mark in _begun(text, hit, 80) for mark in QUOTES)


def is_narrated(text: bytes, hit: Hit) -> bool:
    """Are the orders somebody else's, or is it asked how to override something?"""
    begun, said = _begun(text, hit, 160).encode(), text[hit.start : hit.end]
    return fixed("narration").search(begun) is not None or fixed("his").search(said) is not None


def _begun(text: bytes, hit: Hit, most_bytes: int) -> str:
    """The sentence of the hit up to its first characters."""
    before = text[max(0, hit.start - most_bytes) : hit.start + 4].decode("utf-8", "ignore")
    for end in "\n!?":
        before = before.replace(end, ". ")
    return before.rsplit(". ", 1)[-1]


def _first(wanted: "re2._Regexp", text: bytes) -> list["re2._Match"]:
    found = []
    for match in wanted.finditer(text[:MAX_TEXT_BYTES]):
        found.append(match)
        if len(found) == MAX_HITS:
            break
    return found
