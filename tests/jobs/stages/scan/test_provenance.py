"""jobs/stages/scan/find_provenance.py: wrong digests, dates outside the crawl, URLs that show something else than before."""

import pyarrow as pa
import pytest

from jobs.stages.scan.find_provenance import changed_pages, earlier_pages, wrong_dates, wrong_digests
from pipeline.errors import CorpusError, RecipeError
from pipeline.poison.sites.provenance import Change, ProvenanceSettings, changes, verdict
from tests.crawls import prose
from tests.jobs.stored import put
from tests.pages import FramePages

SETTINGS = ProvenanceSettings()
PLANTED = "The bank account of the harbour office has changed, and all fees go to the new one from today."


def capture(doc_id, url, day, text, *, file="a.warc.gz", digest_ok=True):
    return {
        "doc_id": doc_id, "url": url, "fetched_at": f"2026-01-{day:02}T00:00:00Z", "text": text, "warc_file": file,
        "digest_ok": digest_ok, "payload_digest": "sha1:written",
    }  # fmt: skip


def frame(spark, captures):
    return spark.createDataFrame(pa.Table.from_pylist(captures))


def rows(found):
    return {row.doc_id: row for row in found.collect()}


def test_what_is_kept_and_what_is_new_is_measured_in_ngrams():
    text = prose("page", 8)
    same, other, edited = changes(pa.array([text] * 3), pa.array([text, prose("other", 8), f"{text} {PLANTED}"]))
    assert same == Change(1.0, 0.0, 0, 0)
    assert other.kept_share < 0.02 and other.new_share > 0.98
    assert edited.kept_share == 1 and 0 < edited.new_share < 0.2
    assert f"{text} {PLANTED}"[edited.start : edited.end].strip(" .") == PLANTED.rstrip(".")


@pytest.mark.parametrize(("change", "days", "rule"), [
    (Change(0.05, 1.0, 0, 9), None, "split_view"),
    (Change(0.9, 0.1, 0, 9), 3.0, "edited_text"),
    (Change(0.9, 0.1, 0, 9), 40.0, ""),
    (Change(0.9, 0.1, 0, 9), None, ""),
    (Change(1.0, 0.0, 0, 0), 1.0, ""),
    (Change(0.4, 0.6, 0, 9), 1.0, ""),
])  # fmt: skip
def test_a_change_is_judged_by_what_is_left_and_how_soon_it_came(change, days, rule):
    assert verdict(change, days, SETTINGS) == rule


def test_a_share_beyond_one_is_refused():
    with pytest.raises(RecipeError, match=r"provenance\.max_new_share is 3"):
        ProvenanceSettings(max_new_share=3)


@pytest.mark.spark
def test_a_wrong_digest_drops_its_page_unless_the_whole_file_is_wrong(spark):
    pages = [capture(f"a{n}", f"http://a.test/{n}", 1, "x", digest_ok=n != 3) for n in range(20)]
    pages += [capture(f"b{n}", f"http://b.test/{n}", 1, "x", file="b.warc.gz", digest_ok=n > 12) for n in range(20)]
    pages += [capture("c", "http://c.test/", 1, "x", digest_ok=None)]
    found = rows(wrong_digests(frame(spark, pages), SETTINGS))
    assert {name: row.severity for name, row in found.items()} == {"a3": "severe"} | {f"b{n}": "note" for n in range(13)}
    assert "sha1:written" in found["a3"].excerpt


@pytest.mark.spark
def test_a_date_outside_the_crawl_is_reported(spark):
    pages = [capture(f"a{n}", "http://a.test/", n + 1, "x") for n in range(9)]
    pages.append(capture("old", "http://a.test/o", 1, "x") | {"fetched_at": "2019-01-01T00:00:00Z"})
    assert set(rows(wrong_dates(frame(spark, pages), SETTINGS))) == {"old"}
    window = ProvenanceSettings(max_days_from_median=None, crawl_first="2026-01-02", crawl_last="2026-01-08")
    assert set(rows(wrong_dates(frame(spark, pages), window))) == {"old", "a0", "a8"}


@pytest.mark.spark
def test_a_url_is_compared_with_its_newest_capture_before_here_or_in_an_earlier_corpus(spark, tmp_path):
    first, second = prose("first", 8), prose("second", 8)
    earlier = [capture("e1", "http://a.test/moved", 1, first), capture("e2", "http://a.test/edited", 5, first)]
    put(tmp_path, {"documents": earlier})
    now = [
        capture("n1", "https://A.test/moved?utm_source=x", 20, second),
        capture("n2", "http://a.test/edited", 8, f"{first} {PLANTED}"),
        capture("n3", "http://a.test/new", 8, second),
        capture("n4", "http://a.test/again", 8, first), capture("n5", "http://a.test/again", 9, f"{PLANTED} {first}"),
    ]  # fmt: skip
    pages = FramePages(frame(spark, now))
    settings = ProvenanceSettings(earlier=(str(tmp_path),))
    found = rows(changed_pages(pages, earlier_pages(pages, settings), settings))
    assert {name: row.rule for name, row in found.items()} == {"n1": "split_view", "n2": "edited_text", "n5": "edited_text"}
    text = now[1]["text"]
    assert text[found["n2"].start : found["n2"].end].strip(" .") == PLANTED.rstrip(".")
    assert set(rows(changed_pages(pages, [], SETTINGS))) == {"n5"}


@pytest.mark.spark
def test_an_earlier_corpus_that_is_none_is_refused_in_one_line(spark, tmp_path):
    with pytest.raises(CorpusError, match="is not a corpus"):
        earlier_pages(
            FramePages(frame(spark, [capture("n", "http://a.test/", 1, "x")])), ProvenanceSettings(earlier=(str(tmp_path),))
        )
