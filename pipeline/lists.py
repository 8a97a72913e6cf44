"""Lists of words and patterns that ship as plain text, for people to add a line to.

    # A comment; empty lines count as little.
    [name]
    an entry a line, without the blanks around it
    "an entry as it stands between quotation marks: with blanks at its ends "
    ""

The last entry is empty. Quotation marks also keep a # at the start, and a second pair keeps quotation marks at both ends. Square
brackets around a "|" begin no section: they are a choice of a pattern (pipeline/teach/grammar.py).
"""

from collections.abc import Iterable
from pathlib import Path


def sections(file: Path) -> dict[str, tuple[str, ...]]:
    """Every section's entries, in the order of the file."""
    found: dict[str, list[str]] = {}
    entries: list[str] | None = None
    for number, line in enumerate(map(str.strip, file.read_text("utf-8").split("\n")), 1):
        if not line or line.startswith("#"):
            continue
        if _begins_section(line):
            if line[1:-1] in found:
                raise ValueError(f"{file}:{number}: there is a section {line} above; add to that one")
            entries = found[line[1:-1]] = []
        elif entries is None:
            raise ValueError(f"{file}:{number}: an entry before the first [section]")
        else:
            entries.append(line[1:-1] if _is_quoted(line) else line)
    return {name: tuple(some) for name, some in found.items()}


def fields(entries: Iterable[str]) -> dict[str, str]:
    """Entries that have names of their own: ("en: the be", "de: der die") -> {"en": "the be", "de": "der die"}."""
    found: dict[str, str] = {}
    for entry in entries:
        name, colon, value = entry.partition(": ")
        if not colon or name in found:
            raise ValueError(f"{entry[:60]!r} should be a name that no entry above has, a colon, a blank, and what it holds")
        found[name] = value
    return found


def _begins_section(line: str) -> bool:
    return line.startswith("[") and line.endswith("]") and not set(line[1:-1]) & set("[|]")


def _is_quoted(line: str) -> bool:
    return len(line) > 1 and line.startswith('"') and line.endswith('"')
