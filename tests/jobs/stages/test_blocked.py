"""Lists of addresses and bounds of hosts, followed through the stages of a crawl."""

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from jobs.ask.explain import explain
from jobs.corpus.folder import Corpus
from jobs.corpus.recipe import build_recipe
from jobs.corpus.views import connect
from jobs.report import report_of
from jobs.stages import fingerprint
from jobs.stages.curate import BY_NAME
from jobs.stages.lists.read_block_lists import read_block_lists
from jobs.stages.lists.read_word_lists import MAX_LINE_BYTES
from jobs.stages.select.sample_hosts import beyond_cap
from jobs.stages.stage import Work, plan_stages
from pipeline.blocked.match import blocked
from pipeline.blocked.settings import BlockSettings
from pipeline.errors import RecipeError
from tests.crawls import Crawl, page
from tests.jobs.running import SMALL, curate
from tests.jobs.stored import table

PAGES = {
    "www.bad.example": ["one"],
    "casino.example": ["slots"],
    "shared.example": ["shop/item", "about"],
    "big.example": [f"p{number}" for number in range(6)],
    "fine.example": ["one"],
}


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("lists")
    (folder / "adult").mkdir()
    (folder / "adult" / "domains.gz").write_bytes(gzip.compress(b"bad.example\nfine.example\n", mtime=0))
    (folder / "adult" / "urls").write_text("shared.example/shop\n")
    (folder / "adult" / "expressions").write_text("(^|[./])slot[sz]\n")
    (folder / "gambling.txt").write_text("# hosts\n0.0.0.0 casino.example\n")
    (folder / "good.txt").write_text("fine.example\n")
    return {"lists": [str(folder / "adult"), str(folder / "gambling.txt")], "allow": [str(folder / "good.txt")]}


BOUND = {"max_per_host": 2, "host_keeps": "longest"}


def recipe(lists: dict[str, list[str]], **select: Any) -> Any:
    return build_recipe({**SMALL, "blocked": lists, "select": select})


