"""Too little memory, however whoever asked for some puts it: Python, Arrow, duckdb, torch, Java or the loader of libraries."""

import errno
import resource
from collections.abc import Iterator
from pathlib import Path

SAID = (
    "annot allocate memory", "can't allocate memory", "failed to map segment", "bad_alloc", "can't start new thread",
    "Out of Memory Error", "out of memory", "Out of memory", "OutOfMemoryError", "MemoryError",
)  # fmt: skip


def is_memory_short(error: BaseException) -> bool:
    """Whether that is what it comes down to."""
    return any(
        isinstance(one, MemoryError)
        or (isinstance(one, OSError) and one.errno == errno.ENOMEM)
        or any(words in str(one) for words in SAID)
        for one in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen = list[BaseException]()
    one: BaseException | None = error
    while one is not None and one not in seen:
        seen.append(one)
        yield one
        one = one.__cause__ or one.__context__


def memory_at_hand() -> str:
    """What this process may have, in words."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        return f"this process may have {limit:,} bytes (ulimit -v)"
    free = [line.split()[1] for line in _lines(Path("/proc/meminfo")) if line.startswith("MemAvailable")]
    return f"{int(free[0]) << 10:,} bytes are free" if free else "none is left"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:  # another system's
        return []
