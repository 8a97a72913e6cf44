"""How far the work on a corpus is, in files that `winnow status` reads from any terminal and that decide nothing.

    .winnow/status.json         the state now, replaced about once a second
    .winnow/log.jsonl           a line for each event: a stage begun or ended, half a minute of work, an error
    .winnow/progress/N.json     how far the task is that reads input N; gone when it has read it

In a store of objects there is the state alone, replaced every quarter of a minute.
"""

import json
import math
import os
import resource
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from jobs.corpus.folder import Corpus
from jobs.corpus.stores.disk import make_folders, replace_file
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import is_local
from pipeline.errors import CorpusError

FOLDER = ".winnow"
STATUS, LOG, TASKS = f"{FOLDER}/status.json", f"{FOLDER}/log.jsonl", f"{FOLDER}/progress"
STALE_SECONDS = 60.0  # without a word: the process is gone, or on another machine and cut off
KNOWN_SHARE, KNOWN_SECONDS = 0.02, 10.0  # of the bytes and of time, before a rate says when the rest will be done
MOST_LOG_BYTES = 16 << 20  # then the log begins anew, the old one beside it
RUNNING, FINISHED, FAILED, STOPPED = "running", "finished", "failed", "stopped"


@dataclass(frozen=True)
class Status:
    """What is known at one moment. Counts are of the stage; null is not known."""

    state: str
    started_at: float  # seconds since 1970, as all times here
    updated_at: float
    process: int
    host: str
    stage: str | None = None
    stage_started_at: float | None = None
    stages_done: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    inputs_done: int | None = None
    inputs: int | None = None
    bytes_done: int | None = None
    bytes: int | None = None
    bytes_before: int = 0  # of bytes_done: what an earlier run had read
    records_done: int | None = None
    tasks_done: int | None = None
    tasks: int | None = None
    memory_bytes: int | None = None  # the largest process so far
    retries: int = 0
    last_error: str | None = None

    @property
    def seconds(self) -> float:
        """In the stage."""
        return max(0.0, self.updated_at - (self.stage_started_at or self.started_at))

    @property
    def records_per_second(self) -> float | None:
        return self.records_done / self.seconds if self.records_done and self.seconds > 0 else None

    @property
    def left_seconds(self) -> float | None:
        """Until the stage has read all its bytes at the rate so far; null as long as that rate says little."""
        if self.state != RUNNING or not self.bytes or self.bytes_done is None:
            return None
        done = self.bytes_done - self.bytes_before
        if self.seconds < KNOWN_SECONDS or done < KNOWN_SHARE * (self.bytes - self.bytes_before):
            return None
        return max(0, self.bytes - self.bytes_done) * self.seconds / done

    def as_json(self) -> dict[str, Any]:
        computed = {"seconds": self.seconds, "records_per_second": self.records_per_second, "left_seconds": self.left_seconds}
        return asdict(self) | computed


@dataclass(frozen=True)
class TaskProgress:
    """How far one input is read. Written by the task that reads it."""

    bytes: int = 0
    records: int = 0
    retries: int = 0
    memory_bytes: int = 0
    error: str | None = None


@dataclass
class TaskNote:
    """Tells how far a task is, at most once a second, where its corpus is on this machine."""

    root: str
    number: int
    every_seconds: float = 1.0
    _told_at: float = field(default=-math.inf)

    def tell(self, progress: TaskProgress) -> None:
        if not is_local(self.root) or time.monotonic() - self._told_at < self.every_seconds:
            return
        self._told_at = time.monotonic()
        path = Path(self.root, TASKS, f"{self.number}.json")
        try:
            make_folders(self.root, TASKS)
            aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            aside.write_text(json.dumps(asdict(progress)))
            aside.replace(path)
        except OSError:  # a full disk is told by the tables, which need it
            return

    def forget(self) -> None:
        if is_local(self.root):
            Path(self.root, TASKS, f"{self.number}.json").unlink(missing_ok=True)


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts kilobytes


