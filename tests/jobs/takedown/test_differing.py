"""What a removed page held back of others: told exactly, and given back where `repeats` is made anew."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pyspark.sql import SparkSession

from jobs.ask.verify import verify
from jobs.corpus.folder import Corpus, changing, open_corpus
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.corpus.removals import read_redaction
from jobs.corpus.views import connect, rows
from jobs.takedown.certify.certificate import certificate, gathered
from jobs.takedown.reach.reach import find
from jobs.takedown.reach.request import Request
from jobs.takedown.redact.carry_out import remove
from jobs.takedown.without.differing import Changed, differing
from jobs.takedown.without.shared_findings import shared_findings
from tests.crawls import Crawl, page
from tests.jobs.running import SMALL, curate
from tests.jobs.stored import table

SLOGAN = "Every house that we have built stands on oak piles driven by hand."
EDGE = "Printed on paper from the mill below the bridge since the flood year."
SHARED = "This page uses cookies to remember where you stopped reading it last."
RARE = "Ring the bell at the gate twice and wait for the keeper to come down."
PROVERBS = "The ferry waits until noon. The bell rings twice before the gate. Nobody crosses after dark in winter."


def crawl(folder: Path, without: frozenset[str] = frozenset()) -> Path:
    """A line that one page keeps for 11 others, one that just enough pages have, one that a page too few have, and so on."""
    made = Crawl()
    pages = {f"http://inn.example/{n}": f"<p>{SLOGAN}</p>" for n in range(12)}
    pages |= {f"http://edge.example/{n}": f"<p>{EDGE}</p>" for n in range(10)}
    pages |= {f"http://wide.example/{n}": f"<p>{RARE}</p>" if n < 10 else "" for n in range(41)}  # 10 of 41: under a share of .25
    pages |= {f"http://shop{n}.example/": f"<p>{SHARED}</p>" for n in range(3)}
    pages |= {f"http://saw{n}.example/": f"<p>{PROVERBS}</p>" for n in range(2)}
    for url, extra in pages.items():
        if url not in without:
            made.response(url, page(url, extra=extra, paragraphs=2))
    return made.write(folder / "crawl.warc.gz")


class Made(NamedTuple):
    crawl: Path
    corpus: Corpus
    recipe: Recipe


@pytest.fixture(scope="module")
def made(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("differing")
    repeats = {"host_share": 0.25, "min_hosts": 3, "sentences": 3}
    recipe = build_recipe({**SMALL, "repeats": repeats, "select": {"max_per_host": 40}})
    corpus, _ = curate(spark, [crawl(folder)], folder / "corpus", recipe)
    return Made(folder / "crawl.warc.gz", open_corpus(corpus.root), recipe)


def texts(corpus: Corpus) -> dict[str, str]:
    return {str(row["doc_id"]): str(row["text"]) for row in table(corpus, "curated")}


def asked(corpus: Corpus) -> dict[str, str]:
    """{doc_id: URL} of what is to go: of each text the page that keeps it, and a page without the rare line."""
    with connect(corpus) as database:
        keepers = "doc_id IN (SELECT doc_id FROM repeats WHERE kept) AND host <> 'wide.example'"
        found = rows(database, f"SELECT doc_id, url FROM documents WHERE ({keepers}) OR url = 'http://wide.example/20'")
    return {row["doc_id"]: row["url"] for row in found}


def test_counted_with_every_page_nothing_differs(made: Made) -> None:
    """What duckdb counts is what Spark has counted: of lines, common lines, sentences and passages."""
    assert {row["reason"] for row in table(made.corpus, "repeats")} == {"host_line", "common_line", "repeated_sentences"}
    with connect(made.corpus) as database:
        assert differing(database, Changed(()), made.recipe.repeats) == []


def test_a_page_of_one_host_takes_nothing_from_another(made: Made) -> None:
    doc_id = next(one for one, url in asked(made.corpus).items() if "edge" in url)
    only_hosts = replace(made.recipe.repeats, min_hosts=None, sentences=None)
    with connect(made.corpus) as database:
        found = {one.doc_id for one in differing(database, Changed((doc_id,)), only_hosts)}
        hosts = rows(database, "SELECT DISTINCT host FROM documents WHERE doc_id IN (SELECT unnest($1))", [sorted(found)])
    assert len(found) == 9 and [row["host"] for row in hosts] == ["edge.example"]


def test_a_page_without_such_findings_names_none(spark: SparkSession, made: Made) -> None:
    with connect(made.corpus) as database:
        assert shared_findings(database, list(asked(made.corpus)), made.recipe.campaigns) == []


def test_what_is_told_is_what_a_corpus_that_never_saw_the_pages_has_and_repeats_made_again_gives_it(
    spark: SparkSession, made: Made, tmp_path: Path
) -> None:
    gone, said = asked(made.corpus), list[str]()
    never, _ = curate(spark, [crawl(tmp_path, frozenset(gone.values()))], tmp_path / "never", made.recipe)
    request = Request(doc_ids=tuple(gone))
    with connect(made.corpus) as database:
        held = {(one.reason, one.pages) for one in find(made.corpus, database, request).held_back}
    assert held == {("host_line", 11), ("host_line", 9), ("common_line", 2), ("repeated_sentences", 1)}
    with changing(made.corpus.root) as locked:
        name = remove(locked, request, None, said.append)
    after = open_corpus(made.corpus.root)
    told = read_redaction(after, name).differing
    assert_told(told, after, never)
    assert any(f"{told['pages']} pages that stay would be cut elsewhere" in line and "--again repeats" in line for line in said)
    assert certificate(read_redaction(after, name), gathered(after, name, None, {}, []))["held_back"]["pages"] == told["pages"]
    assert not {row["doc_id"] for row in table(after, "repeats")} & set(gone)
    assert after.stages["repeats"]["held_back"] == told["pages"], "the card says so until the stage is made anew"
    again, stages = curate(spark, [made.crawl], after.root, made.recipe, "repeats")
    assert stages == ["repeats", "select", "tokenizer", "shard", "report"]
    assert texts(again) == texts(never) and "held_back" not in again.stages["repeats"]
    assert again.text("tokenizer") == never.text("tokenizer")
    assert [check for check in verify(again) if not check.holds] == []


CLAIM = "Nobody in the capital will say where the seventeen missing log books of the northern dam went after the flood."


def claims(folder: Path, without: frozenset[str] = frozenset()) -> Path:
    """One text on the pages of five sites, which is as few as make a campaign, and pages of others."""
    made = Crawl()
    for number in range(9):
        url = f"http://www.site{number}.example/{number}"
        if url not in without:
            made.response(url, page(url, extra=f"<p>{CLAIM}</p>" if number < 5 else "", paragraphs=2))
    return made.write(folder / "crawl.warc.gz")


def test_findings_that_a_removed_page_had_a_part_in_are_named_and_scanned_again_are_those_of_a_corpus_without_it(
    spark: SparkSession, tmp_path: Path
) -> None:
    recipe = build_recipe({**SMALL, "campaigns": {"min_pages": 5, "min_domains": 5, "sample_every": 1}})
    (tmp_path / "without").mkdir()
    url, said = "http://www.site3.example/3", list[str]()
    crawled = claims(tmp_path)
    corpus, _ = curate(spark, [crawled], tmp_path / "corpus", recipe)
    never, _ = curate(spark, [claims(tmp_path / "without", frozenset([url]))], tmp_path / "never", recipe)
    assert not any(CLAIM in text for text in texts(corpus).values()), "it is cut of all five"
    with changing(corpus.root) as locked:
        name = remove(locked, Request(urls=(url,)), None, said.append)
    after = open_corpus(corpus.root)
    (told,) = certificate(read_redaction(after, name), gathered(after, name, None, {}, []))["held_back"]["findings"]
    assert (told["size"], told["removed"], told["pages"], told["dropped"], told["lapses"]) == (
        "5 pages on 5 domains",
        1,
        4,
        0,
        True,
    )
    assert any(f"{told['rule']} on 4 pages" in line and "--again scan" in line for line in said)
    again, _ = curate(spark, [crawled], after.root, recipe, "scan")
    assert sum(CLAIM in text for text in texts(again).values()) == 4
    assert texts(again) == texts(never) and again.text("tokenizer") == never.text("tokenizer")
    assert [one.sha256 for one in again.files("shards")] == [one.sha256 for one in never.files("shards")]


def assert_told(told: dict[str, Any], now: Corpus, never: Corpus) -> None:
    """Character by character: what is cut now and was not there, and the other way round."""
    cut, cut_there = cut_of(now), cut_of(never)
    every = {one: (cut[one] - cut_there[one], cut_there[one] - cut[one]) for one in {*cut, *cut_there}}
    changed = {one: both for one, both in every.items() if any(both)}
    assert told["pages"] == len(changed) and {one["doc_id"] for one in told["sample"]} <= set(changed)
    assert told["characters_back"] == sum(len(back) for back, _ in changed.values()) > 0
    assert told["characters_cut"] == sum(len(more) for _, more in changed.values()) > 0
    assert told["places"] == len(texts(never)) - len(texts(now)) == 1


def cut_of(corpus: Corpus) -> defaultdict[str, set[int]]:
    found = defaultdict[str, set[int]](set)
    for row in table(corpus, "repeats"):
        found[row["doc_id"]].update(() if row["kept"] else range(row["start"], row["end"]))
    return found
