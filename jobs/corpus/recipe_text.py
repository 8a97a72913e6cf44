"""A recipe as text: as TOML with the meaning and source of every setting, to copy and change; and in what two differ."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from jobs.corpus.presets import PRESETS
from jobs.corpus.recipe import NOT_SET, Recipe, build_recipe
from pipeline.quality.rules import RULES, Rule, resolve
from pipeline.quality.verdicts import OWN
from pipeline.settings import key_of

SHOWN_CHANGES = 40  # lines of a long difference
NO_PARDON = 2  # a score that no page has
HEADER = """\
# {title}
# Copy it, keep what you change, delete the rest: what is missing is as its base has it. Units stand in the names.
base = {base}
"""
LEGAL_SWITCH = """\
# The rules, in the order in which a page's first broken one is its reason.
[rules]
legal = {legal}  # whether the rules of the group legal judge too: what pages and servers say of their use
"""


def recipe_toml(name: str = "default", recipe: Recipe | None = None) -> str:
    """The recipe called `name`, a preset's or any other; read again, it is the same recipe."""
    recipe = recipe or Recipe()
    title = f"{name}: {PRESETS[name].meaning} ({PRESETS[name].source})." if name in PRESETS else "What the corpus was made with."
    sections = [_section(one.name, getattr(recipe, one.name)) for one in dataclasses.fields(recipe) if one.name != "rules"]
    base = name if name in PRESETS else "default"
    standing, below = _by_name(recipe), _by_name(build_recipe({"base": base}))
    rules = [_rule(standing[one.name], below.get(one.name)) if one.name in standing else _switched_off(one) for one in RULES]
    rules += [_rule(rule, rule) for rule in standing.values() if rule.stage == OWN]
    switch = LEGAL_SWITCH.format(legal=_toml(recipe.rules.legal))
    return HEADER.format(title=title, base=_toml(base)) + "\n" + "\n".join([*sections, switch, *rules])


def _by_name(recipe: Recipe) -> dict[str, Rule]:
    return {rule.name: rule for rule in resolve(recipe.rules)}


def _switched_off(rule: Rule) -> str:
    head = f"# {rule.stage}: bounds {rule.measure}. {rule.source}\n[{rule.key}]\n"
    return head + ("enabled = false\n" if rule.enabled else "# enabled = true\n")


def _section(name: str, values: Any) -> str:
    lines = [f"# {(type(values).__doc__ or '').splitlines()[0]}", f"[{name}]"]
    given = dataclasses.asdict(values)
    for one in dataclasses.fields(values):
        value = given[one.name]
        meaning, source = one.metadata.get("meaning", ""), one.metadata.get("source", "")
        comment = f"  # {meaning}{f' ({source})' if source else ''}"
        if value is None and one.default is None:
            lines.append(f"# {key_of(one)} = (not set){comment}")
        else:
            lines.append(f"{key_of(one)} = {_toml(NOT_SET if value is None else value)}{comment}")
    return "\n".join(lines) + "\n"


def _rule(rule: Rule, below: Rule | None) -> str:
    """What the rule is, and what takes back of the base's rule, `below`, what this one has not."""
    lines = [f"# {rule.stage}: bounds {rule.measure}. {rule.source}", f"[{rule.key}]"]
    lines += ["enabled = true"] if below is None else []
    lines += [f"measure = {_toml(rule.measure)}"] if rule.stage == OWN else []
    bounds = ("minimum", "maximum", "unless_quality")
    lines += [f"{name} = {_toml(bound)}" for name in bounds if (bound := getattr(rule, name)) is not None]
    if below is not None and below.unless_quality is not None and rule.unless_quality is None:
        lines.append(f"unless_quality = {NO_PARDON}")
    if rule.languages is not None or (below is not None and below.languages is not None):
        lines.append(f"languages = {_toml(tuple(sorted(rule.languages)) if rule.languages is not None else ('all',))}")
    if rule.exempt_languages or (below is not None and below.exempt_languages):
        lines.append(f"exempt_languages = {_toml(tuple(sorted(rule.exempt_languages)))}")
    if rule.exempt_page_types or (below is not None and below.exempt_page_types):
        lines.append(f"exempt_page_types = {_toml(tuple(sorted(rule.exempt_page_types)))}")
    if rule.values is not None:
        lines.append(f"values = {_toml(tuple(sorted(rule.values)))}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items() if one is not None) + "}"
    return json.dumps(value, ensure_ascii=False)  # strings, numbers and booleans are written alike in TOML


def differences(before: Recipe, now: Recipe) -> list[str]:
    """A line each, in the order of the sections: "rules.gopher_short_doc.minimum: 50 → 30"."""
    lines = [line for one in dataclasses.fields(Recipe) if one.name != "rules" for line in _of_section(one.name, before, now)]
    return lines + _of_rules(
        {rule.name: rule for rule in resolve(before.rules)}, {rule.name: rule for rule in resolve(now.rules)}
    )


def shown(lines: list[str]) -> str:
    rest = f"\n  and {len(lines) - SHOWN_CHANGES} more" if len(lines) > SHOWN_CHANGES else ""
    return "\n".join(f"  {line}" for line in lines[:SHOWN_CHANGES]) + rest


def _of_section(name: str, before: Recipe, now: Recipe) -> list[str]:
    old, new = (dict(_flat("", dataclasses.asdict(getattr(recipe, name)))) for recipe in (before, now))
    keys = [key for key in {**new, **old} if old.get(key) != new.get(key)]
    return [f"{name}.{key.rstrip('_')}: {_told(old.get(key))} → {_told(new.get(key))}" for key in keys]


def _flat(prefix: str, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Tables within tables by their whole names."""
    for name, value in values.items():
        yield from _flat(f"{prefix}{name}.", value) if isinstance(value, dict) else [(f"{prefix}{name}", value)]


_COMPARED = ("measure", "minimum", "maximum", "languages", "exempt_languages", "exempt_page_types", "values", "unless_quality")


def _of_rules(before: dict[str, Rule], now: dict[str, Rule]) -> list[str]:
    lines = []
    for name in dict.fromkeys([*before, *now]):
        if name not in now or name not in before:
            lines.append(f"{(before.get(name) or now[name]).key}.enabled: {'true → false' if name in before else 'false → true'}")
            continue
        old, new = before[name], now[name]
        for key in _COMPARED:
            if getattr(old, key) != getattr(new, key):
                lines.append(f"{new.key}.{key}: {_told(getattr(old, key))} → {_told(getattr(new, key))}")
    return lines


def _told(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, frozenset | tuple | list):
        listed = [str(one) for one in (sorted(value) if isinstance(value, frozenset) else value)]
        return f"[{', '.join(listed[:6])}{f', and {len(listed) - 6} more' if len(listed) > 6 else ''}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
