"""One of the processes that jobs/runs/train/several.py starts; the first of them prints a line of JSON for every step."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from jobs.runs.record import device_begun, read_run
from jobs.runs.tune.again import trained_again
from jobs.stopping import EXIT_STATUS, Stopped, listening
from model.training.parallel import team
from pipeline.errors import WinnowError


def main(run: str, until: str) -> int:
    """The status to exit with."""
    try:
        with listening(), team(device_begun(Path(run))) as members:
            for measured in trained_again(Path(run), read_run(Path(run)), members, int(until)):
                if members.is_main:
                    _say(asdict(measured))
    except WinnowError as error:
        _say({"error": str(error)})
        return error.exit_status
    except Stopped:
        return EXIT_STATUS
    return 0


def _say(told: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
