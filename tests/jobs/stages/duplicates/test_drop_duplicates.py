"""jobs/stages/duplicates/drop_duplicates.py: what is a copy of what, and that nothing but the pages decides it."""

import random
from dataclasses import asdict, replace

import pyarrow as pa
import pytest
from pyspark.sql import functions as f

from jobs.stages.duplicates import drop_duplicates
from jobs.stages.duplicates.drop_duplicates import candidate_pairs, duplicates, repeated_records
from pipeline import tables
from pipeline.duplicates.scope import input_of
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.errors import RecipeError
from tests.pages import FramePages
from tests.reference import minhash as reference
from tests.reference.minhash import Page

pytestmark = pytest.mark.spark
DEFAULT = DuplicateSettings()
PAGES = pa.schema([
    ("doc_id", pa.string()), ("text", pa.string()), ("url", pa.string()), ("fetched_at", pa.string()), ("value", pa.float64()),
    ("warc_file", pa.string()), ("warc_offset", pa.int64()), ("is_row", pa.bool_()),
])  # fmt: skip


def frame(spark, pages):
    return spark.createDataFrame(pa.Table.from_pylist([asdict(page) for page in pages], PAGES))


def found_in(frame, settings):
    return duplicates(FramePages(frame), settings, lambda batch: batch["value"]).copies


def rows(table):
    """Every row as a tuple in the order of the table's schema, sorted."""
    assert table.columns == tables.DUPLICATES.names
    return sorted(tuple(row) for row in table.collect())


def prose(seed, words=300):
    return [f"w{random.Random(f'{seed}.{place}').randrange(10**6):06}x".replace("0", "o") for place in range(words)]


def spelled(words):
    """Numbers count as one word each, so words are letters."""
    return " ".join("".join(chr(97 + int(one)) if one.isdigit() else one for one in word) for word in words)


def text(seed, words=300, changed=0, start=10):
    """A page of its own for each seed; `changed` words from `start` on are others, each of which costs five shingles."""
    page = prose(seed, words)
    for place in range(changed):
        page[start + 7 * place] = f"{page[start + 7 * place]}{seed}changed{start}"
    return spelled(page)


MIXED = [
    # one URL, three fetches: the newest stands, though the oldest is worth more; no URL is no URL
    Page(doc_id="u1", url="http://a.test/x", fetched_at="2020-01-01T00:00:00Z", value=9, text=text("u", changed=3)),
    Page(doc_id="u2", url="http://a.test/x", fetched_at="2024-01-01T00:00:00Z", value=1, text=text("u")),
    Page(doc_id="u3", url="http://a.test/x", fetched_at=None, value=9, text=text("v")),
    Page(doc_id="n1", url=None, text=text("n1")),
    Page(doc_id="n2", url=None, text=text("n2")),
    # one text: best, then earliest, then smallest doc_id; an empty text, or none, is a copy of nothing
    Page(doc_id="t1", url="http://b.test/1", text="short text", value=1, fetched_at="2022-01-01T00:00:00Z"),
    Page(doc_id="t2", url="http://b.test/2", text="short text", value=2, fetched_at="2023-01-01T00:00:00Z"),
    Page(doc_id="t3", url="http://b.test/3", text="short text", value=2, fetched_at="2021-01-01T00:00:00Z"),
    Page(doc_id="t4", url="http://b.test/4", text="short text", value=2, fetched_at="2021-01-01T00:00:00Z"),
    Page(doc_id="t5", url="http://b.test/5", text="short text", value=float("nan"), fetched_at="2019-01-01T00:00:00Z"),
    Page(doc_id="e1", url="http://b.test/6", text=""),
    Page(doc_id="e2", url="http://b.test/7", text=""),
    Page(doc_id="e3", url="http://b.test/8", text=None),
    Page(doc_id="p1", url="http://b.test/9", text="!!!"),
    Page(doc_id="p2", url="http://b.test/10", text="???"),
    # a chain through all kinds: c1 is an older fetch of c2, c2 the text of c3, c3 like c4, which is worth most
    Page(doc_id="c1", url="http://c.test/1", fetched_at="2020-01-01T00:00:00Z", text=text("old")),
    Page(doc_id="c2", url="http://c.test/1", fetched_at="2021-01-01T00:00:00Z", text=text("c", changed=1), value=1),
    Page(doc_id="c3", url="http://c.test/3", text=text("c", changed=1), value=2),
    Page(doc_id="c4", url="http://c.test/4", text=text("c"), value=3),
]
SHARED_BY_ONE_CHANGE = (296 - 5) / (296 + 5)  # 300 words have 296 shingles


