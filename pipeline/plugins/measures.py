"""Measures that others bring: functions from Arrow columns to an Arrow column, which a recipe names.

    def exclamations_per_word(text: pa.Array, word_count: pa.Array) -> pa.Array:
        \"\"\"Exclamation marks a word.\"\"\"
        return pc.divide(pc.count_substring(text, "!").cast(pa.float32()), word_count)

Its name is the measure's. It gives a number a page, null where the page has none.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import RecipeError
from pipeline.plugins.calls import Function, called, given, refuse_names
from pipeline.settings import check_settings, setting

MOST_MEASURES = 32


@dataclass(frozen=True, kw_only=True)
class PluginSettings:
    """Measures of your own (docs/extending.md), which `[rules.own.NAME]` bounds."""

    measures: tuple[str, ...] = setting(
        (), "functions of installed packages (entry points winnow.measures), or of a file that --plugin names", content="measure"
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "plugins.")
        refuse_names("plugins.measures", self.measures, MOST_MEASURES)


def measured(name: str, function: Function, columns: tuple[str, ...], pages: pa.RecordBatch) -> pa.Array:
    """float32, a row a page; what is no finite number is null. `pages` have `columns` and doc_id. Raises RecipeError."""
    return called(name, lambda some: _numbers(given(function, columns, some)), pages)


def _numbers(array: pa.Array) -> pa.Array:
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    numbers = array.cast(pa.float32(), safe=False)
    return pc.if_else(pc.is_finite(numbers), numbers, None)
