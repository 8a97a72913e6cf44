"""JSON lines of questions, read with the same bounds and the same words about what is wrong."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import InputError

LONGEST_LINE = 1 << 20  # bytes
T = TypeVar("T")


def read_lines(path: Path, read: Callable[[dict[str, Any]], T], form: str) -> Iterator[T]:
    """What `read` makes of each line. Raises InputError that names the line, and shows the form that is wanted."""
    number = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise ValueError(f"a line has at most {LONGEST_LINE:,} bytes")
                if line.strip():
                    yield read(_object(line))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): name a file of JSON lines") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}, line {number}: {error!r:.200}; each line is {form}") from None


def _object(line: bytes) -> dict[str, Any]:
    values = json.loads(line)
    if not isinstance(values, dict):
        raise TypeError("it is no object")
    return values


def text_of(values: dict[str, Any], name: str) -> str:
    value = values[name]
    if not isinstance(value, str):
        raise TypeError(f'"{name}" is no text')
    return value


def texts_of(values: dict[str, Any], name: str, least: int = 1) -> list[str]:
    value = values[name]
    if not isinstance(value, list) or len(value) < least or not all(isinstance(one, str) for one in value):
        raise TypeError(f'"{name}" is no list of {least} texts or more')
    return value
