"""What `winnow status` tells: what is known and nothing else, also of work that was killed, and nothing that decides a result."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.commands.shown.stage_progress import how_far, said_of
from jobs.corpus import progress
from jobs.corpus.folder import Corpus
from jobs.corpus.progress import RUNNING, STOPPED, Status, TaskNote, TaskProgress
from pipeline.errors import CorpusError
from tests.jobs.running import winnow

KNOWN = Status(
    RUNNING, started_at=1000.0, updated_at=1100.0, process=os.getpid(), host=progress.now().host, stage="ingest",
    stage_started_at=1000.0, stages=("ingest", "filter"), inputs_done=1, inputs=4, bytes_done=250, bytes=1000, records_done=500,
)  # fmt: skip


def test_a_rate_and_what_is_left_follow_from_what_was_done_in_the_stage() -> None:
    assert KNOWN.records_per_second == 5.0
    assert KNOWN.left_seconds == 300.0, "250 bytes took 100 s, and 750 are left"
    assert replace(KNOWN, bytes_before=150).left_seconds == 750.0, "an earlier run's bytes took no time of this one"


@pytest.mark.parametrize(
    "unknown",
    [{"bytes": None}, {"bytes_done": 10}, {"updated_at": 1005.0}, {"state": STOPPED}, {"bytes_done": 200, "bytes_before": 195}],
    ids=["no bytes", "too few bytes", "too early", "stopped", "too few of its own"],
)
def test_what_is_left_is_not_told_before_it_is_known(unknown: dict[str, object]) -> None:
    assert replace(KNOWN, **unknown).left_seconds is None


def test_only_what_is_known_is_said() -> None:
    """`0/None tasks` stood on the terminal for minutes (2026-11)."""
    assert said_of(KNOWN) == "250 bytes of 1.0 kB, 1 of 4 files, 500 records, 5 records/s, 5 min 00 s left"
    bare = Status(RUNNING, 1000.0, 1000.0, 1, "")
    assert (said_of(bare), how_far(bare)) == ("", (0, None))
    assert said_of(replace(bare, tasks_done=0, tasks=8)) == "0 of 8 tasks"
    assert "None" not in said_of(replace(bare, tasks=None, tasks_done=None))


def test_a_task_tells_once_a_second_and_leaves_nothing(tmp_path: Path) -> None:
    note = TaskNote(str(tmp_path), 3)
    note.tell(TaskProgress(bytes=5, records=1))
    note.tell(TaskProgress(bytes=9, records=2))
    assert list(progress.tasks_under_way(str(tmp_path))) == [TaskProgress(bytes=5, records=1)]
    note.forget()
    assert list(progress.tasks_under_way(str(tmp_path))) == []
    TaskNote(str(tmp_path), 4).tell(TaskProgress(bytes=1))
    (tmp_path / ".winnow/progress/5.json").write_text("{half")
    progress.begin(str(tmp_path))
    assert list(progress.tasks_under_way(str(tmp_path))) == [], "what a killed run left is no progress"


def test_work_that_was_killed_is_told_to_be_stopped(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    progress.begin(str(tmp_path))
    progress.write_status(str(tmp_path), replace(KNOWN, process=child.pid))
    assert progress.read_status(Corpus(str(tmp_path))).state == STOPPED
    progress.write_status(str(tmp_path), KNOWN)
    assert progress.read_status(Corpus(str(tmp_path))) == KNOWN


@pytest.mark.parametrize("text", ["", "[]", '{"state": "running"}', "\x00"])
def test_a_status_that_cannot_be_read_is_one_line(tmp_path: Path, text: str) -> None:
    progress.begin(str(tmp_path))
    (tmp_path / ".winnow/status.json").write_text(text)
    with pytest.raises(CorpusError, match=r"status\.json cannot be read"):
        progress.read_status(Corpus(str(tmp_path)))
    assert winnow("status", tmp_path / "none").returncode == 2


def test_the_command_shows_and_writes_what_prometheus_reads(tmp_path: Path) -> None:
    progress.begin(str(tmp_path))
    progress.write_status(str(tmp_path), replace(KNOWN, last_error='http://x.example: "503"\n[bold]', retries=2))
    shown = winnow("status", tmp_path, "--prometheus", tmp_path / "winnow.prom")
    assert shown.returncode == 0, shown.stderr
    assert all(words in shown.stdout for words in ("ingest, 1 of 2", "500 records", "[bold]"))
    lines = (tmp_path / "winnow.prom").read_text().splitlines()
    labels = f'{{corpus="{tmp_path}",stage="ingest"}}'
    assert {f"winnow_running{labels} 1", f"winnow_bytes_done{labels} 250", f"winnow_retries{labels} 2"} <= set(lines)
    assert not any("tasks" in line for line in lines), "what is not known is left out"
    assert json.loads(winnow("status", tmp_path, "--json").stdout)["left_seconds"] == 300.0


def test_the_log_begins_anew_before_it_grows_without_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "MOST_LOG_BYTES", 1000)
    progress.begin(str(tmp_path))
    for _ in range(10):
        progress.log(str(tmp_path), "working", KNOWN)
    log, before = tmp_path / progress.LOG, tmp_path / ".winnow/log-before.jsonl"
    assert log.stat().st_size < 2000 and before.stat().st_size < 2000
    assert [json.loads(line)["event"] for line in log.read_text().splitlines()].count("working") >= 1
