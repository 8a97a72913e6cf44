"""The command that measures a run. Torch is loaded when it runs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.commands.options import Device, Json, RunArgument, Step, within
from jobs.commands.runs.known import say_known
from jobs.runs.record import need_torch
from pipeline.errors import UsageError

app = typer.Typer()


@app.command()
def evaluate(
    run: RunArgument,
    step: Step = None,
    choices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON lines of {context, choices, answer}: multiple choice instead")
    ] = None,
    shots: Annotated[int, within("of --choices: solved questions before each", minimum=0, maximum=100)] = 0,
    examples: Annotated[Path | None, typer.Option(metavar="FILE", help="of --shots: taken from there")] = None,
    pairs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON lines of {first, second, kind}: which of each is likelier instead")
    ] = None,
    asked: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON lines of {prompt or prompts, answer}: answers in words instead")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON lines of {text, label}: what a classifier makes of them instead")
    ] = None,
    samples: Annotated[int, within("of --asked: answers, of which the most common counts", minimum=1, maximum=1024)] = 1,
    temperature: Annotated[float, typer.Option(help="of --asked: 0 takes the best token each time")] = 0.7,
    max_tokens: Annotated[int, within("of --asked: of an answer, at most", minimum=1)] = 128,
    chat: Annotated[bool, typer.Option("--chat", help="of --asked: prompts are what a user says to a tuned run")] = False,
    seed: Annotated[int, typer.Option(help="of --asked")] = 0,
    rows: Annotated[int | None, within("at most so many rows of held-out text", minimum=1)] = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Bits per byte on held-out documents, by language and host; or choices, pairs that should be alike, answers in words."""
    need_torch()
    from jobs.commands.shown.terminal import print_json, print_table
    from jobs.runs.evaluate.asked import evaluate_asked
    from jobs.runs.evaluate.choices import evaluate_choices
    from jobs.runs.evaluate.evaluate_run import evaluate_run, groups_table
    from jobs.runs.evaluate.labels import evaluate_labels
    from jobs.runs.evaluate.pairs import evaluate_pairs
    from model.generate import SamplingSettings
    from model.training.parallel import device_of

    on = device_of(device)
    say_known(run)
    if sum(one is not None for one in (choices, pairs, asked, labels)) > 1:
        raise UsageError("--choices, --pairs, --asked and --labels are tests of their own: one at a time")
    if choices is not None:
        _print(str(choices), evaluate_choices(run, choices, step, shots=shots, examples=examples, device=on), as_json=as_json)
    elif pairs is not None:
        found = evaluate_pairs(run, pairs, step, on)
        lines = [[kind, *one.values()] for kind, one in found["kinds"].items()]
        columns = ["kind", *(name.replace("_", " ") for name in found["kinds"]["all"])]
        print_json(found) if as_json else print_table(f"{pairs}: log p of the first less that of the second", columns, lines)
    elif labels is not None:
        found = evaluate_labels(run, labels, step, on)
        recall = found if as_json else found.pop("recall")
        _print(str(labels), found, as_json=as_json)
        if not as_json:
            print_table("of the texts with a label, those given it", ["label", "recall"], [[*one] for one in recall.items()])
    elif asked is not None:
        settings = SamplingSettings(max_tokens=max_tokens, temperature=temperature, seed=seed)
        found = evaluate_asked(run, asked, settings, samples=samples, chat=chat, step=step, device=on)
        _print(str(asked), found, as_json=as_json)
    else:
        groups = evaluate_run(run, step, rows, on)
        print_json(groups) if as_json else print_table(f"{run}: bits per byte of held-out text", *groups_table(groups))


def _print(title: str, found: dict[str, Any], *, as_json: bool) -> None:
    """One line of numbers; a value with its interval is shown as both."""
    from jobs.commands.shown.terminal import print_json, print_table

    if as_json:
        print_json(found)
        return
    shown = [
        f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})" if isinstance(one, dict) else one for one in found.values()
    ]
    print_table(title, [name.replace("_", " ") for name in found], [shown])
