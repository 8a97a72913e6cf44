"""A rule with another bound, asked of measures alone: what would come back and what would go, before anything is made again.

A page comes back where this rule is all that it breaks; it may then prove to be a copy, or be dropped by the scan.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from jobs.report.measures import Axis, Bound, Distribution, bounds_of, distribution
from jobs.report.store import Store
from pipeline.quality.rules import Rule
from pipeline.tables import MEASURES

Rows = list[dict[str, Any]]
NEAREST, SAMPLED, GROUPS = 8, 6, 12
SLIDER_STEPS = 100
SUMS = (
    "count(*) as pages, coalesce(sum(text_chars), 0)::bigint as characters, coalesce(sum(expected_tokens), 0)::bigint as tokens"
)


@dataclass(frozen=True)
class WhatIf:
    """A rule as it stands and as it might be, over the pages that it applies to."""

    rule: Rule
    bit: int  # of the rule in `pages.broken`
    asked: Rule  # the rule with the bounds asked for

    @property
    def is_changed(self) -> bool:
        return (self.rule.minimum, self.rule.maximum) != (self.asked.minimum, self.asked.maximum)

    @property
    def column(self) -> str:
        return f'"{self.rule.measure}"'

    def applies(self) -> str:
        """SQL: pages that the rule looks at and that no other rule drops, each once."""
        languages = [f"language in ({_listed(self.rule.languages)})"] if self.rule.languages is not None else []
        exempt = self.rule.exempt_languages
        others = [f"coalesce(language not in ({_listed(exempt)}), true)"] if exempt else []
        types = self.rule.exempt_page_types
        others += [f"coalesce(page_type not in ({_listed(types)}), true)"] if types else []
        alone = f"broken & ~{self.bit}::uhugeint = 0"
        return " and ".join(["not repeated", "outcome <> 'removed'", f"{self.column} is not null", alone, *languages, *others])

    def breaks(self, rule: Rule) -> str:
        """SQL: pages beyond a bound of `rule`; bounds are compared in the measure's own type, as the stage does."""
        kind = "double" if pa.types.is_integer(MEASURES.get(rule.measure, pa.float32())) else "float"
        low = [f"{self.column} < {rule.minimum!r}::{kind}"] if rule.minimum is not None else []
        high = [f"{self.column} > {rule.maximum!r}::{kind}"] if rule.maximum is not None else []
        return f"({' or '.join([*low, *high]) or 'false'})"

    def changes(self) -> dict[str, str]:
        """SQL of the two kinds of pages whose fate the new bound changes."""
        now, then = self.breaks(self.rule), self.breaks(self.asked)
        return {"back": f"{now} and not {then}", "gone": f"{then} and not {now}"}


@dataclass(frozen=True)
class Slider:
    """A bound to be moved by hand: from `low` to `high` by `step`; the bound itself is one of the steps."""

    name: str  # of the parameter: minimum, maximum
    value: float
    low: float
    high: float
    step: float


def sliders(asked: WhatIf, axis: Axis | None) -> list[Slider]:
    """One per bound of the rule, over the part of the axis where pages are; about SLIDER_STEPS steps each."""
    is_whole = pa.types.is_integer(MEASURES.get(asked.rule.measure, pa.float32()))
    return [
        _slider(name, value, own, axis, is_whole)
        for name, value, own in (
            ("minimum", asked.asked.minimum, asked.rule.minimum),
            ("maximum", asked.asked.maximum, asked.rule.maximum),
        )
        if value is not None and own is not None
    ]


def _slider(name: str, value: float, own: float, axis: Axis | None, is_whole: bool) -> Slider:
    """Of a logarithmic axis only the part around the bound, as the rest is most of the way; the rule's `own` bound is in it."""
    low, high = (0.0, 2 * max(abs(value), abs(own)) or 1.0) if axis is None or axis.logarithmic else (axis.low, axis.high)
    low, high = min(low, value, own), max(high, value, own)
    rough = (high - low) / SLIDER_STEPS or 1.0
    digit = 10.0 ** math.floor(math.log10(rough))
    step = next(digit * one for one in (1, 2, 5, 10) if digit * one >= rough * (1 - 1e-9))
    step = max(1.0, step) if is_whole else step
    below, above = math.floor((value - low) / step + 1e-9), math.floor((high - value) / step + 1e-9)
    return Slider(name, value, value - below * step, value + above * step, step)


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names) if name.isalpha())  # of languages and types; no values of a request


def what_if(rule: Rule, bit: int, minimum: float | None, maximum: float | None) -> WhatIf:
    """`minimum` and `maximum` count where the rule has that bound."""
    asked = replace(
        rule,
        minimum=minimum if rule.minimum is not None and minimum is not None else rule.minimum,
        maximum=maximum if rule.maximum is not None and maximum is not None else rule.maximum,
    )
    return WhatIf(rule, bit, asked)


