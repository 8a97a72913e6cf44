"""`python -m tests.faults`: every kind of fault that fits into one process, for so long; `make test-faults`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.outcome import Outcome, total
from tests.faults.parts import PARTS, Part, Place
from tests.faults.table import record


def main() -> None:
    asked = arguments()
    parts = [part for part in PARTS.values() if not asked.parts or set(asked.parts.split(",")) & set(part.number.split(", "))]
    with tempfile.TemporaryDirectory(prefix="winnow-faults-") as folder:
        place = Place(Path(folder))
        print(f"seed {asked.seed}: making a corpus and a run to put faults into", flush=True)
        place.bench.subject.restore()
        whole = sum(part.share for part in parts)
        found = [put_in(part, place, asked.seed, asked.seconds * part.share / whole) for part in parts]
    print(f"all: {said(total(found))}")
    sys.exit(not total(found).is_clean)


def put_in(part: Part, place: Place, seed: int, seconds: float) -> Outcome:
    """Slices of the part, each with a seed of its own, until its time is over."""
    outcomes, wrong, began = list[Outcome](), list[str](), time.monotonic()
    while not outcomes or time.monotonic() - began < seconds:
        outcome, lines = part.run(place, seed + len(outcomes), part.slice)
        record(part.number, part.what, seed + len(outcomes), outcome)
        outcomes.append(outcome)
        wrong += lines
    print(f"{part.number}: {said(total(outcomes))}", *wrong, sep="\n  ", flush=True)
    return total(outcomes)


def said(outcome: Outcome) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in outcome._asdict().items())


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the first slice; the others follow")
    parser.add_argument("--seconds", type=float, default=1200, help="in all, without what is made first")
    parser.add_argument("--parts", default="", help=f"of {'; '.join(PARTS)}; default all")
    return parser.parse_args()


if __name__ == "__main__":
    main()
