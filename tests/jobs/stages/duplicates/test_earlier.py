"""jobs/stages/duplicates/earlier.py: what an earlier corpus keeps goes from a later one, and nothing else does."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.ask.explain import explain
from jobs.ask.verify import verify
from jobs.corpus.folder import Corpus
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.corpus.views import connect
from jobs.spark.arrow_map import BatchFunction
from jobs.spark.pages import map_pages
from jobs.stages.duplicates import earlier as reading_earlier
from jobs.stages.duplicates.drop_duplicates import Duplicates, duplicates
from jobs.stages.duplicates.earlier import Earlier, kept_earlier
from jobs.stages.duplicates.signing import SIGNED, signing
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.errors import RecipeError
from pipeline.tables import SKETCHES
from tests.crawls import Crawl, page, prose
from tests.jobs.running import SMALL, curate
from tests.jobs.stages.duplicates.test_drop_duplicates import DEFAULT, DRIFT, a_crawl, drifting, frame, rows, text
from tests.jobs.stored import table
from tests.jobs.takedown.test_corpus import removed
from tests.pages import FramePages
from tests.reference import minhash as reference
from tests.reference.minhash import Page

pytestmark = pytest.mark.spark


def against(spark: SparkSession, pages: list[Page], kept: Sequence[Page], settings: DuplicateSettings) -> Duplicates:
    before = FramePages(frame(spark, kept))
    sketches = map_pages(signing(settings, lambda batch: batch["value"]), before, ("text",), SIGNED).select(*SKETCHES.names)
    return duplicates(FramePages(frame(spark, pages)), settings, lambda batch: batch["value"], Earlier(sketches, [before]))


def kept_of(pages: list[Page], settings: DuplicateSettings) -> list[Page]:
    copies = reference.duplicates(pages, settings)
    return [one for one in pages if one.doc_id not in copies]


def test_a_later_crawl_loses_what_one_run_with_fixed_keepers_would(spark: SparkSession) -> None:
    pages = a_crawl(3)
    random.Random(3).shuffle(pages)
    first, second = pages[: len(pages) // 2], pages[len(pages) // 2 :]
    kept = kept_of(first, DEFAULT)
    expected = reference.duplicates(second, DEFAULT, kept)
    found = against(spark, second, kept, DEFAULT)
    assert {row[0]: (row[3], row[5]) for row in rows(found.copies)} == expected
    assert sum(kind == "earlier" for _, kind in expected.values()) > 5
    standing = {row["doc_id"] for row in found.sketches.collect()}
    assert standing == {one.doc_id for one in second} - expected.keys()


def test_what_drifted_from_one_fixed_page_may_be_a_copy_of_another(spark: SparkSession) -> None:
    pages = drifting()
    found = against(spark, pages[1:6], [pages[0], pages[6]], DRIFT)
    copies = {row[0]: (row[3], row[5]) for row in rows(found.copies)}
    assert copies == {name: (keeper, "earlier") for name, keeper in (("d1", "d0"), ("d2", "d0"), ("d4", "d6"), ("d5", "d6"))}
    assert found.undecided == 0


def test_fixed_pages_are_no_copies_of_one_another_and_a_better_page_does_not_take_their_place(spark: SparkSession) -> None:
    kept = [Page(doc_id=f"k{i}", text=text("k", changed=i), value=i) for i in range(3)]  # other settings let all three stand
    found = against(spark, [Page(doc_id="new", text=text("k"), value=9)], kept, DEFAULT)
    assert [(row[0], row[3], row[5], row[6]) for row in rows(found.copies)] == [("new", "k0", "earlier", 1.0)]


PART = Page(doc_id="part", text=text("part"), url="http://e.test/", fetched_at="2026", is_row=True)


@pytest.mark.parametrize(("fetched_at", "goes"), [("2026", False), ("2025", True), ("2027", True), (None, False)])
def test_a_chunk_is_an_older_fetch_only_of_another_date(spark: SparkSession, fetched_at: str | None, goes: bool) -> None:
    kept = replace(PART, doc_id="kept", text=text("kept"), fetched_at=fetched_at)
    assert [row[0] for row in rows(against(spark, [PART], [kept], DEFAULT).copies)] == (["part"] if goes else [])
    whole = replace(PART, is_row=False)
    assert [row[0] for row in rows(against(spark, [whole], [kept], DEFAULT).copies)] == ["part"]


# --- of corpora ---

OLD, NEW = "http://old.example", "http://new.example"


def crawls(folder: Path) -> tuple[Path, Path]:
    first, second = Crawl(), Crawl()
    for number in range(4):
        first.response(f"{OLD}/{number}", page(("old", number)))
        second.response(f"{NEW}/{number}", page(("new", number)))
    second.response(f"{OLD}/0", page("revised"), date="2026-05-01T00:00:00Z")
    second.response(f"{NEW}/copy", page(("old", 1)))
    second.response(f"{NEW}/near", page(("old", 2), extra=f"<p>{prose('more', 1)}</p>"))
    second.response(f"{OLD}/3", page(("old", 3)))  # the very record
    return first.write(folder / "first.warc.gz"), second.write(folder / "second.warc.gz")


@pytest.fixture(scope="module")
def both(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Corpus, Corpus, Path]:
    folder = tmp_path_factory.mktemp("earlier")
    first, second = crawls(folder)
    corpus, _ = curate(spark, [first], folder / "first")
    later, _ = curate(spark, [second], folder / "second", recipe_against(corpus))
    return corpus, later, second


def recipe_against(corpus: Corpus) -> Recipe:
    return build_recipe({**SMALL, "duplicates": {"against": [corpus.root]}})


def outcomes_of(corpus: Corpus) -> dict[str, str]:
    urls = {row["doc_id"]: row["url"] for row in table(corpus, "documents")}
    return {urls[row["doc_id"]]: row["outcome"] for row in table(corpus, "outcomes")}


MET = {f"{OLD}/0", f"{NEW}/copy", f"{NEW}/near", f"{OLD}/3"}


def test_a_second_crawl_keeps_what_the_first_has_not(both: tuple[Corpus, Corpus, Path]) -> None:
    earlier, later, _ = both
    outcomes = outcomes_of(later)
    assert {url for url, outcome in outcomes.items() if outcome == "duplicate"} == MET
    assert {url for url, outcome in outcomes.items() if outcome == "kept"} == {f"{NEW}/{number}" for number in range(4)}
    assert {row["kind"] for row in table(later, "duplicates")} == {"earlier"}
    assert {row["doc_id"] for row in table(earlier, "sketches")} == {row["doc_id"] for row in table(earlier, "curated")}
    assert [check for check in verify(later) if not check.holds] == []


def test_explain_names_the_page_and_the_corpus_that_has_it(both: tuple[Corpus, Corpus, Path]) -> None:
    earlier, later, _ = both
    with connect(later) as database:
        told = {url: explain(later, database, url)[0].because for url in MET}
    for url, keeper in ((f"{OLD}/0", 0), (f"{NEW}/copy", 1), (f"{NEW}/near", 2), (f"{OLD}/3", 3)):
        assert told[url].endswith(f"{OLD}/{keeper} in {earlier.root}"), told[url]


def test_sketches_of_other_settings_are_made_anew(
    spark: SparkSession, both: tuple[Corpus, Corpus, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[DuplicateSettings] = []

    def noted(settings: DuplicateSettings) -> BatchFunction:
        made.append(settings)
        return signing(settings)

    monkeypatch.setattr(reading_earlier, "signing", noted)
    stored = sorted(table(both[0], "sketches"), key=lambda row: str(row["doc_id"]))
    for settings in (DuplicateSettings(), DuplicateSettings(bands=20, rows=5)):
        with kept_earlier(spark, "elsewhere", replace(settings, against=(both[0].root,))) as found:
            sketches = [row.asDict() for row in found.sketches.orderBy("doc_id").collect()]
        assert (sketches == stored) is (settings.bands == 14) is (not made)
        assert [row["doc_id"] for row in sketches] == [row["doc_id"] for row in stored]


def test_a_corpus_is_not_compared_with_itself(spark: SparkSession, both: tuple[Corpus, Corpus, Path]) -> None:
    root = both[0].root
    with (
        pytest.raises(RecipeError, match="this corpus itself"),
        kept_earlier(spark, root, DuplicateSettings(against=(root,))),
    ):
        pass


def test_a_takedown_in_the_earlier_corpus_lets_the_copy_be_kept(spark: SparkSession, both: tuple[Corpus, Corpus, Path]) -> None:
    """The last of these tests, for it changes both corpora."""
    earlier, later, second = both
    removed(Path(earlier.root), urls=(f"{OLD}/1",))
    gone = {row["doc_id"] for row in table(Corpus(earlier.root), "outcomes") if row["outcome"] == "removed"}
    assert gone and gone.isdisjoint(row["doc_id"] for row in table(Corpus(earlier.root), "sketches"))
    again, made = curate(spark, [second], Path(later.root), recipe_against(earlier))
    assert "dedup" in made and "scan" not in made
    assert {url for url, outcome in outcomes_of(again).items() if outcome == "duplicate"} == MET - {f"{NEW}/copy"}
