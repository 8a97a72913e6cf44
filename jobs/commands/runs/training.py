"""The commands that train a model and use it. Torch is loaded when one of them runs."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.commands.options import Device, Json, now_called, within
from jobs.runs.record import need_torch
from pipeline.errors import UsageError
from pipeline.settings import read_value, renamed

app = typer.Typer()

Size = Annotated[str | None, typer.Option("--model", help="tiny, small or gpt2; default tiny")]
Depth = Annotated[int | None, within("in place of --model: so many layers, all else follows", minimum=1, maximum=128)]
Seed = Annotated[int | None, typer.Option("--seed", help="of weights, order and masks; default 0")]
Steps = Annotated[int | None, typer.Option("--steps", help="updates; default that of the size")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="any setting of model/training/plan.py; may be repeated")
]


@app.command()
def train(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="RUN", help="folder of the run, made if need be")],
    corpora: Annotated[
        list[str] | None,
        typer.Argument(metavar="CORPUS...", help="folder or URL of a corpus, or of several; not needed to go on"),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(metavar="3,1", help="of several corpora: shares of the rows of a step, in their order")
    ] = None,
    model: Size = None,
    steps: Annotated[int | None, typer.Option("--steps", help="updates; default that of the size; a run can grow")] = None,
    depth: Depth = None,
    init_from: Annotated[
        Path | None,
        typer.Option(metavar="RUN|FOLDER", help="begin with these weights: a run's, or as transformers saves a Qwen3 or Llama"),
    ] = None,
    device: Device = None,
    seed: Seed = None,
    changes: Set = None,
    workers: Annotated[int, within("threads that prepare batches; changes nothing but speed", minimum=0, maximum=1024)] = 1,
    evaluate_every: Annotated[
        int | None, within("steps between evaluations on held-out text; default a tenth of all", minimum=0)
    ] = None,
    look_every: Annotated[int | None, now_called("--evaluate-every")] = None,  # noqa: ARG001 - refused by its callback
) -> None:
    """Train a model on the shards of a corpus, or of several by weights. If RUN exists it goes on as it was begun.

    GPUs: torchrun --no-python winnow train …
    """
    need_torch()
    from jobs.commands.runs.progress import training_progress
    from jobs.commands.shown.terminal import say
    from jobs.runs.record import device_begun
    from jobs.runs.report import write_run_report
    from jobs.runs.train.init_from import given_shape
    from jobs.runs.train.resume import corpora_of, plan_for
    from jobs.runs.train.train_model import train_run
    from model.training.parallel import team
    from tokenizer.shards.turns import whole_weights

    named = corpora_of(output, corpora or [])
    shares = None if weights is None else whole_weights(weights, len(named))
    origin = None if init_from is None else _origin(output, init_from, say)
    given = {
        "model": model_named(model, depth),
        "steps": steps,
        "seed": seed,
        "evaluate_every": evaluate_every,
        "weights": shares,
    }
    given |= _changed(changes)
    plan = plan_for(output, given if origin is None else given_shape(given, origin))
    asked = device or device_begun(output)
    with team(asked) as members:
        if members.is_main and members.device.type == "cpu" and asked is None:
            say("no GPU is found: training on the CPU")
        measured = train_run(named, output, plan, members, workers=workers, say=say, origin=origin)
        if not members.is_main:
            for _ in measured:
                pass
            return
        with training_progress(plan.steps) as show:
            for one in measured:
                show(one)
    say(f"report: {write_run_report(output)}")


def _origin(run: Path, named: Path, say: Any) -> Any:
    """The weights to begin with; null where the run has begun with them."""
    from jobs.runs.record import RUN
    from jobs.runs.train.init_from import origin_of, refuse_another

    if (run / RUN).exists():
        refuse_another(run, named)
        return None
    return origin_of(named, say)


def model_named(model: str | None, depth: int | None) -> str | None:
    """What --model or --depth names."""
    if model is not None and depth is not None:
        raise UsageError(f"--model {model} --depth {depth}: a depth is a model by itself, so name one of the two")
    return model if depth is None else f"d{depth}"


@app.command()
def ablate(
    corpora: Annotated[list[str], typer.Argument(metavar="CORPUS...", help="two or more; with --models one")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="folder of the runs")],
    seeds: Annotated[int, within("runs of each", minimum=1, maximum=1 << 12)] = 3,
    models: Annotated[
        str | None, typer.Option(help="on one corpus, of ngram, lstm, transformer, seq2seq, encoder-decoder, with commas")
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option(help="one corpus with and without each: names of rules with commas, or all that drop a page alone"),
    ] = None,
    choices: Annotated[Path | None, typer.Option(help="also by multiple choice: JSONL of context, choices, answer")] = None,
    model: Size = None,
    depth: Depth = None,
    device: Device = None,
    steps: Steps = None,
    changes: Set = None,
    as_json: Json = False,
) -> None:
    """The same plan on several corpora, with seeds: which one predicts the same held-out pages best.

    Or on one corpus with and without each of its rules. Or several models on one.
    """
    need_torch()
    from jobs.commands.shown.terminal import print_json, print_table, say
    from jobs.runs.ablate import ablate as ablated
    from model.training.parallel import team

    plans = [planned_run(model_named(model, depth), steps, seed, changes) for seed in range(seeds)]
    with team(device) as members:
        if models is not None:
            _compare_models(corpora, output, models, plans, members, as_json=as_json)
            return
        if rules is not None:
            corpora = _with_and_without(corpora, rules, output)
        rows = ablated(corpora, output, plans, members, say, choices)
    if as_json:
        print_json([row._asdict() for row in rows])
    else:
        print_table("bits per byte of the pages that all hold out", list(rows[0]._fields), [list(row) for row in rows])


def _with_and_without(corpora: list[str], rules: str, output: Path) -> list[str]:
    """The corpus, and what it is without each rule that drops a page by itself."""
    from jobs.commands.shown.terminal import say
    from jobs.corpus.folder import open_corpus
    from jobs.stages.without_rule import corpus_without, pages_of_each_rule

    if len(corpora) != 1:
        raise UsageError("--rules compares one corpus with and without each of its rules: name one")
    corpus = open_corpus(corpora[0])
    without = []
    for rule, pages in pages_of_each_rule(corpus, rules).items():
        if not pages:
            say(f"{rule}: no page falls to it alone, so without it the corpus is the same")
            continue
        say(f"{rule}: {pages:,} pages fall to it alone")
        without.append(str(corpus_without(corpus, rule, output / f"without-{rule}", say)))
    if not without:
        raise UsageError("none of these rules drops a page by itself: there is nothing to compare")
    return [corpora[0], *without]


def _compare_models(corpora: list[str], output: Path, models: str, plans: Any, members: Any, *, as_json: bool) -> None:
    from jobs.commands.shown.terminal import print_json, print_table, say
    from jobs.runs.baselines.compare import compare

    if len(corpora) != 1:
        raise UsageError("--models compares them on one corpus: name one")
    rows = compare(corpora[0], models.split(","), plans, members, say)
    said = [row._asdict() for row in rows]
    output.mkdir(parents=True, exist_ok=True)
    (output / "models.json").write_text(json.dumps(said, indent=1) + "\n")
    if as_json:
        print_json(said)
    else:
        print_table(f"models on {corpora[0]}", list(rows[0]._fields), [list(row) for row in rows])


def planned_run(model: str | None, steps: int | None, seed: int | None, changes: list[str] | None) -> Any:
    """The plan of a size with what the command line changes."""
    from model.training.plan import plan_of

    return plan_of(model or "tiny", **{"steps": steps, "seed": seed, **_changed(changes)})


def _changed(changes: list[str] | None) -> dict[str, Any]:
    """What --set says; values are read as the settings' own types."""
    from model.training.plan import TrainPlan

    given: dict[str, Any] = {}
    for change in changes or []:
        name, sign, value = change.partition("=")
        if now := renamed(TrainPlan, name):
            raise UsageError(f"--set {change}: {name} is now {now}")
        if not sign or name not in TrainPlan.__dataclass_fields__:
            raise UsageError(f"--set {change}: NAME=VALUE with a name of {', '.join(TrainPlan.__dataclass_fields__)}")
        if name == "model":
            raise UsageError(f"--set {change}: a size brings settings of its own; --model {value}")
        given[name] = read_value(TrainPlan, name, value)
    return given
