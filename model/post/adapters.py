"""Adapters: few weights that are trained in place of the model's, which stay as they are and are no part of a checkpoint."""

from model.network.shape import DECODER, ENCODER
from model.network.transformer import Transformer
from model.post.bottleneck import add_bottlenecks
from model.post.lora import add_low_rank, merge_low_rank
from model.post.prefix import add_prefix
from model.post.settings import TuneSettings
from model.training.optimizer import trainable
from pipeline.errors import UsageError

_ADD = {"lora": add_low_rank, "bottleneck": add_bottlenecks, "prefix": add_prefix}


def add_adapter(model: Transformer, settings: TuneSettings, seed: int) -> None:
    """Freezes the model and adds what is trained in its place; nothing where the whole model is trained."""
    if model.shape.kind != DECODER and not (model.shape.kind == ENCODER and settings.method == "classify"):
        raise UsageError(
            f"this run is an {model.shape.kind}: a decoder (objective next) is tuned, and an encoder by --method classify alone"
        )
    if settings.adapter == "none":
        return
    model.requires_grad_(False)
    _ADD[settings.adapter](model, settings, seed)
    if not trainable(model):
        raise UsageError(f"adapter {settings.adapter} finds no matrix to be beside in this model; name others in targets")


def merge_adapter(model: Transformer, settings: TuneSettings) -> None:
    """Makes an adapter part of the matrices, where it can be: LoRA alone."""
    if settings.adapter == "lora":
        merge_low_rank(model)
    elif settings.adapter != "none":
        raise UsageError(f"a {settings.adapter} adapter cannot be merged into the weights: use it beside them")