def sums(store: Store, asked: WhatIf) -> dict[str, Any]:
    """{"now", "then", "back", "gone"}: pages, characters, expected tokens that pass this rule and all others, and that change."""
    conditions = {
        "now": f"not {asked.breaks(asked.rule)}",
        "then": f"not {asked.breaks(asked.asked)}",
        **asked.changes(),
    }
    columns = {"pages": "count(*)", "characters": "sum(text_chars)", "tokens": "sum(expected_tokens)"}
    selected = ", ".join(
        f"coalesce({column} filter ({condition}), 0)::bigint as {name}_{kind}"
        for name, condition in conditions.items()
        for kind, column in columns.items()
    )
    found = store.row(f"select {selected} from pages where {asked.applies()}")
    return {name: {kind: found[f"{name}_{kind}"] for kind in columns} for name in conditions}


def groups(store: Store, asked: WhatIf, column: str) -> tuple[Rows, int]:
    """(the languages or hosts that change most: pages now, back, gone, and tokens; how many change in all)."""
    back, gone = asked.changes().values()
    rows = store.rows(f"""
        with changed as (
            select {column} as name, count(*) filter (not {asked.breaks(asked.rule)}) as now,
                   count(*) filter ({back}) as back, count(*) filter ({gone}) as gone,
                   (coalesce(sum(expected_tokens) filter ({back}), 0) - coalesce(sum(expected_tokens) filter ({gone}), 0))::bigint
                       as tokens
            from pages where {asked.applies()} group by {column})
        select *, count(*) over () as groups from changed where back + gone > 0
        order by back + gone desc, name limit {GROUPS}
        """)
    return rows, rows[0]["groups"] if rows else 0


def nearest(store: Store, asked: WhatIf) -> list[tuple[Bound, Rows, Rows]]:
    """Of each bound asked for: the pages closest to it that pass, and those that break it."""
    found = []
    for bound in bounds_of((asked.asked,)).get(asked.rule.measure, []):
        kind = "double" if pa.types.is_integer(MEASURES.get(asked.rule.measure, pa.float32())) else "float"
        at = f"{bound.value!r}::{kind}"
        inside, outside = (f">= {at}", f"< {at}") if bound.is_minimum else (f"<= {at}", f"> {at}")
        order = ("asc", "desc") if bound.is_minimum else ("desc", "asc")
        sides = (
            _pages(store, asked, f"{asked.column} {side}", f"{asked.column} {direction}, lot", NEAREST)
            for side, direction in zip((inside, outside), order, strict=True)
        )
        found.append((bound, next(sides), next(sides)))
    return found


def samples(store: Store, asked: WhatIf, seed: int) -> dict[str, Rows]:
    """Some pages of each kind, the same ones for the same seed: dropped by this rule alone and kept, or, of a bound that was
    changed, back and gone."""
    broken = asked.breaks(asked.rule)
    kinds = asked.changes() if asked.is_changed else {"dropped": broken, "kept": f"not {broken} and outcome = 'kept'"}
    order = f"hash(lot, {seed}), lot"
    return {name: _pages(store, asked, condition, order, SAMPLED) for name, condition in kinds.items()}


def _pages(store: Store, asked: WhatIf, condition: str, order: str, limit: int) -> Rows:
    return store.rows(
        f"select doc_id, url, title, language, outcome, text_chars, {asked.column} as value from pages "
        f"where {asked.applies()} and {condition} order by {order} limit {limit}"
    )


def curve(store: Store, asked: WhatIf) -> tuple[Distribution, Rows] | None:
    """How pages spread over the measure, and (at, pages, tokens) for a bound at each step: shares of what all other rules leave.

    None where no page has the measure.
    """
    bounds = bounds_of((asked.rule,)).get(asked.rule.measure, [])
    found = distribution(store, asked.rule.measure, bounds)
    if found is None or len(bounds) != 1:
        return (found, []) if found else None
    return found, _cumulated(store, asked, found.axis, bounds[0].is_minimum)


def _cumulated(store: Store, asked: WhatIf, axis: Axis, is_minimum: bool) -> Rows:
    value = f"log10(1 + greatest({asked.column}, 0))" if axis.logarithmic else asked.column
    steps = store.rows(
        f"""select least(greatest(floor(({value} - ?) / ? * {axis.steps}), 0), {axis.steps - 1})::int as step, {SUMS}
            from pages where {asked.applies()} and isfinite({asked.column}) group by step""",
        axis.low,
        axis.high - axis.low,
    )
    by_step = {row["step"]: row for row in steps}
    rows = list[dict[str, Any]]()
    for kind in ("pages", "tokens"):
        counts = [by_step.get(step, {}).get(kind, 0) for step in range(axis.steps)]
        whole = sum(counts)
        for border in range(axis.steps + 1):
            passing = sum(counts[border:]) if is_minimum else sum(counts[:border])
            at = axis.low + (axis.high - axis.low) * border / axis.steps
            rows.append({"at": at, "kind": kind, "share": passing / whole if whole else 0.0})
    return rows
