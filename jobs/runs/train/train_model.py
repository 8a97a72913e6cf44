"""`winnow train`: a plan on a corpus, from where it stopped, with measurements on the way."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jobs.corpus.folder import corpus_at
from jobs.corpus.mixed import mixed
from jobs.corpus.shards import newest_shards, open_loader, read_tokenizer_json
from jobs.runs.checkpoints import checkpoint_of
from jobs.runs.folder import record_of, refuse_other
from jobs.runs.record import RUN, RunRecord, locking, open_run_loaders, read_run, write_run
from jobs.runs.train.initial import load_base
from jobs.runs.train.metrics import Measured
from jobs.runs.train.resume import decayed, drop, has_grown
from jobs.runs.train.steps import Say, measured_steps, put_on_record, reading_corpora
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
from model.training.train import TrainState, fresh_state, language_loss, make_deterministic, split_state
from pipeline.errors import UsageError
from tokenizer.bpe.vocabulary import read_tokenizer
from tokenizer.shards.loader import Loader
from tokenizer.shards.mixture import Mixture
from tokenizer.shards.splits import VALIDATION

Origin = Callable[[Path, RunRecord], RunRecord]  # puts weights into a new run's folder; run.json with where they are from


def _silent(_: str) -> None:
    pass


class HeldOut:
    """The held-out rows that a run looks at on its way: as many as fit a short break, spread over all, of each corpus alike."""

    def __init__(self, loaders: Sequence[Loader], rows: int, token_bytes: np.ndarray) -> None:
        self._looked_at = [(loader, _spread(loader.rows, max(1, rows // len(loaders)))) for loader in loaders]
        self._token_bytes = token_bytes

    def look(self, model: Transformer) -> dict[str, Any]:
        """Nothing where takedowns have left no held-out text to look at."""
        loss, bits = self.measure(model) or (None, None)
        return {"validation_loss": loss, "validation_bits_per_byte": bits}

    def measure(self, model: Transformer) -> tuple[float, float] | None:
        """(nats per token, bits per byte); null where there is none."""
        pieces = [piece for loader, rows in self._looked_at for piece in piece_losses(model, loader, rows, self._token_bytes)]
        nats, tokens = sum(piece.nats for piece in pieces), sum(piece.tokens for piece in pieces)
        return (nats / tokens, bits_per_byte(nats, sum(piece.bytes for piece in pieces))) if tokens else None


def _spread(rows: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, rows - 1, min(most, rows)).astype(np.int64))


def token_bytes(corpus: str, tokenizer_sha256: str) -> np.ndarray:
    """Bytes that each token of a corpus stands for, int64 [vocabulary]."""
    vocabulary = read_tokenizer(read_tokenizer_json(corpus, tokenizer_sha256))
    return np.array([len(token) for token in vocabulary.tokens], np.int64)


def begin(
    run: Path, wanted: RunRecord, found: RunRecord | None, team: Team, say: Say
) -> tuple[RunRecord, TrainState[Transformer]]:
    """run.json and the state to go on from: that of the newest checkpoint, or the weights that it begins with."""
    plan = wanted.train_plan
    if found is not None:
        wanted = replace(wanted, takedowns=found.takedowns)
        refuse_other(run, replace(found, plan=wanted.plan) if has_grown(found, wanted) else found, wanted)
        _grow(run, found, wanted, team, say)
    make_deterministic(plan)
    state = fresh_state(plan, wanted.vocabulary, team.device)
    if found is None and team.is_main:
        write_run(run, wanted)
    if found is not None and (saved := saved_steps(run)):
        checkpoint_of(run, found, saved[-1])
        checkpoint.load(run, saved[-1], state)
    elif wanted.initial is not None:
        load_base(run, wanted.initial["base_sha256"], state.model)
    return wanted, state


def _found(run: Path) -> RunRecord | None:
    """run.json of a training; null where there is none yet."""
    if not (run / RUN).exists():
        return None
    found = read_run(run)
    if found.tuning is not None:
        raise UsageError(f"{run} is a tuning: `winnow finetune --output {run}` goes on with it")
    if found.quantised is not None:
        raise UsageError(
            f"{run} is quantised and trains no further: train {found.parent and found.parent['run']}, and quantise that"
        )
    return found


def _grow(run: Path, found: RunRecord, wanted: RunRecord, team: Team, say: Say) -> None:
    """Makes the run one of more steps; again where that was cut short before its checkpoints were looked through."""
    if team.is_main:
        gone = decayed(run, wanted.train_plan)
        if wanted.plan != found.plan:
            write_run(run, wanted)
        drop(run, gone, say)
    team.wait()


def require_even(plan: TrainPlan, team: Team) -> None:
    """Raises UsageError where processes would compute another number of times: with split weights they wait for each other."""
    if plan.batch_rows % (team.world * plan.micro_batch_rows):
        raise UsageError(
            f"sharded: batch_rows {plan.batch_rows} is no multiple of {team.world} processes times micro_batch_rows "
            f"{plan.micro_batch_rows}, and all have to wait for each other: change one of the three"
        )


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
    corpus: str | Path | Sequence[str], run: Path, plan: TrainPlan, team: Team, *,
    workers: int = 1, until: int | None = None, say: Say = _silent, origin: Origin | None = None,
) -> Iterator[Measured]:  # fmt: skip
    """Trains until step `until`, or the plan's last, and yields each step's measurements; of several corpora by turns.

    `origin` gives a new run other weights than fresh ones.
    """
    named = [str(corpus)] if isinstance(corpus, str | Path) else corpus
    roots = [corpus_at(one).root for one in named]
    with locking(run) if team.is_main else nullcontext(), reading_corpora(roots, run, say):
        yield from _train_locked(roots, run, plan, team, workers, plan.steps if until is None else until, say, origin)


def _train_locked(
    corpora: list[str], run: Path, plan: TrainPlan, team: Team, workers: int, until: int, say: Say, origin: Origin | None
) -> Iterator[Measured]:
    found = _found(run)
    loaders = _opened(corpora, run, plan, found)
    rows = mixed(loaders, plan.weights)
    wanted = record_of(corpora, loaders, settled(plan, found, team.device), team)
    if found is None and origin is not None:
        found = _originated(run, wanted, origin, team)
    record, state = begin(run, wanted if found is None else descended(wanted, found), found, team, say)
    plan = record.train_plan
    if team.is_main and (line := repeated_rows(plan, rows.rows)):
        say(line)
    prepare = objective(plan.objective, record.vocabulary, record.end_of_text)
    feed = ShardFeed(rows, prepare, plan, team.device, team.rank, team.world)
    stage: Stage[Transformer] = Stage(feed, language_loss(plan))
    if team.is_main:
        put_on_record(run, record)
    splits = plan.sharded and team.world > 1
    if splits:
        require_even(plan, team)
        state = split_state(state, plan)
    held_out = _held_out(corpora, loaders, plan, state.model) if team.is_main or splits else None
    yield from measured_steps(run, record, state, stage, team, held_out, until=until, workers=workers)
    if team.is_main and isinstance(rows, Mixture):
        say(epochs_read(corpora, rows.epochs(until), until))


def _originated(run: Path, wanted: RunRecord, origin: Origin, team: Team) -> RunRecord:
    """run.json of a run that has the weights to begin with in its folder, and no step made."""
    if team.is_main:
        write_run(run, origin(run, wanted))
    team.wait()
    return read_run(run)


def descended(wanted: RunRecord, found: RunRecord) -> RunRecord:
    """With what run.json says of where the run's first weights came from, and of the corpora that these had read."""
    sources = wanted.sources
    inherited = found.sources[len(sources) :] if found.initial is not None else []
    return replace(wanted.on([*sources, *inherited]), parent=found.parent, initial=found.initial)


