"""A run as EleutherAI's lm-evaluation-harness asks its models, so that its own tasks measure it.

    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager
    from jobs.runs.evaluate.harness import WinnowLM

    simple_evaluate(WinnowLM("run"), tasks=["my_task"], task_manager=TaskManager(include_path="tasks"))

Needs `pip install lm-eval`. Texts begin with `<|endoftext|>`, as in training; what is too long for a row loses its beginning.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from lm_eval.api.instance import Instance
from lm_eval.api.model import LM

from jobs.runs.generate_text import load_run
from jobs.runs.write.batch import Asked, answered
from model.evaluate import answer_losses, greedy
from model.generate import SamplingSettings
from model.training.parallel import device_of


class WinnowLM(LM):  # type: ignore[misc]  # lm_eval has no types
    """The newest checkpoint of a run, or that of a step; on cpu, cuda or cuda:N, by default on a GPU if there is one."""

    def __init__(self, run: str | Path, step: int | None = None, slots: int = 16, device: str | None = None) -> None:
        super().__init__()
        self._loaded, self._slots = load_run(Path(run), step, device_of(device)), slots
        self._context = self._loaded.record.train_plan.row_tokens

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """(log p of a continuation, whether it is what the run would say itself) of each (context, continuation)."""
        return [self._likely(*request.args) for request in requests]

    def loglikelihood_rolling(self, requests: list[Instance]) -> list[float]:
        """log p of whole texts, row by row; each row after the first begins with the token that the one before ended with."""
        return [self._rolling(self._loaded.tokens_of(request.args[0])) for request in requests]

    def generate_until(self, requests: list[Instance]) -> list[str]:
        """Texts up to the first stop."""
        return [self._written(*request.args) for request in requests]

    def _likely(self, context: str, continuation: str) -> tuple[float, bool]:
        whole, before = self._loaded.tokens_of(context + continuation), self._loaded.tokens_of(context)
        size = len(whole) - len(before)
        if size <= 0:
            return 0.0, True
        kept = whole[-self._context - 1 :]
        given = kept[: len(kept) - min(size, len(kept) - 1)]
        answer = kept[len(given) :]
        return -answer_losses(self._loaded.model, given, [answer])[0], greedy(self._loaded.model, given, answer)

    def _rolling(self, tokens: list[int]) -> float:
        rows = [tokens[at : at + self._context + 1] for at in range(0, len(tokens) - 1, self._context)]
        return -float(np.sum([answer_losses(self._loaded.model, row[:1], [row[1:]])[0] for row in rows]))

    def _written(self, prompt: str, given: dict[str, Any]) -> str:
        most = int(given.get("max_gen_toks", 128))
        settings = SamplingSettings(max_tokens=most, temperature=float(given.get("temperature", 0.0)))
        stops = given.get("until", [])
        asked: Iterable[Asked] = [Asked(0, prompt)]
        stops = (stops,) if isinstance(stops, str) else tuple(stops)
        [one] = answered(self._loaded, iter(asked), settings, samples=1, stops=stops, slots=1)
        return str(one.get("text", ""))
