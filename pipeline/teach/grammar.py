"""Sentences from a pattern: "[a|b] c {topic}" picks one of a and b, and any of the words named topic. Patterns nest."""

import random
from collections.abc import Mapping, Sequence

MAX_DEPTH = 12
LITERAL = {ord("⟦"): "[", ord("⟧"): "]"}  # brackets that stay in the sentence


def expand(pattern: str, words: Mapping[str, Sequence[str]], rng: random.Random, depth: int = 0) -> str:
    """One sentence of the pattern, e.g. expand("[Name|List] {n} fruits", {"n": ["two"]}, chance) -> "List two fruits"."""
    if depth > MAX_DEPTH:
        raise ValueError(f"pattern nests deeper than {MAX_DEPTH}: {pattern[:60]}")
    out: list[str] = []
    at = 0
    while at < len(pattern):
        mark = pattern[at]
        if mark == "[":
            stop = _closing(pattern, at)
            out.append(expand(rng.choice(_alternatives(pattern[at + 1 : stop])), words, rng, depth + 1))
            at = stop + 1
        elif mark == "{":
            stop = pattern.index("}", at)
            out.append(expand(rng.choice(words[pattern[at + 1 : stop]]), words, rng, depth + 1))
            at = stop + 1
        else:
            stop = min((found for found in (pattern.find("[", at), pattern.find("{", at)) if found >= 0), default=len(pattern))
            out.append(pattern[at:stop])
            at = stop
    return "".join(out) if depth else tidy("".join(out))


def tidy(text: str) -> str:
    """One blank between words, none before a stop, a capital first."""
    text = " ".join(text.split(" ")).strip()
    while "  " in text:
        text = text.replace("  ", " ")
    for stop in (" .", " ,", " ?", " !"):
        text = text.replace(stop, stop[1])
    return (text[:1].upper() + text[1:]).translate(LITERAL)


def _closing(pattern: str, at: int) -> int:
    depth = 0
    for place in range(at, len(pattern)):
        depth += (pattern[place] == "[") - (pattern[place] == "]")
        if depth == 0:
            return place
    raise ValueError(f"a bracket is not closed: {pattern[at : at + 60]}")


def _alternatives(body: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for place, mark in enumerate(body):
        depth += (mark == "[") - (mark == "]")
        if mark == "|" and depth == 0:
            parts.append(body[start:place])
            start = place + 1
    return [*parts, body[start:]]
