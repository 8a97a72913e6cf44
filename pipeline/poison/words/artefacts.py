"""What writing with a model leaves behind: its excuses, its blanks to fill in, its prompts. They drop no page by themselves."""

import functools

import re2

from pipeline.poison.findings import Finding, excerpt
from pipeline.poison.words.instructions import MAX_TEXT_BYTES, compiled

ARTEFACT = "artefact"
MAX_HITS = 20
# (rule, severity, reason, pattern): phrases of chat models as their users publish them unread, in the languages seen most.
RULES = (
    (
        "assistant_phrase",
        "warn",
        "a chat model speaks of itself",
        r"\bas an? (?:ai|artificial intelligence)(?:[- ](?:language|powered|based))* ?(?:model|assistant|chatbot)?,? (?:I|my|i)\b"
        r"|\bas a (?:large )?language model,? (?:I|trained)\b"
        r"|\bI(?:'m| am) (?:just )?an? (?:ai|large)[ -](?:language )?(?:model|assistant)\b|als (?:ki-?|großes )?sprachmodell "
        r"(?:kann|habe|bin) ich|en tant qu(?:e modèle de langage|'ia)[^.]{0,20}\bje\b"
        r"|como modelo de (?:lenguaje|linguagem)[^.]{0,30}\b(?:no|não|puedo|posso)\b|come modello linguistico|как языковая "
        r"модель|作为(?:一个|一名)?(?:人工智能|AI)(?:语言)?(?:模型|助手)?，我|(?:AI|大規模)?言語モデルとして",
    ),
    (
        "assistant_refusal",
        "note",
        "a chat model declines or makes excuses",
        r"\bI(?:'m| am) sorry,? but (?:as an ai|I (?:can(?:not|'t)|am unable to) (?:fulfil|fulfill|assist|comply|provide"
        r"|help with|generate))|\bmy (?:knowledge cutoff|training data (?:only )?(?:goes|extends|ends))"
        r"|\bas of my (?:last|latest) (?:knowledge )?(?:update|training)\b|\bI do(?:n't| not) have (?:access to real-time"
        r"|personal opinions)",
    ),
    (
        "assistant_opening",
        "note",
        "a chat model's opening or closing was left in",
        r"(?:^|\n)(?:certainly|sure|of course|absolutely)[!,] here(?:'s| is| are) (?:a|an|the|your|some)\b[^\n]{0,120}:|\bI hope "
        r"this (?:helps|meets your (?:needs|expectations))[!.] (?:let me know|if you)"
        r"|\bregenerate response\b|\bis there anything else (?:I can|you(?:'d| would) like me to)\b|\blet me know if you(?:'d| "
        r"would) like me to (?:revise|expand|adjust|change|add)\b",
    ),
    (
        "template_blank",
        "note",
        "a blank that was to be filled in",
        r"\[(?:insert|add|enter|fill in|include|your|company|recipient(?:'s)?|author(?:'s)?|customer(?:'s)?|client(?:'s)?) [a-z' "
        r"/-]{2,40}(?: here)?\]|\{\{ ?(?:insert|your)_[a-z_]{2,30} ?\}\}"
        r"|\[(?:hier|ihren?|ihr) [a-zäöüß -]{2,30}(?: einfügen| eintragen)\]|\[(?:insérer|insertar|inserir|inserisci|вставьте) "
        r"[^\]\n]{2,40}\]|\[(?:请)?(?:在此)?(?:插入|填写)[^\]\n]{1,20}\]",
    ),
    (
        "leftover_prompt",
        "note",
        "the order to write the text was published with it",
        r"(?:^|\n)(?:prompt|user prompt|title prompt): ?(?:write|create|generate|rewrite|act as)\b|\b(?:write|generate|create) "
        r"(?:a|an) (?:seo[- ](?:optimi[sz]ed|friendly)|\d{3,4}[- ]words?|unique, seo)[^\n]{0,60}(?:article|blog post|description)"
        r"\b"
        r"|\b(?:the keyword|target keyword|keyword density) (?:is|should be)\b[^\n]{0,60}\b(?:words|times|%)",
    ),
)


@functools.cache
def _patterns() -> tuple["re2._Regexp", ...]:
    return tuple(compiled(pattern) for *_, pattern in RULES)


def findings(row: int, field: str, raw: bytes) -> list[Finding]:
    """Artefacts in one field of a page."""
    raw = raw[:MAX_TEXT_BYTES]
    found: list[Finding] = []
    text = ""
    for (rule, severity, reason, _), pattern in zip(RULES, _patterns(), strict=True):
        for number, match in enumerate(pattern.finditer(raw)):
            if number == MAX_HITS:
                break
            text = text or raw.decode("utf-8", "ignore")
            begin = len(raw[: match.start()].decode("utf-8", "ignore"))
            stop = begin + len(raw[match.start() : match.end()].decode("utf-8", "ignore"))
            found.append(Finding(row, rule, ARTEFACT, severity, field, begin, stop, excerpt(text, begin, stop), "", reason))
    return found
