"""What of a tuning's examples comes out again: the answers that were learned, each asked for after all that stood before it."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from jobs.runs.audit.audit_rows import EXAMPLES, HELD_OUT_EXAMPLES
from jobs.runs.record import began_with, read_run
from jobs.runs.tune.examples import read_examples
from model.post.examples import Example, Learned
from model.texts import Text

_TABLES = {EXAMPLES: "examples", HELD_OUT_EXAMPLES: "held_out"}
_LEAST = 2  # held-out ones, to tell others from them


def example_groups(run: Path, most: int, seed: int, context: int) -> dict[str, list[Text]]:
    """By group at most so many texts of `context` tokens, of the run and the tunings that it goes back to.

    Nothing where it is no tuning, or where the model wrote all that it learned.
    """
    tunings = [(folder, tuning) for folder in (run, *began_with(run)) if (tuning := read_run(folder).tuning) is not None]
    found = {}
    for group, name in _TABLES.items():
        stored = [read_examples(folder, tuning[name]) for folder, tuning in tunings if tuning[name] is not None]
        texts = _texts([example for examples in stored for example in examples], context)
        if len(texts) >= (_LEAST if group == HELD_OUT_EXAMPLES else 1):
            found[group] = random.Random(seed).sample(texts, min(most, len(texts)))  # noqa: S311 - no secret depends on it
    return found


def _texts(examples: Sequence[Example], context: int) -> list[Text]:
    texts = [last_answer(example.text, context) for example in examples if not example.removed and example.text.scored.any()]
    return [text for text in texts if text.scored]


def last_answer(text: Learned, context: int) -> Text:
    """The last stretch that is learned, behind what stands before it; of a conversation its last answer."""
    given = np.flatnonzero(~text.scored[: np.flatnonzero(text.scored)[-1]])
    return Text(text.tokens[:context], min(context, 1 if not len(given) else int(given[-1]) + 1))
