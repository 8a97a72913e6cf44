"""Runs every command that README.md and the pages of docs/ show, in order, in one folder: nothing is shown that was not run.

    ```sh                       is run by bash, ```python by Python; what it prints is the ```text below it, if there is one
    ```sh no-run: a GPU         is not run, for the reason given
    ```text varies              shows what may be another text on another machine

A reason holds no backtick: with one, Markdown sees no block.

`python -m docs.run_commands` (`make docs-output`) writes what the commands print now into the pages; the tests compare.
Counts have to be equal. Seconds, sizes in memory, fractions and hashes differ from machine to machine, and are not compared.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGES = (  # docs/extending.md is carried out by tests/docs/test_extending.py
    "README.md",
    "docs/how.md",
    "docs/train.md",
    "docs/card.md",
    "docs/api.md",
    "docs/post.md",
    "docs/use.md",
    "docs/poison.md",
    "docs/unlearning.md",
    "docs/cluster.md",
    "docs/figures.md",
)
FENCE = re.compile(r"^```(sh|python|text)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(
    r"\b[0-9a-f]{12,}\b|\d{4}-\d\d-\d\d[T ][\d:.+Z]*"  # hashes, moments
    r"|\d[\d,]*\.\d+(e-?\d+)?"  # fractions
    r"|\d[\d,]*(?= (s|MB|MiB|GB|GiB|tokens/s|records/s)\b)"
)


@dataclass(frozen=True)
class Block:
    page: str
    number: int  # in the page, from 1
    language: str
    reason: str  # why it is not run, else empty
    code: str
    output: str | None  # shown below it
    varies: bool
    place: tuple[int, int]  # of the output's text in the page

    @property
    def name(self) -> str:
        return f"{self.page}:{self.number}"


def blocks_of(page: str, text: str) -> list[Block]:
    """The blocks with commands in a page, each with the output that follows it at once."""
    fences = list(FENCE.finditer(text))
    found: list[Block] = []
    followed_by: list[re.Match[str] | None] = [*fences[1:], None]
    for fence, following in zip(fences, followed_by, strict=True):
        language, remark, code = fence.groups()
        if language == "text":
            continue
        shown = following if following and following[1] == "text" and not text[fence.end() : following.start()].strip() else None
        reason = remark.partition("no-run:")[2].strip()
        output, remark_of_output, place = (shown[3], shown[2], shown.span(3)) if shown else (None, "", (0, 0))
        found.append(Block(page, len(found) + 1, language, reason, code, output, "varies" in remark_of_output, place))
    return found


def all_blocks() -> list[Block]:
    return [block for page in PAGES for block in blocks_of(page, (PROJECT / page).read_text("utf-8"))]


def run(block: Block, folder: Path) -> str:
    """What the block prints; raises where a command of it fails."""
    command = ["bash", "-euo", "pipefail", "-c", block.code] if block.language == "sh" else [sys.executable, "-c", block.code]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "120", "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(  # noqa: S603 - our own pages
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if ended.returncode:
        raise RuntimeError(f"{block.name} ended with {ended.returncode}:\n{block.code}\n{ended.stdout}")
    lines = ended.stdout.replace(f"{folder.resolve()}/", "").rstrip().splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def comparable(output: str) -> list[str]:
    """The lines without what differs from machine to machine, and without the widths that follow from it."""
    lines = (re.sub(r"[\s━─]+", " ", MACHINE.sub("#", line)).strip() for line in output.splitlines())
    return [line for line in lines if line]


def main() -> None:
    """Runs the pages, all or those named, and writes the outputs into them. A folder that is named stays."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("pages", nargs="*", default=PAGES)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="winnow-docs-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for page in options.pages:
            text = (PROJECT / page).read_text("utf-8")
            (PROJECT / page).write_text(with_outputs(page, text, folder), "utf-8")


def with_outputs(page: str, text: str, folder: Path) -> str:
    """The page with what its commands print now."""
    printed = [(block, run(block, folder)) for block in blocks_of(page, text) if not block.reason]
    for block, output in reversed(printed):
        if block.output is not None:
            start, end = block.place
            text = text[:start] + output + text[end:]
    return text


if __name__ == "__main__":
    main()
