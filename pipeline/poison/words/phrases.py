"""How people tell a model what to do, in 27 languages: lists/phrases.txt, whose head says what each phrase is for."""

from dataclasses import dataclass

from pipeline.lists import fields, sections
from pipeline.shipped import shipped


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """One language's RE2 alternations. `spaced` is False where words are not set apart by spaces."""

    ignore: str
    earlier: str
    every: str
    orders: str
    calls: str
    model: str
    task: str
    spaced: bool


def _phrases(entries: tuple[str, ...]) -> Phrases:
    named = fields(entries)
    return Phrases(spaced=named.pop("spaced", "yes") == "yes", **named)


_BY_LANGUAGE = sections(shipped("pipeline/poison/words/lists/phrases.txt"))
_EVERYWHERE = fields(_BY_LANGUAGE.pop("every language"))
AI, MODELS = _EVERYWHERE["ai"], _EVERYWHERE["models"]
MEANS_OTHER = frozenset(_EVERYWHERE["ai means other"].split())  # languages
PHRASES = {language: _phrases(entries) for language, entries in _BY_LANGUAGE.items()}