def tasks_under_way(root: str) -> Iterator[TaskProgress]:
    """Of the tasks that have told and not ended."""
    for path in Path(root, TASKS).glob("*.json") if is_local(root) else ():
        try:
            yield _built(TaskProgress, json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):  # it has ended meanwhile
            continue


def begin(root: str) -> None:
    """Nothing is under way: what tasks of a run that was killed have told is forgotten."""
    if is_local(root):
        make_folders(root, FOLDER)
        shutil.rmtree(Path(root, TASKS), ignore_errors=True)


def now(state: str = RUNNING, **known: Any) -> Status:
    """A status of this process."""
    moment = time.time()
    return Status(state, moment, moment, os.getpid(), socket.gethostname(), **known)


def write_status(root: str, status: Status) -> None:
    store_of(root).put(STATUS, json.dumps(status.as_json()).encode())


def log(root: str, event: str, status: Status) -> None:
    """A line more in the log. Remote stores have the status alone."""
    if not is_local(root):
        return
    path = Path(root, LOG)
    if path.exists() and path.stat().st_size > MOST_LOG_BYTES:
        path.replace(path.with_name("log-before.jsonl"))
    told = {name: value for name, value in status.as_json().items() if value is not None}
    line = json.dumps({"event": event, "at": _instant(status.updated_at)} | told, ensure_ascii=False)
    with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(line + "\n")


def read_status(corpus: Corpus) -> Status:
    """The state of the work on a corpus; one that was killed is `stopped`. Raises CorpusError where nothing was ever done."""
    try:
        status: Status = _built(Status, json.loads(corpus.store.read(STATUS)))
    except FileNotFoundError:
        raise CorpusError(f"{corpus.root} tells nothing: no command has worked on it; `winnow curate` does") from None
    except (OSError, ValueError, TypeError) as error:
        raise CorpusError(f"{corpus.path(STATUS)} cannot be read ({error}); the next `winnow curate` writes it anew") from error
    gone = status.host == socket.gethostname() and not _is_alive(status.process)
    cut_off = status.host != socket.gethostname() and time.time() - status.updated_at > STALE_SECONDS
    return replace(status, state=STOPPED) if status.state == RUNNING and (gone or cut_off) else status


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _built(kind: Any, values: dict[str, Any]) -> Any:
    if not isinstance(values, dict):
        raise ValueError(f"{type(values).__name__} where an object must be")
    known = {one.name for one in fields(kind)}
    made = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items() if name in known}
    return kind(**made)


def _instant(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


METRICS = {
    "inputs_done": "files read", "inputs": "files to read", "bytes_done": "bytes of inputs read", "bytes": "bytes of inputs",
    "records_done": "records of the stage", "tasks_done": "tasks ended, of those that are known", "tasks": "tasks that are known",
    "memory_bytes": "largest process so far", "retries": "requests that were made again", "updated_at": "seconds since 1970",
    "seconds": "in the stage", "left_seconds": "until its bytes are read, at the rate so far",
}  # fmt: skip


def prometheus(root: str, status: Status) -> str:
    """The status in Prometheus' text format; what is not known is left out."""
    labels = f'corpus="{_quoted(root)}",stage="{_quoted(status.stage or "")}"'
    values = status.as_json()
    lines = ["# HELP winnow_running whether a command works on the corpus", "# TYPE winnow_running gauge"]
    lines.append(f"winnow_running{{{labels}}} {int(status.state == RUNNING)}")
    for name, meaning in METRICS.items():
        if values[name] is not None:
            lines += [
                f"# HELP winnow_{name} {meaning}",
                f"# TYPE winnow_{name} gauge",
                f"winnow_{name}{{{labels}}} {values[name]}",
            ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def write_prometheus(file: Path, root: str, status: Status) -> None:
    replace_file(file.absolute(), prometheus(root, status).encode())
