"""What a request may say, and what it asks for. A field that would be ignored is refused instead.

Fields are those of OpenAI's completions and chat completions; top_k, min_p and repetition_penalty come beside them.
"""

import secrets
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jobs.runs.generate_text import LoadedRun
from jobs.runs.tune.chat import SYSTEM, Message, asked
from jobs.runs.write.stops import check_stops
from model.generate import LARGEST_BIAS, SamplingSettings
from pipeline.errors import UsageError
from pipeline.settings import LARGEST_SEED

MOST_ANSWERS, MOST_MESSAGES = 128, 1000  # of one request


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class StreamOptions(_Strict):
    include_usage: bool = False


class Part(_Strict):
    type: Literal["text"]
    text: str


class ChatMessage(_Strict):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part]
    name: str | None = None

    @property
    def message(self) -> Message:
        said = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return Message(SYSTEM if self.role == "developer" else self.role, said)


class Question(_Strict):
    """What both kinds of request have."""

    model: str
    max_tokens: int | None = Field(None, ge=1, le=1 << 24)
    temperature: float = Field(1.0, ge=0, le=100)
    top_p: float = Field(1.0, gt=0, le=1)
    n: int = Field(1, ge=1, le=MOST_ANSWERS)
    stop: str | list[str] | None = None
    seed: int | None = Field(None, ge=0, le=LARGEST_SEED - MOST_ANSWERS)
    stream: bool = False
    stream_options: StreamOptions | None = None
    logit_bias: dict[str, float] | None = Field(None, max_length=1000)
    user: str | None = None  # known and of no consequence
    top_k: int | None = Field(None, ge=1, le=1 << 24)
    min_p: float | None = Field(None, ge=0, le=1)
    repetition_penalty: float = Field(1.0, ge=0.01, le=100)
    frequency_penalty: float | None = Field(None, ge=0, le=0)  # clients send it; other values are not offered
    presence_penalty: float | None = Field(None, ge=0, le=0)


class CompletionQuestion(Question):
    prompt: str | list[str] | list[int] | list[list[int]] = Field("", max_length=1 << 20)


class ChatQuestion(Question):
    messages: list[ChatMessage] = Field(min_length=1, max_length=MOST_MESSAGES)
    max_completion_tokens: int | None = Field(None, ge=1, le=1 << 24)


class Wanted(NamedTuple):
    """Prompts in tokens; each has `n` answers, one after another. Answer i of all draws from seed + i."""

    model: str
    prompts: list[list[int]]
    settings: SamplingSettings
    stops: tuple[str, ...]
    n: int
    stream: bool
    usage: bool  # at the end of a stream


def completion(loaded: LoadedRun, body: bytes) -> Wanted:
    question = _read(CompletionQuestion, body)
    given = question.prompt
    texts = given if isinstance(given, list) and not (given and isinstance(given[0], int)) else [given]
    prompts = [_tokens(loaded, text) for text in texts]
    return _wanted(loaded, question, prompts, question.max_tokens or 16)


def chat(loaded: LoadedRun, body: bytes) -> Wanted:
    question = _read(ChatQuestion, body)
    if question.max_tokens is not None and question.max_completion_tokens is not None:
        raise UsageError("max_tokens and max_completion_tokens are the same: give one")
    prompt = [*map(int, asked([one.message for one in question.messages], loaded.encoder).tokens)]
    most = question.max_completion_tokens or question.max_tokens or loaded.record.train_plan.row_tokens
    return _wanted(loaded, question, [prompt], most)


READERS: dict[str, Callable[[LoadedRun, bytes], Wanted]] = {"text_completion": completion, "chat.completion": chat}


def _read(kind: Any, body: bytes) -> Any:
    """Raises UsageError about the first thing that is not as it should be."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{place}: {first['msg']}" if place else str(first["msg"])) from None


def _tokens(loaded: LoadedRun, prompt: Any) -> list[int]:
    if isinstance(prompt, str):
        return loaded.tokens_of(prompt.encode("utf-8", "replace").decode())
    if not all(0 <= token < len(loaded.encoder.vocabulary) for token in prompt):
        raise UsageError(f"prompt: tokens are numbers from 0 to {len(loaded.encoder.vocabulary) - 1}")
    return list(prompt)


def _wanted(loaded: LoadedRun, question: Question, prompts: list[list[int]], most: int) -> Wanted:
    if not 0 < len(prompts) * question.n <= MOST_ANSWERS:
        raise UsageError(f"prompt, n: {len(prompts)} prompts with {question.n} answers; a request has 1 to {MOST_ANSWERS}")
    context = loaded.record.train_plan.row_tokens
    if longest := max((len(prompt) for prompt in prompts if not 0 < len(prompt) < context), default=0):
        raise UsageError(f"prompt: it has {longest} tokens and the model reads {context}, the answer included")
    if not all(prompts):
        raise UsageError("prompt: it has no token")
    stops = (question.stop,) if isinstance(question.stop, str) else tuple(question.stop or ())
    check_stops(stops)
    settings = SamplingSettings(
        max_tokens=most, temperature=question.temperature, top_p=None if question.top_p == 1 else question.top_p,
        top_k=question.top_k, min_p=question.min_p, repetition_penalty=question.repetition_penalty,
        bias=_bias(question.logit_bias or {}, len(loaded.encoder.vocabulary)),
        seed=secrets.randbelow(LARGEST_SEED - MOST_ANSWERS) if question.seed is None else question.seed,
    )  # fmt: skip
    usage = question.stream_options is not None and question.stream_options.include_usage
    return Wanted(question.model, prompts, settings, stops, question.n, question.stream, usage)


def _bias(given: dict[str, float], tokens: int) -> tuple[tuple[float, float], ...]:
    if not all(name.isascii() and name.isdecimal() and len(name) < 9 and int(name) < tokens for name in given):
        raise UsageError(f"logit_bias: keys are numbers of tokens, 0 to {tokens - 1}")
    if not all(abs(added) <= LARGEST_BIAS for added in given.values()):
        raise UsageError(f"logit_bias: values are -{LARGEST_BIAS} to {LARGEST_BIAS}")
    return tuple((float(name), added) for name, added in given.items())
