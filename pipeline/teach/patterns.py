"""The patterns that teach the sentence model, from texts/: English families with the words they draw on, and other languages."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.lists import sections
from pipeline.shipped import shipped


class English(NamedTuple):
    """Patterns of grammar.py by family; `words` is what stands for each {name} in them."""

    families: dict[str, tuple[str, ...]]
    words: dict[str, tuple[str, ...]]


class Language(NamedTuple):
    """Patterns of one language: orders to a model, tasks for an assistant; `goals` stand for {goal}, `topics` for {topic}."""

    orders: tuple[str, ...]
    tasks: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@functools.cache
def orders() -> English:
    """Orders to a model; any of them stands for {order}."""
    found = _english(shipped("pipeline/teach/texts/english_orders.txt"))
    every = tuple(pattern for family in found.families.values() for pattern in family)
    return English(found.families, {**found.words, "order": every})


@functools.cache
def tasks() -> English:
    return _english(shipped("pipeline/teach/texts/english_tasks.txt"))


@functools.cache
def asides() -> English:
    return _english(shipped("pipeline/teach/texts/english_asides.txt"), tasks().words | orders().words)


@functools.cache
def chores() -> English:
    return _english(shipped("pipeline/teach/texts/english_chores.txt"), tasks().words)


@functools.cache
def mentions() -> English:
    return _english(shipped("pipeline/teach/texts/benign_mentions.txt"), tasks().words | orders().words)


@functools.cache
def prompts() -> English:
    return _english(shipped("pipeline/teach/texts/benign_prompts.txt"))


@functools.cache
def languages() -> dict[str, Language]:
    """By ISO 639-1 code."""
    europe = sections(shipped("pipeline/teach/texts/european_languages.txt"))
    world = sections(shipped("pipeline/teach/texts/world_languages.txt"))
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, entries in (*europe.items(), *world.items()):
        code, _, part = name.partition(" ")
        found.setdefault(code, {})[part] = entries
    return {code: Language(**parts) for code, parts in found.items()}


def _english(file: Path, lent: Mapping[str, tuple[str, ...]] = {}) -> English:
    """Sections in braces are words; `lent` ones are there where the file has none of that name."""
    found = sections(file)
    families = {name: entries for name, entries in found.items() if not name.startswith("{")}
    words = {name[1:-1]: entries for name, entries in found.items() if name.startswith("{")}
    return English(families, {**lent, **words})
