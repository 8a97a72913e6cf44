"""Data files that ship with the code: models, lists of words, texts that teach. Nothing else asks where the code lies."""

from pathlib import Path


def shipped(name: str) -> Path:
    """A file by its name from the folder of `pipeline` on, e.g. shipped("pipeline/models/langid.npz").

    The name is always written out, so that what a module reads can be read off its source: a stage's fingerprint does.
    """
    return Path(__file__).parents[1] / name
