"""`winnow train`: a plan on a corpus, from where it stopped, with measurements on the way."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jobs.corpus.files import readers
from jobs.corpus.folder import corpus_at
from jobs.corpus.shards import newest_shards, open_loader, read_tokenizer_json
from jobs.runs.checkpoints import checkpoint_of
from jobs.runs.folder import record_of, refuse_other
from jobs.runs.metrics import Measured
from jobs.runs.record import RUN, RunRecord, locking, open_run_loader, read_run, write_run
from jobs.runs.resume import decayed, drop, has_grown
from jobs.runs.steps import Say, measured_steps, put_on_record
from model import checkpoint
from model.checkpoint_files import saved_steps
from model.evaluate import bits_per_byte, piece_losses
from model.network.shape import DECODER
from model.network.transformer import Transformer
from model.training.batches import ShardFeed
from model.training.muon import product_bits
from model.training.objectives import objective
from model.training.parallel import Team
from model.training.plan import TrainPlan
from model.training.stage import Stage
from model.training.train import TrainState, fresh_state, language_loss, make_deterministic
from pipeline.errors import UsageError
from tokenizer.bpe.vocabulary import read_tokenizer
from tokenizer.shards.files import ShardManifest
from tokenizer.shards.loader import Loader
from tokenizer.shards.splits import VALIDATION


def _silent(_: str) -> None:
    pass


class HeldOut:
    """The held-out rows that a run looks at on its way: as many as fit a short break, spread over all."""

    def __init__(self, corpus: str, plan: TrainPlan, fingerprint: str, rows: int) -> None:
        self._loader = open_loader(corpus, plan.loader, VALIDATION, fingerprint=fingerprint)
        self._rows = np.unique(np.linspace(0, self._loader.rows - 1, min(rows, self._loader.rows)).astype(np.int64))
        self._token_bytes = token_bytes(corpus, self._loader.manifest.tokenizer_sha256)

    def look(self, model: Transformer) -> dict[str, Any]:
        """Nothing where takedowns have left no held-out text to look at."""
        loss, bits = self.measure(model) or (None, None)
        return {"validation_loss": loss, "validation_bits_per_byte": bits}

    def measure(self, model: Transformer) -> tuple[float, float] | None:
        """(nats per token, bits per byte); null where there is none."""
        pieces = list(piece_losses(model, self._loader, self._rows, self._token_bytes))
        nats, tokens = sum(piece.nats for piece in pieces), sum(piece.tokens for piece in pieces)
        return (nats / tokens, bits_per_byte(nats, sum(piece.bytes for piece in pieces))) if tokens else None


def token_bytes(corpus: str, tokenizer_sha256: str) -> np.ndarray:
    """Bytes that each token of a corpus stands for, int64 [vocabulary]."""
    vocabulary = read_tokenizer(read_tokenizer_json(corpus, tokenizer_sha256))
    return np.array([len(token) for token in vocabulary.tokens], np.int64)


def begin(
    corpus: str, run: Path, plan: TrainPlan, loader: Loader, team: Team, say: Say
) -> tuple[RunRecord, TrainState[Transformer]]:
    """run.json and the state to go on from: that of the newest checkpoint, or fresh weights."""
    found = read_run(run) if (run / RUN).exists() else None
    if found is not None and found.tuning is not None:
        raise UsageError(f"{run} is a tuning: `winnow finetune --output {run}` goes on with it")
    if found is not None and found.quantised is not None:
        raise UsageError(
            f"{run} is quantised and trains no further: train {found.parent and found.parent['run']}, and quantise that"
        )
    plan = settled(plan, found, team.device)
    wanted = record_of(corpus, loader, plan, team)
    if found is not None:
        wanted = replace(wanted, takedowns=found.takedowns)
        refuse_other(run, replace(found, plan=wanted.plan) if has_grown(found, wanted) else found, wanted)
        _grow(run, found, wanted, team, say)
    make_deterministic(plan)
    state = fresh_state(plan, loader.manifest.vocabulary_size, team.device)
    if found is None and team.is_main:
        write_run(run, wanted)
    if found is not None and (saved := saved_steps(run)):
        checkpoint_of(run, found, saved[-1])
        checkpoint.load(run, saved[-1], state)
    return wanted, state


def _grow(run: Path, found: RunRecord, wanted: RunRecord, team: Team, say: Say) -> None:
    """Makes the run one of more steps; again where that was cut short before its checkpoints were looked through."""
    if team.is_main:
        gone = decayed(run, wanted.train_plan)
        if wanted.plan != found.plan:
            write_run(run, wanted)
        drop(run, gone, say)
    team.wait()


def repeated_rows(plan: TrainPlan, rows: int) -> str | None:
    """A line for people where a step is larger than the corpus: an epoch is then less than a step."""
    if plan.batch_rows <= rows:
        return None
    return (
        f"a step reads {plan.batch_rows:,} rows and the corpus has {rows:,}: every step reads it "
        f"{plan.batch_rows / rows:.1f} times; --set batch_rows={rows} reads it once"
    )


def settled(plan: TrainPlan, found: RunRecord | None, device: torch.device) -> TrainPlan:
    """The plan with what it left to the machine of the first start."""
    begun = found.train_plan if found else replace(plan, threads=torch.get_num_threads(), muon_bits=product_bits(device))
    return replace(plan, threads=plan.threads or begun.threads, muon_bits=plan.muon_bits or begun.muon_bits)


def train_run(
    corpus: str | Path, run: Path, plan: TrainPlan, team: Team, *, workers: int = 1, until: int | None = None, say: Say = _silent
) -> Iterator[Measured]:
    """Trains until step `until`, or the plan's last, and yields each step's measurements."""
    root = corpus_at(str(corpus)).root
    with locking(run) if team.is_main else nullcontext(), readers.reading(root, readers.RUN, str(run.resolve()), say):
        yield from _train_locked(root, run, plan, team, workers, plan.steps if until is None else until, say)


def _train_locked(corpus: str, run: Path, plan: TrainPlan, team: Team, workers: int, until: int, say: Say) -> Iterator[Measured]:
    found = read_run(run) if (run / RUN).exists() else None
    if found is not None and corpus == found.corpus:  # on the shards that it began with
        loader = open_run_loader(run, found)
    else:
        loader = open_loader(corpus, plan.loader, fingerprint=newest_shards(corpus))
    record, state = begin(corpus, run, plan, loader, team, say)
    plan = record.train_plan
    if team.is_main and (line := repeated_rows(plan, loader.rows)):
        say(line)
    prepare = objective(plan.objective, record.vocabulary, record.end_of_text)
    feed = ShardFeed(loader, prepare, plan, team.device, team.rank, team.world)
    stage: Stage[Transformer] = Stage(feed, language_loss(plan))
    if team.is_main:
        put_on_record(run, record)
    held_out = _held_out(corpus, plan, state.model, loader.manifest) if team.is_main else None
    yield from measured_steps(run, record, state, stage, team, held_out, until=until, workers=workers)


def _held_out(corpus: str, plan: TrainPlan, model: Transformer, manifest: ShardManifest) -> HeldOut | None:
    """Null where nothing is held out, or where the model does not predict what comes next."""
    some = any(shard.split == VALIDATION for shard in manifest.shards)
    if model.shape.kind != DECODER or not some:
        return None
    return HeldOut(corpus, plan, manifest.fingerprint, rows=max(1, 32_768 // plan.row_tokens))
