"""jobs/stages/scan/find_first_seen.py: domains that no earlier corpus knows, with many pages of one mould within days."""

import dataclasses
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.folder import contents_sha256
from jobs.corpus.recipe import build_recipe
from jobs.stages.fingerprint import hash_of, made_of
from jobs.stages.scan.find_first_seen import first_seen_bursts
from jobs.stages.scan.find_provenance import doubtful_pages
from jobs.stages.scan.scan_text import STAGE
from pipeline.errors import CorpusError
from pipeline.poison.sites.provenance import ProvenanceSettings, sampled_fingerprints
from tests.crawls import prose
from tests.jobs.stored import put
from tests.pages import FramePages

SETTINGS = ProvenanceSettings(burst_min_pages=6, burst_max_known_pages=1, burst_days=3, burst_max_share=0.8)
Pages = list[dict[str, Any]]
SCHEMA = "doc_id string, url string, host string, fetched_at string, text string"


def pages(domain: str, count: int, *, alike: bool, days: float = 0.1, first: int = 0) -> Pages:
    """Pages of a domain and its subdomains; `alike`: one mould with another opening. `days` apart."""
    mould = prose(domain, 12)
    made = []
    for number in range(first, first + count):
        host = f"www{number % 2}.{domain}"
        hours = round(number * days * 24)
        text = f"{prose((domain, number), 2)} {mould}" if alike else prose((domain, number), 14)
        date = f"2026-03-{1 + hours // 24:02}T{hours % 24:02}:00:00Z"
        made.append(
            {"doc_id": f"{domain} {number:02}", "url": f"http://{host}/{number}", "host": host, "fetched_at": date, "text": text}
        )
    return made


def frame(spark: SparkSession, rows: Pages) -> DataFrame:
    return spark.createDataFrame([tuple(row.values()) for row in rows], SCHEMA)


def test_pages_of_one_mould_repeat_most_of_their_ngrams_and_others_none() -> None:
    def repeated(made: Pages) -> float:
        _, fingerprints = sampled_fingerprints(pa.array([page["text"] for page in made]), 1)
        return 1 - len(set(fingerprints.tolist())) / len(fingerprints)

    assert repeated(pages("a.test", 8, alike=True)) > 0.7
    assert repeated(pages("a.test", 8, alike=False)) < 0.05


@pytest.mark.spark
def test_only_an_unknown_domain_with_many_like_pages_within_days_is_a_burst(spark: SparkSession) -> None:
    now = [
        *pages("burst.test", 9, alike=True),
        *pages("slow.test", 9, alike=True, days=2),
        *pages("site.test", 9, alike=False),
        *pages("small.test", 5, alike=True),
        *pages("known.test", 12, alike=True),
        *pages("hardly.test", 9, alike=True),
    ]
    earlier = [*pages("known.test", 4, alike=True), *pages("hardly.test", 1, alike=True)]
    found = first_seen_bursts(FramePages(frame(spark, now)), frame(spark, earlier), SETTINGS).collect()
    by_page = {row.doc_id: row for row in found}
    assert len(by_page) == len(found)
    new = [f"burst.test {number:02}" for number in range(9)] + [f"hardly.test {number:02}" for number in range(1, 9)]
    assert sorted(by_page) == new
    one = by_page["hardly.test 03"]
    assert (one.rule, one.severity, one.start, one.end) == ("first_seen_burst", "warn", 0, 0)
    assert one.excerpt.startswith("8 pages of hardly.test were never seen before (1 of it were), 8 first fetched within 3 days; ")


@pytest.mark.spark
def test_where_most_large_domains_are_new_the_crawls_cannot_be_compared(spark: SparkSession) -> None:
    now = [*pages("a.test", 9, alike=True), *pages("b.test", 9, alike=True)]
    earlier = pages("c.test", 9, alike=True)
    assert first_seen_bursts(FramePages(frame(spark, now)), frame(spark, earlier), SETTINGS).collect() == []


@pytest.mark.spark
def test_bursts_are_among_the_doubtful_pages_where_an_earlier_corpus_is_given(spark: SparkSession, tmp_path: Path) -> None:
    put(tmp_path, {"documents": pages("known.test", 9, alike=True)})
    papers = {"warc_file": "a.warc.gz", "digest_ok": True, "payload_digest": "sha1:x"}
    now = [one | papers for one in (*pages("known.test", 12, alike=True), *pages("burst.test", 9, alike=True))]
    documents = spark.createDataFrame(pa.Table.from_pylist(now))
    changed = dataclasses.replace(SETTINGS, earlier=(str(tmp_path),))
    found = doubtful_pages(FramePages(documents), changed).collect()
    assert {row.doc_id for row in found if row.rule == "first_seen_burst"} == {f"burst.test {number:02}" for number in range(9)}


def test_another_content_of_an_earlier_corpus_is_another_fingerprint(tmp_path: Path) -> None:
    """The stage that compares with it ran once, and never again, whatever became of that corpus."""
    seen = set()
    for text in ("first", "second"):
        put(tmp_path, {"documents": [{"text": text}]})
        seen.add(contents_sha256(str(tmp_path), "documents"))
        put(tmp_path, {"curated": [{"text": text}]})
        seen.add(contents_sha256(str(tmp_path), "documents"))
    assert len(seen) == 2
    with pytest.raises(CorpusError, match="is not a corpus"):
        contents_sha256(str(tmp_path / "none"), "documents")


def test_the_scan_is_made_again_when_an_earlier_corpus_has_changed(tmp_path: Path) -> None:
    recipe = build_recipe({"provenance": {"earlier": [str(tmp_path)]}})
    stages = {name: {"fingerprint": name, "publishes": []} for name in ("ingest", "filter")}
    seen = set()
    for number in range(2):
        put(tmp_path, {"documents": [{"text": f"{number}"}]})
        parts = made_of(STAGE.run.__module__, STAGE.sections, STAGE.after, STAGE.publishes, recipe, {"stages": stages}, ())
        seen.add(hash_of(parts))
    assert len(seen) == 2
