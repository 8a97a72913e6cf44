"""Strings that a pattern's form allows, drawn by a seed: the subset of patterns that pipeline/personal is written in."""

import random
import re._parser as parser  # type: ignore[import-not-found, unused-ignore]
from typing import Any

WORD = "abcdefghijklmnopqrstuvwxyz"


def drawn(form: str, rng: random.Random) -> str:
    """One string of the form; an unbounded repetition is short."""
    return _sequence(parser.parse(form), rng)


def _sequence(tokens: Any, rng: random.Random) -> str:
    return "".join(_token(str(kind), value, rng) for kind, value in tokens)


def _token(kind: str, value: Any, rng: random.Random) -> str:
    if kind == "LITERAL":
        return chr(value)
    if kind == "IN":
        return rng.choice(_characters(value))
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, tokens = value
        return "".join(_sequence(tokens, rng) for _ in range(rng.randint(least, min(int(most), least + 8))))
    if kind == "BRANCH":
        return _sequence(rng.choice(value[1]), rng)
    if kind == "SUBPATTERN":
        return _sequence(value[-1], rng)
    raise ValueError(f"the sampler knows no {kind}")


def _characters(members: Any) -> str:
    found = ""
    for kind, value in members:
        if str(kind) == "LITERAL":
            found += chr(value)
        elif str(kind) == "RANGE":
            found += "".join(map(chr, range(value[0], value[1] + 1)))
        else:  # a category
            found += "0123456789" if "DIGIT" in str(value) else WORD
    return found
