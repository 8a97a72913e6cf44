"""Reading WARC files: whole ones like warcio does, damaged ones with one record lost per fault and every byte accounted for."""

import gzip
import hashlib
import io
import random
import zlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.read.warc.members import PADDING, READ_BYTES
from pipeline.read.warc.records import Damage, Record, WarcLimits, check_warc, read_record_at, read_records
from tests.reference import warc as twin

LIMITS = WarcLimits()
SMALL = WarcLimits(max_record_bytes=20_000, max_header_bytes=2_000)
GZIP_HEADER_BYTES_WITHOUT_MEANING = range(4, 10)  # modification time, compression level, system: no checksum covers them


def record_bytes(number: int, block: bytes, length: int | str | None = None, kind: str = "response") -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:test:{number}>\r\nWARC-Target-URI: http://a.test/{number}\r\n"
        f"WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def blocks(count: int, seed: int = 1) -> list[bytes]:
    rng = random.Random(seed)
    words = [bytes(rng.choices(b"abcdefghij", k=rng.randrange(2, 9))) for _ in range(300)]
    return [b"HTTP/1.1 200 OK\r\n\r\n" + b" ".join(rng.choices(words, k=rng.randrange(40, 900))) for _ in range(count)]


def members(records: Iterable[bytes]) -> bytes:
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def read(data: bytes, limits: WarcLimits = LIMITS) -> list[Record | Damage]:
    return list(read_records(io.BytesIO(data), limits))


def ids(items: list[Record | Damage]) -> list[str]:
    return [item.record_id.removeprefix("urn:test:") for item in items if isinstance(item, Record)]


def damages(items: list[Record | Damage]) -> list[Damage]:
    return [item for item in items if isinstance(item, Damage)]


def as_twin(items: list[Record | Damage]) -> list[twin.PlainRecord]:
    records = [item for item in items if isinstance(item, Record)]
    return [twin.PlainRecord(r.offset, r.record_type, r.record_id, r.url, r.date, r.block) for r in records]


def assert_every_byte_is_accounted_for(data: bytes, items: list[Record | Damage]) -> None:
    end = 0
    for item in items:
        assert item.offset >= end
        assert not data[end : item.offset].strip(PADDING), "a gap between items holds more than padding"
        end = item.offset + item.length
    assert end <= len(data)
    assert not data[end:].strip(PADDING)


FILES = {"gzip": members, "plain": b"".join}


@pytest.mark.parametrize("form", FILES)
@given(data=st.data())
def test_reads_what_warcio_reads(form, data):
    names = st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"]), max_size=9)
    kinds = st.sampled_from(["response", "resource", "request", "metadata", "conversion"])
    bodies = st.binary(max_size=300) | st.sampled_from([b"\r\n\r\n", b"\nWARC/1.0\r\n", b"\0" * 90_000])
    records = [
        record_bytes(number, data.draw(bodies), kind=data.draw(kinds)).replace(b"a.test", data.draw(names).encode(), 1)
        for number in range(data.draw(st.integers(1, 5)))
    ]
    stored = FILES[form](records)
    items = read(stored)
    assert not damages(items)
    assert as_twin(items) == twin.records(io.BytesIO(stored))
    assert_every_byte_is_accounted_for(stored, items)


# Faults


def test_a_bit_flip_costs_exactly_one_record_and_is_reported():
    rng = random.Random(20)
    wanted = blocks(30)
    data = members(record_bytes(number, block) for number, block in enumerate(wanted))
    starts = [item.offset for item in read(data)]
    harmless = 0
    for _ in range(300):
        at, bit = rng.randrange(len(data)), rng.randrange(8)
        flipped = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
        items = read(flipped)
        hit = max(number for number, start in enumerate(starts) if start <= at)
        assert_every_byte_is_accounted_for(flipped, items)
        assert all(item.block == wanted[int(item.record_id[9:])] for item in items if isinstance(item, Record))
        if at - starts[hit] in GZIP_HEADER_BYTES_WITHOUT_MEANING or (at - starts[hit] == 3 and bit == 0):
            harmless += 1
            assert ids(items) == [str(number) for number in range(30)]
        else:
            assert ids(items) == [str(number) for number in range(30) if number != hit], (at, bit)
            assert [(d.offset, d.reason) for d in damages(items)] == [(starts[hit], "damaged")]
    assert harmless < 10


