"""`winnow generate`: a run, its tokenizer, and text from them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import torch

from jobs.runs.loaded import load_model
from jobs.runs.record import RunRecord, tokenizer_of
from jobs.runs.tune.chat import USER, Message, asked
from jobs.runs.write.stops import StoppedText
from model.decode.beam import beam_search
from model.generate import SamplingSettings, generate
from model.network.transformer import Transformer
from model.training.parallel import device_of
from pipeline.errors import UsageError
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
    model, record, chosen = load_model(run, step, device or device_of())
    return LoadedRun(model, record, Encoder(tokenizer_of(record)), chosen, chat)


def stream(loaded: LoadedRun, prompt: str, settings: SamplingSettings, stops: Sequence[str] = ()) -> Iterator[str]:
    """Pieces of text as they come, up to the first stop; a character is shown when its last byte has come."""
    text = StoppedText(stops)
    for [token] in _generated(loaded, prompt, settings, 1):
        if token is not None:
            yield text.feed(loaded.decoded(token))
        if text.stopped:
            break
    yield text.end()


def answers(loaded: LoadedRun, prompt: str, settings: SamplingSettings, samples: int, stops: Sequence[str] = ()) -> list[str]:
    """Several texts, generated side by side; each is what it would be alone with its seed."""
    texts, parts = [StoppedText(stops) for _ in range(samples)], [list[str]() for _ in range(samples)]
    for tokens in _generated(loaded, prompt, settings, samples):
        for text, part, token in zip(texts, parts, tokens, strict=True):
            if token is not None:
                part.append(text.feed(loaded.decoded(token)))
        if all(text.stopped for text in texts):
            break
    return ["".join([*part, text.end()]) for text, part in zip(texts, parts, strict=True)]


class Likely(NamedTuple):
    """One of the likeliest texts."""

    text: str
    log_probability: float
    score: float


def likeliest(loaded: LoadedRun, prompt: str, beams: int, max_tokens: int, penalty: float) -> list[Likely]:
    """By beam search, best first."""
    context, end = loaded.record.train_plan.row_tokens, loaded.record.end_of_text
    found = beam_search(
        loaded.model, loaded.tokens_of(prompt), beams, max_tokens=max_tokens, context=context, end=end, penalty=penalty
    )
    texts = [b"".join(map(loaded.decoded, one.tokens)).decode(errors="replace") for one in found]
    return [Likely(text, one.log_probability, one.score) for text, one in zip(texts, found, strict=True)]


def bias_of(loaded: LoadedRun, given: Sequence[str]) -> tuple[tuple[float, float], ...]:
    """TOKEN=NUMBER: a token's number, or a text that is one token. Raises UsageError for anything else."""
    found = []
    for one in given:
        name, sign, value = one.rpartition("=")
        try:
            ids = [int(name)] if name.isdecimal() else loaded.encoder.encode(pa.array([name])).ids.tolist()
            if not sign or len(ids) != 1:
                raise ValueError(f"{name!r} is {len(ids)} tokens")
            found.append((float(ids[0]), float(value)))
        except ValueError as error:
            raise UsageError(f"--bias {one}: {error}; TOKEN=NUMBER, a token's number or a text that is one token") from None
    return tuple(found)


def agreement(texts: list[str]) -> Agreement:
    counted = Counter(" ".join(text.split()) for text in texts)
    answer, most = counted.most_common(1)[0]
    return Agreement(most, len(counted), answer)


def _generated(loaded: LoadedRun, prompt: str, settings: SamplingSettings, samples: int) -> Iterator[list[int | None]]:
    context = loaded.record.train_plan.row_tokens
    prompts = [loaded.tokens_of(prompt)] * samples
    return generate(loaded.model, prompts, settings, context=context, end=loaded.record.end_of_text)
