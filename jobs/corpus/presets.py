"""Recipes that ship: the published ones as they were published, and winnow's own judgement.

A preset says what differs from the table of rules and from the settings of each section. `default` is what a recipe begins with
that names no other base.
"""

from dataclasses import dataclass
from typing import Any

from pipeline.errors import RecipeError
from pipeline.quality.rules import RULES

Changes = dict[str, Any]  # of a recipe: section -> setting -> value; of `rules`: rule -> setting -> value

_OFF: Changes = {"enabled": False}
_OWN = (
    "too_few_chars", "too_few_words", "too_many_chars", "mojibake", "gopher_alphabetic_words", "low_quality", "safety_words",
    "safety_word_share", "language_share", "unwanted_page_type",
)  # fmt: skip
_ENGLISH: Changes = {"values": ["en"]}
_AS_READ: Changes = {"mojibake": {"repair": False}, "repeats": {"host_pages": None, "passage_words": None}}  # no paper has these
_NO_LINE_RULES: Changes = {
    "max_word_chars": None, "min_words_per_line": None, "drop_javascript_lines": False, "drop_policy_lines": False,
    "remove_citations": False,
}  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """A recipe that ships."""

    meaning: str
    source: str
    changes: Changes


def _without(*groups: str) -> Changes:
    """Rules of these groups, and those of no paper, switched off."""
    return {rule.name: _OFF for rule in RULES if rule.stage in groups or rule.name in _OWN}


_FINEWEB = Preset(
    "FineWeb: Gopher, C4 without its rule for line ends, and three rules of its own; English",
    "Penedo et al. 2024 and datatrove's examples/fineweb.py; the URL list is winnow's",
    {
        **_AS_READ,
        "lines": {"drop_blank_lines": True},
        "duplicates": {"scope": "input"},
        "rules": {**_without(), "language": _ENGLISH},
    },
)
_C4 = Preset(
    "C4: lines that end in a terminal mark, pages of five such sentences, no span of three sentences twice; English",
    "Raffel et al. 2019 as in datatrove; its list of bad words is not shipped, its langdetect is winnow's language model",
    {
        **_AS_READ,
        "repeats": {**_AS_READ["repeats"], "sentences": 3},
        "lines": {"require_terminal_punctuation": True, "drop_blank_lines": True},
        "rules": {
            **_without("url", "gopher_repetition", "gopher_quality", "fineweb"),
            "language": _ENGLISH,
            "language_confidence": _OFF,
        },
    },
)
_GOPHER = Preset(
    "Gopher (MassiveWeb): its rules of quality and of repetition; English",
    "Rae et al. 2021, A1.1, as in datatrove",
    {
        **_AS_READ,
        "lines": _NO_LINE_RULES,
        "rules": {**_without("url", "c4", "fineweb"), "language": _ENGLISH, "language_confidence": _OFF},
    },
)
# What condemns a genre yields to a page that the score calls good; docs/quality.md counts what each of these departures does.
_GOOD = 0.4
_YIELDS: Changes = {"unless_quality": _GOOD}
_DEFAULT = Preset(
    "winnow's own: bounds that condemn a genre are loosened or yield to a good score; every language",
    "docs/quality.md, a line of evidence for every departure",
    {
        "rules": {
            "gopher_below_alpha_threshold": _OFF,  # manuals, tables, signatures: marks are no words
            "curly_bracket": _OFF,  # code
            "char_dup_ratio": {"maximum": 0.1, **_YIELDS},  # code, tables, forums: lines that recur
            "gopher_alphabetic_words": _YIELDS,
            "gopher_too_many_bullets": _YIELDS,
            "gopher_too_many_hashes": {"maximum": 0.5},  # comments of scripts
            "too_few_sentences": {"minimum": 3, **_YIELDS},
            "line_punct_ratio": _YIELDS,  # poems, lists, code
            "short_line_ratio": _YIELDS,  # poems, dialogue
            "list_ratio": _YIELDS,
            # Reference pages and refrains repeat themselves; no score pardons a page that is mostly copies of its own lines.
            **{f"dup_{part}_frac": {"maximum": 0.5} for part in ("para", "line")},
            **{f"dup_{part}_char_frac": {"maximum": 0.4} for part in ("para", "line")},
            **{f"top_{n}_gram": {"maximum": bound} for n, bound in ((2, 0.3), (3, 0.27), (4, 0.24))},
            **{f"duplicated_{n}_n_grams": {"maximum": 0.5} for n in range(5, 11)},
            "language_confidence": {"minimum": 0.5, "unless_quality": 0.5},  # likelier right than not; pages of several
            "low_quality": {"minimum": 0.3, "languages": ["en"]},
        }
    },
)
PRESETS: dict[str, Preset] = {"default": _DEFAULT, "fineweb": _FINEWEB, "c4": _C4, "gopher": _GOPHER}


def preset_changes(name: str) -> Changes:
    """What a preset changes. Raises RecipeError for a name that is none."""
    if name not in PRESETS:
        raise RecipeError(f"{name!r} is no recipe that ships; these are {', '.join(PRESETS)}")
    return PRESETS[name].changes


def laid_over(base: Changes, changes: Changes) -> Changes:
    """`base` with every setting that `changes` names, tables within tables likewise; neither is edited."""
    merged = dict(base)
    for name, value in changes.items():
        before = merged.get(name)
        merged[name] = laid_over(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
