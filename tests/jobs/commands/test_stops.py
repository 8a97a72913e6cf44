"""Ctrl-C and SIGTERM: one line, status 130, nothing left running. Real processes and real signals."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jobs import stopping
from tests.crawls import write_crawl
from tests.jobs.running import WINNOW, descendants
from tests.short_lived import FEW_TASKS

LINE = "winnow: stopped; the same command continues"


def ended(process: subprocess.Popen[str], *, seconds: float = 60) -> list[str]:
    """Lines that it said on stderr until it ended, with the status of a stop and no trace of how."""
    said = process.communicate(timeout=seconds)[1]
    assert process.returncode == 130, said
    assert "Traceback" not in said and sum(line.startswith("winnow: ") for line in said.splitlines()) == 1, said
    return said.splitlines()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_while_the_program_is_still_being_imported(number: signal.Signals) -> None:
    code = (
        "import os, sys, threading; from jobs.cli import main; sys.argv = ['winnow', 'verify', 'nowhere'];"
        f"threading.Timer(0.02, os.kill, (os.getpid(), {int(number)})).start(); main()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    assert ended(process) == [LINE]


@pytest.mark.parametrize(
    ("wait_for", "number", "to_all"),
    [("java", signal.SIGTERM, False), ("-m jobs.spark.daemon", signal.SIGINT, True)],  # while Spark starts; while a job runs
)
def test_a_stop_while_spark_works(tmp_path: Path, wait_for: str, number: signal.Signals, to_all: bool) -> None:
    """Spark's own handler asked a busy Java to cancel, and Typer took the interrupt for an exit without a word."""
    crawl = write_crawl(tmp_path / "crawl", files=2, pages=60)[0]
    quick = [f"--spark={name}={value}" for name, value in FEW_TASKS.items()]
    command = [*WINNOW, "curate", *map(str, crawl), "--output", str(tmp_path / "C"), "--master", "local[1]", *quick]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    started: list[int] = []
    while not any(wait_for in _command(one) for one in started):
        assert process.poll() is None
        time.sleep(0.02)
        started = descendants(process.pid)
    os.killpg(process.pid, number) if to_all else os.kill(process.pid, number)
    assert ended(process)[-1] == LINE
    deadline = time.monotonic() + 60  # a Java that is only starting ends when it first reads
    while any(Path(f"/proc/{one}").exists() and _command(one) for one in started) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [_command(one) for one in started if Path(f"/proc/{one}").exists() and _command(one)] == []


def _command(process: int) -> str:
    """Empty for one that has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def test_a_block_that_holds_a_stop_off_is_told_and_ends_in_it() -> None:
    seen = []
    with pytest.raises(stopping.Stopped), stopping.listening(), stopping.held() as asked:
        seen.append(asked())
        os.kill(os.getpid(), signal.SIGTERM)
        seen.append(asked())
    assert seen == [False, True]


def test_the_handlers_from_before_are_there_again() -> None:
    before = [signal.getsignal(number) for number in stopping.SIGNALS]
    with pytest.raises(stopping.Stopped), stopping.listening():
        os.kill(os.getpid(), signal.SIGINT)
    assert [signal.getsignal(number) for number in stopping.SIGNALS] == before and not stopping.asked()
