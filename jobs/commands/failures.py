"""What an error from below means for the user: one line with a next step, and an exit status."""

import errno
import shutil
import sys

from pipeline.errors import CorpusError, EnvironmentProblem, UsageError, WinnowError


def as_winnow_error(error: BaseException) -> WinnowError | None:
    """The error to show the user, where we know one; else null."""
    text = str(error)
    if (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)) or "No space left on device" in text:
        free = ", ".join(f"{folder} has {shutil.disk_usage(folder).free >> 20:,} MiB free" for folder in {".", "/tmp"})  # noqa: S108 - only looked at
        return EnvironmentProblem(
            f"the disk is full ({free}); nothing half-made is visible. Make room and run the same command again"
        )
    for kind in WinnowError.__subclasses__() + UsageError.__subclasses__():
        marker = f"pipeline.errors.{kind.__name__}: "
        if marker in text:  # raised in a worker: Spark hands over its traceback as text
            return kind(text.split(marker)[-1].splitlines()[0])
    duckdb = sys.modules.get("duckdb")  # loaded by whatever command asked it something
    if duckdb is not None and isinstance(error, duckdb.Error):
        return CorpusError(
            f"a table of the corpus is damaged, or of an earlier version ({text.splitlines()[0]}); "
            "`winnow verify CORPUS` says more, `winnow curate` with the same inputs makes it again"
        )
    if isinstance(error, PermissionError):
        return EnvironmentProblem(
            f"{error.filename} cannot be written: {error.strerror}; choose another folder or change its rights"
        )
    return None
