"""Every command that README and docs show is run, in order, on one sample crawl, and prints what is shown (`make test-docs`)."""

import re
from pathlib import Path

import pytest
import typer.main

from docs.run_commands import PROJECT, Block, all_blocks, blocks_of, comparable, run
from jobs.commands.app import app

BLOCKS = all_blocks()
COMMAND = re.compile(r"\bwinnow ([a-z]+)((?: [^\n`|]*)?)")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documented")


@pytest.mark.documented
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_a_shown_command_runs_and_prints_what_is_shown(block: Block, folder: Path) -> None:
    if block.reason:
        pytest.skip(f"not run: {block.reason}")
    printed = run(block, folder)
    if block.output is not None and not block.varies:
        assert comparable(printed) == comparable(block.output), "run `make docs-output`, and read what changed"


@pytest.mark.documented
def test_the_tree_that_is_shown_is_what_a_corpus_holds(folder: Path) -> None:
    tree = (PROJECT / "README.md").read_text("utf-8").partition("```text tree\ncorpus/\n")[2].partition("```")[0]
    shown = {name.rstrip("/") for line in tree.splitlines() for name in re.split(r" {2,}", line.strip())[0].split()}
    assert shown == {path.name for path in (folder / "corpus").iterdir()} - {
        ".winnow",
        "takedowns",
        "export",
        "readers",
        "report",
    }


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_commands_and_options_that_are_shown_exist(block: Block) -> None:
    """Also of blocks that are not run: names go stale there first."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name, rest in COMMAND.findall(re.sub(r"\\\n\s*", " ", block.code)):
        assert name in commands
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"(?<= )--?[a-z][a-z-]*", rest.partition("#")[0])) <= known


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_targets_of_make_that_are_shown_exist(block: Block) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", block.code, re.MULTILINE)) <= targets


def test_no_fence_is_broken_by_a_backtick_in_its_remark() -> None:
    """Such a line begins no block in Markdown, and swallows the next one: seen in README's install, 2026-11."""
    pages = [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]
    assert [line for page in pages for line in page.read_text("utf-8").splitlines() if re.match(r"```[^`]*`", line)] == []


def test_a_block_has_the_output_that_follows_at_once_and_no_other() -> None:
    page = "```sh\na\n```\n\n```text\nA\n```\nwords\n```sh no-run: a GPU\nb\n```\nwords\n```text varies\nB\n```\n"
    first, second = blocks_of("page", page)
    assert (first.code, first.output, first.reason) == ("a\n", "A\n", "")
    assert (second.code, second.output, second.reason) == ("b\n", None, "a GPU")


def test_counts_are_compared_and_what_a_machine_decides_is_not() -> None:
    assert comparable("kept 12 in 3.4 s,  500 MB, 0123456789abcdef") == comparable("kept 12 in 99.9 s, 20 MB, fedcba98765432")
    assert comparable("kept 12 in 3.4 s") != comparable("kept 13 in 3.4 s")
