"""Compiling ahead: every stage finds what it needs, once on a machine."""

import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from jobs.kernels import archive, uses, warm
from jobs.stages.curate import STAGES
from pipeline.errors import EnvironmentProblem, UsageError
from pipeline.kernels.cache import PLACE, cache_folder, machine_key


@pytest.fixture
def one_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; of it a folder."""
    monkeypatch.setenv(PLACE, str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_a_group_is_compiled_once(one_group: Path) -> None:
    assert warm.compile_kernels(("merges",)) == ["merges"]
    compiled = {file: file.stat().st_mtime_ns for file in one_group.rglob("*.nbc")}
    assert compiled
    assert warm.compile_kernels(("merges",)) == []
    assert {file: file.stat().st_mtime_ns for file in one_group.rglob("*.nbc")} == compiled


def test_a_group_that_fails_is_named_and_not_marked(one_group: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"kernels of `nothing` failed: KeyError\('nothing'\)"):
        warm.compile_kernels(("nothing",))
    assert not warm._mark("nothing").exists()


def test_stages_name_groups_that_are_there() -> None:
    named = {group for stage in STAGES for group in stage.kernels}
    assert named == set(uses.GROUPS)


def test_only_what_nobody_used_for_long_is_swept(one_group: Path) -> None:
    version = one_group / machine_key()
    old, new, foreign = (version / name for name in ("a.b-0123456789abcdef", "a.c-0123456789abcdef", "notes"))
    for folder in (old, new, foreign):
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - 86400 * (1 if folder == new else 40),) * 2)
    assert warm.sweep() == 1
    assert sorted(version.iterdir()) == [new, foreign]


def test_the_archive_is_what_executors_unpack(one_group: Path, tmp_path: Path) -> None:
    kernels = cache_folder() / machine_key() / "a.b-0123456789abcdef"
    kernels.mkdir(parents=True)
    (kernels / "f-00.nbc").write_bytes(b"code")
    (kernels / "f-00.nbc.lock").touch()
    assert archive.write_archive(tmp_path / "k.tar.gz") == 1
    with tarfile.open(tmp_path / "k.tar.gz") as tar:
        assert tar.getnames() == [f"{machine_key()}/a.b-0123456789abcdef/f-00.nbc"]
    settings = " ".join(archive.spark_settings(tmp_path / "k.tar.gz", generic=True))
    assert f"spark.executorEnv.{PLACE}=./kernels" in settings and "NUMBA_CPU_NAME=generic" in settings


def test_an_archive_of_another_kind_is_refused_before_anything_is_compiled(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"FILE\.tar\.gz"):
        archive.check_name(tmp_path / "k.zip")


def test_the_kernels_that_a_page_needs_are_in_the_groups() -> None:
    """A first page read in a new process compiles nothing."""
    warm.compile_kernels(("pages", "measures"))
    program = """
import pyarrow as pa
from pipeline.kernels import cache
cache.KernelCache._claim = lambda self, sig: print("compiles", self._module, self._name)
from pipeline.read.html import extract
from pipeline.quality.measures import line_edits, measure
texts = pa.chunked_array([[extract(b"<style>.a{}</style><p class=a>One &amp; two.<table><tr><td>x").text], [None, "Two [1]."]])
for text in texts.chunks:
    measure(text, pa.array([None] * len(text), pa.string()))
    line_edits(text)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == ""
