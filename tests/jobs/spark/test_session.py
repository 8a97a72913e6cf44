"""Starting Spark: behind loopback, with retries, and with one clear line when the machine lacks something."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.spark.session import session, with_retries
from pipeline.errors import EnvironmentProblem
from tests.crawls import write_crawl
from tests.jobs.running import SMALL_TOML, WINNOW


@pytest.mark.parametrize(
    ("master", "expected"),
    [
        ("local", "local[1,4]"),
        ("local[3]", "local[3,4]"),
        ("local[*]", "local[*,4]"),
        ("local[2,9]", "local[2,9]"),
        ("spark://a:7077", "spark://a:7077"),
    ],
)
def test_local_masters_retry_failed_tasks(master: str, expected: str) -> None:
    assert with_retries(master) == expected


def listening_sockets() -> dict[str, str]:
    """Socket inode to the local address (hex) of everything that listens on TCP here."""
    found = {}
    for family in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{family}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":  # LISTEN
                found[fields[9]] = fields[1].rsplit(":", 1)[0]
    return found


def addresses_of(run: int) -> Iterator[str]:
    """Addresses on which processes of this session listen."""
    sockets = listening_sockets()
    for folder in Path("/proc").iterdir():
        try:
            if not folder.name.isdigit() or os.getsid(int(folder.name)) != run:
                continue
            for descriptor in (folder / "fd").iterdir():
                target = os.readlink(descriptor)
                if target.startswith("socket:["):
                    inode = target.removeprefix("socket:[").removesuffix("]")
                    if inode in sockets:
                        yield sockets[inode]
        except OSError:
            continue  # it ended while we looked


LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/net/tcp")
def test_a_run_listens_on_loopback_only(tmp_path: Path) -> None:
    inputs, _ = write_crawl(tmp_path / "crawl", files=1, pages=8)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(SMALL_TOML)
    environment = {name: value for name, value in os.environ.items() if name != "SPARK_LOCAL_IP"}
    command = [*WINNOW, "ingest", *map(str, inputs), "--output", str(tmp_path / "C"), "--recipe", str(recipe)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, env=environment
    )
    seen: set[str] = set()
    while process.poll() is None:
        seen |= set(addresses_of(process.pid))
        time.sleep(0.3)  # a look at every open file of the machine is work
    assert process.returncode == 0, process.communicate()[0]
    process.communicate()
    assert seen, "Spark's own sockets were never seen: the scan is blind"
    assert seen <= LOOPBACK


def test_a_scratch_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path / "missing"))
    with pytest.raises(EnvironmentProblem, match=r"temporary folder .* cannot be written"), session("local[1]"):
        pass
