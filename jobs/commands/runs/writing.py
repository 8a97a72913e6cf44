"""The command that lets a run write. Torch is loaded when it runs."""

import json
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.commands.options import Device, Json, RunArgument, Step, within
from jobs.commands.runs.known import say_known
from jobs.runs.record import need_torch
from pipeline.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from jobs.runs.generate_text import LoadedRun
    from model.generate import SamplingSettings

app = typer.Typer()


@app.command()
def generate(
    run: RunArgument,
    prompt: Annotated[str, typer.Option(help="text to go on from; empty begins a document")] = "",
    chat: Annotated[bool, typer.Option("--chat", help="the prompt is what a user says to a tuned run")] = False,
    max_tokens: Annotated[int, within("at most", minimum=1)] = 128,
    temperature: Annotated[float, typer.Option(help="0 takes the best token each time")] = 0.8,
    top_k: Annotated[int | None, typer.Option(help="of the best tokens only")] = None,
    top_p: Annotated[float | None, typer.Option(help="of the best tokens that reach this probability together")] = None,
    min_p: Annotated[float | None, typer.Option(help="at least this share of the best token's probability")] = None,
    repetition_penalty: Annotated[float, typer.Option(help="1 is none")] = 1.0,
    bias: Annotated[list[str] | None, typer.Option(metavar="TOKEN=N", help="added to a token's score; may be repeated")] = None,
    stop: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="ends before it; may be repeated")] = None,
    seed: Annotated[int, typer.Option(help="same seed, same text")] = 0,
    samples: Annotated[int, within("answers; more than one reports how far they agree", minimum=1, maximum=1 << 16)] = 1,
    beams: Annotated[
        int | None, within("the likeliest texts by beam search, best first, in place of samples", minimum=1, maximum=1024)
    ] = None,
    length_penalty: Annotated[float, within("of --beams: log p is divided by length to this power", minimum=0)] = 0.0,
    prompts: Annotated[
        Path | None, typer.Option(metavar="FILE", help='JSON lines of {"prompt", "id"}, answered as JSON lines')
    ] = None,
    slots: Annotated[int, within("of --prompts: so many at once", minimum=1, maximum=1024)] = 16,
    step: Step = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Text from a run, as it comes; or the likeliest texts, or answers to a file of prompts."""
    need_torch()
    from jobs.runs.generate_text import bias_of, load_run
    from jobs.runs.write.stops import check_stops
    from model.generate import SamplingSettings
    from model.training.parallel import device_of

    chosen = device_of(device)
    say_known(run)
    stops = tuple(stop or ())
    check_stops(stops)
    loaded = load_run(run, step, chosen, chat=chat)
    settings = SamplingSettings(
        max_tokens=max_tokens, temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p,
        repetition_penalty=repetition_penalty, seed=seed, bias=bias_of(loaded, bias or ()),
    )  # fmt: skip
    if beams is not None and (prompts is not None or stops or bias):
        raise UsageError("--beams goes with --prompt alone: it samples nothing, and ends where a text ends by itself")
    if prompts is not None:
        _answer_file(loaded, prompts, settings, samples, stops, slots)
    elif beams is not None:
        _likeliest(loaded, prompt, beams, max_tokens, length_penalty, as_json=as_json)
    else:
        _samples(loaded, prompt, settings, samples, stops, as_json=as_json)


def _samples(
    loaded: "LoadedRun", prompt: str, settings: "SamplingSettings", samples: int, stops: tuple[str, ...], *, as_json: bool
) -> None:
    from jobs.commands.shown.terminal import print_json, say
    from jobs.runs.generate_text import agreement, answers, stream

    room = loaded.room(prompt)
    if 0 < room < settings.max_tokens:
        row = loaded.record.train_plan.row_tokens
        asked = settings.max_tokens
        say(f"text stops after {room} tokens at the latest, not {asked}: a row of this run has {row}, prompt included")
    if samples == 1 and not as_json:
        for piece in stream(loaded, prompt, settings, stops):
            sys.stdout.write(piece)
            sys.stdout.flush()
        sys.stdout.write("\n")
        return
    texts = answers(loaded, prompt, settings, samples, stops)
    agreed = agreement(texts)
    if as_json:
        print_json({"prompt": prompt, "step": loaded.step, "room": room, "samples": texts, "agreement": agreed._asdict()})
        return
    for number, text in enumerate(texts, 1):
        sys.stdout.write(f"--- {number}\n{text}\n")
    say(f"{agreed.most_common} of {samples} answers are the same; {agreed.distinct} distinct")


def _likeliest(loaded: "LoadedRun", prompt: str, beams: int, max_tokens: int, penalty: float, *, as_json: bool) -> None:
    from jobs.commands.shown.terminal import print_json
    from jobs.runs.generate_text import likeliest

    found = likeliest(loaded, prompt, beams, max_tokens, penalty)
    if as_json:
        print_json({"prompt": prompt, "step": loaded.step, "likeliest": [one._asdict() for one in found]})
        return
    for number, one in enumerate(found, 1):
        sys.stdout.write(f"--- {number}, log p {one.log_probability:.3f}\n{one.text}\n")


def _answer_file(
    loaded: "LoadedRun", prompts: Path, settings: "SamplingSettings", samples: int, stops: tuple[str, ...], slots: int
) -> None:
    """Line by line as answers are finished; stdout may be a pipe that is closed."""
    from jobs.runs.write.batch import answered, read_prompts

    asked = read_prompts(prompts)
    first = next(asked, None)
    if first is None:
        raise UsageError(f"{prompts} has no prompt")
    try:
        for answer in answered(loaded, chain([first], asked), settings, samples=samples, stops=stops, slots=slots):
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    except BrokenPipeError:
        raise EnvironmentProblem("nobody reads the answers any more") from None
