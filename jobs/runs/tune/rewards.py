"""What answers are worth to `--method grpo`: a program's judgement, or a reward model's.

A plug-in is a function of texts, named MODULE:FUNCTION or FILE.py:FUNCTION:

    def reward(prompt: str, answer: str, expected: str | None) -> float: ...
"""

import hashlib
import importlib
import importlib.util
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jobs.runs.record import RUN
from model.post.examples import Example, Learned
from model.post.grpo import Reward
from pipeline.errors import InputError, UsageError
from tokenizer.bpe.encode import Encoder

OfTexts = Callable[[str, str, str | None], float]
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def arithmetic(prompt: str, answer: str, expected: str | None) -> float:  # noqa: ARG001 - what is asked does not matter
    """1 where the last number of an answer is the expected one, else 0. "#### 1,234" (GSM8K) -> 1234"""
    wanted, said = last_number(expected or ""), last_number(answer)
    return float(wanted is not None and said == wanted)


def last_number(text: str) -> float | None:
    found = _NUMBER.findall(text)
    return float(found[-1].replace(",", "")) if found else None


SHIPPED: dict[str, OfTexts] = {"arithmetic": arithmetic}


class Named(NamedTuple):
    """A reward as the command line names it, and what decides it: a hash of the plug-in's source, or of a model's weights."""

    name: str
    sha256: str


def named(name: str) -> Named:
    """Raises UsageError where there is no such reward."""
    if name in SHIPPED:
        return Named(name, "")
    if (Path(name) / RUN).exists():
        from jobs.runs.record import newest_weights_sha256

        return Named(str(Path(name).resolve()), newest_weights_sha256(Path(name)))
    _, source = _plugged(name)
    return Named(name, hashlib.sha256(source.read_bytes()).hexdigest())


def _plugged(name: str) -> tuple[OfTexts, Path]:
    """(the function, the file that it stands in)."""
    module_name, _, function = name.rpartition(":")
    if not module_name or not function:
        known = ", ".join(SHIPPED)
        raise UsageError(f"--reward {name}: one of {known}, a run of --method reward, or MODULE:FUNCTION")
    try:
        if module_name.endswith(".py"):
            spec = importlib.util.spec_from_file_location(Path(module_name).stem, module_name)
            if spec is None or spec.loader is None:
                raise ImportError(module_name)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        else:
            module = importlib.import_module(module_name)
        return getattr(module, function), Path(str(module.__file__))
    except (ImportError, AttributeError, OSError, SyntaxError) as error:
        raise UsageError(f"--reward {name} cannot be loaded ({error}): MODULE:FUNCTION or FILE.py:FUNCTION") from None


def reward_of(wanted: Named, encoder: Encoder, tokenizer_sha256: str) -> Reward:
    """The reward for texts of this tokenizer. Raises InputError where it is no longer what the tuning began with."""
    if named(wanted.name) != wanted:
        raise InputError(f"the reward {wanted.name} has changed since the tuning began: go back to it, or tune into a new folder")
    if (Path(wanted.name) / RUN).exists():
        return _by_model(Path(wanted.name), tokenizer_sha256)
    judge = SHIPPED.get(wanted.name) or _plugged(wanted.name)[0]

    def reward(asked: Sequence[Example], texts: Sequence[Learned]) -> list[float]:
        said = [_words(text.completion.tokens, encoder) for text in texts]
        prompts = [_words(example.text.tokens, encoder) for example in asked]
        return [_judged(wanted.name, judge, *one) for one in zip(prompts, said, (one.answer for one in asked), strict=True)]

    return reward


def _judged(name: str, judge: OfTexts, prompt: str, answer: str, expected: str | None) -> float:
    """Raises UsageError that names the function and the prompt, whatever it does."""
    try:
        return float(judge(prompt, answer, expected))
    except Exception as error:
        raise UsageError(f"--reward {name} failed on the prompt {prompt[-60:]!r}: {error!r:.200}") from error


def _words(tokens: np.ndarray, encoder: Encoder) -> str:
    """Nothing for the rows that round a model's vocabulary up."""
    return encoder.decode(tokens[tokens < len(encoder.vocabulary)]).decode(errors="replace")


def _by_model(run: Path, tokenizer_sha256: str) -> Reward:
    from jobs.runs.loaded import load_model
    from jobs.runs.record import read_run
    from model.post.reward import scored

    record = read_run(run)
    if record.tuning is None or record.tuning["settings"]["method"] != "reward":
        raise UsageError(f"--reward {run}: it is a run, and none of --method reward")
    if record.tokenizer_sha256 != tokenizer_sha256:
        raise UsageError(f"--reward {run}: it has another tokenizer than the run that is tuned")
    model, _, _ = load_model(run)
    model.eval()
    return lambda _, texts: list(scored(model, texts))
