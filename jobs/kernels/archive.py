"""The compiled kernels of this machine's kind in one file, for machines that shall not compile: Spark unpacks it on executors."""

import tarfile
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.kernels.cache import PLACE, cache_folder, machine_key

ENDINGS = (".tar.gz", ".tgz")  # which Spark unpacks


def check_name(archive: Path) -> None:
    """Before minutes of compiling."""
    if not archive.name.endswith(ENDINGS):
        raise UsageError(f"{archive}: Spark unpacks an archive by its ending; name it FILE.tar.gz")


def write_archive(archive: Path) -> int:
    """Everything compiled for the CPU in use; number of kernels in it."""
    check_name(archive)
    folder = cache_folder() / machine_key()
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(".lock"))
    archive.parent.mkdir(parents=True, exist_ok=True)
    beside = archive.with_name(f".{archive.name}")
    with tarfile.open(beside, "w:gz", compresslevel=6) as tar:
        for file in files:
            tar.add(file, file.relative_to(cache_folder()))
    beside.replace(archive)
    return sum(file.suffix == ".nbc" for file in files)


def spark_settings(archive: Path, generic: bool) -> list[str]:
    """Options of `winnow curate` that make executors use it."""
    settings = [f"spark.archives={archive}#kernels", f"spark.executorEnv.{PLACE}=./kernels"]
    if generic:
        settings.append("spark.executorEnv.NUMBA_CPU_NAME=generic")
    return [f"--spark {setting}" for setting in settings]
