"""The model that a tuning changes: the weights it began with, kept beside it, and what is trained on top of them."""

from pathlib import Path

import torch

from jobs.runs.record import RunRecord
from jobs.runs.train.initial import load_base
from model.network.transformer import Transformer
from model.post.adapters import add_adapter, merge_adapter
from model.post.classify import add_label_head
from model.post.reward import add_head
from model.post.settings import TuneSettings, settings_from_json
from model.quantise.network import CodedTransformer, restored
from pipeline.errors import UsageError


def settings_of(record: RunRecord) -> TuneSettings:
    """How a run was tuned. Raises UsageError for one that was not."""
    if record.tuning is None:
        raise UsageError("it is no tuning: `winnow finetune RUN --method … --output NEW` makes one of it")
    return settings_from_json(record.tuning["settings"])


def base_model(run: Path, record: RunRecord, device: torch.device) -> Transformer:
    """The model as it was before. Raises CorpusError where a byte of it has changed."""
    assert record.tuning is not None
    model = Transformer(record.train_plan.shape(record.vocabulary))
    load_base(run, record.tuning["base_sha256"], model)
    return model.to(device)


def tuned_model(run: Path, record: RunRecord, device: torch.device) -> Transformer:
    """The same with what is trained: an adapter, a head, or all of it. Not yet with the weights of a checkpoint."""
    model, settings = base_model(run, record, device), settings_of(record)
    add_adapter(model, settings, record.train_plan.seed)
    if settings.method == "reward":
        add_head(model)
    if settings.method == "classify":
        assert record.tuning is not None
        add_label_head(model, len(record.tuning["labels"]))
    return model


def plain_model(model: Transformer, record: RunRecord) -> Transformer:
    """A run's model as one that others can begin with: LoRA merged, a head of its own left out, codes decoded."""
    if isinstance(model, CodedTransformer):
        return restored(model)
    if record.tuning is not None:
        settings = settings_of(record)
        merge_adapter(model, settings)
        if settings.has_head:
            delattr(model, "reward" if settings.method == "reward" else "labels")
    return model.requires_grad_(True)