@pytest.mark.parametrize("form", FILES)
def test_truncation_costs_one_record_and_is_reported(form):
    rng = random.Random(21)
    records = [record_bytes(number, block) for number, block in enumerate(blocks(20))]
    data = FILES[form](records)
    starts = [item.offset for item in read(data)] + [len(data)]
    for _ in range(300):
        cut = rng.randrange(1, len(data))
        items = read(data[:cut])
        whole = sum(start <= cut for start in starts) - 1
        assert_every_byte_is_accounted_for(data[:cut], items)
        if form == "plain" and cut >= starts[whole + 1 if whole + 1 < len(starts) else whole] - 4 and cut not in starts:
            assert len(ids(items)) == whole + 1  # only the empty line after the record is gone
        else:
            assert ids(items) == [str(number) for number in range(whole)]
            assert len(damages(items)) == (cut not in starts)


@pytest.mark.parametrize("form", FILES)
def test_a_zeroed_disk_block_costs_the_records_it_touches(form):
    rng = random.Random(22)
    wanted = blocks(40)
    records = [record_bytes(number, block) for number, block in enumerate(wanted)]
    data = FILES[form](records)
    spans = [(item.offset, item.offset + item.length) for item in read(data)]
    for _ in range(60):
        at = rng.randrange(len(data) - 4096)
        zeroed = data[:at] + bytes(4096) + data[at + 4096 :]
        items = read(zeroed)
        assert_every_byte_is_accounted_for(zeroed, items)
        untouched = {str(number) for number, (start, end) in enumerate(spans) if end <= at or start >= at + 4096}
        assert untouched <= set(ids(items))
        if form == "gzip":
            assert untouched == set(ids(items))
            assert len(damages(items)) == 1


@pytest.mark.parametrize("form", FILES)
def test_a_duplicated_record_is_read_twice_under_two_offsets(form):
    records = [record_bytes(number, block) for number, block in enumerate(blocks(5))]
    items = read(FILES[form]([*records[:3], records[2], *records[3:]]))
    assert ids(items) == ["0", "1", "2", "2", "3", "4"]
    assert len({item.offset for item in items}) == 6


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("lie", ["-1", "10000000000", "short", "long", "", "12x", "9" * 5000, "²"])
def test_a_lying_content_length_costs_that_record_only(form, lie):
    wanted = blocks(9)
    lies = {"short": len(wanted[4]) - 37, "long": len(wanted[4]) + 37}
    records = [record_bytes(n, block, lies.get(lie, lie) if n == 4 else None) for n, block in enumerate(wanted)]
    items = read(FILES[form](records))
    assert ids(items) == ["0", "1", "2", "3", "5", "6", "7", "8"]
    assert [(damage.record_id, damage.url) for damage in damages(items)] == [("urn:test:4", "http://a.test/4")]
    assert_every_byte_is_accounted_for(FILES[form](records), items)


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"WARC/1.0\r", b"VARC/1.0\r"),
        (b"WARC/1.0\r", b"WARC/7.0\r"),
        (b"WARC-Date: ", b"WARC-Date; "),
        (b"\r\n\r\nHTTP", b"\r\n\rxHTTP"),
    ],
)
def test_a_bad_header_line_costs_that_record_only(form, old, new):
    records = [record_bytes(number, block) for number, block in enumerate(blocks(5))]
    records[2] = records[2].replace(old, new, 1)
    items = read(FILES[form](records))
    assert ids(items) == ["0", "1", "3", "4"]
    assert len(damages(items)) == 1


