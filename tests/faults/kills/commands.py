"""The commands that are killed and run out of room: each as people run it, in processes of its own, on a copy."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from jobs.ask.verify import verify
from jobs.corpus.folder import Corpus, open_corpus
from pipeline.hashing import file_sha256
from tests.faults.outcome import Outcome
from tests.faults.subject import KEPT, RECIPE, make_crawl
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
    subprocess.run(on(curate, corpus), check=True, capture_output=True)
    return [
        Case("export", [*WINNOW, "export", "{}", "--format", "nanogpt"], corpus, _exported),
        Case("takedown", [*WINNOW, "takedown", "{}", "--url", KEPT], corpus, _tables),
        Case("curate", curate, None, _tables),
    ]


def on(command: list[str], corpus: Path) -> list[str]:
    return [word.replace("{}", str(corpus)) for word in command]


def _tables(corpus: Path) -> dict[str, str]:
    return promised_bytes(Corpus(str(corpus)))


def _exported(corpus: Path) -> dict[str, str]:
    return {path.name: file_sha256(path) for path in sorted((corpus / "export/nanogpt").glob("*"))}


def fresh(case: Case, folder: Path) -> Path:
    corpus = folder / "C"
    shutil.rmtree(corpus, ignore_errors=True)
    if case.begins_with is not None:
        shutil.copytree(case.begins_with, corpus)
    return corpus


def kill(process: "subprocess.Popen[bytes]") -> None:
    """The process, its Java and every worker: everything in its session."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(folder.name)) == process.pid:
                os.kill(int(folder.name), signal.SIGKILL)
    process.communicate()


def ended(case: Case, corpus: Path, expected: dict[str, str], faults: int = 1) -> Outcome:
    """The same command once more, now undisturbed: byte for byte what it is without."""
    last = subprocess.run(on(case.command, corpus), capture_output=True, check=False)
    if last.returncode:
        return Outcome(faults, lost=1)
    found = case.promised(corpus)
    laws = all(check.holds for check in verify(open_corpus(str(corpus)), reread=False))
    return Outcome(
        injected=faults,
        noticed=faults,
        lost=len(expected.keys() - found.keys()),
        duplicated=len(found.keys() - expected.keys()),
        silent=not laws or any(found[name] != expected[name] for name in expected.keys() & found.keys()),
    )
