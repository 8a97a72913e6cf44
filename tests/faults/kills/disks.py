"""Full disks under a command: a small tmpfs where one may be mounted, else a limit on the size of files (RLIMIT_FSIZE)."""

import random
import resource
import shutil
import subprocess
from pathlib import Path

from tests.faults.kills.commands import Case, ended, fresh, on
from tests.faults.outcome import Outcome


def full(case: Case, folder: Path, expected: dict[str, str], rng: random.Random) -> Outcome:
    """The command on a disk that is full at some moment: it says so in one line, and goes on where there is room."""
    corpus = fresh(case, folder)
    limit = rng.randrange(1, 24 << 10)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    small = _mounted(folder / "disk", corpus, rng)
    place = small or corpus
    tried = subprocess.run(on(case.command, place), capture_output=True, check=False, preexec_fn=None if small else limited)
    said = tried.stderr.decode().strip().splitlines()
    is_line = tried.returncode == 0 or (bool(said) and said[-1].startswith("winnow: ") and "nobody foresaw" not in said[-1])
    if small is not None:
        shutil.rmtree(corpus, ignore_errors=True)
        if small.exists():
            shutil.copytree(small, corpus)
        subprocess.run(["umount", folder / "disk"], check=True)
    outcome = ended(case, corpus, expected)
    return outcome if is_line else outcome._replace(silent=1)


def _mounted(disk: Path, corpus: Path, rng: random.Random) -> Path | None:
    """A copy of the corpus on a tmpfs with little room beside it; null where mounting is not allowed."""
    disk.mkdir(exist_ok=True)
    begun = sum(path.stat().st_blocks * 512 for path in corpus.rglob("*") if path.is_file())
    room = f"size={begun + rng.randrange(32 << 10, 800 << 10)}"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", room, "tmpfs", disk], capture_output=True, check=False).returncode:
        return None
    if corpus.exists():
        shutil.copytree(corpus, disk / "C")
    return disk / "C"
