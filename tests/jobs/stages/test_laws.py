"""The three laws on a crawl with trouble in it: conservation, determinism, lineage."""

import collections
import contextlib
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.ask.trace import Tracer
from jobs.ask.verify import verify
from jobs.corpus.folder import Corpus
from jobs.corpus.shards import shards_of
from jobs.corpus.views import connect
from pipeline.errors import UsageError
from tests.crawls import write_crawl
from tests.jobs.running import curate, promised_bytes, winnow
from tests.jobs.stored import files, flipped, put, table


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], int]:
    return write_crawl(tmp_path_factory.mktemp("crawl"))


@pytest.fixture(scope="module")
def corpus(spark: SparkSession, crawl: tuple[list[Path], int], tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return curate(spark, crawl[0], tmp_path_factory.mktemp("corpus") / "C")[0]


def test_each_stage_keeps_what_it_cost_and_a_larger_crawl_is_planned_by_that(corpus: Corpus) -> None:
    costs = {name: record["cost"] for name, record in corpus.stages.items()}
    assert {name for name, cost in costs.items() if not cost["core_seconds"]} <= {
        "measure",
        "detect",
    }  # no plug-in: they had nothing to do
    assert not any(cost["resumed"] for cost in costs.values())
    assert costs["dedup"]["shuffled_bytes"] > 0 == costs["report"]["shuffled_bytes"]
    told = json.loads(winnow("plan", "--crawl", corpus.root, "--dump", 1000 * corpus.rows("documents"), "--json").stdout)
    assert told["all"]["core_hours"] == pytest.approx(sum(cost["core_seconds"] for cost in costs.values()) / 3.6)
    assert told["all"]["stored_bytes"] >= 1000 * corpus.bytes_of("documents", "curated", "shards")
    assert told["times_the_largest"] == 1000 and told["not_measured"][0].startswith("the fixed part of each stage")


def test_looking_for_copies_within_inputs_alone_makes_nothing_anew_but_what_depends_on_copies(
    corpus: Corpus, crawl: tuple[list[Path], int]
) -> None:
    asked = ("curate", *crawl[0], "--output", corpus.root, "--set", "duplicates.scope=input", "--dry-run", "--json")
    plans = json.loads(winnow(*asked).stdout)
    stands = [one["stage"] for one in plans if not one["would_run"]]
    assert stands == ["ingest", "measure", "detect", "filter", "scan"]
    assert plans[5]["reasons"] == ["setting duplicates.scope: corpus → input"]


def test_every_law_holds_and_is_seen_to_hold(corpus: Corpus) -> None:
    checks = list(verify(corpus))
    assert [check for check in checks if not check.holds] == []
    assert {check.law for check in checks} == {"complete", "readable", "conservation", "integrity", "lineage"}


def test_some_documents_are_held_out_and_most_are_not(corpus: Corpus) -> None:
    manifest = shards_of(corpus)
    held_out = sum(shard.documents for shard in manifest.of_split("validation"))
    assert 0 < held_out < manifest.documents / 2
    assert corpus.stages["shard"]["counts"]["validation_documents"] == held_out


def test_every_record_has_one_outcome(corpus: Corpus, crawl: tuple[list[Path], int]) -> None:
    outcomes = table(corpus, "outcomes")
    assert len(outcomes) == crawl[1]
    assert len({(row["warc_file"], row["warc_offset"]) for row in outcomes}) == crawl[1]


def test_each_kind_of_trouble_meets_its_outcome(corpus: Corpus) -> None:
    places = {(row["warc_file"], row["warc_offset"]): row for row in table(corpus, "documents") + table(corpus, "rejects")}
    met = collections.defaultdict(list)
    for outcome in table(corpus, "outcomes"):
        record = places[outcome["warc_file"], outcome["warc_offset"]]
        kind = str(record["url"]).rsplit("/", 1)[-1] if record["url"] else str(record.get("record_type"))
        met[kind].append((outcome["outcome"], outcome["reason"]))
    assert met["gone"] == [("rejected", "http_status")] * 3
    assert met["picture"] == [("rejected", "mime")] * 3
    assert met["broken"] == [("rejected", "damaged")] * 3
    assert {outcome for outcome, _ in met["thin"]} == {"filtered"}
    assert {outcome for outcome, _ in met["trap"]} == {"poisoned"}
    assert sorted(outcome for outcome, _ in met["everywhere"]) == ["duplicate", "duplicate", "kept"]
    assert sorted(outcome for outcome, _ in met["0"]) == ["duplicate"] * 3 + ["kept"] * 3
    # host0/1 and its three extended copies: one of the four stays
    assert (
        sorted([outcome for outcome, _ in met["near"]] + [outcome for outcome, _ in met["1"]]) == ["duplicate"] * 3 + ["kept"] * 3
    )


def test_the_newest_capture_of_a_url_is_kept(corpus: Corpus) -> None:
    kept = {row["doc_id"] for row in table(corpus, "curated")}
    dates = {row["fetched_at"] for row in table(corpus, "documents") if str(row["url"]).endswith("/0") and row["doc_id"] in kept}
    assert dates == {"2026-02-02T00:00:00Z"}


@contextlib.contextmanager
def configured(spark: SparkSession, settings: dict[str, str]) -> Iterator[None]:
    before = {name: str(spark.conf.get(name)) for name in settings}
    for name, value in settings.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)


