"""A run beside its parent: bytes on disk, bits a byte of the same held-out text, tokens a second of text written alone."""

import statistics
import time
from pathlib import Path
from typing import NamedTuple

from jobs.runs.evaluate.evaluate_run import Cost, document_costs
from jobs.runs.loaded import load_model
from jobs.runs.record import held_out_loaders
from jobs.runs.train.train_model import token_bytes
from model.checkpoint_files import MODEL, folder_of
from model.evaluate import bits_per_byte
from model.generate import SamplingSettings, generate
from model.network.transformer import Transformer


class Beside(NamedTuple):
    """One run. `bits_per_byte` is null where its corpus holds nothing out."""

    run: str
    bytes: int  # of the weights, on disk
    bits_per_byte: float | None
    tokens_per_second: float  # one text, token by token


def beside(run: Path, step: int | None, rows: int | None, tokens: int) -> Beside:
    """Of a checkpoint, on the CPU."""
    model, record, chosen = load_model(run, step)
    size = (folder_of(run, chosen) / MODEL).stat().st_size
    total = Cost()
    for loader in held_out_loaders(run, record):
        for cost in document_costs(model, loader, token_bytes(record.corpus, record.tokenizer_sha256), rows).values():
            total.add(cost)
    bits = bits_per_byte(total.nats, total.bytes) if total.bytes else None
    return Beside(str(run), size, bits, speed(model, record.end_of_text, record.train_plan.row_tokens, tokens))


def speed(model: Transformer, begin: int, context: int, tokens: int, times: int = 3) -> float:
    """Tokens a second, the median of several texts."""
    made = min(tokens, context - 1)
    settings = SamplingSettings(max_tokens=made)
    each = []
    for _ in range(times):
        started = time.perf_counter()
        count = sum(1 for _ in generate(model, [[begin]], settings, context=context, end=-1))
        each.append(count / (time.perf_counter() - started))
    return statistics.median(each)
