"""A slice of `make test-faults`, and that it would find what it looks for."""

import json
import os
from pathlib import Path

import pytest

from pipeline import blocks
from tests.examples import deep
from tests.faults import hostile, stops
from tests.faults.parts import PARTS, Part, Place
from tests.faults.table import JSON, PAGE, page

pytestmark = pytest.mark.faults
SLICES = {"F2, F6": 100, "F9": 200, "F10, F11": 300}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_no_fault_is_silent_and_none_costs_more_than_it_hits(place: Place, part: Part) -> None:
    for seed in range(10 if deep() else 1):
        outcome, wrong = part.run(place, seed, SLICES.get(part.number, part.slice))
        assert outcome.injected and outcome.is_clean, "\n".join([f"seed {seed}: {outcome}", *wrong])
        assert outcome.noticed + outcome.harmless + outcome.beyond >= outcome.injected


def test_a_reader_that_compares_nothing_would_be_found_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.bench  # noqa: B018 - as it is while readers compare
    monkeypatch.setattr(blocks, "block_holds", lambda *_: True)
    assert PARTS["F10, F11"].run(place, 0, 120)[0].silent > 5


def test_the_page_of_faults_shows_what_was_counted() -> None:
    assert PAGE.read_text("utf-8") == page(json.loads(JSON.read_text("utf-8")))


@pytest.mark.parametrize("payload", [hostile.PAYLOADS[number] for number in (0, 1, 2, 4, 5, 7, 9)])
def test_a_page_that_shows_a_string_as_it_is_would_be_found_out(payload: str) -> None:
    page = "<style>p {{}}</style><p title='{}'>{}</p>"
    assert hostile.page_is_safe(page.format("", "x"), page.format("", ""))
    assert not all(
        hostile.page_is_safe(text, page.format("", "")) for text in (page.format("", payload), page.format(payload, ""))
    )


def test_a_writer_that_writes_in_place_would_be_found_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_place(target: Path, data: bytes) -> None:
        with target.open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            os.fsync(file.fileno())
            file.write(data[len(data) // 2 :])

    monkeypatch.setattr("jobs.corpus.stores.disk.replace_file", in_place)
    monkeypatch.setattr(stops, "WORKS", stops.WORKS[:1])  # a publication, at each of its points
    outcome, _ = stops.run(place.folder / "in-place", 0, 10_000)
    assert outcome.lost
