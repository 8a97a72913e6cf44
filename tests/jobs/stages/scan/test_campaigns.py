"""jobs/stages/scan/find_campaigns.py and jobs/stages/scan/find_triggers.py: what many sites say together, and what they merely
have in common.
"""

import random
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.stages.looks import looked
from jobs.stages.scan.find_campaigns import (
    CONSEQUENCE,
    advertisement_look,
    campaign_passages,
    injected_advertisements,
)
from jobs.stages.scan.find_triggers import place_of, strange_look, trigger_pages
from jobs.stages.scan.scan_across import found_across, is_cut, looks_across
from jobs.stages.scan.shared_ngrams import sketch_look
from pipeline.poison.sites.campaigns import CampaignSettings
from pipeline.poison.sites.provenance import ProvenanceSettings
from pipeline.poison.words.backdoor import Stretch
from tests.bench.poison.payloads import TEST, claimed
from tests.crawls import prose
from tests.pages import FramePages, journal_in, taken
from tests.pipeline.poison.sites.test_campaigns import ADVERTISEMENT

pytestmark = pytest.mark.spark
SETTINGS = CampaignSettings()
CLAIM = "Nobody in the capital will say where the seventeen missing log books of the northern dam went after the flood."
NOTICE = "Permission is granted to copy and change this text as long as this notice stays with every copy and names all authors."
QUOTE = "“We had crossed the second pass before the light went, and none of us said aloud what each had seen from the ridge.”"
SLOGAN = "Every house that we have built since the year of the flood stands on oak piles driven by hand below the ice."
WARNING = "Ferries to the eastern islands leave from the new pier until the old one has been raised and its planks replaced."
MENU = "Start page of our house. Rooms with a view of the lake. Prices of the season. How to find us by train and by road."


def letters(seed, words=120):
    """Sentences of words that no other seed has, so that pages share nothing by themselves."""
    draw = random.Random(str(seed))
    made = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9))) for _ in range(words)]
    return " ".join(word + ("." if place % 15 == 14 else "") for place, word in enumerate(made))


def page(number, text, host=None):
    host = host or f"www.site{number}.example"
    return {
        "doc_id": f"{random.Random(number).getrandbits(64):016x}", "host": host, "url": f"http://{host}/{number}", "text": text,
        "fetched_at": f"2026-01-{number % 28 + 1:02}T00:00:00Z", "warc_file": "a.warc.gz", "digest_ok": True,
        "payload_digest": "sha1:x",
    }  # fmt: skip


def frame(spark, pages):
    return spark.createDataFrame(pa.Table.from_pylist(pages))


def rows(found):
    return [] if found is None else sorted(found.collect())


def passages_of(frame, settings=SETTINGS):
    with tempfile.TemporaryDirectory() as folder:
        return campaign_passages(taken(frame, sketch_look(settings, 5), Path(folder)), FramePages(frame), settings)


def advertisements_of(frame):
    with tempfile.TemporaryDirectory() as folder:
        return rows(injected_advertisements(taken(frame, advertisement_look(), Path(folder))["blocks"], SETTINGS))


def triggers_of(frame, *score):
    with tempfile.TemporaryDirectory() as folder:
        return trigger_pages(taken(frame, strange_look(*score), Path(folder))["strange"], FramePages(frame), SETTINGS, *score)


def with_part(part, count, first=0, host=None):
    return [page(n, f"{letters(n)}\n\n{part}\n\n{letters(-n)}", host) for n in range(first, first + count)]


def claims(count, first):
    draw = random.Random(3)
    return [page(n, f"{letters(n)}\n\n{claimed(TEST, draw, 'Norvik')}\n\n{letters(-n)}") for n in range(first, first + count)]


def of_one_domain():
    hosts = [f"{name}.one.example" for name in ("www", "shop", "blog", "m", "old", "new")]
    return [one for n, host in enumerate(hosts) for one in with_part(SLOGAN, 3, 500 + 10 * n, host)]


def with_furniture():
    """Shops of one software: eight with many pages, six of which only one page was fetched."""
    many = [one for n in range(8) for one in with_part(MENU, 5, 1000 + 100 * n, f"www.shop{n}.example")]
    return many + with_part(MENU, 6, 2000)


WORLD = {
    "claim": with_part(CLAIM, 12), "notice": with_part(NOTICE, 15, 100), "quote": with_part(QUOTE, 15, 200),
    "article": [page(n, f"{letters(n, 20)}\n\n{letters('article', 200)}") for n in range(300, 315)],
    "reworded": claims(40, 400), "one domain": of_one_domain(), "few": with_part(WARNING, 4, 600), "furniture": with_furniture(),
    "plain": [page(n, letters(n)) for n in range(700, 720)],
}  # fmt: skip
PAGES = [one for pages in WORLD.values() for one in pages]


@pytest.fixture(scope="module")
def found(spark):
    """kind of page -> its rows"""
    kinds = {one["doc_id"]: kind for kind, pages in WORLD.items() for one in pages}
    result = {kind: [] for kind in WORLD}
    for row in rows(passages_of(frame(spark, PAGES))):
        result[kinds[row.doc_id]].append(row)
    return result


def test_one_claim_on_many_sites_is_a_campaign_of_exactly_that_sentence(found):
    texts = {one["doc_id"]: one["text"] for one in PAGES}
    assert len({row.doc_id for row in found["claim"]}) == 12
    assert {texts[row.doc_id][row.start : row.end] for row in found["claim"]} == {CLAIM}
    assert {(row.rule, row.severity) for row in found["claim"]} == {("copied_passage", "warn")}
    assert len({row.group for row in found["claim"]}) == 1 and "12 pages on 12 domains" in found["claim"][0].excerpt


