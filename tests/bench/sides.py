"""Runs one side of the bench in a process of its own, held to one core."""

import json
import os
import platform
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

from tests.paths import PROJECT

PEER_FOLDER = PROJECT / ".venv-bench"
REQUIREMENTS = Path(__file__).with_name("peer-requirements.txt")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


def peer_python() -> Path:
    """The interpreter of the peer's environment, which is made the first time and when its requirements change."""
    python = PEER_FOLDER / "bin" / "python"
    stamp = PEER_FOLDER / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != REQUIREMENTS.read_text():
        print(f"installing the peer into {PEER_FOLDER.name}", flush=True)
        venv.create(PEER_FOLDER, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", "--requirement", REQUIREMENTS], check=True)
        stamp.write_text(REQUIREMENTS.read_text())
    return python


def run_side(module: str, *arguments: object, core: int, python: Path | str = sys.executable) -> dict[str, Any]:
    """What `python -m tests.bench.MODULE ARGUMENTS` prints as its last line, with the seconds it took from start to end."""
    started = time.perf_counter()
    done = _on_one_core([python, "-m", f"tests.bench.{module}", *arguments], core)
    if done.returncode:
        raise SystemExit(f"{module} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result | {"process_seconds": round(time.perf_counter() - started, 2)}


def run_winnow(*arguments: object, core: int) -> float:
    """Seconds of one `winnow` command from start to end, Java and all."""
    started = time.perf_counter()
    done = _on_one_core([sys.executable, PROJECT / "jobs" / "submit" / "winnow.py", *arguments], core)
    if done.returncode:
        raise SystemExit(f"winnow {' '.join(map(str, arguments))} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - started


def _on_one_core(command: list[Any], core: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), cwd=PROJECT, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.machine()
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_bytes": memory * 1024,
        "python": platform.python_version(),
        "system": platform.platform(),
        "date": time.strftime("%Y-%m-%d"),
        "load_before": os.getloadavg()[0],
    }


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
