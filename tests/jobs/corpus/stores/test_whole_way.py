"""A corpus in S3 from its crawl to a certificate: every file is the one that a folder has, and every command works on it."""

import json
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from pyspark.sql import SparkSession

from jobs.api.opened import open_for_reading as opened
from jobs.ask.check_shards import tokens_of
from jobs.corpus.files.sweep import hidden_versions, unnamed
from jobs.corpus.folder import open_corpus
from jobs.corpus.recipe import build_recipe
from jobs.corpus.shards import shards_of
from jobs.corpus.stores.copies import PLACE, folder_of
from jobs.corpus.stores.opened import store_of
from tests.crawls import write_crawl
from tests.jobs.running import SMALL, curate, winnow
from tests.jobs.stored import table
from tests.s3 import FaultyS3, environment

PLAN = [
    "--steps", 6, "--set", "row_tokens=64", "--set", "batch_rows=2", "--set", "threads=1", "--set", "save_every=2",
    "--set", "keep_every=2", "--evaluate-every", 6,
]  # fmt: skip
URL = "http://host1.example/2"
ROOT = "s3://whole-way/corpus"


@pytest.fixture(scope="module")
def way(s3: FaultyS3, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with crawl/ and the corpus of it, once more in S3, in a bucket that keeps versions."""
    folder = tmp_path_factory.mktemp("way")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**environment(s3), PLACE: str(folder / "copies")}.items():
            patch.setenv(name, value)
        patch.setattr(spark.sparkContext, "environment", spark.sparkContext.environment | environment(s3))  # of its workers
        store_of.cache_clear()
        fsspec.filesystem("s3").clear_instance_cache()
        filesystem = fsspec.filesystem("s3")
        filesystem.mkdir("whole-way")
        filesystem.call_s3("put_bucket_versioning", Bucket="whole-way", VersioningConfiguration={"Status": "Enabled"})
        files, _ = write_crawl(folder / "crawl", files=2, pages=8)
        recipe = build_recipe({**SMALL, "shards": {"shard_tokens": 4000, "validation_share": 0.1, "validation_unit": "page"}})
        for name in (str(folder / "corpus"), ROOT):
            curate(spark, files, name, recipe)
        yield folder
        store_of.cache_clear()


def done(*arguments: object) -> str:
    """What a command prints that ends well."""
    result = winnow(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_every_table_has_the_files_that_a_folder_has(way: Path) -> None:
    here, there = open_corpus(str(way / "corpus")), open_corpus(ROOT)
    assert {*here.manifest["tables"]} == {*there.manifest["tables"]}
    differ = [name for name in here.manifest["tables"] if here.files(name) != there.files(name)]
    assert differ in ([], ["report"]), "a report says how long it took"
    assert unnamed(ROOT, there.manifest) == set()


def test_who_looks_finds_the_same(way: Path) -> None:
    doc_id = next(row["doc_id"] for row in table(open_corpus(ROOT), "curated"))
    for question in (["explain", URL], ["explain", doc_id], ["trace", "--shard", 0, "--token", 50]):
        command, *more = question
        here, there = (json.loads(done(command, root, *more, "--json")) for root in (way / "corpus", ROOT))
        assert here == there
    rows = [[row["tokens"].tolist() for row in opened(str(root)).shards(row_tokens=64)] for root in (way / "corpus", ROOT)]
    assert rows[0] == rows[1] != []
    assert done("recipe", ROOT) == done("recipe", way / "corpus")
    done("verify", ROOT)
    assert "0" in done("diff", way / "corpus", ROOT)


def test_what_stands_is_not_made_again(way: Path, spark: SparkSession) -> None:
    files = sorted((way / "crawl").iterdir())
    recipe = build_recipe(open_corpus(ROOT).manifest["recipe"])
    assert curate(spark, files, ROOT, recipe)[1] == []


def test_a_run_is_trained_straight_from_it_and_a_page_taken_out_of_both(way: Path) -> None:
    runs = {root: way / f"run-{number}" for number, root in enumerate((str(way / "corpus"), ROOT))}
    for root, run in runs.items():
        done("train", root, "--output", run, *PLAN)
    weights = {(run / "step-0000006" / "model.safetensors").read_bytes() for run in runs.values()}
    assert len(weights) == 1, "the same bits from either"
    done("train", "--output", runs[ROOT])  # its corpus is known
    done("export", ROOT, "--format", "nanogpt")
    done("export", ROOT, "--output", "s3://whole-way/out")
    done("export", ROOT, "--output", way / "out")
    tokens = tokens_of_page(ROOT)
    assert [key.rsplit("/", 2)[-2] for key in holding(tokens)] == ["nanogpt", "shards"]
    said = json.loads(done("takedown", ROOT, "--url", URL, "--run", runs[ROOT], "--json"))
    assert said["complete"] and {row["url"] for row in said["documents"]} == {URL}
    assert sorted(said["exports"]["rewritten"]) == [str(way / "out"), f"{ROOT}/export/nanogpt", "s3://whole-way/out"]
    done("verify", f"{ROOT}/takedowns/{said['request']['name']}/certificate.json")
    done("verify", ROOT)
    assert holding(tokens) == [] and hidden_versions(ROOT) == set()
    copies = {path.name for path in folder_of(ROOT).rglob("*.bin")}
    assert copies <= {one.file.rsplit("/", 1)[-1] for one in open_corpus(ROOT).files("shards")}
    taken = json.loads(done("takedown", way / "corpus", "--url", URL, "--run", runs[str(way / "corpus")], "--json"))
    assert taken["corpus"]["fingerprint"] == said["corpus"]["fingerprint"], "a folder has the same shards afterwards"


def tokens_of_page(root: str) -> bytes:
    """As its shard has them."""
    corpus = open_corpus(root)
    (doc_id,) = {row["doc_id"] for row in table(corpus, "curated") if row["url"] == URL}
    (span,) = [row for row in table(corpus, "spans") if row["doc_id"] == doc_id]
    return tokens_of(corpus, shards_of(corpus), span).tobytes()


def holding(tokens: bytes) -> list[str]:
    """Objects of the bucket that have a version in which these tokens stand."""
    filesystem = fsspec.filesystem("s3")
    found = []
    for one in filesystem.call_s3("list_object_versions", Bucket="whole-way")["Versions"]:
        where = {"version_id": one["VersionId"], "start": 0, "end": one["Size"]}
        if one["Size"] and tokens in filesystem.cat_file(f"whole-way/{one['Key']}", **where):
            found.append(one["Key"])
    return found