@pytest.fixture(scope="module")
def mixed(spark):
    return {row[0]: row for row in rows(found_in(frame(spark, MIXED), DEFAULT))}


def copies(found, prefix):
    return {doc_id: (row[3], row[5]) for doc_id, row in found.items() if doc_id.startswith(prefix)}


def test_the_newest_fetch_of_a_url_is_kept_whatever_its_value(mixed):
    assert copies(mixed, "u") == {"u1": ("u2", "url"), "u3": ("u2", "url")}
    assert mixed["u1"][6] == pytest.approx((296 - 15) / (296 + 15))
    assert mixed["u3"][6] == 0


def test_documents_without_url_are_not_fetches_of_the_same_page(mixed):
    assert copies(mixed, "n") == {}


def test_of_one_text_the_best_then_earliest_then_smallest_is_kept(mixed):
    assert copies(mixed, "t") == {"t1": ("t3", "exact"), "t2": ("t3", "exact"), "t4": ("t3", "exact"), "t5": ("t3", "exact")}
    assert {mixed[doc_id][6] for doc_id in copies(mixed, "t")} == {1.0}


def test_a_text_without_words_is_a_copy_of_nothing(mixed):
    assert copies(mixed, "e") == copies(mixed, "p") == {}


def test_a_keeper_is_never_itself_a_copy_and_a_cluster_has_one_name(mixed):
    assert copies(mixed, "c") == {"c1": ("c4", "url"), "c2": ("c4", "exact"), "c3": ("c4", "near")}
    assert [mixed[one][6] for one in ("c1", "c2", "c3")] == pytest.approx([0, SHARED_BY_ONE_CHANGE, SHARED_BY_ONE_CHANGE])
    assert {row[4] for row in mixed.values()} == {"c1", "t1", "u1"}
    assert {row[3] for row in mixed.values()}.isdisjoint(mixed)


DATES = {  # of two fetches, the newer first; compared as text, until 2026-11, the older one stood
    "offset": ("2026-03-01T10:30:00Z", "2026-03-01T11:00:00+02:00"),
    "form": ("2026-03-01T10:00:00Z", "Sun, 01 Feb 2026 10:00:00 GMT"),
    "epoch": ("1772359200", "2026-01-01T00:00:00Z"), "digits": ("20260301100000", "2026-02-01T09:00:00Z"),
    "fraction": ("2026-03-01T10:00:00.9Z", "2026-03-01T10:00:00Z"), "precision": ("2026-03-02", "2026-03-01T23:00:00Z"),
    "unknown": ("1999-01-01", "some day"),
}  # fmt: skip


@pytest.mark.parametrize("is_row", [False, True])
def test_of_two_fetches_the_later_instant_is_the_newest(spark, is_row):
    pages = [
        Page(doc_id=f"{name}-{age}", url=f"http://d.test/{name}", fetched_at=date, text=text(name + age), is_row=is_row)
        for name, dates in DATES.items()
        for age, date in zip(("new", "old"), dates, strict=True)
    ]
    found = {row[0]: (row[3], row[5]) for row in rows(found_in(frame(spark, pages), DEFAULT))}
    dated = [name for name in DATES if not (is_row and name == "unknown")]  # a row without a date is no fetch
    assert found == {f"{name}-old": (f"{name}-new", "url") for name in dated}


