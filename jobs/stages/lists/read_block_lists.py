"""The lists of addresses that a recipe names, streamed into the index that each worker looks URLs up in."""

from collections.abc import Iterator
from typing import NamedTuple

import re2

from jobs.corpus.files.opening import listed_files
from jobs.stages.lists.read_word_lists import list_lines
from pipeline.blocked.index import ALLOWED, Index, Names
from pipeline.blocked.lines import entries, phrase
from pipeline.blocked.match import pattern_options
from pipeline.blocked.settings import BlockSettings, sources
from pipeline.errors import RecipeError

MAX_PHRASE_WORDS = 16
MAX_PATTERN_CHARACTERS = 2048
MAX_PATTERNS = 10_000


class Lists(NamedTuple):
    listed: Index
    entries: int  # names and patterns, of what is let pass too
    passed_over: int  # lines that say something that no name can be made of, such as rules for parts of a page


class _Reading:
    """What has been read so far."""

    def __init__(self) -> None:
        self.names, self.patterns, self.passed_over, self.entries = Names(), list[tuple[str, int]](), 0, 0

    def read(self, path: str, setting: str, number: int) -> None:
        before = self.entries
        for file, kind in sources(path, setting, listed_files(path)):
            lines = list_lines(file, f"blocked.{setting}")
            if kind == "patterns":
                found = [(pattern, number) for pattern in _patterns(lines, file)]
                self.patterns += found
                self.entries += len(found)
            else:
                self.entries += self.names.add(self._phrases(lines, file) if kind == "words" else self._names(lines), number)
        if self.entries == before:
            raise RecipeError(f"blocked.{setting}: nothing in {path} is of a form that is read; docs/content.md has them")
        if len(self.patterns) > MAX_PATTERNS:
            raise RecipeError(
                f"blocked.patterns: more than {MAX_PATTERNS:,}, which no page can be held against; name hosts instead"
            )

    def _names(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            found = entries(line)
            if found is None:
                self.passed_over += 1
            else:
                yield from found

    def _phrases(self, lines: Iterator[str], file: str) -> Iterator[str]:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            found = phrase(line)
            if found is None:
                self.passed_over += 1
            elif found.count(" ") >= MAX_PHRASE_WORDS:
                raise RecipeError(f"blocked.words: {line.strip()[:60]!r} of {file} has more than {MAX_PHRASE_WORDS} words")
            else:
                yield found


def read_block_lists(settings: BlockSettings) -> Lists | None:
    """None where the recipe names none that block. Raises RecipeError for a list that cannot be read, or says nothing."""
    if not settings.names:
        return None
    reading = _Reading()
    for path in settings.allow:
        reading.read(path, "lists", ALLOWED)
    blocking = [(path, kind) for kind in ("lists", "words", "patterns") for path in getattr(settings, kind)]
    for number, (path, kind) in enumerate(blocking, ALLOWED + 1):
        reading.read(path, kind, number)
    return Lists(reading.names.index(tuple(reading.patterns)), reading.entries, reading.passed_over)


def _patterns(lines: Iterator[str], file: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        try:
            if len(pattern) > MAX_PATTERN_CHARACTERS:
                raise re2.error(f"more than {MAX_PATTERN_CHARACTERS} characters")
            re2.compile(pattern, pattern_options())
        except re2.error as error:
            raise RecipeError(f"blocked.patterns: {file}:{number} is no pattern of RE2: {_shown(error)}") from error
        yield pattern


def _shown(error: Exception) -> str:
    said = error.args[0] if error.args else error
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
