"""Cues: what words do in an order to a model (name it, override, set a task, speak of its answer or its user), in any language.

The sentence model sees these beside the words themselves, so that what it learned from one language holds in the next one.
The words: lists/cues.txt.
"""

import functools

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.kernels.scores.sentence_scores import MAX_UNSPACED, filled_cues, phrase_key, prefix_key, words_of
from pipeline.language.letters import letter_tables
from pipeline.lists import fields, sections
from pipeline.shipped import shipped

SLOTS_BITS = 14
# The sentence model knows a kind by its place here.
KINDS = tuple(
    "model ignore earlier orders answer say user page digest you only not secret act instead send make ask praise when".split()
)


@functools.cache
def cue_words() -> dict[str, dict[str, str]]:
    """Language, "every language" first, then kind, then cues with a blank between them."""
    return {language: fields(entries) for language, entries in sections(shipped("pipeline/poison/words/lists/cues.txt")).items()}


@functools.cache
def tables() -> tuple[np.ndarray, np.ndarray]:
    """(keys, kinds) for the kernel; a kind is 1 + its place in KINDS. The first language that says a word wins."""
    folded, _ = letter_tables()
    found: dict[int, int] = {}
    for kinds in cue_words().values():
        for name, cues in kinds.items():
            for word in cues.split():
                found.setdefault(_key(word, folded), 1 + KINDS.index(name))
    keys, kinds_of = np.array(list(found), np.uint64), np.array(list(found.values()), np.uint8)
    table: tuple[np.ndarray, np.ndarray] = filled_cues(keys, kinds_of, SLOTS_BITS)
    return table


def _key(word: str, folded: np.ndarray) -> int:
    flat = flatten(pa.array([word.rstrip("*").replace("_", " ")], pa.large_string()))
    if word.endswith("*"):
        return int(prefix_key(flat.data, folded))
    room = len(flat.data) + 8
    words, stems = np.empty(room, np.uint64), np.empty(room, np.uint64)
    letters, cues = np.empty(room, np.int32), np.empty(room, np.uint8)
    nothing = (np.zeros(1, np.uint64), np.zeros(1, np.uint8))
    count = words_of(flat.data, 0, len(flat.data), folded, *nothing, words, stems, letters, cues)
    return int(phrase_key(words, 0, min(count, MAX_UNSPACED)))
