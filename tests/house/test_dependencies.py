"""The core requires what our source imports, and nothing else."""

import importlib.metadata
import sys
import tomllib
from collections.abc import Iterable

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import imports_of, name_of, sources
from tests.paths import PROJECT

PROJECT_TABLE = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
OURS = {"pipeline", "jobs", "tokenizer", "model", "docs", "tests"}
# Imported by no file of ours, and needed: what for.
NEEDED = {"pandas": "PySpark's mapInArrow refuses to work without it, though it makes none of its frames"}
COMES_WITH = {"markupsafe": "jinja2", "py4j": "pyspark", "llvmlite": "numba"}  # parts of these, in the versions that they ask for
BY_EXTRA = {"s3fs": "remote"}  # imported by fsspec, for URLs that name S3


def named(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(one).name) for one in requirements}


def imported() -> set[str]:
    """Distributions that hold what our source imports, tests and DAGs apart."""
    places = importlib.metadata.packages_distributions()
    tops = {
        name.split(".")[0] for file in sources() if not name_of(file).startswith("airflow_dags/") for name in imports_of(file)
    } - OURS - set(sys.stdlib_module_names)  # fmt: skip
    return {canonicalize_name(one) for top in tops for one in places.get(top, [])}


def test_the_core_requires_nothing_that_no_module_imports() -> None:
    """datasketch and fastwarc, which tests alone use, were installed everywhere (2026-11)."""
    assert named(PROJECT_TABLE["dependencies"]) - imported() - NEEDED.keys() == set()


def test_what_is_imported_is_required() -> None:
    extras = PROJECT_TABLE["optional-dependencies"]
    required = named(PROJECT_TABLE["dependencies"]).union(*(named(some) for some in extras.values()))
    assert imported() - required - COMES_WITH.keys() == set()
    assert required >= set(COMES_WITH.values())
    assert all(name in named(extras[extra]) for name, extra in BY_EXTRA.items())
