"""A file read in parts gives what reading it whole gives, wherever it is cut and whatever is wrong with it."""

import gzip
import io
import random
from collections.abc import Iterable
from hashlib import sha1
from itertools import pairwise

import pytest
import zstandard

from pipeline.errors import InputError
from pipeline.read.warc import splits
from pipeline.read.warc.records import Damage, Record, WarcLimits, read_records
from pipeline.read.warc.splits import Reach, Split, SplitRead, joined, splits_of
from tests.examples import deep
from tests.faults.warc_faults import FAULTS, FORMS
from tests.pipeline.read.warc.test_warc import LIMITS, SMALL, blocks, members, record_bytes

RECORDS = [record_bytes(number, block[:150]) for number, block in enumerate(blocks(9))]
INNER = members(record_bytes(number + 100, block[:60]) for number, block in enumerate(blocks(6, seed=2)))

NAMELESS = b"WARC/1.0\r\nbroken\r\n\r\n"
DIGESTED = RECORDS[8].replace(
    b"\r\n", b"\r\nWARC-Block-Digest: sha1:" + sha1(blocks(9)[8][:150]).hexdigest().encode() + b"\r\n", 1
)


def verbatim(data: bytes) -> bytes:
    """A gzip member that holds `data` as it is: whoever looks for members finds those that are in it."""
    return gzip.compress(data, compresslevel=0, mtime=0)


def in_splits(data: bytes, sizes: Iterable[Split], limits: WarcLimits = LIMITS) -> tuple[list[Record | Damage], int]:
    """(the items of the splits that count, how many were read again)"""
    planned = list(sizes)
    items: dict[Split, list[Record | Damage]] = {}
    known: dict[Split, Reach] = {}

    def read(split: Split) -> None:
        reading = SplitRead(split)
        items[split] = list(reading.records(io.BytesIO(data), limits))
        assert reading.reach is not None
        known[split] = reading.reach

    for split in planned:
        read(split)
    while isinstance(found := joined(planned, known), Split):
        read(found)
    return [item for split in found for item in items[split]], len(known) - len(planned)


def whole(data: bytes, limits: WarcLimits = LIMITS) -> list[Record | Damage]:
    return list(read_records(io.BytesIO(data), limits))


WARC_IN_WARC = members(RECORDS[:2]) + verbatim(record_bytes(50, b"HTTP/1.1 200 OK\r\n\r\n" + INNER)) + members(RECORDS[2:4])
FILES = {
    "a record a member": members(RECORDS),
    "records that share members": b"".join(gzip.compress(b"".join(RECORDS[at : at + 3]), mtime=0) for at in range(0, 9, 3)),
    "records over several members": b"".join(
        gzip.compress(piece, mtime=0) for one in RECORDS[:5] for piece in (one[:100], one[100:200], one[200:])
    ),
    "a warc in a warc": WARC_IN_WARC,
    "a warc in a warc, damaged": WARC_IN_WARC[: len(members(RECORDS[:2])) + 300] + bytes(40) + WARC_IN_WARC[-700:],
    "one member": gzip.compress(b"".join(RECORDS), mtime=0),
    "plain": b"".join(RECORDS[:4]),
    "empty members and padding between": b"\0\0".join(
        gzip.compress(one, mtime=0) + gzip.compress(b"", mtime=0) for one in RECORDS
    ),
    "members that name no record": members([*RECORDS[:3], NAMELESS, NAMELESS, *RECORDS[3:5], NAMELESS]),
    "a record twice, the second cut in its checksum": members([DIGESTED, RECORDS[0], DIGESTED])[:-6],
    "ends early": members(RECORDS)[:-40],
    "zstd frames": b"".join(zstandard.compress(one) for one in RECORDS),
    "zstd, a warc in a warc": b"".join(
        zstandard.compress(one)
        for one in (*RECORDS[:2], record_bytes(50, b"".join(zstandard.compress(two) for two in RECORDS[5:])), RECORDS[2])
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_every_size_of_splits_gives_the_same_items(name: str) -> None:
    data = FILES[name]
    expected = whole(data)
    for size in range(1, len(data) + 2):
        assert in_splits(data, splits_of(len(data), size))[0] == expected, f"splits of {size} bytes"


@pytest.mark.parametrize("limits", [LIMITS, SMALL])
def test_a_border_anywhere_in_a_warc_that_holds_a_warc(limits: WarcLimits) -> None:
    expected, again = whole(WARC_IN_WARC, limits), 0
    for border in range(1, len(WARC_IN_WARC)):
        cut = [Split(0, border, True), Split(border, len(WARC_IN_WARC), False)]
        items, some = in_splits(WARC_IN_WARC, cut, limits)
        assert items == expected, border
        again += some
    assert again > len(INNER) / 2, "most borders within the archived one lead to a start that is none"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", FAULTS)
def test_damage_wherever_it_is_gives_the_same_items_in_splits(form: str, fault: str) -> None:
    rng = random.Random(f"{form} {fault}")
    sound = FORMS[form](rng)
    for _ in range(200 if deep() else 12):
        data, _ = FAULTS[fault](rng, sound)
        try:
            expected = whole(data, sound.limits)
        except InputError:  # refused by name before anything is read
            continue
        for size in (rng.randrange(20, 900), rng.randrange(900, len(data))):
            assert in_splits(data, splits_of(len(data), size), sound.limits)[0] == expected


def test_damage_at_a_border_is_found_once() -> None:
    data, ends = bytearray(members(RECORDS)), [len(members(RECORDS[:count])) for count in range(1, len(RECORDS))]
    for end in ends:
        for at in range(end - 12, end + 12):
            damaged = bytes(data[:at]) + bytes([data[at] ^ 255]) + bytes(data[at + 1 :])
            expected = whole(damaged)
            for border in (end - 1, end, end + 1):
                cut = [Split(0, border, True), Split(border, len(damaged), False)]
                assert in_splits(damaged, cut)[0] == expected


def test_where_much_was_read_again_the_file_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """How much may be depends on all of the file that came before, which a split does not know."""
    data = FILES["a warc in a warc, damaged"]
    monkeypatch.setattr(splits, "REREAD_FLOOR_BYTES", 1)
    planned = splits_of(len(data), 200)
    known = {Split(0, len(data), True): Reach(0, len(data), 0)}
    assert joined(planned, known) == [Split(0, len(data), True)]
    items, again = in_splits(data, planned)
    assert items == whole(data) and again > 0


def test_a_setting_that_asks_for_too_many_splits_gives_as_many_as_there_may_be() -> None:
    assert len(splits_of(1 << 40, 1)) == splits.MOST_SPLITS


def test_splits_cover_a_file_and_none_is_tiny() -> None:
    for size, split_bytes in ((1, 1), (10, 3), (100, 7), (128, 128), (255, 128), (256, 128), (1 << 40, 128 << 20)):
        found = splits_of(size, split_bytes)
        assert (found[0].begin, found[-1].end) == (0, size)
        assert all(one.end == other.begin for one, other in pairwise(found))
        assert all(split_bytes <= one.end - one.begin < 2 * split_bytes + 1 for one in found) or len(found) == 1
        assert [one.from_member for one in found] == [True] + [False] * (len(found) - 1)
