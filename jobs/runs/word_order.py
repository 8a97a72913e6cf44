"""What the order of a text's words is worth to a trained model: much in a real text, nothing in gibberish.

The text's own words, shuffled, are what it is compared with, so its subject does not count. A language that the run has not
learned does: its order is worth nothing to it either, and who asks has to compare with the rest of the page. The unit is what
order is worth in pages that were held out from the run.
"""

import bisect
import itertools
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import torch

from jobs.runs.generate_text import Speaker, load_speaker
from jobs.runs.record import open_run_loader
from jobs.runs.sampled_documents import SplitDocuments
from model.evaluate import answer_losses
from model.shape import DECODER
from pipeline.errors import UsageError
from tokenizer.splits import VALIDATION

WORDS = 160           # from the middle of a text; more say little more
MIN_WORDS = 30        # fewer say too little
MAX_WORD_TOKENS = 24  # a longer one is left out: it is no word, and would take the place of many
SHUFFLES = 4
KNOWN_PAGES = 60      # held-out ones that say what order is usually worth
LEAST_WORTH = 0.05    # nats a token; a run to which order is worth less than this cannot judge it


class OrderJudge(NamedTuple):
    """A run, and what order is worth to it, in nats a token, in the median page that was held out from it."""

    speaker: Speaker
    usual: float

    def worth(self, text: str) -> float | None:
        """What the order of these words is worth, 1 for a usual page; null where they are too few to say."""
        nats = order_nats(self.speaker, text)
        return None if nats is None else round(nats / self.usual, 4)


def load_order_judge(run: Path) -> OrderJudge:
    """Raises UsageError where the run cannot judge: it is no decoder, holds no page out, or has learned nothing of order."""
    speaker = load_speaker(run, device=torch.device("cpu"))  # the same answer on machines with a GPU and without
    torch.set_num_threads(1)  # Spark runs a process for each core
    if speaker.model.shape.kind != DECODER:
        raise UsageError(f"{run} is no decoder: a second opinion needs a run trained to predict the next token")
    known = [nats for text in held_out_texts(run, speaker) if (nats := order_nats(speaker, text)) is not None]
    usual = float(np.median(known)) if known else 0.0
    if usual < LEAST_WORTH:
        found = f"order is worth {usual:.3f} nats a token to it" if known else f"no page of {MIN_WORDS} words is held out from it"
        raise UsageError(f"{run} cannot judge the order of words: {found}; train it longer, or name no run")
    return OrderJudge(speaker, usual)


def held_out_texts(run: Path, speaker: Speaker) -> list[str]:
    record = speaker.record
    documents = SplitDocuments(record.corpus, open_run_loader(run, record).manifest, VALIDATION, 2 * MIN_WORDS)
    chosen = np.random.default_rng(0).permutation(len(documents))[:KNOWN_PAGES].tolist()
    tokens = [documents.tokens(number)[1:] for number in chosen if documents.present(number)]
    return [speaker.encoder.decode(one).decode("utf-8", "ignore") for one in tokens]


def order_nats(speaker: Speaker, text: str) -> float | None:
    """Nats a token that shuffling the words of the text's middle costs, in the mean of SHUFFLES ways; null: too few words."""
    words = text.split()
    middle = words[max(0, (len(words) - WORDS) // 2) :][:WORDS]
    encoded = speaker.encoder.encode(pa.array([f" {word}" for word in middle], pa.string()))
    every = [encoded.ids[start:end].tolist() for start, end in itertools.pairwise(encoded.offsets)]
    short = [word for word in every if len(word) <= MAX_WORD_TOKENS]
    ends = list(itertools.accumulate(map(len, short)))
    tokens = short[: bisect.bisect_right(ends, speaker.record.train_plan.row_tokens)]
    if len(tokens) < MIN_WORDS:
        return None
    chance = random.Random(0)  # noqa: S311 - the same text gets the same answer
    orders = [tokens, *(chance.sample(tokens, len(tokens)) for _ in range(SHUFFLES))]
    texts = [[token for word in order for token in word] for order in orders]
    said, *shuffled = answer_losses(speaker.model, [speaker.record.end_of_text], texts)
    return (float(np.mean(shuffled)) - said) / len(texts[0])
