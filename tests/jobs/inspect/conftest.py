"""A made-up corpus behind the view, asked as a browser would ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from jobs.inspect.app import application
from jobs.inspect.index import Index
from tests.jobs.report.report_corpus import make_corpus, write_manifest

PORT = 8000
STAGES = ("ingest", "filter", "scan", "dedup", "select", "tokenizer", "shard")


def client_of(index: Index) -> TestClient:
    return TestClient(application(index, PORT), base_url=f"http://127.0.0.1:{PORT}", follow_redirects=False)


@pytest.fixture(scope="package")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """80 documents, half of them kept; `few_words`, `long_lines` and a real rule have taken some."""
    folder = tmp_path_factory.mktemp("inspected") / "corpus"
    make_corpus(folder, documents=80, rule="gopher_short_doc")
    write_manifest(folder, STAGES)
    return folder


@pytest.fixture(scope="package")
def index(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    other = tmp_path_factory.mktemp("inspected") / "other"
    make_corpus(other, documents=70)
    opened = Index(str(corpus), str(other))
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def client(index: Index) -> TestClient:
    return client_of(index)
