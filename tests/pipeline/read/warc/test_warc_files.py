"""Real WARC files: the crawl beside the checkout, and what other tools and their test suites wrote."""

import base64
import gzip
import hashlib
import io
import json
import random
from collections import Counter

import pytest

from pipeline.errors import InputError
from pipeline.read.warc.records import Record, WarcLimits, check_warc, read_record_at, read_records
from tests.paths import SHARED
from tests.pipeline.read.warc.test_warc import LIMITS, as_twin, damages
from tests.reference import warc as twin


def test_the_crawl_is_read_like_warcio_reads_it():
    if SHARED is None:
        pytest.skip("needs the real files beside the checkout")
    for path in (SHARED / "crawl" / "recrawl-revisit.warc.gz", SHARED / "crawl" / "aptitude.warc.gz"):
        with path.open("rb") as stream:
            items = list(read_records(stream, LIMITS))
            stream.seek(0)
            assert as_twin(items) == twin.records(stream)
        assert sum(item.length for item in items) == path.stat().st_size


def test_the_whole_crawl_is_read_without_damage():
    if SHARED is None:
        pytest.skip("needs the real files beside the checkout")
    types: Counter[str] = Counter()
    for path in sorted((SHARED / "crawl").glob("*.warc.gz")):
        with path.open("rb") as stream:
            length = 0
            for item in read_records(stream, LIMITS):
                types[item.record_type if isinstance(item, Record) else "damage"] += 1
                length += item.length
        assert length == path.stat().st_size
    assert types == {"warcinfo": 7, "request": 8638, "response": 8258, "revisit": 380, "metadata": 1, "resource": 2}


# warcio gives these up or passes them on cut; ours: records by type, damages.
DIFFERENT = {
    "chatnoir-eu+chatnoir-resiliparse/clipped.warc.gz": ({}, 1),  # cut inside its only member: warcio passes on the torso
    "iipc+webarchive-commons/link-extraction-test.warc": ({"warcinfo": 1, "response": 7}, 0),  # an extra empty line stops warcio
    "internetarchive+gowarc/corrupted-mid-record.warc.gz.open": ({"response": 12}, 1),  # several a member, then garbage
    "internetarchive+gowarc/corrupted-trailing-bytes.warc.gz.open": ({"response": 30}, 1),
    "internetarchive+gowarc/good.warc.gz.open": ({"response": 50}, 0),  # several records in a member stop warcio
    "internetarchive+gowarc/skip-non-open.warc.gz": ({"response": 10}, 0),
    "toimik+WarcProtocol/incorrect_content_length.warc": ({"metadata": 1, "resource": 1}, 3),
    "toimik+WarcProtocol/missing_header_field.warc": ({"resource": 2, "-": 1}, 1),  # the last header has no end
    "toimik+WarcProtocol/multiline_header_values.warc": ({}, 1),  # a line that begins with a backslash and a t
    "toimik+WarcProtocol/premature_w_trailing_newline.warc": ({}, 1),  # ends inside the header
    "toimik+WarcProtocol/premature_wo_trailing_newline.warc": ({}, 1),
    "toimik+WarcProtocol/short_content_block.warc": ({}, 1),  # warcio fails with AttributeError
    # Line ends were turned from CRLF into LF after these were written: their blocks are shorter than they say.
    "toimik+WarcProtocol/request_gemini_w_payload.warc": ({}, 1),
    "toimik+WarcProtocol/resource.warc": ({}, 1),
    "toimik+WarcProtocol/response.warc": ({}, 1),
    "toimik+WarcProtocol/response_gemini_w_payload.warc": ({}, 1),
    "toimik+WarcProtocol/revisit_unmodified.warc": ({}, 1),
    "toimik+WarcProtocol/warcinfo.warc": ({}, 1),
    "webrecorder+warcio.js/example-bad-length.warc": ({"warcinfo": 2, "request": 2, "revisit": 1}, 1),
    "webrecorder+warcio/example-trunc.warc": ({"warcinfo": 2, "request": 1}, 1),
    "webrecorder+warcio/standard-torture-validate-field.warc": ({"request": 1}, 3),  # two dates, two types that differ
    "webrecorder+warcio/example-bad-non-chunked.warc.gz": ({"warcinfo": 2, "response": 1, "request": 2, "revisit": 1}, 0),
    "webrecorder+warcio/example-bad.warc.gz.bad": ({"warcinfo": 1, "response": 2, "request": 2, "revisit": 1}, 0),
    "webrecorder+warcio/example-wrong-chunks.warc.gz": ({"response": 1, "request": 1}, 0),  # one record spread over members
    "facebookresearch+cc_net/sample.warc.txt": ({}, 4),  # lengths count the CRs that were taken out
}
REFUSED_SUFFIXES = {".lz4", ".arc", ".paths", ".test", ".cdx"}
REFUSED_FILES = {"garbage.txt", "CC-MAIN-2024-22.warc.paths.gz", "example.arc.gz", "malformed_header.warc"}


