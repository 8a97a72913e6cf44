"""A `tiny` model trained on given texts."""

import json
from pathlib import Path

import torch
from pyspark.sql import SparkSession

from jobs.corpus.folder import Corpus
from jobs.corpus.recipe import Recipe
from jobs.runs.train.train_model import train_run
from model.training.parallel import Team
from model.training.plan import plan_of
from tests.jobs.running import curate


def tiny_run(spark: SparkSession, folder: Path, texts: list[str], recipe: Recipe, steps: int) -> tuple[Corpus, Path]:
    """(corpus, run) of the texts as pages of many sites."""
    folder.mkdir()
    rows = [{"id": f"{n}", "url": f"http://www.site{n % 997}.example/{n}", "text": text} for n, text in enumerate(texts)]
    source = folder / "pages.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus, _ = curate(spark, [source], folder / "corpus", recipe)
    plan = plan_of("tiny", steps=steps, save_every=steps, evaluate_every=steps, threads=torch.get_num_threads())
    for _ in train_run(Path(corpus.root), folder / "run", plan, Team()):
        pass
    return corpus, folder / "run"