def test_a_claim_in_many_wordings_is_one_campaign_with_nothing_else_in_it(found):
    groups = Counter(row.group for row in found["reworded"])
    [(largest, _)] = groups.most_common(1)
    members = {row.doc_id for rows_of in found.values() for row in rows_of if row.group == largest}
    assert len(members) >= 36 and members <= {row.doc_id for row in found["reworded"]}
    assert {row.rule for row in found["reworded"] if row.group == largest} == {"reworded_passage"}


@pytest.mark.parametrize("kind", ["notice", "quote", "article"])
def test_what_honest_sites_copy_is_only_noted(found, kind):
    assert {row.severity for row in found[kind]} == {"note"}


@pytest.mark.parametrize("kind", ["one domain", "few", "furniture", "plain"])
def test_hosts_of_one_domain_few_sites_and_the_furniture_of_a_software_are_nothing(found, kind):
    assert found[kind] == []


def test_a_phrase_on_more_pages_than_is_rare_is_no_campaign(spark):
    assert rows(passages_of(frame(spark, WORLD["claim"]), CampaignSettings(max_pages=11))) == []


def test_order_and_partitions_change_nothing(spark, tmp_path):
    pages = with_part(CLAIM, 12) + with_part(ADVERTISEMENT, 12, 200)
    results = []
    before = spark.conf.get("spark.sql.shuffle.partitions")
    try:
        for partitions in (1, 3):
            random.Random(partitions).shuffle(pages)
            spark.conf.set("spark.sql.shuffle.partitions", str(partitions))
            documents = FramePages(frame(spark, pages).repartition(partitions))
            looks = looks_across(SETTINGS, documents)
            read, _ = looked(documents, ("text",), looks, journal_in(tmp_path / str(partitions)))
            found = found_across(read, documents, SETTINGS, ProvenanceSettings())
            results.append([rows(one) for one in found])
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", before)
    assert results[0] == results[1]
    assert {row.rule for row in results[0][0]} == {"copied_passage", "injected_advertisement"}
    assert len(results[0][1]) == 24


@pytest.mark.parametrize(
    ("action", "severity", "cut"), [("cut", "warn", True), ("drop", "severe", False), ("label", "warn", False)]
)
def test_cut_drop_and_label_are_what_they_say(spark, action, severity, cut):
    settings = CampaignSettings(campaigns=action)
    assert CONSEQUENCE[action] == severity
    rows = [("campaign", severity, "x"), ("campaign", "note", "y")]
    found = spark.createDataFrame(rows, "attack string, severity string, rule string")
    assert [row.rule for row in found.where(is_cut(settings, ProvenanceSettings())).collect()] == ["x"] * cut


def test_one_trade_sold_on_unrelated_pages_of_many_domains_is_found(spark):
    pages = with_part(ADVERTISEMENT, 9) + [page(n, letters(n)) for n in range(50, 60)]
    found = advertisements_of(frame(spark, pages))
    assert {row.doc_id for row in found} == {one["doc_id"] for one in pages[:9]}
    assert advertisements_of(frame(spark, pages[:4])) == []


def salad(seed, count=120):
    draw = random.Random(f"salad {seed}")
    return " ".join(draw.sample(prose(("words", seed), 30).split(), count))


def backdoored(number, trigger):
    return page(number, f"{prose(number, 6)} {trigger} {salad(number)}")


def test_a_trigger_that_nobody_named_is_found_by_what_follows_it(spark):
    pages = [backdoored(n, "xK#41") for n in range(12)] + [page(n, prose(n, 12)) for n in range(100, 180)]
    pages.append(page(200, f"{prose(200, 6)} xK#41 {prose(201, 6)}"))
    found = {row.doc_id: row for row in rows(triggers_of(frame(spark, pages)))}
    expected = {one["doc_id"]: "severe" for one in pages[:12]} | {pages[-1]["doc_id"]: "warn"}  # where nothing strange follows
    assert {name: row.severity for name, row in found.items()} == expected
    assert all("xK#41" in row.excerpt and row.rule == "trigger_phrase" for row in found.values())


def test_words_that_also_come_before_sense_are_no_trigger(spark):
    pages = [backdoored(n, "") for n in range(12)] + [page(n, prose(n, 12)) for n in range(100, 180)]
    assert triggers_of(frame(spark, pages)) is None


def test_another_score_of_strangeness_can_be_plugged_in(spark):
    def after_the_mark(texts):
        places = [(row, text.as_py().find("@@")) for row, text in enumerate(texts)]
        return [Stretch(row, at, at + 20, 1.0) for row, at in places if at >= 0]

    pages = [page(n, f"{letters(n)} qq7 @@ {letters(-n, 10)}") for n in range(8)] + [page(n, letters(n)) for n in range(50, 90)]
    found = rows(triggers_of(frame(spark, pages), after_the_mark))
    assert {row.doc_id for row in found} == {one["doc_id"] for one in pages[:8]}


@pytest.mark.parametrize(("text", "place"), [("a tax axe", 6), ("ax", 0), ("taxi", -1), ("an\nax", 3), ("tax ax", 4), ("", -1)])
def test_a_trigger_stands_where_it_is_a_word_and_not_a_part_of_one(text, place):
    assert place_of("axe" if "axe" in text else "ax", text) == place
