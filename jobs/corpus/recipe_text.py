"""The default recipe as TOML with the meaning and the source of every setting, for people to copy and change."""

import dataclasses
import json
from typing import Any

from jobs.corpus.recipe import Recipe
from pipeline.quality.rules import RULES, Rule

HEADER = """\
# winnow's default recipe. Copy it, keep what you change, delete the rest: what is missing keeps its default.
# Units stand in the names; a bound that is left out of a rule is no bound.
"""
LEGAL_SWITCH = """\
# The rules, in the order in which a page's first broken one is its reason.
[rules]
legal = false  # whether the rules of the group legal judge too: what pages and servers say of their use
"""


def recipe_toml() -> str:
    recipe = Recipe()
    sections = [_section(one.name, getattr(recipe, one.name)) for one in dataclasses.fields(recipe) if one.name != "rules"]
    return HEADER + "\n" + "\n".join([*sections, LEGAL_SWITCH, *(_rule(rule) for rule in RULES)])


def _section(name: str, values: Any) -> str:
    lines = [f"# {(type(values).__doc__ or '').splitlines()[0]}", f"[{name}]"]
    for one in dataclasses.fields(values):
        value = getattr(values, one.name)
        meaning, source = one.metadata.get("meaning", ""), one.metadata.get("source", "")
        comment = f"  # {meaning}{f' ({source})' if source else ''}"
        lines.append(f"{one.name} = {_toml(value)}{comment}" if value is not None else f"# {one.name} = (not set){comment}")
    return "\n".join(lines) + "\n"


def _rule(rule: Rule) -> str:
    lines = [f"# {rule.stage}: bounds {rule.measure}. {rule.source}", f"[rules.{rule.name}]"]
    lines += [f"{name} = {_toml(bound)}" for name in ("minimum", "maximum") if (bound := getattr(rule, name)) is not None]
    if not rule.enabled:
        lines.append("# enabled = true")
    if rule.languages is not None:
        lines.append(f"languages = {_toml(tuple(sorted(rule.languages)))}")
    if rule.exempt_languages:
        lines.append(f"exempt_languages = {_toml(tuple(sorted(rule.exempt_languages)))}")
    if rule.values is not None:
        lines.append(f"values = {_toml(tuple(sorted(rule.values)))}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)  # strings, numbers and booleans are written alike in TOML
