"""Functions that others bring, on executors: their code is sent as an archive, unpacked once, and imported from there."""

import contextlib
import functools
import importlib
import importlib.util
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from pyspark import SparkFiles
from pyspark.sql import SparkSession

from jobs.corpus.plugins import Plugin, write_archive
from pipeline.errors import RecipeError


class Sent(NamedTuple):
    """A function that every executor can load."""

    name: str
    module: str
    function: str
    archive: str  # by the name that Spark knows it by


def send(spark: SparkSession, plugin: Plugin) -> Sent:
    path = Path(_archives().name) / f"winnow-plugin-{plugin.code_sha256}.zip"
    if not path.exists():
        write_archive(plugin, path)
    spark.sparkContext.addFile(str(path))
    return Sent(plugin.name, plugin.module, plugin.function, path.name)


@functools.cache
def _archives() -> tempfile.TemporaryDirectory[str]:
    """Where they lie until the process ends: executors fetch them when they first need one."""
    return tempfile.TemporaryDirectory(prefix="winnow-")


def loaded(sent: Sent) -> Any:
    """The function, in a task. Raises RecipeError where its code cannot be imported there."""
    return imported(sent, _unpacked(sent.archive))


def imported(sent: Sent, folder: Path) -> Any:
    """The function, of the code in a folder."""
    try:
        return getattr(_module(sent.module, Path(sent.archive).stem, folder), sent.function)
    except (Exception, SystemExit) as error:  # other people's code may do anything
        words = " ".join(str(error).split())[:200]
        raise RecipeError(
            f"plug-in {sent.name} cannot be imported ({type(error).__name__}: {words}): what it imports has to be installed for "
            "the driver and the executors (docs/cluster.md)"
        ) from error


@functools.cache
def _module(name: str, archive: str, folder: Path) -> ModuleType:
    """A file under a name that nothing else has, a package under its own. Meanwhile the folder goes before what is installed."""
    file, before = folder / f"{name}.py", list(sys.path)
    sys.path.insert(0, str(folder))
    try:
        return _of_file(file, archive.replace("-", "_")) if file.is_file() else importlib.import_module(name)
    finally:
        sys.path[:] = [*before, str(folder)]


def _of_file(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None  # a path that ends in .py has both
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # dataclasses look for their module there
    spec.loader.exec_module(module)
    return module


def _unpacked(archive: str) -> Path:
    """The folder, beside the archive: the first task of an executor makes it, under another name until it is whole."""
    path = Path(SparkFiles.get(archive))
    folder = path.with_suffix("")
    if not folder.exists():
        new = tempfile.mkdtemp(dir=path.parent)
        with zipfile.ZipFile(path) as file:
            file.extractall(new)
        with contextlib.suppress(OSError):  # another task was first
            Path(new).rename(folder)
        shutil.rmtree(new, ignore_errors=True)
    return folder
