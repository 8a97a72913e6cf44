"""What compiles kernels, and where the machine code is kept: under a name made of all that decides it, so it is never stale.

Numba's own cache looks at the file of a function and not at the functions it calls: an edit there gave old results. Here a
module's folder is named by its source and that of all it imports of ours, within a folder named by the versions and the CPU:

    ~/.cache/winnow/kernels/1f0c…/pipeline.kernels.letters-9a31…/decode-77b2….0.nbc

A copy of that tree works on any machine of the same kind: no path and no time is part of a name. WINNOW_KERNEL_CACHE names
another place. Of several processes that miss the same kernel one compiles, the others wait for its file.
"""

import ast
import fcntl
import functools
import hashlib
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core.caching import IndexDataCacheFile, _Cache
from numba.core.codegen import get_host_cpu_features
from numba.core.compiler import CompileResult
from numba.core.types.misc import unliteral

PLACE = "WINNOW_KERNEL_CACHE"
ROOT = Path(__file__).resolve().parents[2]
OURS = ("pipeline", "tokenizer")


def kernel(function: Callable[..., Any]) -> Any:
    """Compiles a function at its first call with arguments of these types, unless some process has done so before."""
    return _kept(numba.njit(function, no_cfunc_wrapper=True))


def part(function: Callable[..., Any]) -> Any:
    """A kernel that only kernels call, a tenth cheaper to compile: it lacks the way in from Python (a test looks for calls)."""
    return _kept(numba.njit(function, no_cfunc_wrapper=True, no_cpython_wrapper=True))


def inlined(function: Callable[..., Any]) -> Any:
    """A part whose machine code goes into each kernel that calls it: for a few instructions within hot loops.

    It is typed once. Numba's own `inline="always"` types it again in every caller.
    """
    return _kept(numba.njit(function, no_cfunc_wrapper=True, no_cpython_wrapper=True, forceinline=True))


def _kept(dispatcher: Any) -> Any:
    dispatcher._cache = KernelCache(dispatcher.py_func)  # what numba's enable_caching does, with our class in place of its own
    dispatcher.get_call_template = functools.partial(_template_of_types, dispatcher)
    return dispatcher


def _template_of_types(dispatcher: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What numba asks a kernel that another one calls: a constant counts by its type, else f(0) and f(n) are compiled apart."""
    by_type = {name: unliteral(value) for name, value in named.items()}
    return type(dispatcher).get_call_template(dispatcher, tuple(map(unliteral, arguments)), by_type)


def cache_folder() -> Path:
    """Where the kernels of all versions and CPUs lie."""
    if place := os.environ.get(PLACE):
        return Path(place)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "winnow" / "kernels"


@functools.cache
def machine_key() -> str:
    """Hash of what decides the machine code apart from the source. NUMBA_CPU_NAME=generic gives one that any CPU can run."""
    cpu = config.CPU_NAME or llvmlite.binding.get_host_cpu_name()
    features = get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES
    versions = [numba.__version__, llvmlite.__version__, np.__version__, sys.implementation.cache_tag]
    return _short_hash(*versions, platform.machine(), sys.platform, cpu, features, str(config.OPT), str(config.BOUNDSCHECK))


def sources_key(*modules: str) -> str:
    """Hash of the sources of these modules and of all modules of ours that they import, directly or through others."""
    files = {file for name in modules for file in _reached(name)}
    return _short_hash(*(part for file in sorted(files) for part in (file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))))


def _short_hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _reached(module: str) -> set[Path]:
    reached: set[Path] = set()
    waiting = [module]
    while waiting:
        file = _file_of(waiting.pop())
        if file is not None and file not in reached:
            reached.add(file)
            waiting += _imports(file)
    return reached


@functools.cache
def _file_of(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


@functools.cache
def _imports(file: Path) -> tuple[str, ...]:
    """Names of our modules that a file imports; `from a import b` may mean a.b or a."""
    found: list[str] = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(name for name in found if name.startswith(OURS))


@functools.cache
def _module_folder(module: str) -> Path:
    folder = cache_folder() / machine_key() / f"{module}-{sources_key(module)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)  # when it was last of use, for who sweeps
    except OSError:
        pass  # a cache that was shipped may be read-only: kernels are found, and what is not found is compiled and not kept
    return folder


class KernelCache(_Cache):  # type: ignore[misc]  # numba is not followed
    """One file for each kernel and types of arguments, written in one step and never changed."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._module, self._name = function.__module__, function.__qualname__
        self._claims: dict[str, IO[bytes]] = {}
        self._enabled = True

    @property
    def cache_path(self) -> str:
        return str(_module_folder(self._module))

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        if not self._enabled:
            return None
        target_context.refresh()
        data = self._load(sig)
        if data is None:
            self._claim(sig)
            data = self._load(sig)  # who held the claim has compiled it meanwhile
            if data is not None:
                self._release(sig)
        return None if data is None else CompileResult._rebuild(target_context, *data)

    def save_overload(self, sig: Any, data: CompileResult) -> None:
        try:
            if self._enabled and not data.library.has_dynamic_globals:  # else an address of this process is in it
                self._file(sig)._save_data(self._file_name(sig), data._reduce())
        except OSError:
            pass  # read-only, or full: compiled all the same
        finally:
            self._release(sig)

    def enable(self) -> None:
        self._enabled = True

    def disable(self) -> None:
        self._enabled = False

    def flush(self) -> None:
        """Nothing is ever stale."""

    def _file_name(self, sig: Any) -> str:
        return f"{self._name}-{_short_hash(repr(sig))}.nbc".replace("<", "").replace(">", "")

    def _file(self, sig: Any) -> IndexDataCacheFile:
        return IndexDataCacheFile(self.cache_path, self._file_name(sig), None)  # without its index, that two writers would share

    def _load(self, sig: Any) -> Any:
        try:
            return self._file(sig)._load_data(self._file_name(sig))
        except OSError:
            return None

    def _claim(self, sig: Any) -> None:
        """Waits while another process compiles this. Callers claim before callees and none calls itself: no circle."""
        if repr(sig) in self._claims:
            return  # numba asks again for what it failed to compile, and a process would wait for itself
        try:
            lock = Path(self.cache_path, self._file_name(sig) + ".lock").open("wb")  # noqa: SIM115 - held till the file is there
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._claims[repr(sig)] = lock
        except OSError:
            pass  # no claim then; the worst is that two compile it

    def _release(self, sig: Any) -> None:
        lock = self._claims.pop(repr(sig), None)
        if lock is not None:
            Path(lock.name).unlink(missing_ok=True)  # who opens a new one finds the file that is there by now
            lock.close()
