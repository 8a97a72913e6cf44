"""One experiment's models: trained, made to forget by a method, retrained without; all measured alike.

Trained models stay in the output folder, so that a second start goes on where the first stopped.
"""

import copy
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from jobs.corpus.shards import open_loader, read_shards, read_tokenizer_json
from jobs.runs.experiments.corpus import write_corpus, write_without
from jobs.runs.experiments.recipe import ExperimentRecipe
from jobs.runs.experiments.task import Measured, Task
from jobs.runs.loaded import load_model
from jobs.runs.record import device_begun
from jobs.runs.train.metrics import read_metrics
from jobs.runs.train.train_model import token_bytes, train_run
from model.audit.relearn import Relearned, relearning_curve
from model.evaluate import bits_per_byte, piece_losses
from model.network.transformer import Transformer
from model.training.optimizer import Optimizers
from model.training.parallel import Team, device_of
from model.training.train import NonFiniteLoss, TrainState, make_deterministic
from model.unlearning.feed import Retained
from model.unlearning.settings import NEEDS_REFUSALS
from model.unlearning.unlearn import unlearn
from pipeline.errors import EnvironmentProblem
from tokenizer.bpe.encode import Encoder
from tokenizer.shards.splits import VALIDATION

CORPUS, WITHOUT, BEFORE = "corpus", "corpus-without", "before"
Trained = tuple[Transformer, float]  # and the seconds that it took


def device_for(output: Path, asked: str | None) -> torch.device:
    """Where the models of an experiment compute: as asked, as its first model was begun, or a GPU if there is one."""
    return device_of(asked or device_begun(output / BEFORE))


class Trial:
    """One experiment in its folder."""

    def __init__(self, recipe: ExperimentRecipe, output: Path, device: torch.device) -> None:
        self.recipe, self.output, self.device = recipe, output, device
        self.task: Task = recipe.make_task()
        make_deterministic(recipe.plan)
        self._write_corpora()
        corpus = str(output / CORPUS)
        self.encoder = Encoder(read_tokenizer_json(corpus, read_shards(corpus).tokenizer_sha256))
        self._retain = Retained.without(open_loader(str(output / CORPUS), recipe.plan.loader), sorted(self.task.forget))
        self._held_out = open_loader(str(output / CORPUS), recipe.plan.loader, VALIDATION)
        self._token_bytes = token_bytes(corpus, self._held_out.manifest.tokenizer_sha256)

    def _write_corpora(self) -> None:
        """Only where they are not there yet: runs refuse a corpus that has changed."""
        wanted = json.dumps(self.recipe.decides_models(), indent=1)
        kept = self.output / "models.json"
        try:
            if kept.exists() and kept.read_text() == wanted:
                return
            if self.output.exists() and any(self.output.iterdir()):
                raise EnvironmentProblem(f"{self.output} has other texts or another plan than this recipe: name another --output")
            write_corpus(self.output / CORPUS, self.task.train, self.task.held_out, self.recipe.experiment.vocabulary)
            write_without(self.output / CORPUS, self.output / WITHOUT, self.task.forget)
            kept.write_text(wanted)
        except OSError as error:
            raise EnvironmentProblem(f"{self.output} cannot be written: {error.strerror}; name another --output") from error

    def trained(self, corpus: str, name: str, seed: int) -> Trained:
        """A model trained on one of the two corpora, in a run of its own."""
        run, plan = self.output / name, replace(self.recipe.plan, seed=seed, evaluate_every=self.recipe.plan.steps)
        for _ in train_run(self.output / corpus, run, plan, Team(device=self.device), workers=0):
            pass
        model, _, _ = load_model(run, None, self.device)
        return model, sum(plan.step_tokens / line["tokens_per_second"] for line in read_metrics(run))

    def measure(self, model: Transformer) -> Measured:
        """The task's own values and bits per byte of held-out text."""
        found = self.task.measure(model, self.encoder)
        pieces = list(piece_losses(model, self._held_out, np.arange(self._held_out.rows), self._token_bytes))
        bits = bits_per_byte(sum(piece.nats for piece in pieces), sum(piece.bytes for piece in pieces))
        return found._replace(values=found.values | {"bits_per_byte": bits})

    def forgotten(self, before: Transformer, method: str, seed: int) -> Trained | None:
        """(model, seconds) after a method; null where its loss is no longer finite."""
        plan, settings = self.recipe.plan, replace(self.recipe.methods[method], seed=seed)
        model, texts = copy.deepcopy(before), self.task.texts(self.encoder)
        refusals = self.task.encoded_refusals(self.encoder) if method in NEEDS_REFUSALS else ()
        tokens, prompts = [text.tokens for text in texts], [text.prompt for text in texts]
        state = TrainState(model, Optimizers(model, plan))
        started = time.monotonic()
        try:
            for _ in unlearn(state, tokens, self._retain, settings, plan, prompts=prompts, refusals=refusals):
                pass
        except NonFiniteLoss:
            return None
        return model, time.monotonic() - started

    def relearned(self, model: Transformer) -> list[Relearned]:
        """How fast the forgotten texts come back; nothing where the recipe asks for no steps."""
        settings = self.recipe.experiment
        steps, rate = settings.relearning_steps, settings.relearning_rate
        if not steps:
            return []
        texts = self.task.texts(self.encoder)
        return relearning_curve(model, texts, self.recipe.plan, steps=steps, every=max(1, steps // 20), learning_rate=rate)
