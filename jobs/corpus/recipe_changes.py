"""In what two recipes differ, told by the settings that decide: a bound that a recipe leaves as it was is no difference."""

import dataclasses
from typing import Any

from jobs.corpus.recipe import Recipe
from pipeline.quality.rules import Rule, resolve

SHOWN = 40  # lines of a long difference


def differences(before: Recipe, now: Recipe) -> list[str]:
    """A line each, in the order of the sections: "rules.gopher_short_doc.minimum: 50 → 30"."""
    lines = [line for one in dataclasses.fields(Recipe) if one.name != "rules" for line in _of_section(one.name, before, now)]
    return lines + _of_rules(
        {rule.name: rule for rule in resolve(before.rules)}, {rule.name: rule for rule in resolve(now.rules)}
    )


def shown(lines: list[str]) -> str:
    rest = f"\n  and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return "\n".join(f"  {line}" for line in lines[:SHOWN]) + rest


def _of_section(name: str, before: Recipe, now: Recipe) -> list[str]:
    old, new = (dataclasses.asdict(getattr(recipe, name)) for recipe in (before, now))
    return [f"{name}.{key}: {_told(old.get(key))} → {_told(new[key])}" for key in new if old.get(key) != new[key]]


def _of_rules(before: dict[str, Rule], now: dict[str, Rule]) -> list[str]:
    lines = []
    for name in dict.fromkeys([*before, *now]):
        if name not in now or name not in before:
            lines.append(f"rules.{name}.enabled: {'true → false' if name in before else 'false → true'}")
            continue
        old, new = before[name], now[name]
        for key in ("minimum", "maximum", "languages", "exempt_languages", "values", "unless_quality"):
            if getattr(old, key) != getattr(new, key):
                lines.append(f"rules.{name}.{key}: {_told(getattr(old, key))} → {_told(getattr(new, key))}")
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
