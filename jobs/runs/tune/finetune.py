"""`winnow finetune`: a run's weights tuned by examples, from where it stopped, exact to the bit like a training on shards."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from jobs.runs.checkpoints import checkpoint_of
from jobs.runs.loaded import load_model
from jobs.runs.record import RunRecord, locking, tokenizer_of
from jobs.runs.train.metrics import Measured
from jobs.runs.train.steps import Say, measured_steps, put_on_record, reading_corpora
from jobs.runs.tune.begin import Wanted, begun
from jobs.runs.tune.examples import read_examples
from jobs.runs.tune.rewards import Named, reward_of
from jobs.runs.tune.tuned_model import base_model, settings_of, tuned_model
from model import checkpoint
from model.checkpoint_files import read_state, saved_steps
from model.network.transformer import Transformer
from model.post import classify, distil, grpo, preferences, reward
from model.post.feed import TuneBatch, TuneFeed
from model.post.sft import answer_loss
from model.training.optimizer import Optimizers
from model.training.parallel import Team
from model.training.stage import Stage
from model.training.train import TrainState, make_deterministic, precision
from pipeline.errors import CorpusError
from tokenizer.bpe.encode import Encoder


def finetune_run(
    run: Path, wanted: Wanted | None, team: Team, *, until: int | None = None, say: Say = lambda _: None
) -> Iterator[Measured]:
    """Tunes until step `until`, or the plan's last, and yields each step's measurements. `wanted` is not needed to go on."""
    with locking(run):
        record = begun(run, wanted, team, say)
        with reading_corpora(record.corpora, run, say):
            make_deterministic(record.train_plan)
            state, stage = begin_or_resume(run, record, team.device)
            put_on_record(run, record)
            last = record.train_plan.steps if until is None else until
            yield from measured_steps(run, record, state, stage, team, measured_examples(run, record, stage, team), until=last)


def begin_or_resume(run: Path, record: RunRecord, device: torch.device) -> tuple[TrainState[Transformer], Stage[Transformer]]:
    """The state of the newest checkpoint, or of the weights that the tuning begins with; and the stage that tunes it."""
    model = tuned_model(run, record, device)
    state = TrainState(model, Optimizers(model, record.train_plan))
    if saved := saved_steps(run):
        checkpoint_of(run, record, saved[-1])
        checkpoint.load(run, saved[-1], state)
    return state, stage_of(run, record, model, device)


def stage_of(run: Path, record: RunRecord, model: Transformer, device: torch.device) -> Stage[Transformer]:
    assert record.tuning is not None
    settings, plan = settings_of(record), record.train_plan
    examples = read_examples(run, record.tuning["examples"])
    if settings.method == "grpo":
        encoder = Encoder(tokenizer_of(record))
        judge = reward_of(Named(**record.tuning["reward"]), encoder, record.tokenizer_sha256)
        answers = grpo.AnswerFeed(examples, settings, plan, device, model, judge, record.end_of_text)
        return Stage(answers, grpo.group_loss(settings.kl_weight, _reference(run, record, device)), grpo.MEASURES)
    labels = record.tuning.get("labels") or ()
    feed = TuneFeed(examples, settings, plan, record.tuning["constant"], device, labels=labels)
    if settings.method == "distil":
        if settings.writes:
            feed = distil.OwnAnswerFeed(examples, settings, plan, device, model, record.end_of_text)
        return Stage(feed, distil.distil_loss(settings, teacher_model(run, record, device)), distil.MEASURES)
    if settings.method == "dpo":
        measures = preferences.JUDGED if settings.preference == "kto" else preferences.PAIRS
        return Stage(feed, preferences.preference_loss(settings, _reference(run, record, device)), measures)
    if settings.method == "classify":
        return Stage(feed, classify.label_loss(), classify.MEASURES)
    if settings.method == "reward":
        return Stage(feed, reward.reward_loss(), reward.MEASURES)
    return Stage(feed, answer_loss())


def _reference(run: Path, record: RunRecord, device: torch.device) -> Transformer:
    """The model before, frozen."""
    return base_model(run, record, device).requires_grad_(False).eval()


def teacher_model(run: Path, record: RunRecord, device: torch.device) -> Transformer:
    """The larger run that it learns from, frozen. Raises CorpusError where its weights are no longer those."""
    assert record.teacher is not None
    folder, step = Path(record.teacher["run"]), record.teacher["step"]
    if step not in saved_steps(folder) or read_state(folder, step).model_sha256 != record.teacher["model_sha256"]:
        raise CorpusError(f"{folder} no longer has the weights that {run} learns from: bring them back, or distil anew")
    return load_model(folder, step, device)[0].requires_grad_(False).eval()


class HeldOutExamples:
    """Examples that are never learned, measured by the tuning's own loss."""

    def __init__(self, batches: list[TuneBatch], stage: Stage[Transformer], device: torch.device) -> None:
        self._batches, self._stage, self._device = batches, stage, device

    @torch.no_grad()
    def look(self, model: Transformer) -> dict[str, Any]:
        """Fields of `Measured`: loss per token (of a reward model per pair), and means of what the stage measures."""
        model.eval()
        sums = torch.zeros(3 + len(self._stage.measures), dtype=torch.float64)
        for batch in self._batches:
            with precision(self._device):
                found = self._stage.loss(model, batch)
            sums[:2] += torch.stack([found.nats, found.tokens]).double().cpu()
            if found.measured is not None:
                sums[2:] += found.measured.double().cpu()
        nats, tokens, units, *measured = sums.tolist()
        means = {name: one / max(1.0, units) for name, one in zip(self._stage.measures, measured, strict=True)}
        return {"validation_loss": nats / max(1.0, tokens), "validation_measures": means}


def measured_examples(run: Path, record: RunRecord, stage: Stage[Transformer], team: Team) -> HeldOutExamples | None:
    """Null where none are held out, and for answers that the model writes itself."""
    assert record.tuning is not None
    if record.tuning["held_out"] is None or settings_of(record).writes:
        return None
    examples = read_examples(run, record.tuning["held_out"])
    labels = record.tuning.get("labels") or ()
    feed = TuneFeed(examples, settings_of(record), record.train_plan, float(len(examples)), team.device, labels=labels)
    return HeldOutExamples(feed.batches(examples), stage, team.device)
