"""Stages while they run, as people see them: the moving line, the lines that stay, and what `winnow status` shows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from jobs.commands.shown.stage_watcher import StageWatcher, watching
from jobs.commands.shown.terminal import harmless, messages, print_table, say
from jobs.corpus.progress import LOG, RUNNING, Status
from jobs.corpus.stores.store import is_local

if TYPE_CHECKING:  # Spark, which most commands do without
    from jobs.stages.stage import Work

Callbacks = tuple[Callable[[str], None], Callable[[str, bool], None]]


@contextmanager
def stage_progress(work: "Work", stages: tuple[str, ...], prometheus: Path | None = None) -> Iterator[Callbacks]:
    """Yields (started, ended) callbacks for the stages of a curate run.

    On a terminal: one moving line with the bytes of inputs that are read, or the tasks that Spark has ended of those it knows.
    """
    if not messages.is_terminal:
        with watching(work, stages, lambda _: None, prometheus) as watcher:
            yield _callbacks(work, watcher, lambda stage: say(f"{stage}: started"), say)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[done]}"))
    with Progress(*columns, TimeElapsedColumn(), console=messages, transient=True) as progress:
        line = progress.add_task("starting", total=None, done="")

        def see(status: Status) -> None:
            completed, total = how_far(status)
            progress.update(line, completed=completed, total=total, done=harmless(said_of(status)))

        def begins(stage: str) -> None:
            progress.reset(line, description=stage, total=None, done="")

        with watching(work, stages, see, prometheus) as watcher:
            yield _callbacks(work, watcher, begins, lambda text: progress.console.print(text, markup=False))


def _callbacks(work: "Work", watcher: StageWatcher, begins: Callable[[str], None], tell: Callable[[str], None]) -> Callbacks:
    def started(stage: str) -> None:
        watcher.begins(stage)
        begins(stage)

    def ended(stage: str, made: bool) -> None:
        counts = work.corpus.manifest["stages"][stage]["counts"]
        watcher.ends(stage, counts.get("records"))
        for line in work.said if made else ():
            tell(line)
        tell(_ended(work, stage, made))

    return started, ended


def how_far(status: Status) -> tuple[int, int | None]:
    """(done, of how much; null where that is not known)"""
    if status.bytes:
        return status.bytes_done or 0, status.bytes
    return status.tasks_done or 0, status.tasks or None


def said_of(status: Status) -> str:
    """Only what is known: bytes and records of inputs, or tasks; when it will be done once the rate says so."""
    parts = []
    if status.bytes:
        parts.append(f"{decimal(status.bytes_done or 0)} of {decimal(status.bytes)}")
        parts.append(f"{status.inputs_done:,} of {status.inputs:,} files")
    elif status.tasks:
        parts.append(f"{status.tasks_done or 0} of {status.tasks} tasks")
    if status.records_done:
        parts.append(f"{status.records_done:,} records")
    if status.state == RUNNING and (rate := status.records_per_second):
        parts.append(f"{rate:,.0f} records/s")
    if status.left_seconds is not None:
        parts.append(f"{_span(status.left_seconds)} left")
    if status.retries:
        parts.append(f"{status.retries} retries")
    return ", ".join(parts)


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def show_status(root: str, status: Status) -> None:
    """For people: nothing that is not known is shown."""
    rows: list[list[object]] = [["state", status.state]]
    if status.stage:
        place = (
            f", {len(status.stages_done) + 1} of {len(status.stages)}"
            if status.state == RUNNING and len(status.stages) > 1
            else ""
        )
        rows.append(["stage", f"{status.stage}{place}"])
    rows += [["done", text]] if (text := said_of(status)) else []
    rows.append(["in the stage for", _span(status.seconds)])
    rows += [["memory, largest process", decimal(status.memory_bytes)]] if status.memory_bytes else []
    rows += [["last error", status.last_error]] if status.last_error else []
    rows += [["log", f"{root}/{LOG}"]] if is_local(root) else []
    print_table(root, ["", ""], rows)


def _ended(work: "Work", stage: str, made: bool) -> str:
    record = work.corpus.manifest["stages"][stage]
    counts = ", ".join(f"{name} {count:,}" for name, count in record["counts"].items())
    if not made:
        return f"{stage}: unchanged ({counts})"
    return f"{stage}: {counts} in {record['seconds']:.1f} s ({record['records_per_second']:,.0f} records/s)"
