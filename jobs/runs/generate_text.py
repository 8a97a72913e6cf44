"""`winnow generate`: a run, its tokenizer, and text from them."""

import codecs
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import torch

from jobs.runs.loaded import load_model
from jobs.runs.record import RunRecord, tokenizer_of
from jobs.runs.tune.chat import USER, Message, asked
from model.generate import SamplingSettings, generate
from model.network.transformer import Transformer
from tokenizer.bpe.encode import Encoder


class LoadedRun(NamedTuple):
    """The model of a checkpoint, its run's record, and the tokenizer that turns its tokens into text."""

    model: Transformer
    record: RunRecord
    encoder: Encoder
    step: int
    chat: bool = False  # a prompt is what a user says, and an answer is to follow

    def tokens_of(self, text: str) -> list[int]:
        """A document's beginning: `<|endoftext|>` and the text; or a conversation up to its answer."""
        if self.chat:
            return [*map(int, asked([Message(USER, text)], self.encoder).tokens)]
        return [self.record.end_of_text, *self.encoder.encode(pa.array([text])).ids.tolist()]

    def room(self, prompt: str) -> int:
        """Tokens that fit a row after the prompt: text stops there, as the model has learned no places beyond."""
        return max(0, self.record.train_plan.row_tokens - len(self.tokens_of(prompt)))

    def decoded(self, token: int) -> bytes:
        """Nothing for the rows that round the vocabulary up."""
        return self.encoder.decode(np.array([token])) if token < len(self.encoder.vocabulary) else b""


class Agreement(NamedTuple):
    """Self-consistency of several answers (Wang et al. 2022): how many are the most common one, white space apart."""

    most_common: int
    distinct: int
    answer: str


def load_run(run: Path, step: int | None = None, device: torch.device | None = None, *, chat: bool = False) -> LoadedRun:
    """On a GPU where there is one, unless a device is named."""
    device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model, record, chosen = load_model(run, step, device)
    return LoadedRun(model, record, Encoder(tokenizer_of(record)), chosen, chat)


def stream(loaded: LoadedRun, prompt: str, settings: SamplingSettings) -> Iterator[str]:
    """Pieces of text as they come; a character is shown when its last byte has come."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for [token] in _generated(loaded, prompt, settings, 1):
        if token is not None:
            yield decoder.decode(loaded.decoded(token))
    yield decoder.decode(b"", final=True)


def answers(loaded: LoadedRun, prompt: str, settings: SamplingSettings, samples: int) -> list[str]:
    """Several texts, generated side by side; each is what it would be alone with its seed."""
    parts: list[list[bytes]] = [[] for _ in range(samples)]
    for tokens in _generated(loaded, prompt, settings, samples):
        for part, token in zip(parts, tokens, strict=True):
            if token is not None:
                part.append(loaded.decoded(token))
    return [b"".join(part).decode(errors="replace") for part in parts]


def agreement(texts: list[str]) -> Agreement:
    counted = Counter(" ".join(text.split()) for text in texts)
    answer, most = counted.most_common(1)[0]
    return Agreement(most, len(counted), answer)


def _generated(loaded: LoadedRun, prompt: str, settings: SamplingSettings, samples: int) -> Iterator[list[int | None]]:
    context = loaded.record.train_plan.row_tokens
    prompts = [loaded.tokens_of(prompt)] * samples
    return generate(loaded.model, prompts, settings, context=context, end=loaded.record.end_of_text)
