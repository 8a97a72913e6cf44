"""`winnow takedown RUN --example ID`: examples out of a tuned run."""

from pathlib import Path

from jobs.runs.record import lineage, need_torch, read_run


def take_examples(run: Path, ids: frozenset[str], *, oracle: bool, as_json: bool) -> None:
    """Takes them out and says what became of every run on the way."""
    need_torch()
    from jobs.commands.runs.progress import training_progress
    from jobs.commands.shown.terminal import console, harmless, print_json, say
    from jobs.runs.report import write_run_report
    from jobs.runs.unlearn.examples import take_examples_out

    with training_progress(read_run(run).train_plan.steps) as show:
        said = take_examples_out(run, ids, oracle=oracle, say=say, show=show)
    for folder in lineage(run):  # each shows what it says to examples
        write_run_report(folder)
    if as_json:
        print_json(said)
        return
    for one in said["chain"]:
        again, rollback = one.get("steps", 0), one.get("rollback", "-")
        console.print(f"  {harmless(one['run'])}: {again} steps trained again, from step {rollback}")
    exact = "yes" if said["exact"] else "not shown: --oracle trains every run from scratch and compares"
    console.print(f"  exact                         {exact}")
