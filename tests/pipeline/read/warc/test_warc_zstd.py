"""WARC in zstd frames: the records of the same file in gzip, whatever its frames look like, and one record lost by fault."""

import io
import random
from collections.abc import Callable

import pytest
import zstandard

from pipeline.errors import InputError
from pipeline.read.warc.records import Damage, Record, WarcLimits, check_warc, read_record_at, read_records
from pipeline.read.warc.zstd import DICTIONARY_FRAME
from tests.pipeline.read.warc.test_warc import (
    LIMITS,
    assert_every_byte_is_accounted_for,
    blocks,
    damages,
    ids,
    members,
    read,
    record_bytes,
)

RECORDS = [record_bytes(number, block) for number, block in enumerate(blocks(30))]
DICTIONARY = zstandard.train_dictionary(4096, [one[at : at + 500] for one in RECORDS for at in range(0, len(one), 500)])
Pack = Callable[[list[bytes]], bytes]


def frames(records: list[bytes], **parameters: object) -> bytes:
    """Each record a frame, with its size and a checksum."""
    compressor = zstandard.ZstdCompressor(write_checksum=True, **parameters)
    return b"".join(compressor.compress(one) for one in records)


def streamed(records: list[bytes]) -> bytes:
    """Frames that do not say how large they are."""
    packed = b""
    for one in records:
        compressor = zstandard.ZstdCompressor(write_checksum=True).compressobj()
        packed += compressor.compress(one) + compressor.flush()
    return packed


def skippable(data: bytes, magic: bytes = DICTIONARY_FRAME) -> bytes:
    return magic + len(data).to_bytes(4, "little") + data


def with_dictionary(records: list[bytes]) -> bytes:
    return skippable(DICTIONARY.as_bytes()) + frames(records, dict_data=DICTIONARY)


def with_packed_dictionary(records: list[bytes]) -> bytes:
    return skippable(zstandard.compress(DICTIONARY.as_bytes())) + frames(records, dict_data=DICTIONARY)


def in_one_frame(records: list[bytes]) -> bytes:
    return frames([b"".join(records)])


def with_a_table(records: list[bytes]) -> bytes:
    """As seekable zstd ends."""
    return frames(records) + skippable(b"table", b"\x5e\x2a\x4d\x18")


PACKED: dict[str, Pack] = {
    "frames": frames, "level 19": lambda records: frames(records, level=19), "streamed": streamed, "one frame": in_one_frame,
    "dictionary": with_dictionary, "packed dictionary": with_packed_dictionary, "table": with_a_table,
}  # fmt: skip


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_records_are_those_of_the_same_file_in_gzip(pack: Pack) -> None:
    data = pack(RECORDS)
    check_warc(io.BytesIO(data), "a.warc.zst")
    items = read(data)
    plain = [item for item in read(members(RECORDS)) if isinstance(item, Record)]
    found = [item for item in items if isinstance(item, Record)]
    assert [item._replace(offset=0, length=0) for item in found] == [item._replace(offset=0, length=0) for item in plain]
    assert damages(items) == []


@pytest.mark.parametrize("pack", [frames, with_dictionary, in_one_frame], ids=["frames", "dictionary", "one frame"])
def test_each_record_is_found_again_by_its_offset(pack: Pack) -> None:
    data = pack(RECORDS)
    for item in read(data):
        assert isinstance(item, Record) and read_record_at(io.BytesIO(data), item.offset, LIMITS) == item


@pytest.mark.parametrize("pack", [frames, streamed], ids=["frames", "streamed"])
def test_a_flipped_bit_costs_one_record_and_every_byte_is_accounted_for(pack: Pack) -> None:
    data, rng = pack(RECORDS), random.Random(7)
    starts = [item.offset for item in read(data)]
    for _ in range(60):
        place = rng.randrange(len(data))
        broken = bytearray(data)
        broken[place] ^= 1 << rng.randrange(8)
        items = read(bytes(broken))
        hit = str(max(number for number, start in enumerate(starts) if start <= place))
        lost = {str(number) for number in range(30)} - set(ids(items))
        assert lost <= {hit}, (place, lost)
        assert lost == set() or damages(items)
        assert_every_byte_is_accounted_for(bytes(broken), items)
        assert all(item in read(data) for item in items if isinstance(item, Record) and item.record_id != f"urn:test:{hit}")


def test_a_file_that_is_cut_says_so_and_loses_its_last_record_alone() -> None:
    data = frames(RECORDS)
    for cut in (1, 5, 40):
        items = read(data[:-cut])
        assert ids(items) == [str(number) for number in range(29)] and len(damages(items)) == 1


def test_a_bomb_is_a_row_and_not_memory() -> None:
    bomb = frames([record_bytes(1, bytes(64 << 20))])
    items = read(bomb + frames(RECORDS[2:4]), WarcLimits(max_record_bytes=1 << 20))
    assert len(bomb) < 20_000
    assert ids(items) == ["2", "3"] and {item.reason for item in damages(items)} <= {"bomb", "too_large", "damaged"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (DICTIONARY_FRAME + b"\xff\xff\xff\xff", "not there whole, or too large"),
        (skippable(b"no dictionary") + frames(RECORDS[:1]), "that is none"),
        (skippable(zstandard.compress(b"x" * 100)[:-9]) + frames(RECORDS[:1]), "that"),
        (frames([b"no warc at all"]), "no frame of it opens a record"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=rf"a\.warc\.zst.*{words}"):
        check_warc(io.BytesIO(data), "a.warc.zst")


def test_without_its_dictionary_no_record_is_made_up() -> None:
    data = frames(RECORDS, dict_data=DICTIONARY)
    with pytest.raises(InputError):
        check_warc(io.BytesIO(data), "a.warc.zst")
    assert all(isinstance(item, Damage) for item in _read_or_nothing(data))


def _read_or_nothing(data: bytes) -> list[Record | Damage]:
    try:
        return list(read_records(io.BytesIO(data), LIMITS))
    except InputError:
        return []
