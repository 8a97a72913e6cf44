"""`winnow finetune`: a run made into one that answers, prefers or is rewarded."""

from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.commands.options import Device
from jobs.runs.record import RUN, need_torch
from pipeline.errors import UsageError
from pipeline.settings import read_value

app = typer.Typer()


@app.command()
def finetune(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="RUN2", help="folder of the new run; one that exists goes on")
    ],
    run: Annotated[Path | None, typer.Argument(metavar="RUN", help="whose weights are tuned; not needed to go on")] = None,
    method: Annotated[str | None, typer.Option(help="sft, classify, dpo, reward, grpo or distil")] = None,
    data: Annotated[Path | None, typer.Option(metavar="FILE", help="JSON lines; docs/post.md shows the forms")] = None,
    adapter: Annotated[str | None, typer.Option(help="lora, prefix or bottleneck: train that and leave the weights")] = None,
    preference: Annotated[str | None, typer.Option(help="of --method dpo: dpo, ipo or kto; default dpo")] = None,
    reward: Annotated[str | None, typer.Option(help="of --method grpo: arithmetic, a reward run, or MODULE:FUNCTION")] = None,
    teacher: Annotated[Path | None, typer.Option(metavar="RUN", help="of --method distil: a larger run of the corpus")] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="updates; default three times all examples")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="of the order of examples, of adapters and answers")] = None,
    step: Annotated[int | None, typer.Option("--step", help="of RUN's checkpoint; default the newest")] = None,
    device: Device = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="a setting of model/post/settings.py or of the plan; may be repeated"),
    ] = None,
) -> None:
    """Tune a run on instructions, preferences, rewards or a larger run's words. If RUN2 exists it goes on as it was begun."""
    need_torch()
    from jobs.commands.runs.progress import training_progress
    from jobs.commands.shown.terminal import say
    from jobs.runs.record import device_begun, read_run
    from jobs.runs.report import write_run_report
    from jobs.runs.tune.begin import Wanted
    from jobs.runs.tune.finetune import finetune_run
    from model.post.settings import tune_settings
    from model.training.parallel import team

    wanted = None
    if run is not None or not (output / RUN).exists():
        if run is None or method is None or data is None:
            raise UsageError("a tuning is begun with all of RUN, --method and --data; one that exists goes on without them")
        of_tuning, of_plan = _changed(changes)
        given = {"adapter": adapter, "preference": preference, **of_tuning}
        plan = {name: value for name, value in {"steps": steps, "seed": seed, **of_plan}.items() if value is not None}
        wanted = Wanted(run, step, data, tune_settings(method, **given), plan, reward, teacher)
    with team(device or device_begun(output)) as members:
        measured = finetune_run(output, wanted, members, say=say)
        first = next(measured, None)
        with training_progress(read_run(output).train_plan.steps) as show:
            if first is not None:
                show(first)
            for one in measured:
                show(one)
    say(f"report: {write_run_report(output)}")


def _changed(changes: list[str] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What --set says, of the tuning and of its plan."""
    from model.post.settings import TuneSettings
    from model.training.plan import TrainPlan

    of_tuning, of_plan = dict[str, Any](), dict[str, Any]()
    for change in changes or []:
        name, sign, value = change.partition("=")
        kind, given = (TuneSettings, of_tuning) if name in TuneSettings.__dataclass_fields__ else (TrainPlan, of_plan)
        if not sign or name not in kind.__dataclass_fields__ or name in ("method", "model", "objective"):
            known = ", ".join([*TuneSettings.__dataclass_fields__, *TrainPlan.__dataclass_fields__])
            raise UsageError(f"--set {change}: NAME=VALUE with a name of {known}")
        given[name] = read_value(kind, name, value)
    return of_tuning, of_plan
