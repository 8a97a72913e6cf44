"""How a setting is declared: a frozen dataclass beside the code that uses it, each field with its meaning and source.

    @dataclass(frozen=True, kw_only=True)
    class LengthRules:
        min_words: int | None = setting(50, "words in the page", "Gopher A1.1")

`None` means "no bound". jobs/corpus/recipe.py composes these classes and `winnow recipe` prints meaning and source.
"""

import dataclasses
from typing import Any


def setting(default: Any, meaning: str, source: str = "", *, content: str = "", formerly: str = "") -> Any:
    """A dataclass field that explains itself; `source` names the paper, table or measurement of the default.

    `content`: the value names a "file" or an earlier corpus' "documents", and what these hold decides the result.
    `formerly` is the name it had in an earlier version: whoever still writes that is told the new one.
    """
    metadata = {"meaning": meaning, "source": source, "content": content, "formerly": formerly}
    if isinstance(default, list | dict):
        raise TypeError("use a tuple: settings are frozen and hashable")
    return dataclasses.field(default=default, metadata=metadata)


def renamed(kind: Any, name: str) -> str | None:
    """What the setting `name` of an earlier version is called in `kind`; null where there was none."""
    return next((field.name for field in dataclasses.fields(kind) if field.metadata.get("formerly") == name), None)