def _opened(corpora: list[str], run: Path, plan: TrainPlan, found: RunRecord | None) -> list[Loader]:
    """Of the shards that it began with, where it goes on with the same corpora; else of the newest.

    Raises UsageError where a run that exists had more or fewer of them, or the same in another order.
    """
    begun = corpora if found is None else [found.sources[number].corpus for number in found.reading(0).corpora]
    if len(corpora) != len(begun) or (corpora != begun and sorted(corpora) == sorted(begun)):
        raise UsageError(
            f"{run} was begun with {', '.join(begun)}, in this order: name none of them to go on, or train into a new folder"
        )
    if found is not None and corpora == begun:
        return open_run_loaders(run, found)
    return [open_loader(corpus, plan.loader, fingerprint=newest_shards(corpus)) for corpus in corpora]


def epochs_read(corpora: Sequence[str], epochs: Sequence[float], steps: int) -> str:
    """A line for people: how often each corpus has been read."""
    read = [f"{corpus} {times:.2f} times" for corpus, times in zip(corpora, epochs, strict=True)]
    return f"{steps:,} steps have read {', '.join(read)}"


def _held_out(corpora: Sequence[str], loaders: Sequence[Loader], plan: TrainPlan, model: Transformer) -> HeldOut | None:
    """Null where nothing is held out, or where the model does not predict what comes next."""
    manifests = {corpus: loader.manifest for corpus, loader in zip(corpora, loaders, strict=True)}
    some = {corpus: one for corpus, one in manifests.items() if any(shard.split == VALIDATION for shard in one.shards)}
    if model.shape.kind != DECODER or not some:
        return None
    opened = [open_loader(corpus, plan.loader, VALIDATION, fingerprint=one.fingerprint) for corpus, one in some.items()]
    sizes = token_bytes(corpora[0], loaders[0].manifest.tokenizer_sha256)
    return HeldOut(opened, max(1, 32_768 // plan.row_tokens), sizes)
