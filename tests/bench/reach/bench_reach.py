"""`make bench-reach`: large files, failing networks, a cluster beside one machine, and what starting costs.

    python -m tests.bench.reach.bench_reach [--parts reading faults] [--megabytes 1000] [--output docs/bench-reach.json]

A part that is run replaces its figures in the output; the others stay. CPU seconds are what counts on a busy machine.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.reach.clusters import beside_local, starting
from tests.bench.reach.faults import over_http
from tests.bench.reach.reading import measured
from tests.bench.reach.stores import beside_folder, with_faults
from tests.bench.sides import machine

FAULTS_WANTED, PAGES_OF_READING, PAGES_OF_FAULTS, PAGES_OF_CLUSTER = 400, 6000, 1500, 1500

# Each takes an empty folder and the size of the large file, in MB. A store of another kind is one more line.
PARTS: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "reading": lambda folder, megabytes: measured(folder, PAGES_OF_READING, megabytes),
    "faults": lambda folder, _: over_http(folder, PAGES_OF_FAULTS, FAULTS_WANTED),
    "cluster": lambda folder, _: beside_local(folder, PAGES_OF_CLUSTER),
    "starting": lambda folder, _: starting(folder),
    "store": lambda folder, _: beside_folder(folder),
    "store_faults": lambda folder, _: with_faults(folder),
}


def main() -> None:
    options = _options()
    known = json.loads(options.output.read_text()) if options.output and options.output.exists() else {}
    for name in options.parts:
        with tempfile.TemporaryDirectory(prefix=f"winnow-bench-{name}-", dir=options.folder) as folder:
            known[name] = {"machine": machine(), **PARTS[name](Path(folder), options.megabytes)}
        print(json.dumps({name: known[name]}, indent=1), flush=True)
        if options.output:
            options.output.write_text(json.dumps(known, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--megabytes", type=int, default=1000, help="of the large file")
    parser.add_argument("--folder", type=Path, help="where crawls and corpora are made, for a while")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
