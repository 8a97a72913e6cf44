"""Measures that others bring: functions from Arrow columns to an Arrow column, which a recipe names.

    def exclamations_per_word(text: pa.Array, word_count: pa.Array) -> pa.Array:
        \"\"\"Exclamation marks a word.\"\"\"
        return pc.divide(pc.count_substring(text, "!").cast(pa.float32()), word_count)

Its name is the measure's. Its parameters are columns of `documents` or `measures`, a row a page; it gives a number a page, null
where the page has none, and looks at each page by itself, for how pages are dealt into batches means nothing.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import re2

from pipeline.errors import RecipeError
from pipeline.settings import check_settings, setting
from pipeline.tables import DOCUMENTS, PAGE_MEASURES

Function = Callable[..., pa.Array]
NAME = re2.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_MEASURES = 32
MESSAGE_CHARACTERS = 120  # of what a function says when it fails: it may quote a page
COLUMNS = (*DOCUMENTS.names, *(name for name in PAGE_MEASURES.names if name not in DOCUMENTS.names))  # that it may ask for


@dataclass(frozen=True, kw_only=True)
class PluginSettings:
    """Measures of your own (docs/extending.md), which `[rules.own.NAME]` bounds."""

    measures: tuple[str, ...] = setting(
        (), "functions of installed packages (entry points winnow.measures), or of a file that --plugin names", content="plugin"
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "plugins.")
        if len(self.measures) > MOST_MEASURES:
            raise RecipeError(f"plugins.measures names {len(self.measures)} functions: at most {MOST_MEASURES}")
        for name in self.measures:
            if not NAME.fullmatch(name) or name in COLUMNS:
                raise RecipeError(
                    f"plugins.measures names {name[:64]!r}: a measure of your own has small letters, digits and _, and no "
                    "column of documents or measures is called so"
                )


def columns_of(name: str, function: Any) -> tuple[str, ...]:
    """The columns that the function asks for, in its order. Raises RecipeError where it is no such function."""
    if not callable(function) or not inspect.getdoc(function):
        raise RecipeError(f"plug-in {name}: it has to be a function with a docstring that says what it measures, and its unit")
    asked = tuple(inspect.signature(function).parameters)
    if unknown := [one for one in asked if one not in COLUMNS]:
        raise RecipeError(
            f"plug-in {name}: its parameter {unknown[0]} is no column of documents or measures; docs/tables.md lists them"
        )
    return asked


def measured(name: str, function: Function, columns: tuple[str, ...], pages: pa.RecordBatch) -> pa.Array:
    """float32, a row a page; what is no finite number is null. `pages` has `columns` and doc_id.

    Raises RecipeError that names the function and the first page that it fails on by itself.
    """
    try:
        return _taken(function, columns, pages)
    except (Exception, SystemExit) as error:
        raise RecipeError(f"plug-in {name}: {_said(error)}, at {_first_failing(function, columns, pages)}") from error


def _taken(function: Function, columns: tuple[str, ...], pages: pa.RecordBatch) -> pa.Array:
    found = function(*(pages[column] for column in columns))
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    if not isinstance(found, pa.Array) or len(found) != pages.num_rows:
        told = f"{len(found)} rows" if isinstance(found, pa.Array) else type(found).__name__
        raise ValueError(f"it gave {told} where an Arrow array of {pages.num_rows} rows was asked for")
    if pa.types.is_boolean(found.type):
        found = found.cast(pa.int8())
    numbers = found.cast(pa.float32(), safe=False)
    return pc.if_else(pc.is_finite(numbers), numbers, None)


def _first_failing(function: Function, columns: tuple[str, ...], pages: pa.RecordBatch) -> str:
    for row in range(pages.num_rows):
        try:
            _taken(function, columns, pages.slice(row, 1))
        except (Exception, SystemExit):  # whatever it is: this is the page
            return f"document {pages['doc_id'][row].as_py()}"
    return f"documents {pages['doc_id'][0].as_py()} to {pages['doc_id'][-1].as_py()} together, and at none of them alone"


def _said(error: BaseException) -> str:
    words = " ".join(str(error).split())[:MESSAGE_CHARACTERS]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
