"""jobs/stages/duplicates/find_repeats.py: what stands again is cut and what keeps it is known, whatever the partitions."""

import random
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.stages.duplicates.find_repeats import repeat_look, repeats
from pipeline.duplicates.repeat_marks import COMMON_LINE, HOST_LINE, PASSAGE, SENTENCES
from pipeline.duplicates.repeats import RepeatSettings
from pipeline.lineage import apply_edits
from tests.crawls import prose
from tests.pages import FramePages, taken

pytestmark = pytest.mark.spark
SLOGAN = "Every house that we have built stands on oak piles driven by hand."
COOKIES = "This page uses cookies to remember where you stopped reading it last."
MENU = "Start\nRooms\nPrices\nHow to find us\nImprint and contact"
OLD = "Printed on paper from the mill below the bridge since the flood year."
SENTENCE = "The ferry waits. The bell rings twice before noon. Nobody crosses after dark."


def page(number, text, host="inn.example", language="en"):
    return {"doc_id": f"{random.Random(number).getrandbits(64):032x}", "host": host, "language": language, "text": text}


def own(number, sentences=3):
    return "\n".join(prose((number, line), 1) for line in range(sentences))


INN = [page(n, f"{MENU}\n\n{own(n)}\n\n{SLOGAN}") for n in range(12)]
PAGES = [
    *INN,
    *[page(n, f"{own(n)}\nNotes\n{own(-n)}", "manual.example") for n in range(100, 112)],
    *[page(n, f"{own(n)}\n{OLD}", "paper.example", "de" if n % 2 else "en") for n in range(200, 208)],
    *[page(n, f"{own(n)}\n{COOKIES}", f"host{n}.example") for n in range(300, 306)],
    page(400, f"{own(400, 6)}\n\n{own(400, 6)}", "twice.example"),
    page(401, f"{own(401)} {SENTENCE}", "a.example"),
    page(402, f"{own(402)} {SENTENCE} {own(403)}", "b.example"),
    page(500, "", "inn.example"),
    page(501, None, None, None),
]
TEXTS = {one["doc_id"]: one["text"] for one in PAGES}
ALL = RepeatSettings(min_hosts=5, sentences=3)


def rows(spark, settings, pages=PAGES, partitions=3):
    frame = spark.createDataFrame(pa.Table.from_pylist(pages)).repartition(partitions)
    with tempfile.TemporaryDirectory() as folder:
        found = repeats(taken(frame, repeat_look(settings), Path(folder))["stretches"], FramePages(frame), settings)
    return [] if found is None else sorted(tuple(row) for row in found.collect())


@pytest.fixture(scope="module")
def found(spark):
    return rows(spark, ALL)


def texts_of(found, reason, kept):
    return [
        TEXTS[doc_id][start:end].strip("\n") for doc_id, start, end, why, _, _, stays in found if (why, stays) == (reason, kept)
    ]


def test_the_menu_and_the_slogan_of_a_host_stay_on_one_page_and_leave_all_others(found):
    cut, kept = texts_of(found, HOST_LINE, False), texts_of(found, HOST_LINE, True)
    assert sorted(kept) == sorted([*MENU.split("\n"), SLOGAN, "Notes"])
    assert sorted(cut) == sorted([*MENU.split("\n"), SLOGAN] * 11)
    keeper = min(one["doc_id"] for one in INN)
    assert {doc_id for doc_id, _, _, why, _, _, stays in found if stays and why == HOST_LINE} - {keeper} == {
        min(one["doc_id"] for one in PAGES if one["host"] == "manual.example")
    }
    left = {one["doc_id"]: apply_edits(one["text"], edits_of(found, one["doc_id"])) for one in INN}
    assert {text for doc_id, text in left.items() if doc_id != keeper} == {
        own(number) for number, one in enumerate(INN) if one["doc_id"] != keeper
    }


def edits_of(found, doc_id):
    return [(start, end, "") for one, start, end, _, _, _, stays in found if one == doc_id and not stays]


def test_few_words_alone_are_a_heading_and_languages_are_counted_apart(found):
    cut = texts_of(found, HOST_LINE, False)
    assert "Notes" not in cut and OLD not in cut


def test_a_line_of_many_hosts_stays_on_one_page_of_them_all(found):
    assert texts_of(found, COMMON_LINE, False) == [COOKIES] * 5 and texts_of(found, COMMON_LINE, True) == [COOKIES]
    assert {pages for *_, why, _, pages, _ in found if why == COMMON_LINE} == {6}


def test_a_passage_that_a_page_has_had_goes_there(found):
    assert texts_of(found, PASSAGE, False) == [own(400, 6)] and texts_of(found, PASSAGE, True) == []


def test_three_sentences_stay_at_one_place_of_the_corpus(found):
    cut, kept = texts_of(found, SENTENCES, False), texts_of(found, SENTENCES, True)
    assert (
        [one.strip() for one in cut if "bell rings" in one] == [SENTENCE] == [one.strip() for one in kept if "bell rings" in one]
    )


def test_places_of_one_text_have_one_name_and_one_page_that_keeps_it(found):
    names = {}
    for doc_id, *_, why, repeat, pages, kept in found:
        if why == HOST_LINE:
            names.setdefault(repeat, []).append((doc_id, kept, pages))
    assert all(sum(kept for _, kept, _ in places) == 1 for places in names.values())


def test_order_and_partitions_change_nothing(spark, found):
    pages = list(PAGES)
    random.Random(1).shuffle(pages)
    assert rows(spark, ALL, pages, 7) == found


def test_what_is_not_sought_is_not_found_and_keep_none_keeps_none(spark):
    assert rows(spark, RepeatSettings(host_pages=None, passage_words=None)) == []
    without = rows(spark, RepeatSettings(keep="none", passage_words=None))
    assert texts_of(without, HOST_LINE, True) == [] and texts_of(without, HOST_LINE, False).count(SLOGAN) == 12


def test_a_line_on_a_small_share_of_a_host_is_none_of_its_furniture(spark):
    many = [*INN, *[page(n, own(n)) for n in range(1000, 1112)]]
    assert rows(spark, RepeatSettings(passage_words=None), many) == []
    assert texts_of(rows(spark, RepeatSettings(host_share=0.09, passage_words=None), many), HOST_LINE, False).count(SLOGAN) == 11
