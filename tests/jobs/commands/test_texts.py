"""What people read when something is wrong: one line that says what, where and what to do, whatever others have named things."""

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.commands.shown.failures import as_winnow_error
from jobs.commands.shown.memory import is_memory_short
from pipeline.errors import EnvironmentProblem
from tests.jobs.export.exports import token_corpus
from tests.jobs.running import winnow

RECIPES = {
    "deep": "x = " + "[" * 100_000 + "]" * 100_000,
    "deep in dots": ".".join("a" * 50_000) + " = 1",
    "a number of 5,000 digits": "x = " + "9" * 5000,
    "a vocabulary of 4,000 digits": "[tokenizer]\nvocabulary_size = " + "9" * 4000,
    "a name of 900,000 letters": "k" * 900_000 + " = 1",
    "a rule of 900,000 letters": f"[rules.{'k' * 900_000}]\nminimum = 1",
    "a name that a terminal obeys": '"\\u001b[31m\\n\\u202e" = 1',
    "a value that a terminal obeys": '[quality]\nmodel = "\\u001b]0;owned\\u0007\\n"',
    "no text": "\0\1\2",
    "too large": "#" * (1 << 21),
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_hostile_recipe_is_one_line(recipe: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(recipe)
    (tmp_path / "crawl.warc").write_bytes(b"")
    done = winnow(
        "curate", tmp_path / "crawl.warc", "--output", tmp_path / "C", "--recipe", tmp_path / "recipe.toml", "--dry-run"
    )
    assert_one_line(done.stderr, done.returncode)


ODD = [
    "new\nline",
    "esc\033[31m",
    "bell\007",
    "\u202etxt",
    "a::b",
    "zip::c",
    "c[1]",
    "st*r",
    "q?",
    "{a,b}",
    "%41",
    "#h",
    "sp ace",
]


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_a_folder_that_is_no_corpus_is_one_line_whatever_its_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    for command in ("explain", "verify", "export", "takedown"):
        words = {"explain": ["http://x.example/"], "takedown": ["--url", "http://x.example/"]}.get(command, [])
        done = winnow(command, tmp_path / name, *words)
        assert_one_line(done.stderr, done.returncode)
        assert "is not a corpus" in done.stderr


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_a_corpus_and_an_export_open_whatever_their_folders_are_named(name: str, tmp_path: Path) -> None:
    neighbours = [token_corpus(tmp_path / one, [("train", [[5, 6, 7]])]) for one in ("a", "c1", "star", "qu", "b", "A")]
    corpus = token_corpus(tmp_path / "in" / name, [("train", [[8, 9], [7]])])
    done = winnow("export", corpus.root, "--format", "nanogpt", "--output", tmp_path / "out" / name)
    assert done.returncode == 0 and done.stderr.startswith("2 documents") and (tmp_path / "out" / name / "export.json").exists()
    assert all(not Path(one.root, "export").exists() for one in neighbours)


def assert_one_line(text: str, status: int) -> None:
    assert status == 2 and text.startswith("winnow: ") and text.count("\n") == 1 and text.endswith("\n")
    assert len(text) < 2100 and "nobody foresaw" not in text
    assert not any(character in text for character in "\033\007\u202e")


SHORT_OF_MEMORY = [
    MemoryError(), pa.lib.ArrowMemoryError("malloc of size 320 failed"), OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
    ImportError("libx.so: failed to map segment from shared object"), RuntimeError("can't start new thread"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 80 bytes"),
    RuntimeError("Job aborted: java.lang.OutOfMemoryError: Java heap space"),
    ValueError("Traceback (most recent call last):\n  File …\nMemoryError"),
]  # fmt: skip


@pytest.mark.parametrize("error", SHORT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_too_little_memory_is_said_however_a_library_puts_it(error: Exception) -> None:
    """Under `ulimit -v` a command told of an error that nobody foresaw, or that a table was damaged."""
    known = as_winnow_error(error)
    assert isinstance(known, EnvironmentProblem) and "memory does not suffice" in str(known) and "bytes" in str(known)
    assert is_memory_short(caused_by(error)) and not is_memory_short(ValueError("a page about memory"))


def caused_by(error: Exception) -> Exception:
    outer = ValueError("could not read")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize("command", ["export", "takedown"])
def test_the_line_of_a_full_disk_names_what_is_needed_and_what_is_free(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It named what is free where the command was given, which may be another disk."""
    corpus = token_corpus(tmp_path / "C", [("train", [[5, 6, 7]])])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr({"export": "jobs.export.record._files", "takedown": "jobs.takedown.redact.carry_out.find"}[command], full)
    words = ["--url", "http://x.example/"] if command == "takedown" else ["--format", "nanogpt", "--output", tmp_path / "out"]
    done = winnow(command, corpus.root, *words)
    needed = corpus.bytes_of("shards") if command == "export" else corpus.bytes_of()
    assert_one_line(done.stderr.splitlines()[-1] + "\n", done.returncode)
    assert "bytes are free" in done.stderr and f"about {needed:,} bytes are needed" in done.stderr
