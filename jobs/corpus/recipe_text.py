"""A recipe as TOML with the meaning and the source of every setting, for people to copy and change."""

import dataclasses
import json
from typing import Any

from jobs.corpus.recipe import NOT_SET, Recipe, build_recipe
from pipeline.quality.presets import PRESETS
from pipeline.quality.rules import RULES, Rule, resolve

NO_PARDON = 2  # a score that no page has
HEADER = """\
# {title}
# Copy it, keep what you change, delete the rest: what is missing is as its base has it. Units stand in the names.
base = {base}
"""


def recipe_toml(name: str = "default", recipe: Recipe | None = None) -> str:
    """The recipe called `name`, a preset's or any other; read again, it is the same recipe."""
    recipe = recipe or Recipe()
    title = f"{name}: {PRESETS[name].meaning} ({PRESETS[name].source})." if name in PRESETS else "What the corpus was made with."
    sections = [_section(one.name, getattr(recipe, one.name)) for one in dataclasses.fields(recipe) if one.name != "rules"]
    base = name if name in PRESETS else "default"
    standing, below = _by_name(recipe), _by_name(build_recipe({"base": base}))
    rules = [_rule(standing[one.name], below.get(one.name)) if one.name in standing else _switched_off(one) for one in RULES]
    return HEADER.format(title=title, base=_toml(base)) + "\n" + "\n".join([*sections, *rules])


def _by_name(recipe: Recipe) -> dict[str, Rule]:
    return {rule.name: rule for rule in resolve(recipe.rules)}


def _switched_off(rule: Rule) -> str:
    return f"# {rule.stage}: bounds {rule.measure}. {rule.source}\n[rules.{rule.name}]\nenabled = false\n"


def _section(name: str, values: Any) -> str:
    lines = [f"# {(type(values).__doc__ or '').splitlines()[0]}", f"[{name}]"]
    for one in dataclasses.fields(values):
        value = getattr(values, one.name)
        meaning, source = one.metadata.get("meaning", ""), one.metadata.get("source", "")
        comment = f"  # {meaning}{f' ({source})' if source else ''}"
        if value is None and one.default is None:
            lines.append(f"# {one.name} = (not set){comment}")
        else:
            lines.append(f"{one.name} = {_toml(NOT_SET if value is None else value)}{comment}")
    return "\n".join(lines) + "\n"


def _rule(rule: Rule, below: Rule | None) -> str:
    """What the rule is, and what takes back of the base's rule, `below`, what this one has not."""
    lines = [f"# {rule.stage}: bounds {rule.measure}. {rule.source}", f"[rules.{rule.name}]"]
    lines += ["enabled = true"] if below is None else []
    bounds = ("minimum", "maximum", "unless_quality")
    lines += [f"{name} = {_toml(bound)}" for name in bounds if (bound := getattr(rule, name)) is not None]
    if below is not None and below.unless_quality is not None and rule.unless_quality is None:
        lines.append(f"unless_quality = {NO_PARDON}")
    if rule.languages is not None or (below is not None and below.languages is not None):
        lines.append(f"languages = {_toml(tuple(sorted(rule.languages)) if rule.languages is not None else ('all',))}")
    if rule.exempt_languages or (below is not None and below.exempt_languages):
        lines.append(f"exempt_languages = {_toml(tuple(sorted(rule.exempt_languages)))}")
    if rule.values is not None:
        lines.append(f"values = {_toml(tuple(sorted(rule.values)))}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)  # strings, numbers and booleans are written alike in TOML
