"""Too little memory (RLIMIT_AS) for commands that read and write: F8 of the matrix of faults.

Each command has a process of its own, which may have so much more than it begins with and nothing beyond. It answers, says
in a line that memory does not suffice, or is ended by a library that cannot say so; the same command then, with all the memory
there is, does what it does undisturbed.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

from tests.faults.damage import Bench
from tests.faults.outcome import Outcome, total
from tests.faults.readers import READERS, Answer
from tests.paths import PROJECT

MOST_ROOM = 1200 << 20  # bytes; with more, none of these commands fails
LIMITED = """
import resource, sys
from jobs.cli import main
held = next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmSize"))
resource.setrlimit(resource.RLIMIT_AS, (held + int(sys.argv.pop(1)), resource.RLIM_INFINITY))
main()
"""
COMMANDS = {  # as tests/faults/readers.py names them
    "explain": ("explain", "CORPUS", "http://small.example/4", "--json"),
    "verify": ("verify", "CORPUS"),
    "verify a certificate": ("verify", "CERTIFICATE"),
    "export jsonl": ("export", "CORPUS", "--format", "jsonl"),
    "export nanogpt": ("export", "CORPUS", "--format", "nanogpt"),
    "takedown --dry-run": ("takedown", "CORPUS", "--url", "http://small.example/4", "--dry-run", "--run", "RUN"),
    "generate": ("generate", "RUN", "--prompt", "The old", "--max-tokens", "6"),
}


def run(bench: Bench, seed: int, count: int) -> tuple[Outcome, list[str]]:
    """What became of `count` commands, and what those said that did not end well."""
    rng, found, wrong = random.Random(seed), list[Outcome](), list[str]()
    for _ in range(count):
        name, room = rng.choice(list(COMMANDS)), rng.randrange(MOST_ROOM)
        outcome, said = _one(bench, name, room)
        found.append(outcome)
        if not outcome.is_clean:
            wrong.append(f"{name} with {room:,} bytes more: {said}")
    return total(found), wrong


def _one(bench: Bench, name: str, room: int) -> tuple[Outcome, str]:
    try:
        tried = _limited(bench.subject.folder, COMMANDS[name], room)
        (reader,) = (one for one in READERS if one.name == name)
        whole = reader.ask(bench.subject.folder) == bench.answers[name]
    finally:
        bench.subject.restore()
    says = tried.status == 2 and "memory does not suffice" in tried.text.splitlines()[-1]
    ended = tried.status not in (0, 1, 2)  # by a signal, or by the C library: it had no memory to say so
    fine = tried.status == 0
    silent = not (says or ended or fine) or "Traceback" in tried.text
    return Outcome(1, noticed=whole and (says or ended), harmless=whole and fine, lost=not whole, silent=silent), tried.text[
        -300:
    ]


def _limited(folder: Path, words: tuple[str, ...], room: int) -> Answer:
    (taken,) = (folder / "corpus/takedowns").iterdir()
    places = {"CORPUS": folder / "corpus", "RUN": folder / "run", "CERTIFICATE": taken / "certificate.json"}
    command = [sys.executable, "-c", LIMITED, str(room), *(str(places.get(word, word)) for word in words)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=PROJECT, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    return Answer(done.returncode, done.stdout + done.stderr)
