"""Weights that a run begins with and keeps beside it, so that it can be made again whatever becomes of where they came from."""

from pathlib import Path

from model.checkpoint import load_saved, save_weights
from model.network.transformer import Transformer

BASE = "base.safetensors"  # in RUN: all weights of the model that it began with


def write_base(run: Path, model: Transformer) -> str:
    """sha256 of the weights as they lie in the run's folder."""
    return save_weights(run / BASE, model)


def load_base(run: Path, sha256: str, model: Transformer) -> None:
    """Raises CorpusError where a byte of them has changed."""
    load_saved(run / BASE, sha256, model)