@pytest.fixture(scope="module")
def corpus(spark: SparkSession, lists: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder, crawl = tmp_path_factory.mktemp("blocked"), Crawl()
    for host, names in PAGES.items():
        for place, name in enumerate(names):
            crawl.response(f"http://{host}/{name}", page((host, name), paragraphs=3 + place))
    return curate(spark, [crawl.write(folder / "crawl.warc.gz")], folder / "corpus", recipe(lists, **BOUND))[0]


def fates(corpus: Corpus) -> dict[str, tuple[str, str | None]]:
    urls = {one["doc_id"]: str(one["url"]).removeprefix("http://") for one in table(corpus, "documents")}
    return {urls[one["doc_id"]]: (one["outcome"], one["reason"]) for one in table(corpus, "outcomes") if one["doc_id"]}


def test_a_page_on_a_list_is_filtered_by_that_list_and_what_is_let_pass_is_kept(corpus: Corpus) -> None:
    found = fates(corpus)
    assert found["www.bad.example/one"] == ("filtered", "blocked:adult")
    assert found["casino.example/slots"] == ("filtered", "blocked:adult")  # of two lists the first of the recipe
    assert found["shared.example/shop/item"] == ("filtered", "blocked:adult")
    assert found["shared.example/about"] == found["fine.example/one"] == ("kept", None)
    listed = [one for one in table(corpus, "verdicts") if one["rule"].startswith("blocked:")]
    assert sorted(one["rule"] for one in listed) == ["blocked:adult"] * 3 + ["blocked:gambling"]


def test_of_a_host_the_longest_pages_are_kept_and_the_others_are_sampled(corpus: Corpus) -> None:
    found = {name: fate for name, fate in fates(corpus).items() if name.startswith("big.")}
    assert {name for name, fate in found.items() if fate == ("kept", None)} == {"big.example/p4", "big.example/p5"}
    assert set(found.values()) == {("kept", None), ("sampled", "max_per_host")}
    counts = corpus.stages["select"]["counts"]
    assert counts["sampled"] == 4 and counts["records"] == sum(n for name, n in counts.items() if name != "records")


def test_explain_and_report_name_the_list(corpus: Corpus) -> None:
    with connect(corpus) as database:
        (capture,) = explain(corpus, database, "http://casino.example/slots")
    assert [one["rule"] for one in capture.rules if one["broken"]] == ["blocked:adult", "blocked:gambling"]
    shown = report_of(corpus)
    assert "address on the list adult" in shown and "beyond what one host may give" in shown


def test_a_changed_list_makes_the_filter_anew(corpus: Corpus, lists: dict[str, list[str]]) -> None:
    work = Work(corpus=corpus, recipe=recipe(lists, **BOUND))
    assert [plan.would_run for plan in plan_stages([BY_NAME["filter"]], work)] == [False]
    urls = Path(lists["lists"][0]) / "urls"
    urls.write_text("shared.example/about\n")
    fingerprint._file_sha256.cache_clear()
    try:
        (plan,) = plan_stages([BY_NAME["filter"]], work)
        assert plan.reasons == ("setting blocked.lists: changed",)
    finally:
        urls.write_text("shared.example/shop\n")
        fingerprint._file_sha256.cache_clear()


@pytest.mark.parametrize("scores", [(0.5, None, 0.25, 0.5, None), (None,) * 5], ids=["some have a score", "none has"])
def test_the_order_of_pages_and_partitions_changes_nothing_of_a_bound(
    spark: SparkSession, scores: tuple[float | None, ...]
) -> None:
    rows = [
        (f"{number:02}", f"h{number % 3}", f"2026-01-{number % 7 + 1:02}T00:00:00Z", float(number % 4), scores[number % 5])
        for number in range(60)
    ]
    names = "doc_id string, host string, fetched_at string, value double, quality float"
    orders = [rows, rows[::-1]]
    found = [{one.doc_id for one in beyond_cap(spark.createDataFrame(some, names).repartition(n), 5).collect()}
             for some, n in zip(orders, (1, 7), strict=True)]  # fmt: skip
    best = {host: sorted((row for row in rows if row[1] == host), key=lambda row: (-(row[4] or 0), -row[3], row[2], row[0]))[:5]
            for host in ("h0", "h1", "h2")}  # fmt: skip
    expected = {row[0] for row in rows} - {row[0] for some in best.values() for row in some}
    assert found == [expected, expected]


@pytest.mark.parametrize(
    ("setting", "content", "complaint"),
    [
        ("lists", "example.com##.ad\n", "nothing in .* is of a form that is read"),
        ("patterns", "a(?=b)\n", r"list\.txt:1 is no pattern of RE2"),
        ("words", " ".join(["word"] * 17) + "\n", "more than 16 words"),
        ("lists", None, "cannot be read .* check the path"),
    ],
)
def test_a_list_that_would_block_nothing_is_refused(tmp_path: Path, setting: str, content: str | None, complaint: str) -> None:
    file = tmp_path / "list.txt"
    if content is not None:
        file.write_text(content)
    with pytest.raises(RecipeError, match=complaint):
        read_block_lists(BlockSettings(**{setting: (str(file),)}))


def test_lines_without_end_and_bytes_that_are_no_text_cost_a_line_and_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_bytes(b"a.example\n" + b"x." * MAX_LINE_BYTES + b"example\n\xff\xfe.example\x00\nb.example")
    lists = read_block_lists(BlockSettings(lists=(str(file),)))
    assert lists is not None and lists.entries >= 2 and lists.passed_over >= 1


@pytest.mark.parametrize(
    "content",
    ["\ufeffbad.example\r\nworse.example\r\n".encode(), b"bad.example\rworse.example\r", b"# \xdc\nbad.example\nworse.example"],
    ids=["a mark and CRLF", "CR alone", "another charset in a comment"],
)
@pytest.mark.parametrize("setting", ["lists", "words", "patterns"])
def test_marks_and_ends_of_lines_are_no_part_of_a_name(tmp_path: Path, setting: str, content: bytes) -> None:
    file = tmp_path / "bad"
    file.write_bytes(content)
    lists = read_block_lists(BlockSettings(**{setting: (str(file),)}))
    assert lists is not None and lists.entries == 2
    urls = pa.array(["http://bad.example/", "http://worse.example/", "http://other.example/"])
    assert [row for row, _ in blocked(urls, lists.listed)] == [0, 1]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("wide.txt", "bad.example".encode("utf-16"), "UTF-16: save it as UTF-8"),
        ("ut1.tar.gz", gzip.compress(b"x", mtime=0), "an archive: unpack"),
        ("ut1", b"adult/domains".ljust(257, b"\0") + b"ustar", "an archive: unpack"),
        ("ranks.csv", b"1,bad.example\n", "nothing in"),
    ],
)
def test_what_is_no_list_of_lines_is_refused_and_not_read_as_one(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecipeError, match=complaint):
        read_block_lists(BlockSettings(lists=(str(tmp_path / name),)))
