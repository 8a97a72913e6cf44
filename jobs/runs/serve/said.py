"""Answers in the form that OpenAI's clients read: whole, in pieces, and what went wrong."""

import time
import uuid
from typing import Any, NamedTuple

CHAT, TEXT = "chat.completion", "text_completion"


class Answer(NamedTuple):
    """One choice."""

    number: int
    text: str
    finish: str | None


class Form:
    """The envelope of one request's answers."""

    def __init__(self, kind: str, model: str, fingerprint: str) -> None:
        self._kind = kind
        prefix = "chatcmpl" if kind == CHAT else "cmpl"
        self._head = {
            "id": f"{prefix}-{uuid.uuid4().hex}", "created": int(time.time()), "model": model, "system_fingerprint": fingerprint,
        }  # fmt: skip

    def whole(self, answers: list[Answer], usage: dict[str, int]) -> dict[str, Any]:
        return {**self._head, "object": self._kind, "choices": [self._choice(one) for one in answers], "usage": usage}

    def piece(self, answers: list[Answer], usage: dict[str, int] | None = None, *, first: bool = False) -> dict[str, Any]:
        """Some more text of some answers; `first` names who speaks."""
        kind = "chat.completion.chunk" if self._kind == CHAT else TEXT
        choices = [self._delta(one, first=first) for one in answers]
        return {**self._head, "object": kind, "choices": choices} | ({} if usage is None else {"usage": usage})

    def _choice(self, one: Answer) -> dict[str, Any]:
        said = {"message": {"role": "assistant", "content": one.text}} if self._kind == CHAT else {"text": one.text}
        return {"index": one.number, **said, "logprobs": None, "finish_reason": one.finish}

    def _delta(self, one: Answer, *, first: bool) -> dict[str, Any]:
        if self._kind != CHAT:
            return self._choice(one)
        said = ({"role": "assistant"} if first else {}) | ({"content": one.text} if one.text or first else {})
        return {"index": one.number, "delta": said, "logprobs": None, "finish_reason": one.finish}


def usage_of(prompts: int, answers: int) -> dict[str, int]:
    """Tokens."""
    return {"prompt_tokens": prompts, "completion_tokens": answers, "total_tokens": prompts + answers}


def wrong(message: str, kind: str = "invalid_request_error", code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
