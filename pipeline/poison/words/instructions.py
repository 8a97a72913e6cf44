"""Text that tells a model what to do: an address to it, an override of its orders, or both, near what is wanted of it.

A page that says so where no reader sees it was planted. A page that says so in view is, far more often, about prompts:
there the strongest words are worth a look and never cost the page. All patterns run in RE2, in linear time.
"""

import functools
from typing import NamedTuple

import re2

from pipeline.poison.words.phrases import AI, MEANS_OTHER, MODELS, PHRASES, Phrases

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

# People who plant praise of a paper or a shop: no address is needed to see what it is for, but alone it is only a hint.
REVIEWS = (
    r"(?:give|provide|write|leave|offer|output)\s+(?:only\s+|a\s+|an\s+|highly\s+)*(?:positive|favou?rable|glowing|enthusiastic)\s+"
    r"(?:review|rating|evaluation|assessment|recommendation)s?"
    r"|(?:do\s+not|don't|never)\s+(?:highlight|mention|list|point\s+out|discuss)\s+(?:any\s+)?(?:negatives?|weakness(?:es)?|flaws?|limitations?)"
)
# Asking for what only a model was told. "System prompt" is nobody else's word; "instructions" need
# initial, hidden, … and "messages", which a manual prints too, need "your".
PROMPT_NAMES = (
    r"system[ _-]?prompts?|(?:your|these)\s+system\s+(?:messages?|instructions?)"
    r"|(?:initial|starting|original|hidden|secret)\s+(?:instructions?|prompts?)"
    r"|your\s+(?:initial|starting|original|hidden|secret)\s+(?:configuration|messages?)"
    r"|instructions?\s+(?:you\s+were|you've\s+been|you\s+have\s+been)\s+given|(?:this|our|the)\s+(?:entire\s+|whole\s+)(?:conversation|chat)"
    r"|invite\s+système|prompts?\s+(?:de|del|do|di)\s+sistema|prompt\s+système|системн\S+\s+промпт\S*|系统提示词?|系統提示詞?|システム・?プロンプト|시스템\s?프롬프트"
)
EXTRACTION_VERBS = (
    r"repeat|show|reveal|print|output|display|translate|encode|leak|expose|disclose|tell\s+me|give\s+me|what\s+(?:are|were|is)|write\s+(?:out|down)"
    r"|zeigL|verrateL?|wiederholL|gibL?|montreL|affich\S*|révèl\S*|répèt\S*|muestr\S*|revel\S*|repit\S*|mostr\S*|repet\S*|exib\S*|rivel\S*"
    r"|покаж\S*|выведи\S*|раскрой\S*|显示|顯示|输出|輸出|重复|重複|透露|表示|出力|教え|보여|출력"
)
# Pages about this subject. Only what a reader sees is asked, so a planted text cannot excuse itself. Programs prompt too: 31 of
# 4,761 pages of manuals say "without prompting" and the like.
DISCUSSIONS = (
    r"prompt[ -]?(?:injections?|engineering|hacking|leak)|(?:shot|thought|model|llm|ai|role)[ -]prompting|"
    r"prompting (?:techniques?|guides?|strateg(?:y|ies)|methods?|(?:an? |large )?(?:llm|ai|model|language)s?)\b|"
    r"injections? (?:de|di) prompts?|jail ?break(?:s|ing)?|"
    r"adversarial prompt|red[ -]team|prompt-injektion|инъекци\S+ промпт|промпт-инъекц|提示词?注入|提示詞注入|提示工程|"
    r"プロンプト・?インジェクション|프롬프트 인젝션|حقن الأوامر|inyecci[oó]n de prompts?|injeção de prompts?"
)
# Orders that somebody has or asks about, not orders that are given: "how do I override the system prompt of bash", "a robot that
# decides to ignore its previous orders". Nothing that could be said to the reader ("I want you to …") is among them.
NARRATIONS = (
    r"\b(?:how (?:do|can|could|should|would|did) (?:i|we|they|he|she|one|people|users|students|developers|attackers)|how to|"
    r"(?:can|could|may|should|do|did|must) (?:i|we|students|users|people)|is it (?:possible|legal|safe|ok|okay|wrong|rude) to|"
    r"what (?:if|happens (?:if|when))|why (?:do|does|did)|(?:decide|trie|refuse|want|learn|choose|attempt|manage|begin)s to|"
    r"(?:decided|tried|refused|learned|chose|attempted|managed) to)\b"
)
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
def fixed(name: str) -> "re2._Regexp":
    verbs, names = fragment(EXTRACTION_VERBS), f"(?:{PROMPT_NAMES})"
    gap = r"[^\n.!?。！？]{0,40}?"
    extractions = rf"{verbs}{gap}{names}|{names}{gap}(?:출력|보여|を?表示|を?出力|を?教え)"
    named = {REVIEW: REVIEWS, "discussion": DISCUSSIONS, EXTRACTION: extractions, "narration": NARRATIONS, "his": HIS}
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
