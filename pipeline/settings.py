"""How a setting is declared: a frozen dataclass beside the code that uses it, each field with its meaning, source and bounds.

    @dataclass(frozen=True, kw_only=True)
    class LengthRules:
        min_words: int | None = setting(50, "words in the page", "Gopher A1.1", minimum=0)

        def __post_init__(self) -> None:
            check_settings(self)

`None` means "no bound". jobs/corpus/recipe.py composes these classes and `winnow recipe` prints meaning and source.
"""

import dataclasses
import sys
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pipeline.errors import UsageError

REQUIRED = dataclasses.MISSING  # as a default: whoever makes the settings has to say the value
LARGEST_SEED = 2**63 - 1  # of every generator that is used

_BOUNDS = {"minimum": "at least", "above": "above", "maximum": "at most", "below": "below"}
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def setting(
    default: Any,
    meaning: str,
    source: str = "",
    *,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    below: float | None = None,
    choices: tuple[str | int, ...] = (),
    content: str = "",
    formerly: str = "",
) -> Any:
    """A dataclass field that explains itself; `source` names the paper, table or measurement of the default.

    `minimum` and `maximum` are allowed themselves, `above` and `below` are not; they hold for each number of a tuple.
    `content`: the value names a "file", a "list" (a file, or a folder with some), a corpus of which the table "documents" or
    "curated" is read, a "tokenizer" by its file or its corpus, or a function of others, a "measure" or a "detector"; and what it
    holds decides the result.
    `formerly` is the name it had in an earlier version: whoever still writes that is told the new one.
    """
    bounds = {"minimum": minimum, "above": above, "maximum": maximum, "below": below, "choices": choices}
    metadata = {"meaning": meaning, "source": source, "content": content, "formerly": formerly, **bounds}
    if isinstance(default, list | dict):
        raise TypeError("use a tuple: settings are frozen and hashable")
    return dataclasses.field(default=default, metadata=metadata)


def key_of(field: dataclasses.Field[Any]) -> str:
    """What a setting is called in recipes: a name that Python keeps for itself has an underscore behind it in the code."""
    return field.name.rstrip("_")


def renamed(kind: Any, name: str) -> str | None:
    """What the setting `name` of an earlier version is called in `kind`; null where there was none."""
    return next((field.name for field in dataclasses.fields(kind) if field.metadata.get("formerly") == name), None)


def read_value(kind: Any, name: str, text: str) -> Any:
    """The setting `name` of `kind` as a person types it: tuples with commas. Raises UsageError that says what is allowed."""
    field = next(field for field in dataclasses.fields(kind) if field.name == name)
    of_field = get_type_hints(kind)[name]
    try:
        value = _parsed(of_field, text)
    except (ValueError, KeyError):
        raise UsageError(f"{name} is {text!r}: {allowed(of_field, field.metadata)}") from None
    check_value(name, value, of_field, field.metadata)
    return value


def _parsed(kind: Any, text: str) -> Any:
    if get_origin(kind) is tuple:
        return tuple(_parsed(get_args(kind)[0], part) for part in text.split(","))
    return {"true": True, "false": False}[text.lower()] if kind is bool else kind(text)


def check_settings(settings: Any, error: type[UsageError] = UsageError, where: str = "") -> None:
    """Raises one line about the first setting that is not of its type or not within its bounds: name, value, what is allowed.

    `where` stands before the name: the section of a recipe and a dot.
    """
    kinds = get_type_hints(type(settings))
    for field in dataclasses.fields(settings):
        check_value(where + field.name, getattr(settings, field.name), kinds[field.name], field.metadata, error)


def check_value(name: str, value: Any, kind: Any, bounds: Mapping[str, Any], error: type[UsageError] = UsageError) -> None:
    """The same for one value, which need not be a setting's: an option of a command."""
    if not _allowed(value, kind, bounds):
        raise error(f"{name} is {value!r}: {allowed(kind, bounds)}")


def is_bounded(field: dataclasses.Field[Any]) -> bool:
    """Whether the setting is declared with bounds or choices."""
    return any(field.metadata.get(name) not in (None, ()) for name in (*_BOUNDS, "choices"))


def allowed(kind: Any, bounds: Mapping[str, Any]) -> str:
    """What `check_value` accepts, for people: "a number, above 0, at most 1"."""
    inner = get_args(kind)
    if choices := bounds.get("choices") or (inner if get_origin(kind) is Literal else ()):
        return f"one of {', '.join(map(str, choices))}"
    if get_origin(kind) is tuple:
        many = "numbers" if inner[-1] is Ellipsis else f"{len(inner)} numbers"
        return many + allowed(inner[0], bounds).removeprefix(_KINDS[inner[0]]) if inner[0] is not str else "texts"
    if get_origin(kind) in (Union, types.UnionType):
        return allowed(next(one for one in inner if one is not type(None)), bounds) + ", or not set"
    limits = [f"{words} {bounds[name]:,}" for name, words in _BOUNDS.items() if bounds.get(name) is not None]
    return ", ".join([_KINDS.get(kind, "a value of another type"), *limits])


def _allowed(value: Any, kind: Any, bounds: Mapping[str, Any]) -> bool:
    inner = get_args(kind)
    if choices := bounds.get("choices") or (inner if get_origin(kind) is Literal else ()):
        return any(value == one and type(value) is type(one) for one in choices)
    if get_origin(kind) in (Union, types.UnionType):
        return any(_allowed(value, one, bounds) for one in inner)
    if get_origin(kind) is tuple:
        same = inner[-1] is Ellipsis or (isinstance(value, tuple) and len(value) == len(inner))
        return isinstance(value, tuple) and same and all(_allowed(one, inner[0], bounds) for one in value)
    if kind in (int, float):
        return _is_number(value, kind) and _within(value, bounds)
    return not isinstance(kind, type) or isinstance(value, kind)


def _is_number(value: Any, kind: type) -> bool:
    """Whole numbers pass as any, truth values as none; what is infinite or not a number is no value of a setting."""
    if isinstance(value, bool) or not isinstance(value, int if kind is int else int | float):
        return False
    return kind is int or abs(value) <= sys.float_info.max


def _within(value: float, bounds: Mapping[str, Any]) -> bool:
    minimum, above, maximum, below = (bounds.get(name) for name in _BOUNDS)
    from_below = (minimum is None or value >= minimum) and (above is None or value > above)
    return from_below and (maximum is None or value <= maximum) and (below is None or value < below)