def test_files_of_other_tools_are_read_or_refused_and_accounted_for():
    if SHARED is None:
        pytest.skip("needs the real files beside the checkout")
    folder = SHARED / "warc"
    rows = [line.split("\t") for line in (folder / "WARCIO_READ.tsv").read_text().splitlines()[2:]]
    by_warcio: dict[str, list[Counter]] = {}
    for row in rows:  # files of one name from several folders have several rows
        by_warcio.setdefault(row[0], []).append(Counter(json.loads(row[3])))
    seen = set()
    for path in sorted(path for path in folder.glob("*/*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        with path.open("rb") as stream:
            if path.suffix in REFUSED_SUFFIXES or path.name in REFUSED_FILES:
                with pytest.raises(InputError):
                    check_warc(stream, path.name)
                continue
            if ".wat" in path.suffixes:
                with pytest.raises(InputError, match="a WAT file"):
                    check_warc(stream, path.name)
            else:
                check_warc(stream, path.name)
            items = list(read_records(stream, LIMITS))
            assert all(read_record_at(stream, item.offset, LIMITS) == item for item in items if isinstance(item, Record)), name
        types = Counter(item.record_type or "-" for item in items if isinstance(item, Record))
        if name in DIFFERENT:
            seen.add(name)
            assert (types, len(damages(items))) == DIFFERENT[name], name
        else:
            assert types in by_warcio[name], name
            assert all(damage.length == 0 for damage in damages(items)), name  # at most the last line ends are missing
        if name != "internetarchive+gowarc/empty.warc.gz.open":
            assert sum(item.length for item in items) == path.stat().st_size, name
    assert seen == set(DIFFERENT)


def record_named(name: str, text: bytes) -> bytes:
    digest = base64.b32encode(hashlib.sha1(text).digest()).decode()
    head = f"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <{name}>\r\nWARC-Block-Digest: sha1:{digest}\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text + b"\r\n\r\n"


def test_a_record_that_stands_twice_in_a_member_is_one_copy_too_many_only_where_the_member_is_damaged():
    """Zeroed bytes of a deflated file inflate to copies of what came before; what a crawler wrote twice is there twice."""
    text = random.Random(1).randbytes(30_000)
    records = [record_named(f"urn:{number}", text[number * 300 : number * 300 + 300]) for number in range(60)]
    records.insert(3, records[1])
    sound = gzip.compress(b"".join(records))
    limits = WarcLimits(max_record_bytes=2_000, max_header_bytes=1_000)
    assert [len(names(io.BytesIO(sound), limits, name)) for name in ("urn:1", "urn:2", "urn:59")] == [2, 1, 1]
    damaged = sound[:-8] + bytes([sound[-8] ^ 1]) + sound[-7:]
    assert len(names(io.BytesIO(damaged), limits, "urn:1")) == 1


def names(stream, limits, name):
    return [item for item in read_records(stream, limits) if isinstance(item, Record) and item.record_id == name]
