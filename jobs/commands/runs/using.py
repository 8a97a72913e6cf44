"""The commands that make a run ready for use: smaller, and served. Torch is loaded when one of them runs."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import Device, Json, RunArgument, Step, within
from jobs.commands.runs.known import say_known
from jobs.runs.record import need_torch
from pipeline.errors import UsageError

app = typer.Typer()


@app.command()
def quantise(
    run: RunArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="RUN2", help="folder of the new run")],
    bits: Annotated[int, typer.Option(help="8 or 4, of a weight")] = 8,
    group: Annotated[
        int | None, within("weights of a row that share a scale; default the row with 8 bits, 64 with 4", minimum=0)
    ] = None,
    table_bits: Annotated[int | None, typer.Option("--table-bits", help="8 or 4, of the table of tokens; default 8")] = None,
    step: Step = None,
    rows: Annotated[int | None, within("held-out rows to compare on; default all", minimum=1)] = None,
    tokens: Annotated[int, within("to write, for the speed", minimum=1)] = 64,
    as_json: Json = False,
) -> None:
    """A run's weights as whole numbers of 8 or 4 bits, in a run of their own; size, bits a byte and speed before and after."""
    need_torch()
    from jobs.commands.shown.terminal import print_json, print_table
    from jobs.runs.quantise.compared import beside
    from jobs.runs.quantise.quantise_run import quantise_run
    from model.quantise.network import quantise_settings

    record = quantise_run(run, output, quantise_settings(bits, group, table_bits), step)
    say_known(output)
    assert record.parent is not None
    compared = [beside(folder, record.parent["step"], rows, tokens) for folder in (run, output)]
    if as_json:
        print_json([one._asdict() for one in compared])
        return
    columns = ["run", "bytes of weights", "bits per byte", "tokens/s, one text"]
    print_table(f"{run}, step {record.parent['step']}, as whole numbers", columns, [list(one) for one in compared])


@app.command()
def serve(
    run: RunArgument,
    port: Annotated[int, typer.Option(min=0, max=65535, help="on 127.0.0.1; 0 takes one that is free")] = 0,
    slots: Annotated[int, within("texts that are written at once; others wait", minimum=1, maximum=1024)] = 16,
    step: Step = None,
    device: Device = None,
) -> None:
    """Serve a run to OpenAI's clients on this machine: completions and chat, whole or streamed. Stop it with Ctrl-C.

    It serves 127.0.0.1 alone, changes nothing, and writes no more once the run has other weights.
    """
    need_torch()
    from jobs.commands.shown.terminal import say
    from model.training.parallel import device_of

    try:
        from jobs.runs.serve.serve import serve as served
    except ImportError as error:
        raise UsageError(f"winnow serve needs {error.name}: pip install 'winnow[serve]'") from error
    chosen = device_of(device)
    say_known(run)
    served(run, step, port, slots, say, chosen)
