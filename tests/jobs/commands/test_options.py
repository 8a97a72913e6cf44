"""What every command understands: less said on the way, and completion by the shell."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.jobs.report.report_corpus import make_corpus
from tests.jobs.running import WINNOW


def test_quiet_leaves_results_and_errors(tmp_path: Path) -> None:
    make_corpus(tmp_path / "C", documents=4)
    for quiet, said in (((), "README.md"), (("--quiet",), "")):
        told = subprocess.run(
            [*WINNOW, *quiet, "card", tmp_path / "C", "--output", tmp_path / "card"], capture_output=True, text=True, check=True
        )
        assert (said in told.stderr) if said else (told.stderr == "" and (tmp_path / "card" / "README.md").is_file())
    failed = subprocess.run([*WINNOW, "-q", "card", tmp_path / "nowhere"], capture_output=True, text=True, check=False)
    assert failed.returncode == 2 and failed.stderr.startswith("winnow: ") and failed.stderr.count("\n") == 1
    told = subprocess.run([*WINNOW, "-q", "card", tmp_path / "C", "--json"], capture_output=True, text=True, check=True)
    assert '"open"' in told.stdout


@pytest.mark.parametrize("written", ["winnow ca", "winnow ver"])
def test_the_shell_completes_commands(written: str) -> None:
    code = "import sys; sys.argv[0] = 'winnow'; from jobs.cli import main; main()"
    asks = {"_WINNOW_COMPLETE": "complete_bash", "COMP_WORDS": written, "COMP_CWORD": "1"}
    told = subprocess.run([WINNOW[0], "-c", code], env=os.environ | asks, capture_output=True, text=True, check=False)
    assert told.stdout.split() == [{"winnow ca": "card", "winnow ver": "verify"}[written]], told.stderr
