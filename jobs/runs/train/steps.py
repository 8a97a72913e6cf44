"""The steps of a run on disk, whatever its stage: each is measured and logged, some are saved, and a stop is waited for."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import torch

from jobs.corpus.files import readers
from jobs.runs.record import RunRecord
from jobs.runs.train.metrics import Measured, Metrics
from jobs.stopping import Stopped, held
from model import checkpoint
from model.budget import peak_flops
from model.checkpoint_files import prune
from model.network.shape import Shape
from model.network.transformer import Transformer
from model.training.parallel import Team
from model.training.plan import TrainPlan
from model.training.stage import Stage
from model.training.train import TrainState, train

Say = Callable[[str], None]


class HeldOut(Protocol):
    """What a run looks at on its way."""

    def look(self, model: Transformer) -> dict[str, Any]:
        """Fields of `Measured`."""
        ...


def measured_steps(
    run: Path,
    record: RunRecord,
    state: TrainState[Transformer],
    stage: Stage[Transformer],
    team: Team,
    held_out: HeldOut | None,
    *,
    until: int,
    workers: int = 0,
) -> Iterator[Measured]:
    """Trains up to step `until` and yields each step's measurements. Raises Stopped where the user asks, all saved."""
    plan, shape = record.train_plan, record.train_plan.shape(record.vocabulary)
    evaluate_every = plan.evaluate_every or max(1, plan.steps // 10)
    with closing(Metrics(run, state.step, writes=team.is_main)) as metrics, held() as asked:
        before = time.monotonic()
        for report in train(state, stage, plan, team, until=until, workers=workers):
            places = plan.step_tokens if record.tuning is None else report.tokens  # a tuning has rows of no size: what it learned
            speed = places / (time.monotonic() - before)
            mfu = _mfu(shape, plan, speed, team) if record.tuning is None else (None, None)
            measured = Measured(
                report.step, report.loss, report.gradient_norm, *report.rates, speed, *mfu,
                measures=dict(zip(stage.measures, report.measures, strict=True)),
            )  # fmt: skip
            if held_out is not None and (report.step % evaluate_every == 0 or report.step == until):
                measured = replace(measured, **held_out.look(state.model))
            metrics.add(measured)
            stops = team.any(asked())
            last = report.step == until or stops
            if last or report.step % plan.save_every == 0 or _kept(plan, report.step):
                save(run, record, state) if team.is_main else checkpoint.take_part(state)
            yield measured
            if stops:
                raise Stopped(f"after step {report.step} of {until}, which is saved in {run}")
            before = time.monotonic()


def put_on_record(run: Path, record: RunRecord) -> None:
    """Its corpora know the run from now on, unless it lies where nothing stays: a replay, an oracle."""
    if any(part.startswith(".") for part in run.resolve().parts[-2:]):
        return
    newest = {one.corpus: one.corpus_fingerprint for one in reversed(record.sources)}  # its own before those of earlier runs
    for corpus, fingerprint in newest.items():
        readers.register(corpus, readers.Reader(readers.RUN, str(run.resolve()), shards=fingerprint))


@contextmanager
def reading_corpora(corpora: Iterable[str], run: Path, say: Say = lambda _: None) -> Iterator[None]:
    """All of them know of the run that reads them, for the length of the block."""
    with ExitStack() as stack:
        for corpus in corpora:
            stack.enter_context(readers.reading(corpus, readers.RUN, str(run.resolve()), say))
        yield


def save(run: Path, record: RunRecord, state: TrainState[Transformer]) -> None:
    """A checkpoint of this moment; older ones go as the plan says."""
    plan = record.train_plan
    position = state.step * plan.batch_rows
    checkpoint.save(run, state, position=position, corpus=record.fingerprint, shards=record.all_shards, plan=record.plan)
    prune(run, plan.keep_last, plan.keep_every)


def _kept(plan: TrainPlan, step: int) -> bool:
    return bool(plan.keep_every) and step % plan.keep_every == 0


def _mfu(shape: Shape, plan: TrainPlan, tokens_per_second: float, team: Team) -> tuple[float | None, float | None]:
    peak = peak_flops(torch.cuda.get_device_name(team.device)) if team.device.type == "cuda" else None
    if peak is None:
        return None, None
    each = (shape.flops_per_token(plan.row_tokens), shape.flops_per_token(plan.row_tokens, causal=True))
    return tokens_per_second * each[0] / peak / team.world, tokens_per_second * each[1] / peak / team.world
