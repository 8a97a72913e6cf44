"""Prompts from a file of JSON lines, answered side by side: whoever has finished makes room for the next."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from jobs.runs.generate_text import LoadedRun
from jobs.runs.write.stops import StoppedText, check_stops
from model.decode.slots import Slots, Written
from model.generate import SamplingSettings
from pipeline.errors import InputError, UsageError

LONGEST_LINE = 1 << 20  # bytes


class Asked(NamedTuple):
    """A line of the file. `id` is its own, or its number."""

    id: str | int
    prompt: str


@dataclass
class _Answer:
    asked: Asked
    number: int
    text: StoppedText
    parts: list[str]
    tokens: int = 0


def read_prompts(path: Path) -> Iterator[Asked]:
    """Lines of {"prompt", "id"}; the id may be left out. Raises InputError that names the line."""
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if line.strip():
                    yield _asked(path, number, line)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): name a file of JSON lines") from None


def _asked(path: Path, number: int, line: bytes) -> Asked:
    try:
        if len(line) > LONGEST_LINE:
            raise ValueError(f"a line has at most {LONGEST_LINE:,} bytes")
        values = json.loads(line)
        prompt, name = values["prompt"], values.get("id", number)
        if not isinstance(prompt, str) or not isinstance(name, str | int):
            raise TypeError('"prompt" is a text, "id" a text or a number')
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f'{path}, line {number}: {error!r:.200}; each line is {{"prompt": …, "id": …}}') from None
    return Asked(name, prompt)


def answered(
    loaded: LoadedRun, prompts: Iterator[Asked], settings: SamplingSettings, *, samples: int, stops: tuple[str, ...], slots: int
) -> Iterator[dict[str, Any]]:
    """{"id", "sample", "text", "tokens", "ended"} of every answer as it is finished; sample n draws from seed + n.

    A prompt that leaves no room has "error" in place of the last three. Raises UsageError for stops that are none.
    """
    check_stops(stops)
    room = Slots(loaded.model, slots, context=loaded.record.train_plan.row_tokens, end=loaded.record.end_of_text)
    waiting = ((asked, number) for asked in prompts for number in range(samples))
    running: dict[int, _Answer] = {}
    following = next(waiting, None)
    while following is not None or running:
        while following is not None and room.free:
            asked, number = following
            try:
                ticket = room.join(loaded.tokens_of(asked.prompt), replace(settings, seed=settings.seed + number))
                running[ticket] = _Answer(asked, number, StoppedText(stops), [])
            except UsageError as error:
                yield {"id": asked.id, "sample": number, "error": str(error)}
            following = next(waiting, None)
        for one in room.step():
            if (done := _taken(loaded, running, one)) is not None:
                room.cancel(one.ticket)
                yield done


def _taken(loaded: LoadedRun, running: dict[int, _Answer], one: Written) -> dict[str, Any] | None:
    """The answer that this token finishes."""
    answer = running[one.ticket]
    if one.token is not None:
        answer.tokens += 1
        answer.parts.append(answer.text.feed(loaded.decoded(one.token)))
    if not one.last and not answer.text.stopped:
        return None
    del running[one.ticket]
    text = "".join([*answer.parts, answer.text.end()])
    ended = one.ended or answer.text.stopped
    return {"id": answer.asked.id, "sample": answer.number, "text": text, "tokens": answer.tokens, "ended": ended}
