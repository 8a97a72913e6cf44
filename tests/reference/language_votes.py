"""Slow obvious twin of pipeline/kernels/language: n-grams as strings, a model as a dictionary."""

import math
from collections import Counter
from typing import NamedTuple

LONGEST, KEY_BITS = 5, 30
ALL = (1 << 64) - 1


class Said(NamedTuple):
    label: int
    margin: float
    clear: float
    found: int
    seen: int
    agree: int
    parts: int


def grams(sample: str) -> list[tuple[str, bool]]:
    """(n-gram, whether it is a whole word), in any order."""
    found = [(letter, False) for letter in sample if letter != " "]
    for word in sample.split(" "):
        if word:
            found.append((word, True))
    padded = f" {sample} "
    for start in range(len(padded)):
        for size in range(2, LONGEST + 1):
            gram = padded[start : start + size]
            if len(gram) == size and " " not in gram[1:-1]:  # within a word; a blank may stand on each side
                found.append((gram, False))
    return found


def key(gram: str, is_word: bool) -> int:
    """FNV-1a over code points, mixed; its upper bits."""
    hashed = 0xCBF29CE484222325 ^ (0x57 if is_word else 0)
    for character in gram:
        hashed = ((hashed ^ ord(character)) * 0x100000001B3) & ALL
    return (((hashed ^ (hashed >> 32)) * 0x9E3779B97F4A7C15) & ALL) >> (64 - KEY_BITS)


def say(
    samples: list[str], entries: dict[int, dict[int, int]], bias: list[float], language: list[int], kin: list[int], step: float
) -> Said:
    """What samples that are one page say; `entries` has weights by label of each key."""
    whole = say_together(samples, entries, bias, language, kin, step)
    alone = [say_together([sample], entries, bias, language, kin, step) for sample in samples if sample]
    agreeing = [one.seen for one in alone if whole.label >= 0 <= one.label and language[one.label] == language[whole.label]]
    return whole._replace(agree=sum(agreeing), parts=len(alone))


def say_together(
    samples: list[str], entries: dict[int, dict[int, int]], bias: list[float], language: list[int], kin: list[int], step: float
) -> Said:
    """The same, without a look at what each says alone."""
    sums: Counter[int] = Counter()
    met: Counter[int] = Counter()
    seen = 0
    for sample in samples:
        for gram, is_word in grams(sample) if sample else []:
            seen += 1
            for label, weight in entries.get(key(gram, is_word), {}).items():
                sums[label] += weight
                met[label] += 1
    if not met:
        return Said(-1, 0.0, 0.0, 0, seen, 0, 0)
    score = [sums[label] * (step / math.sqrt(seen)) + bias[label] for label in range(len(bias))]
    best = max(range(len(bias)), key=lambda label: (score[label], -label))
    others = [label for label in range(len(bias)) if language[label] != language[best]]
    second = max((score[label] for label in others), default=-math.inf)
    stranger = max((score[label] for label in others if not kin[label] & kin[best]), default=-math.inf)
    return Said(best, score[best] - second, score[best] - stranger, met[best], seen, 0, 0)


def likely(said: Said, typical: float, offset: float, slopes: list[float]) -> float:
    """How likely the answer is right."""
    if said.label < 0:
        return 0.0
    ahead, clear, known = min(said.margin, 12), min(said.clear, 20), min(said.found / said.seen / typical, 1.5)
    size, agree = math.sqrt(min(said.seen, 3000)) / 10, said.agree / said.seen
    cues = [
        ahead, known, size, ahead * known, known * size, known**2, 1 / (0.5 + size), agree, agree * size, agree * known,
        agree * ahead, ahead * size, said.parts * (1 - agree), clear - ahead, (clear - ahead) * known,
        (clear - ahead) * agree,
    ]  # fmt: skip
    logit = offset + sum(slope * cue for slope, cue in zip(slopes, cues, strict=True))
    return 1 / (1 + math.exp(-max(-700, min(700, logit))))
