"""docs/extending.md done for real: its steps in a copy of the source, then what it says works now."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import PROJECT

PAGE = (PROJECT / "docs" / "extending.md").read_text("utf-8")
SECTIONS = {part.split("\n", 1)[0]: part for part in PAGE.split("\n## ")[1:]}
STEP = re.compile(r"^`(?P<file>[\w/.]+)`, (?P<where>a new file|below `(?P<below>.+)`|instead of `(?P<instead>.+)`):$")
FENCE = re.compile(r"^```python(?P<check> check)?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def steps_of(section: str) -> list[tuple[re.Match[str], str]]:
    """(where a block goes, the block) of every block that is not a check."""
    found = []
    for fence in FENCE.finditer(section):
        before = section[: fence.start()].rstrip().rsplit("\n", 1)[-1]
        step = STEP.match(before)
        if not fence["check"]:
            assert step, f"no line says where this block goes:\n{fence['body']}"
            found.append((step, fence["body"]))
    return found


def carry_out(root: Path, step: re.Match[str], block: str) -> None:
    path = root / step["file"]
    if step["where"] == "a new file":
        assert not path.exists()
        path.write_text(block, "utf-8")
        return
    anchor = step["below"] or step["instead"]
    text = path.read_text("utf-8")
    assert text.count(anchor) == 1, f"{step['file']} has {anchor!r} {text.count(anchor)} times"
    new = f"{anchor}\n{block.rstrip(chr(10))}" if step["below"] else block.rstrip("\n")
    path.write_text(text.replace(anchor, new), "utf-8")


@pytest.mark.parametrize("title", SECTIONS)
def test_what_the_page_adds_works(title: str, tmp_path: Path) -> None:
    for package in ("pipeline", "jobs", "tokenizer", "model"):
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    steps = steps_of(SECTIONS[title])
    assert steps
    for step, block in steps:
        carry_out(tmp_path, step, block)
    (check,) = (fence["body"] for fence in FENCE.finditer(SECTIONS[title]) if fence["check"])
    done = subprocess.run([sys.executable, "-c", check], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_steps_are_needed(tmp_path: Path) -> None:
    """Without them the checks fail: the page proves something."""
    for title, section in SECTIONS.items():
        (check,) = (fence["body"] for fence in FENCE.finditer(section) if fence["check"])
        done = subprocess.run([sys.executable, "-c", check], cwd=PROJECT, capture_output=True, text=True, check=False)
        assert done.returncode != 0, title
