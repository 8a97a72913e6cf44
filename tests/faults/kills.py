"""`python -m tests.faults.kills`: kill -9 of curate, takedown and export at random moments, and full disks; `make test-kills`.

Each command runs as people run it, in a process group of its own, on a copy. All of the group is killed; then the same command is
given again, and the files that are promised are compared with those of an undisturbed one. Where a small tmpfs may be mounted the
disk is really full, else the size of files is limited (RLIMIT_FSIZE).
"""

import argparse
import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from jobs.ask.verify import verify
from jobs.corpus.folder import Corpus, open_corpus
from pipeline.hashing import file_sha256
from tests.faults.outcome import Outcome, total
from tests.faults.subject import KEPT, RECIPE, make_crawl
from tests.faults.table import record
from tests.jobs.running import WINNOW, promised_bytes
from tests.short_lived import FEW_TASKS

SPARK = [part for name, value in FEW_TASKS.items() for part in ("--spark", f"{name}={value}")]


class Case(NamedTuple):
    """A command, what it is given on (nothing, or a corpus that is copied), and what it promises: bytes by name."""

    name: str
    command: list[str]
    begins_with: Path | None
    promised: Callable[[Path], dict[str, str]]


def cases(folder: Path) -> list[Case]:
    """The commands, each with `{}` for the corpus; what they begin with is made here."""
    (crawl,) = make_crawl(folder / "crawl")
    (folder / "recipe.toml").write_text(RECIPE)
    curate = [
        *WINNOW,
        "curate",
        str(crawl),
        "--output",
        "{}",
        "--recipe",
        str(folder / "recipe.toml"),
        "--master",
        "local[2]",
        *SPARK,
    ]
    corpus = folder / "corpus"
    subprocess.run(_on(curate, corpus), check=True, capture_output=True)
    return [
        Case("export", [*WINNOW, "export", "{}", "--format", "nanogpt"], corpus, _exported),
        Case("takedown", [*WINNOW, "takedown", "{}", "--url", KEPT], corpus, _tables),
        Case("curate", curate, None, _tables),
    ]


def _on(command: list[str], corpus: Path) -> list[str]:
    return [word.replace("{}", str(corpus)) for word in command]


def _tables(corpus: Path) -> dict[str, str]:
    return promised_bytes(Corpus(str(corpus)))


def _exported(corpus: Path) -> dict[str, str]:
    return {path.name: file_sha256(path) for path in sorted((corpus / "export/nanogpt").glob("*"))}


def killed(case: Case, folder: Path, seconds: float, expected: dict[str, str], rng: random.Random) -> Outcome:
    """One command that is killed once, sometimes again while it goes on, and then left to end."""
    corpus = _fresh(case, folder)
    for _ in range(rng.choice([1, 1, 2])):
        process = subprocess.Popen(
            _on(case.command, corpus), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0, seconds))
        _kill(process)
    return ended(case, corpus, expected)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """The process, its Java and every worker: everything in its session."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(folder.name)) == process.pid:
                os.kill(int(folder.name), signal.SIGKILL)
    process.communicate()


def ended(case: Case, corpus: Path, expected: dict[str, str]) -> Outcome:
    """The same command once more, now undisturbed: byte for byte what it is without."""
    last = subprocess.run(_on(case.command, corpus), capture_output=True, check=False)
    if last.returncode:
        return Outcome(1, lost=1)
    found = case.promised(corpus)
    laws = all(check.holds for check in verify(open_corpus(str(corpus)), reread=False))
    return Outcome(
        injected=1,
        noticed=1,
        lost=len(expected.keys() - found.keys()),
        duplicated=len(found.keys() - expected.keys()),
        silent=not laws or any(found[name] != expected[name] for name in expected.keys() & found.keys()),
    )


def _fresh(case: Case, folder: Path) -> Path:
    corpus = folder / "C"
    shutil.rmtree(corpus, ignore_errors=True)
    if case.begins_with is not None:
        shutil.copytree(case.begins_with, corpus)
    return corpus


def full(case: Case, folder: Path, expected: dict[str, str], rng: random.Random) -> Outcome:
    """The command on a disk that is full at some moment: it says so in one line, and goes on where there is room."""
    corpus = _fresh(case, folder)
    limit = rng.randrange(1, 24 << 10)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    small = _mounted(folder / "disk", corpus, rng)
    on = small or corpus
    tried = subprocess.run(_on(case.command, on), capture_output=True, check=False, preexec_fn=None if small else limited)
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


def main() -> None:
    asked = arguments()
    rng, wrong = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory(prefix="winnow-kills-") as name:
        folder = Path(name)
        for case in cases(folder):
            corpus, began = _fresh(case, folder), time.monotonic()
            subprocess.run(_on(case.command, corpus), check=True, capture_output=True)
            seconds, expected = time.monotonic() - began, case.promised(corpus)
            kills = total(killed(case, folder, seconds, expected, rng) for _ in range(_times(asked, case)))
            disks = total(full(case, folder, expected, rng) for _ in range(_times(asked, case) // 2))
            record(
                "F1", "kill -9 of curate, takedown and export at random moments, then again", f"{case.name} {asked.seed}", kills
            )
            record(
                "F6 (disks)",
                "a full disk, or a limit on files, under curate, takedown and export",
                f"{case.name} {asked.seed}",
                disks,
            )
            print(f"{case.name}, {seconds:.0f} s: kills {kills}; full disks {disks}", flush=True)
            wrong += not (kills.is_clean and disks.is_clean)
    sys.exit(wrong > 0)


def _times(asked: argparse.Namespace, case: Case) -> int:
    """A curation takes as long as ten of the others."""
    return max(2, asked.times // (10 if case.name == "curate" else 1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the moments; default the time of day")
    parser.add_argument("--times", type=int, default=40, help="kills of each command; a tenth of curate")
    return parser.parse_args()


if __name__ == "__main__":
    main()
