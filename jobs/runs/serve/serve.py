"""A run loaded once and served until it is stopped."""

from collections.abc import Callable
from pathlib import Path

import torch

from jobs.loopback.server import ADDRESS, serve_application
from jobs.runs.generate_text import LoadedRun, load_run
from jobs.runs.record import chosen_step
from jobs.runs.serve.app import application
from jobs.runs.serve.desk import Desk
from model.checkpoint_files import read_state
from model.network.shape import DECODER
from pipeline.errors import EnvironmentProblem, UsageError, WinnowError

CLIENTS = 256  # connections at once
WAITING = 256  # answers


def serve(
    run: Path, step: int | None, port: int, slots: int, say: Callable[[str], None], device: torch.device | None = None
) -> None:
    """Serves a checkpoint on 127.0.0.1; port 0 takes one that is free. Ends with Ctrl-C."""
    loaded = load_run(run, step, device)
    desk, name, sha256 = desk_of(run, loaded, slots, pinned=step is not None)

    def told(port: int) -> None:
        say(f"http://{ADDRESS}:{port}/v1 serves {name}; stop with Ctrl-C")

    try:
        serve_application(lambda port: application(loaded, desk, name, sha256[:16], port), port, told, clients=CLIENTS)
    finally:
        desk.close()


def desk_of(run: Path, loaded: LoadedRun, slots: int, *, pinned: bool) -> tuple[Desk, str, str]:
    """(the desk, the name of the model, sha256 of its weights); a run that changes is written with no further."""
    if loaded.model.shape.kind != DECODER:
        raise UsageError(f"{run} is an {loaded.model.shape.kind}: only a decoder is served (objective next)")
    sha256 = read_state(run, loaded.step).model_sha256

    def still() -> None:
        try:
            now = read_state(run, loaded.step if pinned else chosen_step(run, None)).model_sha256
        except WinnowError as error:
            raise EnvironmentProblem(f"the run is being changed, or is gone: serve it again ({error})") from None
        if now != sha256:
            raise EnvironmentProblem("the run has other weights by now, and a takedown may be why: serve it again")

    return Desk(loaded, slots, WAITING, still), run.absolute().name, sha256