def test_a_cut_block_with_an_empty_line_at_its_end_is_no_record_if_the_digest_says_so():
    block = b"HTTP/1.1 200 OK\r\nServer: a\r\n\r\n\r\n\r\nthe page itself"
    digest = "WARC-Block-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\nContent-Length"
    short = record_bytes(1, block, 28).replace(b"Content-Length", digest.encode())
    items = read(record_bytes(0, b"x") + short + record_bytes(2, b"y"))
    assert ids(items) == ["0", "2"]
    assert len(damages(items)) == 1


def with_digest(record: bytes, block: bytes) -> bytes:
    line = f"WARC-Block-Digest: sha1:{hashlib.sha1(block).hexdigest()}\r\nContent-Length"
    return record.replace(b"Content-Length", line.encode(), 1)


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("control", [b"\0", b"\x1b", b"\x7f", b"\r"])
def test_a_control_byte_in_a_header_is_damage(form, control):
    records = [record_bytes(number, block) for number, block in enumerate(blocks(3))]
    records[1] = records[1].replace(b"http://a.test/1", b"http://a." + control + b"test/1", 1)
    items = read(FILES[form](records))
    assert ids(items) == ["0", "2"]
    code = f"0x{control[0]:02x}"
    assert [(d.detail, d.record_id, d.url) for d in damages(items)] == [
        (f"the header holds the control byte {code}", "urn:test:1", "")
    ]


def test_zeros_do_not_join_the_header_of_one_record_to_the_end_of_another():
    wanted = blocks(5)
    records = [record_bytes(number, block) for number, block in enumerate(wanted)]
    data = b"".join(records)
    start = data.index(b"http://a.test/1") + 6
    end = data.index(b"WARC-Date", data.index(b"urn:test:3"))
    items = read(data[:start] + bytes(end - start) + data[end:])
    assert ids(items) == ["0", "4"]
    assert [damage.record_id for damage in damages(items)] == ["urn:test:1"]


@pytest.mark.parametrize("form", ["plain", "one member"])
@pytest.mark.parametrize("signed", [True, False])
def test_a_length_that_ends_where_a_later_record_does_swallows_no_record(form, signed):
    wanted = blocks(6)
    records = [record_bytes(number, block) for number, block in enumerate(wanted)]
    lie = len(records[2]) - records[2].index(b"HTTP/1.1") + len(records[3]) + len(records[4]) - 4
    records[2] = record_bytes(2, wanted[2], lie)
    if signed:
        records[2] = with_digest(records[2], wanted[2])
    stored = b"".join(records) if form == "plain" else gzip.compress(b"".join(records), mtime=0)
    items = read(stored)
    assert ids(items) == ["0", "1", "3", "4", "5"]
    assert [damage.record_id for damage in damages(items)] == ["urn:test:2"]


def test_a_warc_file_that_was_archived_itself_is_one_record():
    inner = b"".join(record_bytes(number, block) for number, block in enumerate(blocks(3)))
    assert ids(read(record_bytes(8, b"HTTP/1.1 200 OK\r\n\r\n" + inner) + record_bytes(9, b"x"))) == ["8", "9"]


@pytest.mark.parametrize("form", FILES)
def test_a_block_that_its_digest_denies_is_a_record_that_says_so(form):
    block = blocks(1)[0]
    records = [with_digest(record_bytes(number, block), block) for number in range(3)]
    records[1] = records[1].replace(b"200 OK", b"200 KO")
    first, second, third = read(FILES[form](records))
    assert [first.block_digest_ok, second.block_digest_ok, third.block_digest_ok] == [True, False, True]
    assert [item.block_digest_ok for item in read(record_bytes(0, block))] == [None]


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_damaged_line_end_between_two_records_costs_neither(place):
    records = [record_bytes(number, block) for number, block in enumerate(blocks(3))]
    at = len(records[0]) - 4 + place
    data = b"".join(records)
    items = read(data[:at] + b"J" + data[at + 1 :])
    assert ids(items) == ["0", "1", "2"]
    assert len(damages(items)) == 1


