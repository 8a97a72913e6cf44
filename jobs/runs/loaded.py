"""The model of a run's checkpoint, whatever made it. Apart from what trains, so that no page about tuning decides a training."""

from pathlib import Path

import torch

from jobs.runs.checkpoints import checkpoint_of
from jobs.runs.record import RunRecord, chosen_step, read_run
from jobs.runs.tune.tuned_model import tuned_model
from model import checkpoint
from model.network.transformer import Transformer
from model.quantise.network import QuantiseSettings, quantised
from model.training.train import fresh_state


def load_model(run: Path, step: int | None = None, device: torch.device | None = None) -> tuple[Transformer, RunRecord, int]:
    """(model, run.json, step) of a checkpoint, the newest if none is named; with a tuning's adapter beside the weights."""
    record = read_run(run)
    chosen, device = chosen_step(run, step), device or torch.device("cpu")
    model: Transformer
    if record.quantised is not None:
        model = quantised(Transformer(record.train_plan.shape(record.vocabulary)), QuantiseSettings(**record.quantised))
    elif record.tuning is None:
        model = fresh_state(record.train_plan, record.vocabulary, device).model
    else:
        model = tuned_model(run, record, device)
    checkpoint.load_weights(run, checkpoint_of(run, record, chosen), model)
    return model.to(device), record, chosen
