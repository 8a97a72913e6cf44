"""A corpus and a run to take pages out of; each test works on a copy of its own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.corpus.recipe import build_recipe
from jobs.report import figures
from tests.crawls import Crawl, page, prose, write_crawl
from tests.jobs.running import SMALL, WITHOUT_CHARTS, curate

SPLIT = {"validation_share": 0.1, "validation_unit": "page"}
READ_LAST_HOST = "late.example"


@pytest.fixture(autouse=True)
def without_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A takedown writes the report anew; a test that wants it whole calls `monkeypatch.undo()`."""
    for name, blank in WITHOUT_CHARTS.items():
        monkeypatch.setattr(figures, name, blank)


@pytest.fixture(scope="package")
def crawled(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with crawl/ and the corpus of it: copies of every kind, rejects, a trap."""
    folder = tmp_path_factory.mktemp("takedown")
    files, _ = write_crawl(folder / "crawl", files=2, pages=12)
    curate(spark, files, folder / "corpus", build_recipe({**SMALL, "shards": {"shard_tokens": 9000, **SPLIT}}))
    return folder


@pytest.fixture(scope="package")
def small(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of short and shorter pages, which a run of 60 steps reads almost twice; those of one host at an epoch's end."""
    folder = tmp_path_factory.mktemp("small")
    crawl = Crawl()
    for number in range(24):
        body = page(number, paragraphs=1) if number % 3 else f"<title>{number}</title><p>{prose(number, 5)}</p>"
        crawl.response(f"http://{READ_LAST_HOST if number % 6 == 1 else 'small.example'}/{number}", body)
    files = [crawl.write(folder / "crawl.warc.gz")]
    shards = {"shard_tokens": 5000, "read_last_hosts": [READ_LAST_HOST], **SPLIT}
    curate(spark, files, folder / "corpus", build_recipe({**SMALL, "shards": shards}))
    return folder / "corpus"


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Path]:
    def copy(folder: Path) -> Path:
        target = tmp_path / folder.name
        shutil.copytree(folder, target)
        return target

    return copy
