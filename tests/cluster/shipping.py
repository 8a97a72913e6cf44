"""What is shipped to executors: this checkout as a wheel, and the compiled kernels."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.jobs.running import WINNOW
from tests.paths import PROJECT

PACKAGED = ("pipeline", "jobs", "tokenizer", "model")


def build_wheel(folder: Path) -> Path:
    """The wheel of the code as it is, built from a copy: setuptools leaves folders behind."""
    source = folder / "source"
    for name in PACKAGED:
        shutil.copytree(PROJECT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*build, str(source)], check=True)
    (wheel,) = folder.glob("winnow-*.whl")
    return wheel


def as_archive(wheel: Path) -> Path:
    """A wheel is a zip; Spark unpacks it when it is called one."""
    return Path(shutil.copy(wheel, wheel.parent / "winnow.zip"))


def kernel_archive(folder: Path) -> Path:
    archive = folder / "kernels.tar.gz"
    subprocess.run([*WINNOW, "warm", "--archive", str(archive)], check=True, capture_output=True)
    return archive