PARTS = [  # one address, two fetches; of the newer one three chunks and a copy of the last
    *[Page(doc_id=f"old {i}", url="http://e.test/", fetched_at="2025", text=text(f"o{i}"), is_row=True) for i in range(2)],
    *[Page(doc_id=f"new {i}", url="http://e.test/#c", fetched_at="2026", text=text(f"n{i}"), is_row=True) for i in range(3)],
    Page(doc_id="copy", url="http://e.test/", fetched_at="2026-01-01", text=text("n2"), value=-1, is_row=True),
    *[Page(doc_id=f"bare {i}", url="http://e.test/", fetched_at=None, text=text(f"b{i}"), is_row=True) for i in range(2)],
    *[Page(doc_id=f"none {i}", url="about:blank", text=text(f"a{i}"), is_row=bool(i)) for i in range(2)],
]


@pytest.mark.parametrize(
    ("row_urls", "dropped"),
    [
        ("dated", {"old 0": "url", "old 1": "url", "copy": "exact"}),
        ("never", {"copy": "exact"}),
        ("always", dict.fromkeys(("old 0", "old 1", "new 1", "new 2", "copy", "bare 0", "bare 1"), "url")),
    ],
)
def test_chunks_of_one_address_are_no_copies_until_2026_11_one_stood_for_all(spark, row_urls, dropped):
    settings = DuplicateSettings(row_urls=row_urls)
    found = {row[0]: row[5] for row in rows(found_in(frame(spark, PARTS), settings))}
    assert found == dropped


def test_switched_off_kinds_are_not_looked_for(spark):
    settings = DuplicateSettings(same_url=False, exact=False, near=False)
    assert rows(found_in(frame(spark, MIXED), settings)) == []


def a_crawl(seed):
    """Families of pages whose members are 0.9 alike or not alike at all, where MinHash leaves nothing to chance; shuffled."""
    choose = random.Random(seed)
    pages = []
    for family in range(40):
        words = 150 + choose.randrange(200)
        for member in range(choose.choice([1, 1, 2, 3, 5])):
            page = text(f"{seed}.{family}", words, changed=choose.choice([0, 0, 1]), start=choose.randrange(100))
            url = f"http://{choose.choice('ab')}.test/{family}/{choose.randrange(4)}" if choose.random() < 0.8 else None
            day = f"2024-01-{choose.randrange(1, 29):02}T00:00:00Z"
            name, value = f"{choose.getrandbits(64):016x}", choose.randrange(3)
            row = choose.random() < 0.3
            pages.append(Page(doc_id=name, text=page, url=url, fetched_at=day, value=value, warc_offset=member, is_row=row))
    return pages


def test_comparing_every_pair_gives_the_same_whatever_the_order_and_the_partitions(spark):
    pages = a_crawl(2)
    expected = reference.duplicates(pages, DEFAULT)
    before = spark.conf.get("spark.sql.shuffle.partitions")
    results = []
    try:
        for partitions in (1, 2, 7):
            random.Random(partitions).shuffle(pages)
            spark.conf.set("spark.sql.shuffle.partitions", str(partitions))
            results.append(rows(found_in(frame(spark, pages).repartition(partitions), DEFAULT)))
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", before)
    assert results[0] == results[1] == results[2]
    assert {row[0]: (row[3], row[5]) for row in results[0]} == expected
    assert {kind for _, kind in expected.values()} == {"url", "exact", "near"}


PLACES = [
    "https://data.example/crawl-data/CC-MAIN-2026-01/segments/1/a.warc.gz",
    "dumps/crawl-data/CC-MAIN-2026-01/segments/2/b.warc.gz",
    "dumps/crawl-data/CC-MAIN-2026-05/segments/1/a.warc.gz",
    "old/a.warc.gz",
    "old/b.wacz!/archive/data.warc.gz",
    "a.warc.gz",
]


