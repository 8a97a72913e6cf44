"""jobs/stages/without_rule.py: what a corpus would be without one of its rules, beside it and with its tokenizer."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.corpus.folder import Corpus, changing
from jobs.stages.curate import run_stages
from jobs.stages.stage import Work
from jobs.stages.without_rule import MADE_AGAIN, has_same_pages, link, pages_of_each_rule, recipe_without
from jobs.takedown.redact.carry_out import export_again
from pipeline.errors import UsageError
from tests.crawls import Crawl, page, prose
from tests.jobs.running import curate, promised_bytes
from tests.jobs.stored import table
from tests.jobs.takedown.test_corpus import removed

RULE = "gopher_short_doc"


def test_a_corpus_without_a_rule_keeps_what_that_alone_dropped_and_the_corpus_stays(spark: SparkSession, tmp_path: Path) -> None:
    crawl = Crawl()
    for number in range(4):
        crawl.response(f"http://a.example/{number}", page(number))
    crawl.response("http://a.example/short", f"<p>{prose('short', 1)}</p>")
    crawl.response("http://a.example/thin", "<p>###</p>")
    corpus, _ = curate(spark, [crawl.write(tmp_path / "crawl.warc.gz")], tmp_path / "corpus")
    before = promised_bytes(corpus)
    assert pages_of_each_rule(corpus, "all") == {RULE: 1}
    assert pages_of_each_rule(corpus, f"{RULE},gopher_long_doc") == {RULE: 1, "gopher_long_doc": 0}
    with pytest.raises(UsageError, match="without a rule nonsense"):
        pages_of_each_rule(corpus, "nonsense")

    made: list[str] = []
    link(corpus, tmp_path / "without")
    with changing(str(tmp_path / "without")) as variant:
        work = Work(variant, recipe_without(corpus, RULE))
        work.use(spark)
        run_stages(work, MADE_AGAIN, lambda _: None, lambda stage, now: made.append(stage) if now else None)
    assert made[0] == "filter" and "ingest" not in made and "report" not in made
    urls = {row["url"] for row in table(variant, "curated")}
    assert urls - {row["url"] for row in table(corpus, "curated")} == {"http://a.example/short"}
    assert variant.text("tokenizer") == corpus.text("tokenizer")
    assert promised_bytes(Corpus(corpus.root)) == before and Path(corpus.root, "report.html").exists()
    assert all(Path(corpus.path(file)).exists() for file in before)

    assert has_same_pages(corpus, tmp_path / "without")
    removed(tmp_path / "corpus", urls=("http://a.example/0",))
    said: list[str] = []
    assert export_again(Corpus(corpus.root), said.append) == {"rewritten": [], "out_of_reach": [variant.root]}
    assert "a corpus of the same pages" in said[0]
    assert not has_same_pages(Corpus(corpus.root), tmp_path / "without")  # it still has the page
