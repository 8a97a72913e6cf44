"""The one table of quality rules, as published, and how a recipe changes it. pipeline/quality/verdicts.py applies it.

The order is FineWeb's; the first rule that a page breaks is its reason, and all it breaks are known. Where the paper's form of a
rule and that of datatrove, on whose numbers the bounds were used since, give different verdicts, each is a rule of its own name.
jobs/corpus/presets.py says which of them a recipe takes, and what winnow makes of them. Two checks of what
the bounds, tuned on the English web, do elsewhere, which the exempt languages below come from:

- Plain prose: 401 of 450 translations of the Declaration of Human Rights break no rule, among them all in the languages of
  stop_words.txt; those that do are spelt with loose marks (33, `gopher_below_alpha_threshold`) or very short or long words.
- 6,375 pages of free-software manuals in 22 languages: three rules take what is full of code and commands, and do so in
  datatrove too: `gopher_below_alpha_threshold` 13 to 97 % of a language's pages, `curly_bracket` 6 to 51 %, `char_dup_ratio` 2 to
  38 %. All others together take 12 to 23 % of each language.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, make_dataclass
from typing import TYPE_CHECKING, Any

import re2

from pipeline.errors import RecipeError
from pipeline.quality.stop_words import PARTICLES, STOP_WORDS
from pipeline.quality.verdicts import BROKEN, LISTED, OWN, Rule, judge
from pipeline.tables import PAGE_TYPES

__all__ = ["BROKEN", "RULES", "RULE_GROUPS", "Rule", "RuleChange", "RuleSettings", "judge", "resolve", "rule_settings"]

# FineWeb's order, with what it has not: type, encoding, safety, score, legal, and a recipe's own.
RULE_GROUPS = (
    "url", "language", "type", "length", "encoding", "gopher_repetition", "gopher_quality", "c4", "fineweb", "safety", "score",
    "legal", "own",
)  # fmt: skip


LEGAL = "legal"  # the group that `rules.legal = true` switches on
MOST_OWN = 32
OWN_NAME = re2.compile(r"[a-z][a-z0-9_]{0,63}")
_UNSPACED = frozenset(PARTICLES)
_ADULT_WORDS = frozenset((
    "porn", "porno", "pornos", "pornstar", "pornstars", "xxx", "hentai", "camgirl", "camgirls", "camsex", "sexcam", "sexcams",
    "sexchat", "bukkake", "gangbang", "milf", "milfs", "creampie", "blowjob", "blowjobs", "cumshot", "deepthroat",
))  # fmt: skip


def _gopher(name: str, measure: str, minimum: float | None, maximum: float | None) -> Rule:
    return Rule(name, "gopher_quality", measure, minimum, maximum, source="Gopher A1.1")


def _repetition(name: str, measure: str, maximum: float) -> Rule:
    return Rule(name, "gopher_repetition", measure, None, maximum, source="Gopher A1.1")


RULES: tuple[Rule, ...] = (
    Rule("blocked_host", "url", "host", values=frozenset(), source="hosts and all below them; no list ships"),
    Rule("blocked_url_word", "url", "url", values=_ADULT_WORDS, source="own list, after the strict words of RefinedWeb G.1"),
    Rule("language", "language", "language",
         source="`values` lists the languages wanted; without it all that the model knows are, and `und` is none of them"),
    Rule("language_confidence", "language", "language_confidence", 0.65,
         source="FineWeb; of the manuals, below it are 1 % of the pages whose language is right, 20 % of the wrong ones"),
    Rule("language_share", "language", "language_share", source="no bound: pages that mix languages stay"),
    Rule("unwanted_page_type", "type", "page_type", values=frozenset(),
         source="`values` lists the types that go; a page whose type could not be told stays"),
    Rule("too_few_chars", "length", "text_chars", 1, source="a page without text"),
    Rule("too_few_words", "length", "word_count", 2, source="a page of one word is no page"),
    Rule("too_many_chars", "length", "text_chars", None, 2_000_000, source="no page outweighs thousands of others"),
    Rule("mojibake", "encoding", "mojibake_share", None, 0.01,
         source="one accent in ten of French; what is certain is repaired and does not count, what is left nobody can read"),
    _repetition("dup_para_frac", "repeated_paragraph_share", 0.30),
    _repetition("dup_para_char_frac", "repeated_paragraph_char_share", 0.20),
    _repetition("dup_line_frac", "repeated_line_share", 0.30),
    _repetition("dup_line_char_frac", "repeated_line_char_share", 0.20),
    _repetition("top_2_gram", "top_2_gram_char_share", 0.20),
    _repetition("top_3_gram", "top_3_gram_char_share", 0.18),
    _repetition("top_4_gram", "top_4_gram_char_share", 0.16),
    _repetition("duplicated_5_n_grams", "duplicate_5_gram_char_share", 0.15),
    _repetition("duplicated_6_n_grams", "duplicate_6_gram_char_share", 0.14),
    _repetition("duplicated_7_n_grams", "duplicate_7_gram_char_share", 0.13),
    _repetition("duplicated_8_n_grams", "duplicate_8_gram_char_share", 0.12),
    _repetition("duplicated_9_n_grams", "duplicate_9_gram_char_share", 0.11),
    _repetition("duplicated_10_n_grams", "duplicate_10_gram_char_share", 0.10),
    _gopher("gopher_short_doc", "word_count", 50, None),
    _gopher("gopher_long_doc", "word_count", None, 100_000),
    Rule("gopher_below_avg_threshold", "gopher_quality", "mean_word_chars", 3, exempt_languages=_UNSPACED | {"bo", "dz", "ko"},
         source="Gopher A1.1; says nothing where words are syllables or counted by length, and the mean of Korean is 3"),
    Rule("gopher_above_avg_threshold", "gopher_quality", "mean_word_chars", None, 10, exempt_languages=frozenset({"kl", "ml"}),
         source="Gopher A1.1; the mean of Greenlandic is 15, of Malayalam 12"),
    _gopher("gopher_too_many_hashes", "hashes_per_word", None, 0.1),
    _gopher("gopher_too_many_ellipsis", "ellipses_per_word", None, 0.1),
    _gopher("gopher_too_many_bullets", "bullet_line_share", None, 0.9),
    _gopher("gopher_too_many_end_ellipsis", "ellipsis_line_share", None, 0.3),
    Rule("gopher_below_alpha_threshold", "gopher_quality", "alphabetic_token_share", 0.8,
         source="Gopher A1.1 as in datatrove: of words and marks, so that signatures, tables and lists of numbers fall; English"),
    Rule("gopher_alphabetic_words", "gopher_quality", "alphabetic_word_share", 0.8,
         source="Gopher A1.1 as its paper has it: of the words"),
    Rule("gopher_enough_stop_words", "gopher_quality", "stop_word_count", 2, languages=frozenset(STOP_WORDS) | _UNSPACED,
         source="Gopher A1.1 for English; lists of pipeline/quality/stop_words.txt"),
    Rule("lorem_ipsum", "c4", "lorem_ipsum_line_count", None, 0, source="C4"),
    Rule("curly_bracket", "c4", "curly_bracket_line_count", None, 0, source="C4; takes most pages with code"),
    Rule("too_few_sentences", "c4", "kept_sentence_count", 5, exempt_languages=frozenset({"th", "lo"}),
         source="C4 as in datatrove; Thai and Lao end a sentence with a space"),
    Rule("empty", "fineweb", "kept_line_count", 1, source="FineWeb"),
    Rule("line_punct_ratio", "fineweb", "terminal_line_share", 0.12, exempt_languages=frozenset({"th", "lo"}),
         source="FineWeb; Thai and Lao end a sentence with a space"),
    Rule("short_line_ratio", "fineweb", "short_line_share", None, 0.67, exempt_languages=frozenset({"ja", "ko", "zh"}),
         source="FineWeb; 30 characters are no short line of these scripts"),
    Rule("char_dup_ratio", "fineweb", "repeated_char_share", None, 0.01, source="FineWeb"),
    Rule("list_ratio", "fineweb", "newlines_per_word", None, 0.3, source="FineWeb"),
    Rule("safety_words", "safety", "safety_word_count", source="no bound, no list ships; C4: one word of LDNOOBW"),
    Rule("safety_word_share", "safety", "safety_word_share", source="no bound, no list ships"),
    Rule("low_quality", "score", "quality", 0.5, source="winnow: the score that pipeline/models/quality.md describes"),
    Rule("legal_robots", LEGAL, "robots", values=frozenset({"noai", "noarchive", "noindex", "none", "nosnippet"}), enabled=False,
         source="pages that say one of `values` to all robots; \"ccbot: noindex\" is one said to a single crawler"),
    Rule("legal_tdm", LEGAL, "tdm_reservation", None, 0, enabled=False, source="TDMRep: 1 reserves the rights to mine the text"),
    Rule("legal_license", LEGAL, "license", enabled=False,
         source="`values` lists the licences wanted, CC-BY with all its versions; without it all are, and pages that name none"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """What a recipe says of one rule; what it leaves out stays as in RULES.

    [rules.gopher_short_doc]
    minimum = 20
    languages = ["en", "de"]      # ["all"] lifts a limit to some
    """

    enabled: bool | None = None  # null: as in RULES, or as `rules.legal` says
    minimum: float | None = None
    maximum: float | None = None
    languages: tuple[str, ...] | None = None
    exempt_languages: tuple[str, ...] | None = None
    values: tuple[str, ...] | None = None
    exempt_page_types: tuple[str, ...] | None = None  # documentation, forum, …: pages of these are not judged by it
    unless_quality: float | None = None  # pages that score as much are not judged by it; above 1 takes that back


@dataclass(frozen=True, kw_only=True)
class OwnRule(RuleChange):
    """A rule that is none of RULES, over a measure of winnow's or of a plug-in.

    [rules.own.too_loud]
    measure = "exclamations_per_word"
    maximum = 0.2
    """

    measure: str


if TYPE_CHECKING:

    @dataclass(frozen=True)
    class RuleSettings:
        """The changes a recipe makes to RULES, one field per rule."""

        legal: bool
        own: Mapping[str, OwnRule]

        def __init__(
            self, *, legal: bool = False, own: Mapping[str, Any] | None = None, **changes: RuleChange | Mapping[str, Any]
        ) -> None: ...

else:

    def _accept_tables(settings: Any) -> None:
        for rule in RULES:
            object.__setattr__(settings, rule.name, _as_change(rule.name, getattr(settings, rule.name)))
        if not isinstance(settings.legal, bool):
            raise RecipeError(f"rules.legal is {settings.legal!r}; write true or false")
        object.__setattr__(settings, OWN, _own_rules(settings.own))
        resolve(settings)  # a minimum above its maximum is found before anything runs

    # One field per rule, and the switch of a group: whatever reads dataclasses reads [rules.NAME], and refuses other names.
    RuleSettings = make_dataclass(
        "RuleSettings",
        [(rule.name, RuleChange, field(default=RuleChange())) for rule in RULES]
        + [("legal", bool, field(default=False)), (OWN, dict[str, Any], field(default_factory=dict))],
        namespace={"__doc__": "The changes a recipe makes to RULES.", "__post_init__": _accept_tables, "__module__": __name__},
        frozen=True,
        kw_only=True,
    )

_FIELD_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "enabled": ("true or false", lambda value: isinstance(value, bool)),
    **dict.fromkeys(("minimum", "maximum", "unless_quality"), ("a number", lambda value: _is_number(value))),
    **dict.fromkeys(
        ("languages", "exempt_languages", "exempt_page_types", "values"), ("a list of strings", lambda value: _is_strings(value))
    ),
}


def rule_settings(tables: Mapping[str, Any]) -> RuleSettings:
    """Settings from the `[rules.…]` tables of a recipe. Raises RecipeError for what no rule knows."""
    known = [*(rule.name for rule in RULES), LEGAL, OWN]
    for name in tables:
        if name not in known:
            raise RecipeError(
                f"rules.{name} is not a rule (one of your own is rules.own.{name}); the rules are {', '.join(known)}"
            )
    return RuleSettings(**tables)


def resolve(settings: RuleSettings) -> tuple[Rule, ...]:
    """RULES as the recipe has them and its own, without those that are off. Raises RecipeError where bounds contradict."""
    changes = {rule.name: getattr(settings, rule.name) for rule in RULES}
    rules = tuple(_changed(rule, changes[rule.name]) for rule in RULES if _is_on(rule, changes[rule.name], settings.legal))
    rules += tuple(_of_recipe(name, own) for name, own in settings.own.items() if own.enabled is not False)
    for lower in rules:
        for upper in rules:
            _refuse_contradiction(lower, upper)
    return rules


def _is_on(rule: Rule, change: RuleChange, legal: bool) -> bool:
    if change.enabled is not None:
        return change.enabled
    return rule.enabled or (legal and rule.stage == LEGAL)


def _own_rules(given: Any) -> dict[str, OwnRule]:
    if not isinstance(given, Mapping) or len(given) > MOST_OWN:
        raise RecipeError(f"rules.own has a table for each rule, at most {MOST_OWN}")
    known, made = {rule.name for rule in RULES}, dict[str, OwnRule]()
    for name, values in given.items():
        if not OWN_NAME.fullmatch(str(name)) or name in known:
            raise RecipeError(f"rules.own.{str(name)[:64]}: small letters, digits and _, and no name of another rule")
        values = dataclasses.asdict(values) if isinstance(values, OwnRule) else values
        measure = values.get("measure") if isinstance(values, Mapping) else None
        if not isinstance(measure, str) or measure in LISTED:
            raise RecipeError(f"rules.own.{name}: measure = … names a number that is measured of each page, {measure!r} is none")
        change = _as_change(f"own.{name}", {key: value for key, value in values.items() if key != "measure"})
        made[name] = OwnRule(**vars(change), measure=measure)
    return made


def _of_recipe(name: str, own: OwnRule) -> Rule:
    change = {key: value for key, value in vars(own).items() if key != "measure"}
    return _changed(Rule(name, OWN, own.measure, source="of this recipe"), RuleChange(**change))


def _as_change(name: str, given: RuleChange | Mapping[str, Any]) -> RuleChange:
    values = dataclasses.asdict(given) if isinstance(given, RuleChange) else given
    if not isinstance(values, Mapping):
        raise RecipeError(f"rules.{name} is {given!r}; write a table with any of {', '.join(_FIELD_TYPES)}")
    for key, value in values.items():
        if key not in _FIELD_TYPES:
            raise RecipeError(f"rules.{name}.{key} is no setting; a rule has {', '.join(_FIELD_TYPES)}")
        wanted, is_right = _FIELD_TYPES[key]
        if not is_right(value) and value is not None:
            raise RecipeError(f"rules.{name}.{key} is {value!r}; write {wanted}")
    settings: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return RuleChange(**settings)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # NaN bounds nothing


def _is_strings(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _changed(rule: Rule, change: RuleChange) -> Rule:
    takes_list = rule.measure in LISTED
    for key in ("minimum", "maximum") if takes_list else ("values",):
        if getattr(change, key) is not None:
            allowed = "values" if takes_list else "minimum and maximum"
            raise RecipeError(f"rules.{rule.name}.{key} means nothing for {rule.measure}; write {allowed}, or enabled = false")
    types = {*(change.exempt_page_types or ()), *((change.values or ()) if rule.measure == "page_type" else ())}
    if unknown := sorted(types - set(PAGE_TYPES)):
        raise RecipeError(f"{rule.key}: {', '.join(unknown)} is no type of page; the types are {', '.join(PAGE_TYPES)}")
    given = {key: value for key, value in vars(change).items() if key != "enabled"}
    changes: dict[str, Any] = {
        key: frozenset(value) if isinstance(value, tuple) else value for key, value in given.items() if value is not None
    }
    if changes.get("languages") == {"all"}:
        changes["languages"] = None
    if changes.get("unless_quality", 0) > 1:
        changes["unless_quality"] = None
    return dataclasses.replace(rule, **changes)


def _refuse_contradiction(lower: Rule, upper: Rule) -> None:
    if lower.measure != upper.measure or lower.minimum is None or upper.maximum is None or lower.minimum <= upper.maximum:
        return
    raise RecipeError(
        f"rules.{lower.name}.minimum = {lower.minimum:g} is above rules.{upper.name}.maximum = {upper.maximum:g}: no page has "
        f"such a {lower.measure}; lower the one, raise the other, or set enabled = false"
    )
