"""Which strings of a benchmark's item are looked for, whatever its format is.

    {"id": 7, "question": "How many …?", "choices": {"text": ["two", "three"], "label": ["A", "B"]}, "context": "Ann has …"}
        -> [("question", "How many …?"), ("choices.text", "two"), ("choices.text", "three")]

Every string counts, at any depth, also in lists, unless a name on its way says that it is not what is asked: what the item is
called and where it is from, and what it is about. A passage that a question is asked of stands on the web by right; the page that
has it alone gives nothing away (GPT-3, C: reading comprehension). With `fields` those names count, and nothing else.
"""

from collections.abc import Iterator
from typing import Any

NOT_ASKED = frozenset(
    "id ids uid uuid guid qid key index idx hash checksum name source sources url urls link links dataset split subset config "
    "category categories subject subjects topic topics task task_id task_name type kind level difficulty grade language lang "
    "locale license licence tag tags meta metadata version date year author authors entry_point label context contexts passage "
    "passages paragraph paragraphs article articles document documents background support evidence".split()
)
MAX_DEPTH = 8


def strings(item: Any, fields: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(names with dots, string) of what counts, in the order of the item."""
    return list(_strings(item, "", fields, not fields, 0))


def _strings(value: Any, path: str, fields: tuple[str, ...], counts: bool, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if counts:
            yield path, value
    elif depth < MAX_DEPTH and isinstance(value, list):
        for one in value:
            yield from _strings(one, path, fields, counts, depth + 1)
    elif depth < MAX_DEPTH and isinstance(value, dict):
        for name, one in value.items():
            inner = f"{path}.{name}" if path else name
            inside = counts and name.lower() not in NOT_ASKED if not fields else counts or name in fields or inner in fields
            yield from _strings(one, inner, fields, inside, depth + 1)
