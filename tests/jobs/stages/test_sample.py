"""Pages drawn by their score, followed through the stage `select` of a crawl."""

from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from jobs.corpus.folder import Corpus
from jobs.corpus.recipe import build_recipe
from jobs.report import report_of
from pipeline.select import SAMPLE, SelectSettings, drawn
from tests.crawls import Crawl, page
from tests.jobs.running import SMALL, curate
from tests.jobs.stored import table

DRAWN = {"sample": "pareto", "pareto_alpha": 3}


@pytest.fixture(scope="module")
def corpora(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Corpus, Corpus]:
    """The same pages in one file, and in two."""
    folder, whole, halves = tmp_path_factory.mktemp("drawn"), Crawl(), (Crawl(), Crawl())
    for number in range(24):
        for crawl in (whole, halves[number % 2]):
            crawl.response(f"http://h{number % 5}.example/{number}", page(("words", str(number)), paragraphs=3 + number % 3))
    recipe: Any = build_recipe({**SMALL, "select": DRAWN})
    files = [half.write(folder / f"half-{number}.warc.gz") for number, half in enumerate(halves)]
    one = curate(spark, [whole.write(folder / "whole.warc.gz")], folder / "one", recipe)[0]
    return one, curate(spark, files, folder / "two", recipe)[0]


def test_a_page_stays_if_its_own_lot_says_so(corpora: tuple[Corpus, Corpus]) -> None:
    corpus = corpora[0]
    scores = {one["doc_id"]: one["quality"] for one in table(corpus, "measures")}
    found = {one["doc_id"]: (one["outcome"], one["reason"]) for one in table(corpus, "outcomes") if one["doc_id"]}
    ids = [doc_id for doc_id, (outcome, _) in found.items() if outcome in ("kept", "sampled")]
    stays = drawn(ids, pa.array([scores[doc_id] for doc_id in ids], pa.float32()), SelectSettings(**DRAWN))  # type: ignore[arg-type]
    expected = {doc_id: ("kept", None) if stay else ("sampled", SAMPLE) for doc_id, stay in zip(ids, stays, strict=True)}
    assert {doc_id: found[doc_id] for doc_id in ids} == expected
    assert 0 < stays.sum() < len(ids)
    assert {one["doc_id"] for one in table(corpus, "curated")} == {
        doc_id for doc_id, fate in expected.items() if fate[0] == "kept"
    }


def test_how_pages_lie_in_files_changes_nothing_of_the_draw(corpora: tuple[Corpus, Corpus]) -> None:
    one, two = ({row["doc_id"]: row["text"] for row in table(corpus, "curated")} for corpus in corpora)
    assert one == two


def test_records_are_accounted_for_and_the_report_says_what_was_drawn(corpora: tuple[Corpus, Corpus]) -> None:
    counts = corpora[0].stages["select"]["counts"]
    assert counts["sampled"] and counts["records"] == sum(number for name, number in counts.items() if name != "records")
    assert "lost the lot of select.sample" in report_of(corpora[0])
