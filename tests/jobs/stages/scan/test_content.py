"""Personal data and items of benchmarks, planted in a crawl and followed through its stages."""

import json
from pathlib import Path
from typing import Any

import fsspec
import pytest
from pyspark.sql import SparkSession

from jobs.ask.trace import Tracer
from jobs.corpus.folder import Corpus
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.corpus.views import connect
from jobs.stages import fingerprint
from jobs.stages.curate import BY_NAME
from jobs.stages.lists.read_benchmarks import read_benchmarks
from jobs.stages.stage import Work, plan_stages
from pipeline.contamination.settings import ContaminationSettings
from pipeline.errors import RecipeError
from tests.crawls import Crawl, page
from tests.jobs.running import SMALL, curate
from tests.jobs.stored import table

QUESTION = (
    "A glazier cuts seventeen panes from a sheet and breaks every fifth one on the stairs. How many whole panes reach the roof "
    "when two more are lent to the neighbour before noon?"
)
CARD = "4916 6734 7572 5015"

PRIVATE = f"Mail jo.doe@gmail.com, paid with {CARD} from 85.214.132.117."
PAGES = {"mail": "Write to jo.doe@gmail.com about it.", "card": PRIVATE, "exam": QUESTION, "clean": "Nothing else stands here."}


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("benchmark") / "glaziers.jsonl"
    file.write_text(
        json.dumps({"question": "What is glass?", "answer": "Sand."}) + "\n\n" + json.dumps({"question": QUESTION}) + "\n"
    )
    return file


def recipe_with(benchmark: Path, **changed: Any) -> Recipe:
    sections = {"personal": {"card": "drop"}, "contamination": {"benchmarks": [str(benchmark)], **changed}}
    return build_recipe({**SMALL, **sections})


@pytest.fixture(scope="module")
def corpus(spark: SparkSession, benchmark: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder, crawl = tmp_path_factory.mktemp("content"), Crawl()
    for name, planted in PAGES.items():
        crawl.response(f"http://content.example/{name}", page(("content", name), extra=f"<p>{planted}</p>"))
    return curate(spark, [crawl.write(folder / "crawl.warc.gz")], folder / "corpus", recipe_with(benchmark))[0]


def of_page(corpus: Corpus, name: str, kind: str) -> list[dict[str, Any]]:
    doc_id = next(one["doc_id"] for one in table(corpus, "documents") if str(one["url"]).endswith(f"/{name}"))
    return [one for one in table(corpus, kind) if one["doc_id"] == doc_id]


def test_each_page_meets_its_outcome(corpus: Corpus) -> None:
    outcomes = {name: [(one["outcome"], one["reason"]) for one in of_page(corpus, name, "outcomes")] for name in PAGES}
    assert outcomes == {
        "mail": [("kept", None)],
        "card": [("personal", "card")],
        "exam": [("contaminated", "benchmark_item")],
        "clean": [("kept", None)],
    }


def test_the_kept_text_has_a_placeholder_and_the_document_what_stood_there(corpus: Corpus) -> None:
    (kept,), (document,) = of_page(corpus, "mail", "curated"), of_page(corpus, "mail", "documents")
    assert "Write to <EMAIL> about it." in kept["text"] and "jo.doe" not in kept["text"]
    assert "Write to jo.doe@gmail.com about it." in document["text"]


def test_findings_name_the_kind_the_item_and_the_place(corpus: Corpus) -> None:
    (found,), (document,) = of_page(corpus, "exam", "findings"), of_page(corpus, "exam", "documents")
    assert (found["attack"], found["rule"], found["severity"]) == ("contamination", "benchmark_item", "severe")
    assert found["reason"] == "glaziers:3 question: 33 of 33 words"
    assert document["text"][found["start"] : found["end"]] == QUESTION.rstrip("?")
    private = {one["rule"]: (one["severity"], one["excerpt"]) for one in of_page(corpus, "card", "findings")}
    assert private["card"] == ("severe", "49•• •••• •••• ••••")
    assert private["email"] == ("warn", "jo.•••@•••••.•••")


def test_tokens_beside_a_placeholder_lead_back_to_their_record(corpus: Corpus) -> None:
    with connect(corpus) as database:
        tracer = Tracer(corpus, database)
        (span,) = of_page(corpus, "mail", "spans")
        places = range(int(span["start"]), int(span["start"]) + int(span["length"]))
        origins = [tracer.token(int(span["shard"]), place) for place in places]
    assert all(one.verified for one in origins)
    assert "jo.doe@gmail.com" in {one.text for one in origins}  # what a placeholder's token came from


def test_another_list_makes_the_scan_anew(corpus: Corpus, benchmark: Path) -> None:
    work = Work(corpus=corpus, recipe=recipe_with(benchmark))
    assert [plan.would_run for plan in plan_stages([BY_NAME["scan"]], work)] == [False]
    before = benchmark.read_text()
    benchmark.write_text(before.replace("Sand", "Quartz"))
    fingerprint._file_sha256.cache_clear()
    try:
        (plan,) = plan_stages([BY_NAME["scan"]], work)
        assert plan.reasons == ("setting contamination.benchmarks: changed",)
    finally:
        benchmark.write_text(before)
        fingerprint._file_sha256.cache_clear()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"question": "x"}\nno json\n', r"exam\.jsonl:2 is no JSON .* give an item a line"),
        ('{"question": "Too short."}\n', "no string in .* has 8 words"),
        (None, r"exam\.jsonl cannot be read .* check the path"),
    ],
)
def test_a_list_that_would_let_items_by_is_refused(tmp_path: Path, content: str | None, complaint: str) -> None:
    file = tmp_path / "exam.jsonl"
    if content is not None:
        file.write_text(content)
    with pytest.raises(RecipeError, match=complaint):
        read_benchmarks(ContaminationSettings(benchmarks=(str(file),)))


@pytest.mark.parametrize("name", ["exam.jsonl.gz", "exam.jsonl.zst", "exam.jsonl.bz2"])
def test_packed_lists_are_read(tmp_path: Path, name: str) -> None:
    with fsspec.open(str(tmp_path / name), "wb", compression="infer") as file:
        file.write(json.dumps({"question": QUESTION}).encode())
    index = read_benchmarks(ContaminationSettings(benchmarks=(str(tmp_path / name),)))
    assert index is not None and index.names == (("exam", 1, "question"),)