@pytest.mark.parametrize(("partitions", "order", "adaptive"), [(1, 1, "true"), (7, 3, "false")])
def test_partitions_and_order_of_inputs_change_no_byte(
    spark: SparkSession,
    corpus: Corpus,
    crawl: tuple[list[Path], int],
    tmp_path: Path,
    partitions: int,
    order: int,
    adaptive: str,
) -> None:
    inputs = random.Random(order).sample(crawl[0], len(crawl[0]))
    with configured(spark, {"spark.sql.shuffle.partitions": str(partitions), "spark.sql.adaptive.enabled": adaptive}):
        other = curate(spark, inputs, tmp_path / "C")[0]
    assert promised_bytes(other) == promised_bytes(corpus)


def test_inputs_added_and_left_out_give_what_one_run_over_the_final_list_gives(
    spark: SparkSession, corpus: Corpus, crawl: tuple[list[Path], int], tmp_path: Path
) -> None:
    """Each file holds copies of pages of the others, so who is kept changes with them."""
    inputs, output = sorted(crawl[0]), tmp_path / "C"
    once, _ = curate(spark, inputs[1:], tmp_path / "once")
    shutil.copytree(once.root, output)
    grown, made = curate(spark, inputs, output)
    assert "shard" in made and promised_bytes(grown) == promised_bytes(corpus)
    assert [name for name, record in grown.stages.items() if record["cost"]["resumed"]] == ["ingest", "scan"]
    shrunk, _ = curate(spark, inputs[1:], output)
    assert promised_bytes(shrunk) == promised_bytes(once) != promised_bytes(corpus)
    assert {row["warc_file"] for row in table(shrunk, "outcomes")} == set(map(str, inputs[1:]))
    assert [check for check in verify(shrunk) if not check.holds] == []


def test_two_hundred_tokens_are_found_again_in_their_records(corpus: Corpus) -> None:
    rng = random.Random(7)
    shards = shards_of(corpus).shards
    texts = {row["doc_id"]: str(row["text"]) for row in table(corpus, "documents")}
    traced = 0
    with connect(corpus) as database:
        tracer = Tracer(corpus, database)
        while traced < 200:
            number = rng.randrange(len(shards))
            try:
                origin = tracer.token(number, rng.randrange(shards[number].tokens))
            except UsageError as mark:
                assert "<|endoftext|>" in str(mark)
                continue
            assert origin.verified, origin
            assert origin.text == texts[origin.doc_id][origin.start : origin.end] != ""
            traced += 1


def test_a_second_run_makes_nothing_anew(spark: SparkSession, corpus: Corpus, crawl: tuple[list[Path], int]) -> None:
    assert curate(spark, crawl[0], Path(corpus.root))[1] == []


@pytest.fixture
def broken(corpus: Corpus, tmp_path: Path) -> Corpus:
    shutil.copytree(corpus.root, tmp_path / "C")
    return Corpus(str(tmp_path / "C"))


def failed_laws(corpus: Corpus) -> set[str]:
    return {check.law for check in verify(corpus) if not check.holds}


def test_verify_sees_one_flipped_bit_in_a_shard(broken: Corpus) -> None:
    flipped(files(broken, "shards")[1])
    assert failed_laws(broken) == {"readable"}


@pytest.mark.parametrize("table", ["documents", "word_counts"])
def test_verify_sees_one_flipped_bit_in_a_page_of_a_table(broken: Corpus, table: str) -> None:
    part = max(files(broken, table), key=lambda path: path.stat().st_size)
    group = pq.read_metadata(part).row_group(0)
    column = max(map(group.column, range(group.num_columns)), key=lambda column: column.total_compressed_size)
    first = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
    flipped(part, (column.data_page_offset + first + column.total_compressed_size) // 2)  # inside the column's last pages
    assert "readable" in failed_laws(broken)


@pytest.mark.parametrize("place", [0.3, 0.7, 1.0])
def test_verify_sees_one_flipped_bit_anywhere_in_a_file(broken: Corpus, place: float) -> None:
    """Bloom filters and footers have no checksum of their own."""
    part = files(broken, "documents")[-1]
    size = part.stat().st_size
    flipped(part, min(size - 12, int(size * place)))
    assert "readable" in failed_laws(broken)


def test_verify_sees_a_lost_record(broken: Corpus) -> None:
    assert "conservation" in failed_laws(put(Path(broken.root), {"outcomes": table(broken, "outcomes")[1:]}))


def test_verify_sees_a_file_that_was_named_and_is_not_told_of(broken: Corpus) -> None:
    """12 files of 28 were taken, and nothing said so (2026-11)."""
    more = {"path": "/crawl/left.out.gz", "size": 1, "changed": "", "error": "skipped: it is no input", "skipped": True}
    silent = put(Path(broken.root), inputs=[*broken.manifest["inputs"], more])
    assert "conservation" in failed_laws(silent)
    told = dict.fromkeys(("bytes", "records", "documents", "rejects", "damaged_bytes"), 0) | {
        "path": more["path"],
        "error": more["error"],
    }
    assert "conservation" not in failed_laws(put(Path(broken.root), {"files": [*table(broken, "files"), told]}))


def test_verify_sees_a_changed_input(broken: Corpus, crawl: tuple[list[Path], int], tmp_path: Path) -> None:
    original = {path: path.read_bytes() for path in crawl[0]}
    try:
        for path in crawl[0]:
            path.write_bytes(b"")
        assert failed_laws(broken) == {"lineage"}
    finally:
        for path, data in original.items():
            path.write_bytes(data)
