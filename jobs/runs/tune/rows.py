"""JSON lines to tune by, in the forms that people have them, as conversations.

{"prompt", "response"} (or "completion"), {"question", "answer"}, {"instruction", "input", "output"} (Alpaca)
{"messages": [{"role", "content"}]}, {"conversations": [{"from", "value"}]} (ShareGPT)
{"prompt", "chosen", "rejected"}; without a prompt, whole conversations or "\\n\\nHuman: …\\n\\nAssistant: …" (hh-rlhf)
{"prompt", "completion", "label"} (KTO), {"prompt", "answer"} (for a reward), {"text", "label"}
"""

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jobs.runs.tune.chat import ASSISTANT, SYSTEM, USER, Message
from pipeline.errors import InputError

LARGEST_LINE = 16 << 20  # bytes
LARGEST_FILE = 4 << 30  # bytes, decompressed
_ROLES = {"human": USER, "gpt": ASSISTANT, "bot": ASSISTANT, "model": ASSISTANT, "chatgpt": ASSISTANT}
_ROLES |= {USER: USER, ASSISTANT: ASSISTANT, SYSTEM: SYSTEM}
_TURN = re.compile("\n\n(Human|Assistant):")
Conversation = list[Message]


class Row(NamedTuple):
    """A line: a conversation that ends with an answer, or with a question where a reward is asked for."""

    id: str
    text: Conversation
    rejected: Conversation | None = None
    good: bool | None = None
    answer: str | None = None


class _Wrong(Exception):
    """What a line lacks."""


def read_rows(path: Path, method: str, preference: str) -> Iterator[Row]:
    """The lines of a file, gzip or not, for this method. Raises InputError that names the line."""
    read = _READERS["kto" if method == "dpo" and preference == "kto" else method]
    for number, line in _lines(path):
        try:
            values = json.loads(line)
            if not isinstance(values, dict):
                raise _Wrong("it is no object")
            yield read(_id_of(values), values)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}, line {number}: not JSON ({error})") from None
        except _Wrong as error:
            raise InputError(f"{path}, line {number}: {error}; docs/post.md shows the forms that are read") from None


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        total = 0
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            number = 0
            while line := file.readline(LARGEST_LINE + 1):
                number, total = number + 1, total + len(line)
                if len(line) > LARGEST_LINE or total > LARGEST_FILE:
                    raise InputError(f"{path}, line {number}: a line has at most {LARGEST_LINE:,} bytes, a file {LARGEST_FILE:,}")
                if line.strip():
                    yield number, line
    except (OSError, EOFError) as error:
        raise InputError(f"{path} cannot be read ({error}): name a file of JSON lines") from None


def _id_of(values: dict[str, Any]) -> str:
    """Its own, or a hash of all that the line says."""
    given = values.get("id")
    if isinstance(given, str | int) and not isinstance(given, bool) and str(given):
        return str(given)
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _conversation(name: str, values: dict[str, Any]) -> Row:
    text = _messages(values)
    if not text or text[-1].role != ASSISTANT:
        raise _Wrong("its conversation does not end with an answer")
    return Row(name, text)


def _pair(name: str, values: dict[str, Any]) -> Row:
    before = _prompt(values["prompt"]) if "prompt" in values else []
    chosen, rejected = ([*before, *_answered(values, key, asked=bool(before))] for key in ("chosen", "rejected"))
    if any(text[-1].role != ASSISTANT for text in (chosen, rejected)):
        raise _Wrong("chosen and rejected do not end with an answer")
    return Row(name, chosen, rejected)


def _judged(name: str, values: dict[str, Any]) -> Row:
    good = values.get("label")
    if not isinstance(good, bool):
        raise _Wrong('"label" is neither true nor false')
    return _conversation(name, {key: value for key, value in values.items() if key != "label"})._replace(good=good)


def _asked(name: str, values: dict[str, Any]) -> Row:
    key = next((key for key in ("prompt", "question", "messages") if key in values), None)
    if key is None:
        raise _Wrong('it has no "prompt", "question" or "messages"')
    text = _prompt(values[key])
    answer = values.get("answer")
    if answer is not None and not isinstance(answer, str | int | float):
        raise _Wrong('"answer" is neither a text nor a number')
    return Row(name, text, answer=None if answer is None else str(answer))


def _labelled(name: str, values: dict[str, Any]) -> Row:
    label = values.get("label")
    if not isinstance(label, str | int):
        raise _Wrong('"label" is neither a text nor a whole number')
    return Row(name, [Message(USER, _text(values, "text"))], answer=str(label))


_READERS: dict[str, Callable[[str, dict[str, Any]], Row]] = {
    "sft": _conversation,
    "dpo": _pair,
    "reward": _pair,
    "kto": _judged,
    "grpo": _asked,
    "classify": _labelled,
    "distil": _conversation,
}


def _messages(values: dict[str, Any]) -> Conversation:
    if "messages" in values:
        return _listed(values["messages"], "role", "content")
    if "conversations" in values:
        return _listed(values["conversations"], "from", "value")
    if "instruction" in values:
        more = values.get("input") or ""
        asked = _text(values, "instruction") + ("\n\n" + _text(values, "input") if more else "")
        return [Message(USER, asked), Message(ASSISTANT, _text(values, "output"))]
    for question, answers in (("prompt", ("response", "completion", "answer")), ("question", ("answer",))):
        answer = next((key for key in answers if key in values), None)
        if question in values and answer is not None:
            said = values[answer]
            last = _listed(said, "role", "content") if isinstance(said, list) else [Message(ASSISTANT, _text(values, answer))]
            return [*_prompt(values[question]), *last]
    raise _Wrong('it has no "messages", "conversations", "instruction" or "prompt"')


def _prompt(value: Any) -> Conversation:
    return _listed(value, "role", "content") if isinstance(value, list) else [Message(USER, _text({"prompt": value}, "prompt"))]


def _answered(values: dict[str, Any], key: str, *, asked: bool) -> Conversation:
    value = values.get(key)
    if isinstance(value, list):
        return _listed(value, "role", "content")
    text = _text(values, key)
    if asked:
        return [Message(ASSISTANT, text)]
    return _transcript(text)


def _transcript(text: str) -> Conversation:
    r"""\n\nHuman: Hi\n\nAssistant: Hello"""
    before, *parts = _TURN.split(text)
    if before.strip() or not parts:
        raise _Wrong('it has no "prompt", and its answers are no conversations')
    return [Message(_ROLES[speaker.lower()], said.strip()) for speaker, said in zip(parts[::2], parts[1::2], strict=True)]


def _listed(value: Any, role: str, content: str) -> Conversation:
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise _Wrong("a conversation is a list of messages, and not empty")
    found = []
    for one in value:
        speaker = _ROLES.get(one.get(role)) if isinstance(one.get(role), str) else None
        if speaker is None:
            raise _Wrong(f'"{role}" is {one.get(role)!r:.40}: of {", ".join(_ROLES)}')
        said = one.get(content)
        if isinstance(said, list) and all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in said):
            said = "".join(part["text"] for part in said)
        if not isinstance(said, str):
            raise _Wrong(f'"{content}" is not a text')
        found.append(Message(speaker, said))
    return found


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str):
        raise _Wrong(f'"{key}" is not a text')
    return value
