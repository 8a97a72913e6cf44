"""Distributions of the measures and the bounds that rules put on them."""

import math
from dataclasses import dataclass

import pyarrow as pa

from jobs.report.store import Store
from pipeline.quality.rules import Rule
from pipeline.tables import MEASURES, SAFETY_MEASURES

STEPS = 48  # of a histogram
FEWEST_WHOLE = 8  # steps of an axis of whole numbers: one bar alone says nothing
SAMPLE = 1_000_000  # documents that quantiles are taken of; an exact quantile holds them all in memory
SKEWED = 10.0  # 99th percentile over median from which a count is drawn on a logarithmic scale


@dataclass(frozen=True)
class Bound:
    """One side of one rule: documents whose measure lies beyond `value` break it."""

    rule: str
    value: float
    is_minimum: bool


@dataclass(frozen=True)
class Axis:
    """Equal steps from `low` to `high`, of log10(1 + x) where `logarithmic`; the outermost steps take what lies beyond.

    Where `whole`, each step is one whole number n and spans n to n + 1.
    """

    low: float
    high: float
    steps: int = STEPS
    logarithmic: bool = False
    whole: bool = False

    def place(self, value: float) -> float:
        return math.log10(1 + max(value, 0)) if self.logarithmic else value

    def border(self, bound: Bound) -> float | None:
        """Where the documents that break the bound begin; None where that is out of sight."""
        place = self.place(bound.value + 1 if self.whole and not bound.is_minimum else bound.value)
        return place if self.low <= place <= self.high else None


@dataclass(frozen=True)
class Distribution:
    """How the documents spread over a measure; `all` and `kept` count them per step of the axis."""

    measure: str
    axis: Axis
    all: tuple[int, ...]
    kept: tuple[int, ...]
    median: float
    largest: float
    bounds: tuple[Bound, ...]
    beyond: tuple[int, ...]  # documents beyond each bound, whether or not its rule applies to their language
    documents: int


def bounds_of(rules: tuple[Rule, ...]) -> dict[str, list[Bound]]:
    bounds: dict[str, list[Bound]] = {}
    for rule in rules:
        for value, is_minimum in ((rule.minimum, True), (rule.maximum, False)):
            if value is not None:
                bounds.setdefault(rule.measure, []).append(Bound(rule.name, float(value), is_minimum))
    return bounds


def distributions(store: Store, rules: tuple[Rule, ...]) -> list[Distribution]:
    """One per measure, those with bounds first, in the order of the rules."""
    bounds = bounds_of(rules)
    bounded = [name for name in dict.fromkeys(rule.measure for rule in rules) if name in store.measures and name in bounds]
    unbounded = [name for name in store.measures if name not in bounded]
    found = (distribution(store, name, bounds.get(name, [])) for name in (*bounded, *unbounded))
    return [one for one in found if one is not None]


def distribution(store: Store, name: str, bounds: list[Bound]) -> Distribution | None:
    """How documents spread over one measure; none where no document has it."""
    column = f'"{name}"'
    sample = f"filter (doc_id < '{_sample_end(store)}')"
    # Measures are 32-bit numbers, and so are bounds when they are compared: 0.2 is not above 0.2.
    beyond = "".join(f", count(*) filter ({column} {'<' if one.is_minimum else '>'} {one.value!r}::float)" for one in bounds)
    facts = store.row(f"""
        select [count({column}), min({column}), max({column}),
                coalesce(quantile_disc({column}, 0.01) {sample}, min({column})),
                coalesce(quantile_disc({column}, 0.5) {sample}, 0),
                coalesce(quantile_disc({column}, 0.99) {sample}, max({column}))] as numbers,
               [0 {beyond}] as beyond
        from pages where isfinite({column})
        """)
    documents, least, largest, low, median, high = facts["numbers"]
    if not documents:
        return None
    values = [one.value for one in bounds]
    if least >= 0 and largest > 50 and high > SKEWED * max(median, 1):
        axis = _logarithmic_axis(high, values)
    else:
        axis = _axis(low, high, largest, values, pa.types.is_integer({**MEASURES, **SAFETY_MEASURES}.get(name, pa.float32())))
    every, kept = _counts(store, column, axis)
    return Distribution(name, axis, every, kept, median, largest, tuple(bounds), tuple(facts["beyond"][1:]), documents)


def _counts(store: Store, column: str, axis: Axis) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """All documents and the kept ones in each step."""
    value = f"log10(1 + greatest({column}, 0))" if axis.logarithmic else column
    found = store.rows(
        f"""
        select least(greatest(floor(({value} - ?) / ? * {axis.steps}), 0), {axis.steps - 1})::int as step,
               count(*) as documents, count(*) filter (outcome = 'kept') as kept
        from pages where isfinite({column}) group by step
        """,
        axis.low,
        axis.high - axis.low,
    )
    every, kept = [0] * axis.steps, [0] * axis.steps
    for row in found:
        every[row["step"]], kept[row["step"]] = row["documents"], row["kept"]
    return tuple(every), tuple(kept)


def _sample_end(store: Store) -> str:
    """All doc_ids below this are some SAMPLE of all: they are hashes, so it is a fair sample and the same one each time."""
    documents: int = store.row("select count(*) as documents from pages")["documents"]
    return "g" if documents <= SAMPLE else f"{int(16**8 * SAMPLE / documents):08x}"


def _logarithmic_axis(high: float, bounds: list[float]) -> Axis:
    reach = max([high, *(bound for bound in bounds if bound <= 100 * high)])
    return Axis(0.0, math.ceil(2 * math.log10(1 + reach)) / 2, logarithmic=True)


def _axis(low: float, high: float, largest: float, bounds: list[float], is_count: bool) -> Axis:
    """Cut where nearly all documents, and every bound that lies within sight of them, are in."""
    within_sight = [bound for bound in bounds if bound <= max(4 * high, 1)]
    is_share = max([largest, *within_sight]) <= 1 and not is_count
    high = max([high, *(1.12 * bound for bound in within_sight)])
    low = min([low, *within_sight])
    if 0 <= low < 0.3 * high or is_count:
        low = min(low, 0.0)
    if is_count and high - low < STEPS:
        low, high = math.floor(low), max(math.floor(high), FEWEST_WHOLE - 1) + 1
        return Axis(low, high, high - low, whole=True)
    if high <= low:
        high = low + (abs(low) or 1.0)
    step = 10 ** math.floor(math.log10(high - low)) / 5
    high = math.ceil(high / step) * step
    return Axis(math.floor(low / step) * step, min(high, 1.0) if is_share else high)
