"""tests/bench/poison/plant.py, the tool that the figures rest on: what it writes is a WARC like any other, and the truth is
true.
"""

import json
import random
from pathlib import Path

import pytest

from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.read import ingest
from pipeline.read.http.response import HttpLimits, parse_response
from pipeline.read.warc import records as warc
from tests.bench.poison import payload_words, payloads
from tests.bench.poison.plant import plant
from tests.bench.poison.planting import BACKDOORS, CAMPAIGNS, CLASSES
from tests.crawls import Crawl, page

LIMITS = warc.WarcLimits()


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """(folder, truth): two plants of every class among sixty pages, a 404 and an image."""
    folder = tmp_path_factory.mktemp("planted")
    crawl = Crawl()
    for number in range(60):
        crawl.response(f"http://host{number % 3}.example/{number}", page(number, paragraphs=4))
    crawl.response("http://host.example/gone", "<p>gone</p>", status="404 Not Found")
    crawl.response("http://host.example/image", b"\x89PNG", mime="image/png")
    source = crawl.write(folder / "crawl.warc.gz")
    return folder, plant([source], folder / "out", list(CLASSES), 2, payloads.TEST, seed=3)


def records(path: Path):
    with path.open("rb") as stream:
        return {record.record_id: record for record in warc.read_records(stream, LIMITS) if isinstance(record, warc.Record)}


def test_every_record_of_the_input_is_in_the_output(planted):
    folder, _ = planted
    before, after = records(folder / "crawl.warc.gz"), records(folder / "out" / "crawl.warc.gz")
    assert list(before) == list(after)
    assert len(after) == 62


def test_only_planted_pages_have_other_bytes(planted):
    folder, truth = planted
    before, after = records(folder / "crawl.warc.gz"), records(folder / "out" / "crawl.warc.gz")
    changed = {name for name in before if before[name].block != after[name].block}
    assert changed == {one.record_id for one in truth}


def test_the_truth_names_the_planted_bytes(planted):
    folder, truth = planted
    found = records(folder / "out" / "crawl.warc.gz")
    for one in truth:
        payload = parse_response(found[one.record_id].block, HttpLimits()).payload
        assert payload[one.start : one.end].strip().startswith(b"<"), one
        assert 0 <= one.start < one.end <= len(payload)


def test_digests_and_lengths_are_those_of_the_new_bytes_but_for_the_class_that_breaks_them(planted):
    folder, truth = planted
    with (folder / "out" / "crawl.warc.gz").open("rb") as stream:
        read = [part.documents for part in ingest.ingest_file(stream, "x.warc.gz", ingest_settings(Recipe()))]
    documents = [row for part in read for row in part.to_pylist()]
    assert len(documents) == 60
    broken = {row["record_id"] for row in documents if not row["digest_ok"]}
    assert broken == {one.record_id for one in truth if one.klass == "X1"}


def test_every_class_is_planted_and_campaigns_stand_on_sites_of_their_own(planted):
    _, truth = planted
    assert {one.klass for one in truth} == set(CLASSES)
    assert all(("site" in one.url) == (one.klass in (*CAMPAIGNS, *BACKDOORS)) for one in truth)


def test_text_that_is_reached_is_where_the_truth_says(planted):
    folder, truth = planted
    assert {one.reach for one in truth} == {"text", "hidden", "markup", "nowhere"}
    assert all((one.text_start >= 0) == (one.reach == "text") for one in truth)
    lines = (folder / "out" / "truth.jsonl").read_text().splitlines()
    assert [json.loads(line)["record_id"] for line in lines] == [one.record_id for one in truth]


def test_the_same_seed_plants_the_same_bytes(planted, tmp_path):
    folder, truth = planted
    assert plant([folder / "crawl.warc.gz"], tmp_path, list(CLASSES), 2, payloads.TEST, seed=3) == truth
    blocks = [{name: one.block for name, one in records(at / "crawl.warc.gz").items()} for at in (folder / "out", tmp_path)]
    assert blocks[0] == blocks[1]


def test_families_to_calibrate_on_and_to_test_on_share_nothing():
    for table in (payload_words.BRANDS, payload_words.GOODS, payload_words.V1, payload_words.V2, payload_words.TOKENS,
                  payload_words.TRADE, payload_words.CLAIM, payloads.ENCODINGS, payloads.TRIGGERS):  # fmt: skip
        assert set(table[payloads.CALIBRATE]).isdisjoint(table[payloads.TEST])
    for klass in ("V1", "V2", "U1", "U2", "U3", "U4", "U5", "U6", "E1", "T1", "S1"):
        names = [{one.name for one in payloads.families(klass, split)} for split in payloads.SPLITS]
        assert names[0].isdisjoint(names[1]) and all(names)


@pytest.mark.parametrize("klass", ["U1", "U3", "U5", "E1"])
def test_a_disguised_payload_does_not_show_what_it_means(klass):
    for family in payloads.families(klass, payloads.TEST):
        made = family.make(random.Random(1))
        assert made.meant not in made.planted