def test_within_inputs_each_is_deduplicated_as_if_it_were_alone(spark):
    choose = random.Random(5)
    pages = [replace(page, warc_file=choose.choice(PLACES)) for page in a_crawl(3)]
    settings = DuplicateSettings(scope="input")
    found = {row[0]: (row[3], row[5]) for row in rows(found_in(frame(spark, pages), settings))}
    assert found == reference.duplicates(pages, settings)
    assert {kind for _, kind in found.values()} == {"url", "exact", "near"}
    assert len(found) < len(reference.duplicates(pages, DEFAULT))


def test_an_input_is_a_dump_or_a_folder():
    assert [input_of(path) for path in PLACES] == ["CC-MAIN-2026-01"] * 2 + ["CC-MAIN-2026-05", "old", "old", ""]
    assert [input_of(path) for path in PLACES] == [reference.input_of(path) for path in PLACES]
    with pytest.raises(RecipeError, match='must be "corpus" or "input"'):
        DuplicateSettings(scope="dump")
    with pytest.raises(RecipeError, match="set one of them"):
        DuplicateSettings(scope="input", against=("corpus-1",))


def test_a_hot_bucket_gives_pairs_in_proportion_to_its_documents(spark):
    many = [(f"{number:04}", float(number % 5), 2024, [7, 1000 + number]) for number in range(500)]
    standing = spark.createDataFrame(many, "doc_id string, value double, fetched long, bands array<bigint>")
    standing = standing.withColumn("fixed", f.lit(False))
    pairs = {tuple(row) for row in candidate_pairs(standing, DuplicateSettings(bucket_neighbours=2), 8).collect()}
    in_value = sorted(many, key=lambda row: (-row[1], row[0]))
    expected = {(in_value[max(0, i - step)][0], in_value[i][0]) for i in range(1, 500) for step in (1, 2, 500)}
    assert pairs == expected


DRIFT = DuplicateSettings(bands=40, rows=4)  # so many bands that no pair is missed


def drifting():
    """Seven pages, each 0.77 like the next and ever less like the first, which is worth most."""
    words = prose("drift", 900)
    return [Page(doc_id=f"d{i}", text=spelled(words[40 * i : 40 * i + 300]), value=-i) for i in range(7)]


def test_a_copy_of_a_copy_stays_where_it_has_drifted_from_the_keeper(spark):
    found = {row[0]: (row[3], row[6]) for row in rows(found_in(frame(spark, drifting()), DRIFT))}
    assert {doc_id: keeper for doc_id, (keeper, _) in found.items()} == {"d1": "d0", "d2": "d0", "d4": "d3", "d5": "d3"}
    assert [found[one][1] for one in ("d1", "d2")] == pytest.approx([256 / 336, 216 / 376])


def test_rounds_of_choosing_keepers_are_bounded_and_what_is_left_is_kept(spark, monkeypatch):
    monkeypatch.setattr(drop_duplicates, "MAX_ROUNDS", 1)
    found = rows(found_in(frame(spark, drifting()), DRIFT))
    assert [row[0] for row in found] == ["d1", "d2"]
    assert duplicates(FramePages(frame(spark, drifting())), DRIFT, lambda batch: batch["value"]).undecided == 4


def test_strictly_no_copy_of_a_copy_goes(spark):
    found = {row[0]: (row[3], row[6]) for row in rows(found_in(frame(spark, drifting()), replace(DRIFT, strict=True)))}
    assert {doc_id: keeper for doc_id, (keeper, _) in found.items()} == {"d1": "d0", "d3": "d2", "d5": "d4"}
    assert min(similarity for _, similarity in found.values()) >= DRIFT.min_similarity


def test_a_record_met_again_is_a_copy_of_itself(spark):
    again = frame(spark, [Page(doc_id="r", text="x", warc_file="b.warc.gz", warc_offset=5)])
    assert rows(repeated_records(again)) == [("r", "b.warc.gz", 5, "r", "r", "record", 1.0)]