def test_records_before_and_after_a_flip_in_a_shared_member_are_kept_where_their_digests_agree():
    wanted = blocks(20)
    whole = b"".join(with_digest(record_bytes(number, block), block) for number, block in enumerate(wanted))
    stored = bytearray(zlib.compress(whole, 0, 31))  # stored, not compressed: only the checksum knows of the flip
    stored[stored.index(b"urn:test:7>") + 400] ^= 1
    items = read(bytes(stored))
    assert ids(items) == [str(number) for number in range(20) if number != 7]
    assert "incorrect data check" in damages(items)[0].detail
    assert damages(items)[0].record_id == "urn:test:7"


def test_a_file_that_ends_in_the_line_ends_of_its_last_record_is_cut():
    data = record_bytes(0, b"x") + record_bytes(1, b"y")
    for missing in range(1, 5):
        items = read(data[:-missing])
        assert ids(items) == ["0", "1"]
        assert [(d.offset, d.length) for d in damages(items)] == [(len(data) - missing, 0)]
    assert not damages(read(data))


@given(st.data())
def test_every_byte_is_accounted_for_whatever_happens_to_a_file(data):
    records = [record_bytes(number, block[: 60 + number * 40]) for number, block in enumerate(blocks(6))]
    stored = bytearray(FILES[data.draw(st.sampled_from(sorted(FILES)))](records))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(stored) - 1, 0)))
        known = st.sampled_from([b"\x1f\x8b\x08\0", b"\r\nWARC/1.0\r\n", bytes(50), bytes(stored[:200])])
        piece = data.draw(st.binary(max_size=20) | known)
        stored[at : at + data.draw(st.integers(0, 30))] = piece
    try:
        items = read(bytes(stored))
    except InputError:
        return
    assert_every_byte_is_accounted_for(bytes(stored), items)
    assert len({item.offset for item in items}) == len(items)


def test_two_damaged_records_in_a_row_are_two_damages_and_nameless_bytes_join_one():
    records = [gzip.compress(record_bytes(number, block), mtime=0) for number, block in enumerate(blocks(5))]
    for number in (1, 2):
        records[number] = records[number][:-1] + b"\xff"
    items = read(b"".join([*records[:3], b"garbage" * 9, *records[3:]]))
    assert ids(items) == ["0", "3", "4"]
    assert [damage.record_id for damage in damages(items)] == ["urn:test:1", "urn:test:2"]


# Forms


def test_records_that_share_a_gzip_member_have_offsets_of_their_own():
    wanted = blocks(30)
    data = gzip.compress(b"".join(record_bytes(number, block) for number, block in enumerate(wanted)), mtime=0)
    for limits in (LIMITS, SMALL):  # in the second the member does not fit into memory and is read piece by piece
        items = read(data, limits)
        assert [item.offset for item in items] == list(range(30))
        assert sum(item.length for item in items) == len(data)
        assert read_record_at(io.BytesIO(data), 17, limits).block == wanted[17]


def test_shared_and_single_members_may_alternate():
    wanted = [record_bytes(number, block) for number, block in enumerate(blocks(9))]
    data = members([b"".join(wanted[:4]), wanted[4], b"".join(wanted[5:8]), wanted[8]])
    items = read(data)
    assert ids(items) == [str(number) for number in range(9)]
    assert len({item.offset for item in items}) == 9
    assert sum(item.length for item in items) == len(data)
    for item in items:
        assert read_record_at(io.BytesIO(data), item.offset, LIMITS) == item


@pytest.mark.parametrize("size", [7, 100, 5000])
def test_a_record_may_be_spread_over_gzip_members(size):
    wanted = blocks(4)
    stream = b"".join(record_bytes(number, block) for number, block in enumerate(wanted))
    data = members(stream[at : at + size] for at in range(0, len(stream), size))
    items = read(data)
    assert [item.block for item in items if isinstance(item, Record)] == wanted
    assert sum(item.length for item in items) == len(data)


