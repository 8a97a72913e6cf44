"""How a function of somebody else is called: with columns of pages, and with an error that names it and the page.

Its parameters are columns of `documents` or `measures`, a row a page; it looks at each page by itself, for how pages are dealt
into batches means nothing.
"""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import pyarrow as pa
import re2

from pipeline.errors import RecipeError
from pipeline.tables import DOCUMENTS, PAGE_MEASURES

Function = Callable[..., pa.Array]
Result = TypeVar("Result")
NAME = re2.compile(r"[a-z][a-z0-9_]{0,63}")
MESSAGE_CHARACTERS = 120  # of what a function says when it fails: it may quote a page
COLUMNS = (*DOCUMENTS.names, *(name for name in PAGE_MEASURES.names if name not in DOCUMENTS.names))  # that it may ask for


def refuse_names(key: str, names: tuple[str, ...], most: int) -> None:
    """Raises RecipeError where a recipe's `key` names too many functions, or one that no function can have."""
    if len(names) > most:
        raise RecipeError(f"{key} names {len(names)} functions: at most {most}")
    for name in names:
        if not NAME.fullmatch(name) or name in COLUMNS:
            raise RecipeError(
                f"{key} names {name[:64]!r}: a function of your own has small letters, digits and _, and no column of documents "
                "or measures is called so"
            )


def columns_of(name: str, function: Any) -> tuple[str, ...]:
    """The columns that the function asks for, in its order. Raises RecipeError where it is no such function."""
    if not callable(function) or not inspect.getdoc(function):
        raise RecipeError(
            f"plug-in {name}: it has to be a function with a docstring that says what it measures, or what it finds"
        )
    asked = tuple(inspect.signature(function).parameters)
    if unknown := [one for one in asked if one not in COLUMNS]:
        raise RecipeError(
            f"plug-in {name}: its parameter {unknown[0]} is no column of documents or measures; docs/tables.md lists them"
        )
    return asked


def given(function: Function, columns: tuple[str, ...], pages: pa.RecordBatch) -> pa.Array:
    """What it gives of these pages. Raises ValueError where that is no Arrow array of a row a page."""
    array = function(*(pages[column] for column in columns))
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not isinstance(array, pa.Array) or len(array) != pages.num_rows:
        told = f"{len(array)} rows" if isinstance(array, pa.Array) else type(array).__name__
        raise ValueError(f"it gave {told} where an Arrow array of {pages.num_rows} rows was asked for")
    return array


def called(name: str, take: Callable[[pa.RecordBatch], Result], pages: pa.RecordBatch) -> Result:
    """`take` of the pages, which calls the function `name`. `pages` have doc_id.

    Raises RecipeError that names the function and the first page that it fails on by itself.
    """
    try:
        return take(pages)
    except (Exception, SystemExit) as error:
        raise RecipeError(f"plug-in {name}: {_said(error)}, at {_first_failing(take, pages)}") from error


def _first_failing(take: Callable[[pa.RecordBatch], Any], pages: pa.RecordBatch) -> str:
    for row in range(pages.num_rows):
        try:
            take(pages.slice(row, 1))
        except (Exception, SystemExit):  # whatever it is: this is the page
            return f"document {pages['doc_id'][row].as_py()}"
    return f"documents {pages['doc_id'][0].as_py()} to {pages['doc_id'][-1].as_py()} together, and at none of them alone"


def _said(error: BaseException) -> str:
    words = " ".join(str(error).split())[:MESSAGE_CHARACTERS]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
