"""What a run says to the same prompts at each of its checkpoints, and what it said before it was tuned: for its report.

Nothing of it is kept but the report, which a takedown writes anew: a text that was taken out stays in no other file.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from jobs.runs.audit.prompts import encode
from jobs.runs.loaded import load_model
from jobs.runs.record import RunRecord, device_begun, read_run, tokenizer_of
from jobs.runs.tune.examples import read_examples
from jobs.runs.tune.tuned_model import base_model
from model.checkpoint_files import saved_steps
from model.generate import SamplingSettings, generate
from model.network.shape import DECODER
from model.network.transformer import Transformer
from model.training.parallel import device_of
from model.training.train import precision
from tokenizer.bpe.encode import Encoder

BEGINNINGS = ("", "The ", "How to ", "In the year ")  # of a training; a tuning is asked what its examples ask
MOST_STEPS, MOST_PROMPTS, MOST_TOKENS = 4, 4, 40


class Spoken(NamedTuple):
    """One prompt: what it is, and the text of each column."""

    prompt: str
    texts: list[str]


class Conversation(NamedTuple):
    """`columns` say of which step, the first of a tuning what the model was before it."""

    columns: list[str]
    rows: list[Spoken]


def conversation(run: Path) -> Conversation | None:
    """Null for a run that writes nothing: no checkpoint yet, no decoder, a head that judges."""
    record, saved = read_run(run), saved_steps(run)
    plan, tuned = record.train_plan, record.tuning is not None
    if not saved or plan.shape(record.vocabulary).kind != DECODER or record.judges:
        return None
    encoder, device = Encoder(tokenizer_of(record)), device_of(device_begun(run))
    prompts = _asked(run, record) if tuned else [_beginning(encoder, text) for text in BEGINNINGS]
    prompts = [prompt for prompt in prompts if len(prompt) + MOST_TOKENS <= plan.row_tokens]
    if not prompts:
        return None
    columns, said = list[str](), list[list[str]]()
    if tuned:
        columns.append("before")
        said.append(_said(base_model(run, record, device), encoder, prompts, plan.row_tokens))
    for step in _spread(saved):
        columns.append(f"step {step:,}")
        said.append(_said(load_model(run, step, device)[0], encoder, prompts, plan.row_tokens))
    shown = [_text(encoder, prompt[1:]) for prompt in prompts]  # without the `<|endoftext|>` that begins every text
    return Conversation(columns, [Spoken(prompt, [*texts]) for prompt, *texts in zip(shown, *said, strict=True)])


def _spread(saved: list[int]) -> list[int]:
    """The first and the last of them, and some between."""
    return [saved[n] for n in sorted({*np.linspace(0, len(saved) - 1, MOST_STEPS).round().astype(int).tolist()})]


def _asked(run: Path, record: RunRecord) -> list[np.ndarray]:
    """Of examples that are held out, else of those that are learned; nothing of one that was taken out."""
    assert record.tuning is not None
    examples = read_examples(run, record.tuning["held_out"] or record.tuning["examples"])
    return [example.text.prompt for example in examples if not example.removed][:MOST_PROMPTS]


def _beginning(encoder: Encoder, text: str) -> np.ndarray:
    return np.array([encoder.vocabulary.end_of_text, *encode(encoder, text)], np.int32)


@torch.no_grad()
def _said(model: Transformer, encoder: Encoder, prompts: list[np.ndarray], context: int) -> list[str]:
    """The likeliest token each time, so that what differs between two columns is the weights."""
    settings, end = SamplingSettings(max_tokens=MOST_TOKENS, temperature=0), encoder.vocabulary.end_of_text
    made: list[list[int]] = [[] for _ in prompts]
    with precision(model.head_VE.device):
        for step in generate(model.eval(), [prompt.tolist() for prompt in prompts], settings, context=context, end=end):
            for answer, token in zip(made, step, strict=True):
                if token is not None:
                    answer.append(token)
    return [_text(encoder, np.array(answer, np.int64)) for answer in made]


def _text(encoder: Encoder, ids: np.ndarray) -> str:
    return encoder.decode(ids[ids < len(encoder.vocabulary)]).decode(errors="replace")
