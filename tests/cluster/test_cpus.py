"""Machines of several kinds: what kernels give is the same however they were compiled, so a corpus is the same on any of them.

The sample crawl, which has pages of every kind, with kernels compiled for one CPU after another; minutes each.
"""

import os
import subprocess
from pathlib import Path

import pytest
from llvmlite import binding

from jobs.corpus.folder import open_corpus
from tests.jobs.running import WINNOW, promised_bytes

OLDEST = "generic"  # of x86-64: what any of them can run
WITH_AVX2 = ("skylake", "znver3")  # LLVM turns loops into other code for Intel's than for AMD's

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not binding.get_host_cpu_features().get("avx2"), reason="needs a CPU with AVX2"),
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    crawl = tmp_path_factory.mktemp("sample") / "crawl"
    subprocess.run([*WINNOW, "sample", crawl], check=True, capture_output=True)
    return crawl


@pytest.fixture(scope="module")
def expected(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return curated_for(OLDEST, sample, tmp_path_factory.mktemp(OLDEST))


def curated_for(cpu: str, crawl: Path, place: Path) -> dict[str, str]:
    """sha256 by file of what one CPU's kernels make, compiled here and now."""
    variables = os.environ | {"NUMBA_CPU_NAME": cpu, "WINNOW_KERNEL_CACHE": str(place / "kernels")}
    asked = [*WINNOW, "curate", crawl, "--recipe", crawl / "recipe.toml", "--output", place / "C"]
    done = subprocess.run(asked, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return promised_bytes(open_corpus(str(place / "C")))


@pytest.mark.parametrize("cpu", WITH_AVX2)
def test_the_sample_is_the_same_as_compiled_for_another_cpu(
    cpu: str, sample: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    assert curated_for(cpu, sample, tmp_path) == expected
