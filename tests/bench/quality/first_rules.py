"""What a recipe says of texts, without a corpus: the rule that decides each."""

import pyarrow as pa

from jobs.corpus.recipe import build_recipe, quality_model
from pipeline.quality.measures import measure
from pipeline.quality.rules import judge, resolve


def first_rules(table: pa.Table, base: str) -> dict[int, str]:
    """The rule that decides, by row, of pages as the recipe measures them: text, language, language_confidence and url."""
    recipe = build_recipe({"base": base})
    text, language = (table.column(name).combine_chunks() for name in ("text", "language"))
    measured = measure(text, language, recipe.lines, quality_model(recipe.quality))
    for name in ("language", "language_confidence", "url"):
        measured = measured.append_column(name, table.column(name).combine_chunks())
    broken = judge(measured, resolve(recipe.rules))
    decided: dict[int, str] = {}
    for row, rule in zip(broken.column("row").to_pylist(), broken.column("rule").to_pylist(), strict=True):
        decided.setdefault(row, rule)
    return decided