def test_line_ends_and_case_are_forgiven():
    lines = b"warc/1.1 \nwarc-type: Resource\nWARC-RECORD-ID : <urn:\n\tuuid:7>\nContent-Length: 3\nContent-Type:\n\nabc\n\n"
    (record,) = read(b"\r\n" + lines)
    assert (record.version, record.record_type, record.record_id, record.block) == ("1.1", "resource", "urn:uuid:7", b"abc")
    assert (record.offset, record.length) == (2, len(lines))


def test_only_a_line_that_opens_a_record_is_taken_for_one():
    quoted = b"as in WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 1\r\n\r\nx\r\n\r\nWARC/1.0 is a standard\r\n"
    items = read(record_bytes(0, b"x") + record_bytes(1, quoted, length=5) + record_bytes(2, b"y"))
    assert ids(items) == ["0", "2"]
    assert len(damages(items)) == 1


def test_two_content_lengths_must_agree():
    record = record_bytes(1, b"x" * 10)
    same, other = (record.replace(b"Content-Length", b"Content-Length: %d\r\nContent-Length" % length, 1) for length in (10, 11))
    assert ids(read(same)) == ["1"]
    assert [damage.detail for damage in damages(read(record + other))] == ["two different lines of content-length"]


def test_a_block_may_hold_warc_where_the_reader_happens_to_read_on():
    tail = b"WARC/1.0 and more"
    head = len(record_bytes(0, b"-" * READ_BYTES)) - READ_BYTES - 4  # the length has as many digits below
    data = record_bytes(0, b"-" * (READ_BYTES - head) + tail)
    assert data.index(tail) == READ_BYTES
    assert ids(read(data)) == ["0"]


def test_wgets_angle_brackets_are_no_part_of_the_url():
    (record,) = read(record_bytes(1, b"x").replace(b"http://a.test/1", b"<http://a.test/1>"))
    assert record.url == "http://a.test/1"


@pytest.mark.parametrize("padding", [b"\0" * 5000, b"\r\n\n", gzip.compress(b"", mtime=0)])
def test_padding_between_members_is_no_damage(padding):
    records = [gzip.compress(record_bytes(number, b"x"), mtime=0) for number in range(3)]
    items = read(padding.join([b"", *records, b""]))
    assert ids(items) == ["0", "1", "2"]
    assert not damages(items)


# Bounds


@pytest.mark.parametrize("form", FILES)
def test_a_record_beyond_the_limit_is_stepped_over_and_named(form):
    inner = record_bytes(99, b"a record inside the block is none of the file's")
    large = b"HTTP/1.1 200 OK\r\n\r\n" + inner * 400
    data = FILES[form]([record_bytes(0, b"x"), record_bytes(1, large), record_bytes(2, b"y")])
    items = read(data, SMALL)
    assert ids(items) == ["0", "2"]
    assert [(d.reason, d.record_id, d.record_type) for d in damages(items)] == [("too_large", "urn:test:1", "response")]
    assert_every_byte_is_accounted_for(data, items)


@pytest.mark.parametrize("form", FILES)
def test_a_length_beyond_the_limit_that_is_a_lie_costs_that_record_only(form):
    wanted = blocks(60)
    records = [record_bytes(n, block, 50_000 if n == 4 else None) for n, block in enumerate(wanted)]
    for data in (FILES[form](records), FILES[form]([b"".join(records)])):
        items = read(data, SMALL)
        assert ids(items) == [str(number) for number in range(60) if number != 4]
        assert len({item.offset for item in items}) == 60


def test_a_bomb_is_left_where_it_shows():
    bomb = gzip.compress(record_bytes(1, bytes(60 << 20)), mtime=0)
    data = gzip.compress(record_bytes(0, b"x")) + bomb + gzip.compress(record_bytes(2, b"y"))
    items = read(data)
    assert ids(items) == ["0", "2"]
    assert [(damage.reason, damage.record_id) for damage in damages(items)] == [("bomb", "urn:test:1")]
    assert_every_byte_is_accounted_for(data, items)


