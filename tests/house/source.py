"""The files of our source, for the tests of the house."""

from pathlib import Path

from jobs.corpus.code import imports_of
from tests.paths import PROJECT

PACKAGES = ("pipeline", "jobs", "tokenizer", "model", "airflow_dags")


def sources() -> list[Path]:
    return [file for folder in PACKAGES for file in sorted((PROJECT / folder).rglob("*.py"))]


def name_of(file: Path) -> str:
    """Its path in the project."""
    return file.relative_to(PROJECT).as_posix()


def module_of(file: Path) -> str:
    """pipeline/read/__init__.py -> pipeline.read"""
    return ".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


__all__ = ["imports_of", "module_of", "name_of", "sources"]
