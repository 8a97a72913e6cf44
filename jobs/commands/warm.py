"""The command that compiles everything before it is needed."""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def warm(
    archive: Annotated[Path | None, typer.Option(metavar="FILE.tar.gz", help="writes them there, for executors")] = None,
    generic: Annotated[bool, typer.Option("--generic", help="for any CPU of this architecture; slower")] = False,
) -> None:
    """Compile all kernels now, on all cores; stages compile what they need otherwise, once on each machine."""
    if generic:
        os.environ["NUMBA_CPU_NAME"] = "generic"  # read when numba is imported, here and in the processes that compile
    from jobs.commands.shown.terminal import say
    from jobs.kernels.archive import check_name, spark_settings, write_archive
    from jobs.kernels.warm import compile_kernels, sweep
    from pipeline.kernels.cache import cache_folder

    if archive is not None:
        check_name(archive)
    compiled = compile_kernels()
    sweep()
    say(f"{', '.join(compiled) if compiled else 'nothing'} to compile; kernels are in {cache_folder()}")
    if archive is not None:
        say(f"{write_archive(archive)} kernels in {archive}; executors use them with")
        say("  " + " ".join(spark_settings(archive, generic)))