def test_a_member_with_more_records_than_bytes_is_given_up():
    tiny = b"WARC/1.0\r\nContent-Length: 0\r\n\r\n"
    data = gzip.compress(tiny * 40_000, mtime=0) + gzip.compress(record_bytes(2, b"y"), mtime=0)
    items = read(data)
    assert len({item.offset for item in items}) == len(items)
    assert [damage.reason for damage in damages(items)] == ["bomb"]
    assert ids(items)[-1] == "2"


def test_an_endless_header_is_damage():
    endless = b"WARC/1.0\r\n" + b"a: b\r\n" * 20_000
    items = read(record_bytes(0, b"x") + endless + record_bytes(1, b"y"))
    assert ids(items) == ["0", "1"]
    assert [damage.detail for damage in damages(items)] == ["header is longer than 65536 bytes"]


# What is refused


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\x04\x22\x4d\x18rest", "lz4"),
        (b"\x28\xb5\x2f\xfdrest", "zstd"),
        (b"filedesc://a.arc 0.0.0.0 2014 text/plain 75\n", "ARC"),
        (gzip.compress(b"filedesc://a.arc 0.0.0.0 2014 text/plain 75\n", mtime=0), "ARC"),
        (b"<html>WARC/1.0</html>", "no WARC"),
        (gzip.compress(b'{"text": "WARC/1.0"}', mtime=0), "no WARC"),
        (random.Random(3).randbytes(200_000), "no WARC"),
        (b"PK\x03\x04rest", "zip"),
    ],
)
def test_what_is_no_warc_is_refused_by_name(data, said):
    with pytest.raises(InputError, match=rf"a\.bin .*{said}"):
        check_warc(io.BytesIO(data), "a.bin")
    with pytest.raises(InputError):
        read(data)


def test_a_wat_file_is_refused_by_name_and_metadata_of_a_crawler_is_none():
    said = b"Content-Type: application/json\r\n"
    info, computed = record_bytes(1, b"software: x", kind="warcinfo"), record_bytes(2, b'{"Envelope":{}}', kind="metadata")
    with pytest.raises(InputError, match=r"a\.warc\.wat\.gz is a WAT file"):
        check_warc(io.BytesIO(members([info, computed.replace(b"Content-L", said + b"Content-L")])), "a.warc.wat.gz")
    check_warc(io.BytesIO(members([info, computed])), "a.warc.gz")
    check_warc(io.BytesIO(members([info, record_bytes(2, b"page")])), "a.warc.gz")


@pytest.mark.parametrize("form", FILES)
def test_a_damaged_beginning_is_no_reason_to_refuse(form):
    data = FILES[form](record_bytes(number, block) for number, block in enumerate(blocks(3)))
    for damaged in (b"\0\0\0\0" + data[4:], data[:20] + b"\xff\xff\xff" + data[23:]):
        stream = io.BytesIO(damaged)
        check_warc(stream, "a.warc")
        assert ids(list(read_records(stream, LIMITS)))[-2:] == ["1", "2"]


def test_read_record_at_refuses_offsets_of_nothing():
    data = members(record_bytes(number, block) for number, block in enumerate(blocks(3)))
    for offset in (1, len(data) - 5, len(data), len(data) + 10):
        with pytest.raises(InputError, match=f"byte {offset}: "):
            read_record_at(io.BytesIO(data), offset, LIMITS)


class Dribble(io.BytesIO):
    """Answers with less than asked, as sockets do."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 1000) if size and size > 0 else 1000)


def test_short_reads_change_nothing():
    data = members(record_bytes(number, block) for number, block in enumerate(blocks(20)))
    assert list(read_records(Dribble(data), LIMITS)) == read(data)


def test_a_member_that_only_its_checksum_denies_is_damage():
    good = gzip.compress(record_bytes(0, b"page"), mtime=0)
    wrong = good[:-8] + (zlib.crc32(b"else")).to_bytes(4, "little") + good[-4:]
    (damage,) = read(wrong)
    assert "incorrect data check" in damage.detail
