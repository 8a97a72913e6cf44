"""A slice of `make test-faults` that every `make test` has time for: a few faults of each kind."""

import os
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.faults.parts import PARTS, Place
from tests.faults.readers import READERS
from tests.faults.subject import make_subject

SEED = int(os.environ.get("WINNOW_TEST_SEED", "1"))
SLOW = ("report", "audit", "evaluate", "train", "verify a certificate")  # asked in `make test-faults`
ALONE = {"F2, F6": 24, "F4, F5": 12, "F9": 60}  # need no corpus of their own
ON_A_CORPUS = {"F7": 20, "F8": 2, "F10, F11": 60, "F12, F13": 9, "F15": 12}


def put_in(part: str, place: Place, count: int) -> None:
    outcome, wrong = PARTS[part].run(place, SEED, count)
    assert outcome.injected and outcome.is_clean, "\n".join([f"seed {SEED}: {outcome}", *wrong])


def test_every_kind_is_in_the_slice() -> None:
    assert {*ALONE, *ON_A_CORPUS} == {*PARTS}


@pytest.mark.parametrize("part", ALONE)
def test_what_is_disturbed_while_it_writes_or_is_read_loses_and_hides_nothing(part: str, tmp_path: Path) -> None:
    put_in(part, Place(tmp_path), ALONE[part])


@pytest.fixture(scope="module")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("slice")
    make_subject(folder / "subject", spark)
    return Place(folder, [one for one in READERS if one.name not in SLOW])


@pytest.mark.parametrize("part", ON_A_CORPUS)
def test_no_reader_takes_what_is_damaged_for_sound(part: str, place: Place) -> None:
    put_in(part, place, ON_A_CORPUS[part])
