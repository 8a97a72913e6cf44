"""What every command understands: less said on the way, and completion by the shell."""

import logging
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from jobs.commands.app import app
from jobs.commands.examples import EXAMPLES
from jobs.corpus.recipe import choose_recipe
from jobs.spark.session import _java_log
from model.training.plan import TrainPlan
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


def test_verbose_says_where_an_error_was_raised_and_still_ends_in_one_line(tmp_path: Path) -> None:
    shown = "a\x1b[31mred"
    failed = subprocess.run([*WINNOW, "-v", "card", tmp_path / shown], capture_output=True, text=True, check=False)
    lines = failed.stderr.splitlines()
    assert failed.returncode == 2 and lines[-1].startswith("winnow: ") and "is not a corpus" in lines[-1]
    assert any("Traceback" in line for line in lines) and any("jobs/corpus/folder.py" in line for line in lines)
    assert "\x1b" not in failed.stderr, "what a name holds is shown and not obeyed"
    both = subprocess.run([*WINNOW, "-v", "-q", "card", tmp_path], capture_output=True, text=True, check=False)
    assert both.returncode == 2 and "--quiet says less and --verbose more" in both.stderr.splitlines()[-1]


def test_what_java_says_goes_to_a_file_that_stays_where_our_log_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "jobs"), _java_log():
        os.write(2, b"said by Java")
    path = Path(caplog.messages[0].partition("Spark's own log: ")[2])
    assert path.read_bytes() == b"said by Java"
    path.unlink()
    with caplog.at_level(logging.INFO, "jobs"), _java_log():
        os.write(2, b"said by Java")
    assert len(caplog.messages) == 1


def leaves(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """(name, command) of all that do something."""
    for name, command in group.commands.items():
        yield from leaves(command, f"{before}{name} ") if hasattr(command, "commands") else [(f"{before}{name}", command)]


def test_the_help_of_every_command_ends_in_examples() -> None:
    commands = dict(leaves(get_command(app)))
    assert set(commands) == set(EXAMPLES)
    for name, examples in EXAMPLES.items():
        told = commands[name].get_help(commands[name].make_context(name, [], resilient_parsing=True)).splitlines()
        assert [line.strip() for line in told[-len(examples) :]] == list(examples), name


@pytest.mark.parametrize("example", [one for examples in EXAMPLES.values() for one in examples])
def test_an_example_is_what_its_command_takes(example: str) -> None:
    """Names of options and settings, kinds of values and what is required; nothing is opened or run."""
    command: Any = get_command(app)
    winnow, *arguments = shlex.split(example)
    context = command.make_context(winnow, [], resilient_parsing=True)
    while hasattr(command, "commands"):
        _, command, arguments = command.resolve_command(context, arguments)
    values = command.make_context(command.name, arguments, parent=context).params
    for change in values.get("changes") or []:
        name = change.partition("=")[0]
        assert name in TrainPlan.__dataclass_fields__ or choose_recipe(None, [change]), "raises RecipeError"


@pytest.mark.parametrize("written", ["winnow ca", "winnow ver"])
def test_the_shell_completes_commands(written: str) -> None:
    code = "import sys; sys.argv[0] = 'winnow'; from jobs.cli import main; main()"
    asks = {"_WINNOW_COMPLETE": "complete_bash", "COMP_WORDS": written, "COMP_CWORD": "1"}
    told = subprocess.run([WINNOW[0], "-c", code], env=os.environ | asks, capture_output=True, text=True, check=False)
    assert told.stdout.split() == [{"winnow ca": "card", "winnow ver": "verify"}[written]], told.stderr
