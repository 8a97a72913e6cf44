"""What people read whose bucket, credentials or packages are not there, or who are second: one line, and exit 2."""

from pathlib import Path
from typing import Any

import fsspec
import pytest

from jobs.corpus.folder import changing
from tests.crawls import Crawl, page
from tests.jobs.running import winnow
from tests.s3 import FaultyS3


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    return Crawl().response("http://one.example/", page("one")).write(tmp_path / "crawl.warc.gz")


def refused(*arguments: object) -> str:
    """The one line of a command that ends with status 2."""
    result = winnow(*arguments)
    assert result.returncode == 2, (result.stdout, result.stderr)
    said = [line for line in result.stderr.splitlines() if line.startswith("winnow: ")]
    assert len(said) == 1 and "Traceback" not in result.stderr, result.stderr
    return said[0]


COMMANDS = [["explain", "http://one.example/"], ["verify"], ["status"], ["recipe"], ["export"], ["takedown", "--doc", "0" * 32]]


def asked(command: list[str], root: str) -> list[str]:
    return [command[0], root, *command[1:]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_without_rights_every_command_says_so(bucket: str, s3: FaultyS3, command: list[str]) -> None:
    s3.refused = 403
    assert f"s3://{bucket}/corpus" in (line := refused(*asked(command, f"s3://{bucket}/corpus"))) and "credentials" in line


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_where_there_is_no_bucket_there_is_no_corpus(bucket: str, command: list[str]) -> None:
    assert f"s3://{bucket}-none/corpus" in refused(*asked(command, f"s3://{bucket}-none/corpus"))


def test_a_corpus_cannot_be_made_without_a_bucket_or_rights_or_where_another_is_at_work(
    bucket: str, s3: FaultyS3, crawl: Path
) -> None:
    assert "make the bucket first" in refused("curate", crawl, "--output", f"s3://{bucket}-none/corpus")
    root = f"s3://{bucket}/corpus"
    with changing(root):
        assert "another winnow is working on" in refused("curate", crawl, "--output", root)
    s3.refused = 403
    assert "credentials" in refused("curate", crawl, "--output", root)


def test_without_credentials_or_the_package_the_line_says_what_to_do(
    bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name)
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            patch.setenv(name, str(tmp_path / "none"))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        fsspec.filesystem("s3").clear_instance_cache()
        assert "credentials" in refused("verify", f"s3://{bucket}/corpus-2")
    fsspec.filesystem("s3").clear_instance_cache()

    def without(*_: Any, **__: Any) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", without)
    assert 'pip install "winnow[remote]"' in refused("verify", f"s3://{bucket}/corpus-3")
