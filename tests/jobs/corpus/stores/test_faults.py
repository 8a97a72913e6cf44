"""A crawl in S3 curated into S3 while one request in seven goes wrong: nothing is lost, nothing is there twice."""

import contextlib
from pathlib import Path

import fsspec
import pytest
from pyspark.sql import SparkSession

from jobs.corpus.files.sweep import unnamed
from jobs.corpus.folder import open_corpus
from jobs.corpus.recipe import build_recipe
from jobs.corpus.stores.lease import NAME
from jobs.corpus.stores.opened import store_of
from jobs.stages import stage
from tests.crawls import write_crawl
from tests.jobs.running import SMALL, SMALL_TOML, curate, promised_bytes, winnow
from tests.jobs.stored import table
from tests.s3 import FaultyS3, environment

pytestmark = pytest.mark.faults
RATE, LEAST = 1 / 7, 150  # of requests; of faults
PATIENT = {"sources": {"attempts": 12, "first_wait_seconds": 0.01, "most_wait_seconds": 1.0}}


def test_faults_by_the_hundred_lose_no_record_and_double_none(
    s3: FaultyS3, bucket: str, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_workers = {**environment(s3), "AWS_MAX_ATTEMPTS": "1"}
    monkeypatch.setattr(spark.sparkContext, "environment", spark.sparkContext.environment | of_workers)
    files, _ = write_crawl(tmp_path / "crawl", files=3, pages=8)
    for path in files:
        fsspec.filesystem("s3").put_file(str(path), f"{bucket}/crawl/{path.name}")
    inputs, recipe = [f"s3://{bucket}/crawl/{path.name}" for path in files], build_recipe(SMALL | PATIENT)
    whole = curate(spark, inputs, tmp_path / "corpus", recipe)[0]
    root = f"s3://{bucket}/corpus"
    s3.rate = RATE
    curate(spark, inputs, root, recipe)
    s3.rate = 0.0
    store_of.cache_clear()
    made = open_corpus(root)
    assert promised_bytes(made) == promised_bytes(whole)
    assert table(made, "outcomes") == table(whole, "outcomes") and made.records == whole.records
    assert unnamed(root, made.manifest) == set(), "what was written twice has one name"
    assert s3.happened.total() >= LEAST and min(s3.happened.values()) > 20, s3.happened
    print(f"{s3.happened.total()} faults in {len(s3.asked)} requests: {dict(s3.happened)}")


@pytest.mark.parametrize("status", [403, 503])
def test_a_store_that_gives_up_in_the_middle_ends_the_command_in_one_line_and_is_no_fault_of_the_inputs(
    s3: FaultyS3, bucket: str, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    of_workers = {**environment(s3), "AWS_MAX_ATTEMPTS": "1"}
    monkeypatch.setattr(spark.sparkContext, "environment", spark.sparkContext.environment | of_workers)
    monkeypatch.setattr(stage, "session", lambda *_, **__: contextlib.nullcontext(spark))
    write_crawl(tmp_path / "crawl", files=2, pages=4)
    (tmp_path / "recipe.toml").write_text(SMALL_TOML)
    command = ["ingest", tmp_path / "crawl", "--output", f"s3://{bucket}/corpus", "--recipe", tmp_path / "recipe.toml"]

    def give_up(method: str, path: str) -> None:
        if method == "PUT" and "/documents/" in path:
            s3.refused = status

    s3.before = give_up
    result = winnow(*command, "--skip-bad-inputs")
    s3.mended()
    assert result.returncode == 2 and "Traceback" not in result.stderr, result.stderr
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("winnow: ")]
    assert f"s3://{bucket}/corpus" in line and ("credentials" if status == 403 else "times in a row") in line
    store_of(f"s3://{bucket}/corpus").put(NAME, b"")  # its lease runs out
    assert winnow(*command).returncode == 0, "the same command goes on"
    assert all(row["error"] is None for row in table(open_corpus(f"s3://{bucket}/corpus"), "files"))
