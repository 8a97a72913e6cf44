"""One plan, several models, the same rows: what each learns of text that none has seen, and how much context it makes use of."""

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jobs.corpus.shards import newest_shards, open_loader
from jobs.runs.ablate import interval
from jobs.runs.baselines.predictors import MODELS, OF_SPANS, Costs, plan_for
from jobs.runs.train.train_model import token_bytes
from model.evaluate import bits_per_byte
from model.texts import Text, laid_out
from model.training.objectives import Draw, objective
from model.training.parallel import Team
from model.training.plan import TrainPlan
from pipeline.errors import UsageError
from tokenizer.shards.loader import Loader
from tokenizer.shards.splits import VALIDATION

ROWS_AT_ONCE = 16
PLACES = 256  # tokens of held-out text that are predicted from contexts of every length


class Row(NamedTuple):
    """One model; means over seeds, with the interval of bits a byte where there are several."""

    model: str
    parameters: int  # of n-grams: counts that are kept
    tokens: int  # read, the same for all
    loss: float  # nats a token that is asked for
    bits_per_byte: float | None  # null for missing spans
    low: float | None
    high: float | None
    tokens_per_second: float
    context: int | None  # the longest, in powers of two, that still lowers the loss (95 %)


class HeldOut(NamedTuple):
    nats: float
    tokens: int
    bytes: int


def compare(
    corpus: str | Path, models: Sequence[str], plans: Sequence[TrainPlan], team: Team, say: Callable[[str], None]
) -> list[Row]:
    """Trains and measures, model by model; nothing of them is kept."""
    if len(set(models)) < len(models) or not models:
        raise UsageError(f"--models {','.join(models)}: each once, of {', '.join(MODELS)}")
    asked = {name: [plan_for(name, plan) for plan in plans] for name in models}
    return [_row(str(corpus), name, asked[name], team, say) for name in models]


def _row(corpus: str, name: str, plans: Sequence[TrainPlan], team: Team, say: Callable[[str], None]) -> Row:
    fingerprint, bits, losses, speeds = newest_shards(corpus), list[float](), list[float](), list[float]()
    context, parameters = None, 0
    for plan in plans[:1] if name == "ngram" else plans:  # counting has no seed
        loader = open_loader(corpus, plan.loader, fingerprint=fingerprint)
        if not any(shard.split == VALIDATION for shard in loader.manifest.shards):
            raise UsageError(f"{corpus} holds nothing out: give it a validation_share")
        predictor = MODELS[name](loader, plan, team)
        unseen = open_loader(corpus, plan.loader, VALIDATION, fingerprint=fingerprint)
        found = held_out(predictor.costs, unseen, plan, token_bytes(corpus, loader.manifest.tokenizer_sha256))
        bits.append(bits_per_byte(found.nats, found.bytes))
        losses.append(found.nats / found.tokens)
        speeds.append(predictor.tokens_per_second)
        parameters = predictor.parameters
        if context is None and name not in OF_SPANS:
            context = longest_context(predictor.costs, unseen, plan.row_tokens)
        say(f"{name}, seed {plan.seed}: {losses[-1]:.4f} nats a token")
    margin = interval(np.array(bits))
    mean = statistics.mean(bits)
    low, high = (None, None) if margin is None or name in OF_SPANS else (mean - margin, mean + margin)
    tokens = plans[0].steps * plans[0].step_tokens
    of_text = None if name in OF_SPANS else mean
    return Row(name, parameters, tokens, statistics.mean(losses), of_text, low, high, statistics.median(speeds), context)


def held_out(costs: Costs, loader: Loader, plan: TrainPlan, sizes: np.ndarray) -> HeldOut:
    """What all of a split costs."""
    prepare = objective(plan.objective, loader.manifest.vocabulary_size, loader.manifest.end_of_text)
    nats, tokens, size = 0.0, 0, 0
    for at in range(0, loader.rows, ROWS_AT_ONCE):
        inputs = prepare(loader.load(np.arange(at, min(at + ROWS_AT_ONCE, loader.rows))), Draw(0, 0))
        asked = inputs.targets[inputs.targets >= 0]
        nats += float(costs(inputs).sum())
        tokens += len(asked)
        size += int(sizes[asked[asked < len(sizes)]].sum())
    return HeldOut(nats, tokens, size)


def longest_context(costs: Costs, loader: Loader, row_tokens: int) -> int | None:
    """Of 1, 2, 4 … tokens the most that predict better than half as many; null where no held-out text is long enough.

    Each is held to a bound that makes one chance find among all of them rarer than 1 in 20 (Bonferroni).
    """
    lengths = [1 << power for power in range(row_tokens.bit_length()) if 1 << power <= row_tokens // 2]
    texts = _long_texts(loader, lengths[-1])
    if len(texts) < 2:
        return None
    each = [_last_costs(costs, texts, length) for length in lengths]
    bound = statistics.NormalDist().inv_cdf(1 - 0.05 / len(lengths))
    saved = {length: before - after for length, before, after in zip(lengths[1:], each, each[1:], strict=False)}
    helps = [length for length, one in saved.items() if one.mean() > bound * one.std(ddof=1) / len(one) ** 0.5]
    return max([lengths[0], *helps])


def _long_texts(loader: Loader, context: int) -> list[np.ndarray]:
    """Stretches of held-out text, one token longer than the context, spread over all."""
    found = list[np.ndarray]()
    for row in range(loader.rows):
        batch = loader.load(np.array([row]))
        for piece in np.split(batch.tokens.ravel(), batch.boundaries[1:-1]):
            found += [piece[at : at + context + 1] for at in range(0, len(piece) - context, max(1, context // 4))]
    chosen = np.unique(np.linspace(0, max(0, len(found) - 1), min(PLACES, len(found))).astype(int))
    return [found[place] for place in chosen.tolist()]


def _last_costs(costs: Costs, texts: list[np.ndarray], context: int) -> np.ndarray:
    """Nats of each text's last token after so many before it."""
    found = []
    for at in range(0, len(texts), 32):
        part = [Text(text[-context - 1 :].astype(np.int32), context) for text in texts[at : at + 32]]
        inputs = laid_out(part)
        found.append(costs(inputs)[inputs.targets >= 0])
    return np.concatenate(found)
