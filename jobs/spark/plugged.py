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
    path = Path(_archives().name) / f"winnow-plugin-{plugin.sha256}.zip"
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


@functools.cache
def imported(sent: Sent, folder: Path) -> Any:
    """The function of the code in a folder. While it is imported, what lies there is found before what is installed."""
    before = list(sys.path)
    try:
        sys.path.insert(0, str(folder))
        return getattr(_module(sent.module, folder), sent.function)
    except Exception as error:
        words = " ".join(str(error).split())[:200]
        raise RecipeError(
            f"plug-in {sent.name} cannot be imported ({type(error).__name__}: {words}): what it imports has to be installed for "
            "the driver and the executors (docs/cluster.md)"
        ) from error
    finally:
        sys.path[:] = [*before, str(folder)]


def _module(name: str, folder: Path) -> ModuleType:
    """A file of its own under a name that nothing else has; a package under its own."""
    file = folder / f"{name}.py"
    if not file.is_file():
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(f"winnow_plugin_{folder.name.removeprefix('winnow-plugin-')}", file)
    assert spec is not None and spec.loader is not None  # a path that ends in .py has both
    module = importlib.util.module_from_spec(spec)
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
