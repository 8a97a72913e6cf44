"""The commands that ask what a model has kept, and try how to make it forget. Thin; torch is loaded when one of them runs."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import Device, Json, RunArgument, Step
from jobs.runs.record import need_torch
from pipeline.errors import BrokenPromise

app = typer.Typer()


@app.command()
def audit(
    run: RunArgument,
    step: Step = None,
    oracle: Annotated[
        list[Path] | None, typer.Option(metavar="RUN", help="retrained without the texts; repeat, five or more decide")
    ] = None,
    reference: Annotated[Path | None, typer.Option(metavar="RUN", help="for the reference attack")] = None,
    texts: Annotated[Path | None, typer.Option(metavar="FILE", help='JSONL of {"text"}: audit these too')] = None,
    questions: Annotated[
        Path | None, typer.Option(metavar="FILE", help='JSONL of {"split", "question", "answer"}, TOFU measures')
    ] = None,
    relearn: Annotated[int, typer.Option(min=0, help="steps of training on --texts: how fast they come back")] = 0,
    documents: Annotated[int, typer.Option(min=2, help="of training, and as many held-out ones")] = 100,
    seed: Annotated[int, typer.Option(help="of the documents drawn and the bootstrap")] = 0,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Memorisation and membership: how a run treats its training documents beside held-out ones, and beside oracles."""
    need_torch()
    from jobs.commands.shown.terminal import print_json, print_table, say
    from jobs.runs.audit.audit_rows import audit_table, broken
    from jobs.runs.audit.audit_run import Asked, audit_run
    from model.training.parallel import device_of

    asked = Asked(texts=texts, questions=questions, relearn_steps=relearn, reference=reference)
    audit = audit_run(run, step=step, oracles=oracle or [], asked=asked, documents=documents, seed=seed, device=device_of(device))
    if as_json:
        print_json(audit)
    else:
        print_table(f"{run}, step {audit['step']}: what it has kept", *audit_table(audit))
        held_out = audit["documents"]["held-out documents"]
        say(f"{held_out} documents of training beside as many held-out ones, matched by length")
        if held_out < 100:
            say("with fewer than 100 of them, 1 % of false positives is none, and intervals are wide")
        if audit["held_out_by"] == "host":
            say("whole hosts are held out: attacks may tell hosts apart rather than members")
        if audit["oracles"] and audit["equivalent"] is None:
            say(f"{len(audit['oracles'])} oracles are shown; a verdict of equivalence takes five")
    if failed := broken(audit):
        raise BrokenPromise(f"{run} is not equivalent to its oracles in {len(failed)} measures, first {failed[0]}")


@app.command()
def experiment(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="docs/experiments has some")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="folder of models, results.json and report.html")],
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Make a small model forget what it knows by heart, by every method and by retraining; compare. Goes on if DIR exists."""
    need_torch()
    from jobs.commands.shown.terminal import print_json, print_table, say
    from jobs.runs.experiments.recipe import read_experiment
    from jobs.runs.experiments.results import REPORT, results_table, run_experiment
    from jobs.runs.experiments.trial import device_for

    results = run_experiment(read_experiment(recipe), output, say, device_for(output, device))
    print_json(results) if as_json else print_table(f"{recipe}", *results_table(results))
    say(f"report: {output / REPORT}")
