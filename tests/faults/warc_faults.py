"""Faults put into WARC files that were sound, and what reading them then gives: F9 of the matrix of faults.

`run(seed, count)` spreads `count` faults over every form of file and every kind of fault; the same seed gives the same faults.
"""

import base64
import gzip
import hashlib
import io
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.read.warc.records import Damage, Record, WarcLimits, read_records
from tests.faults.outcome import Outcome, total

BLOCK_BYTES = 4096  # of a disk
RECORDS = 36
LIMITS = WarcLimits()
STREAMED = WarcLimits(max_record_bytes=20_000, max_header_bytes=2_000)  # a whole file in one member is beyond them


class Written(NamedTuple):
    """A record as it was written."""

    name: str  # WARC-Record-ID
    url: str
    date: str
    block: bytes
    stored: bytes


@dataclass(frozen=True)
class Sound:
    """A sound file, and where its records are stored."""

    form: str
    data: bytes
    records: list[Written]
    limits: WarcLimits
    ends: list[int]  # of each record: in the file, or inflated where all share a member

    def hit(self, at: int, size: int) -> set[str]:
        """Names of the records whose bytes [at, at + size) are, or depend on."""
        begins = [0, *self.ends[:-1]]
        if not self.form.startswith("one member"):
            spans = zip(self.records, begins, self.ends, strict=True)
            return {record.name for record, begin, end in spans if begin < at + size and end > at}
        sound = len(zlib.decompressobj(31).decompress(self.data[:at]))
        return {record.name for record, end in zip(self.records, self.ends, strict=True) if end > sound}


Fault = tuple[bytes, set[str]]  # the file with it, the names of the records that it hits


def run(seed: int, count: int) -> Outcome:
    """What became of `count` faults."""
    rng = random.Random(seed)
    found = []
    files = [make(rng) for make in FORMS.values()]
    for number in range(count):
        sound = files[number % len(files)]
        fault = list(FAULTS.values())[number // len(files) % len(FAULTS)]
        found.append(judged(sound, *fault(rng, sound)))
    return total(found)


def judged(sound: Sound, data: bytes, hit: set[str]) -> Outcome:
    """What becomes of one fault. Beyond a reader are url, date and id in a plain file, and a cut between two records."""
    try:
        items = list(read_records(io.BytesIO(data), sound.limits))
    except InputError:  # the whole file is refused by name
        return Outcome(injected=1, noticed=1, lost=len({one.name for one in sound.records} - hit))
    written = {one.name: one for one in sound.records}
    given = [item for item in items if isinstance(item, Record)]
    right = [item.record_id for item in given if _is_right(item, written.get(item.record_id))]
    said = any(isinstance(item, Damage) or item.block_digest_ok is False for item in items)
    blocks = {one.block for one in sound.records}
    wrong = [item for item in given if item.block_digest_ok is not False and item.block not in blocks]
    only_header = len(given) == len(written) and not wrong and sound.form == "plain"
    only_end = len(data) in sound.ends and right == list(written)[: len(right)]
    whole = len(right) == len(written) == len(given)
    return Outcome(
        injected=1,
        noticed=said,
        harmless=whole and not said,
        lost=len(written.keys() - hit - set(right)),
        duplicated=len(right) - len(set(right)),
        silent=bool(wrong) or not (said or whole or only_header or only_end),
        beyond=(only_header or only_end) and not whole and not said,
    )


def _is_right(item: Record, written: Written | None) -> bool:
    return written is not None and (item.url, item.date, item.block) == (written.url, written.date, written.block)


# Files


def _written(rng: random.Random, number: int) -> Written:
    kind = rng.choice(["response", "response", "resource", "request", "metadata"])
    words = " ".join(rng.choices(WORDS, k=rng.choice([8, 60, 500, 1500])))
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{words}".encode()
    name, url, date = (
        f"urn:test:{number:05}",
        f"http://site-{number}.test/{rng.choice(WORDS)}",
        f"2026-01-{number % 28 + 1:02}T00:00:00Z",
    )
    return Written(name, url, date, block, _stored(kind, name, url, date, block, len(block)))


def _stored(kind: str, name: str, url: str, date: str, block: bytes, length: int | str) -> bytes:
    payload = block.partition(b"\r\n\r\n")[2]
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <{name}>\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
        f"WARC-Block-Digest: {_sha1(block)}\r\nWARC-Payload-Digest: {_sha1(payload)}\r\n"
        f"Content-Type: application/http\r\nContent-Length: {length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def _sha1(data: bytes) -> str:
    return f"sha1:{base64.b32encode(hashlib.sha1(data).digest()).decode()}"


WORDS = [base64.b32encode(hashlib.sha1(str(number).encode()).digest()).decode()[: 2 + number % 9] for number in range(500)]


def _plain(records: list[bytes]) -> bytes:
    return b"".join(records)


def _members(records: list[bytes]) -> bytes:
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def _one_member(records: list[bytes]) -> bytes:
    return gzip.compress(b"".join(records), mtime=0)


def _file(form: str, store: Callable[[list[bytes]], bytes], limits: WarcLimits, rng: random.Random) -> Sound:
    records = [_written(rng, number) for number in range(RECORDS)]
    measure = _members if form == "members" else _plain
    ends = [len(measure([one.stored for one in records[: number + 1]])) for number in range(RECORDS)]
    return Sound(form, store([one.stored for one in records]), records, limits, ends)


STORES = {"plain": _plain, "members": _members, "one member": _one_member, "one member, streamed": _one_member}
FORMS: dict[str, Callable[[random.Random], Sound]] = {
    form: lambda rng, form=form, store=store: _file(form, store, STREAMED if "streamed" in form else LIMITS, rng)  # type: ignore[misc]
    for form, store in STORES.items()
}


# Faults


def flipped(rng: random.Random, sound: Sound) -> Fault:
    """One bit."""
    at = rng.randrange(len(sound.data))
    return _replaced(sound.data, at, bytes([sound.data[at] ^ 1 << rng.randrange(8)])), sound.hit(at, 1)


def zeroed(rng: random.Random, sound: Sound) -> Fault:
    """A block of the disk."""
    at = rng.randrange(len(sound.data) // BLOCK_BYTES) * BLOCK_BYTES
    return _replaced(sound.data, at, bytes(BLOCK_BYTES)), sound.hit(at, BLOCK_BYTES)


def swapped(rng: random.Random, sound: Sound) -> Fault:
    """Two blocks of the disk."""
    one, other = sorted(rng.sample(range(len(sound.data) // BLOCK_BYTES), 2))
    one, other = one * BLOCK_BYTES, other * BLOCK_BYTES
    data = _replaced(sound.data, one, sound.data[other : other + BLOCK_BYTES])
    hit = sound.hit(one, BLOCK_BYTES) | sound.hit(other, BLOCK_BYTES)
    return _replaced(data, other, sound.data[one : one + BLOCK_BYTES]), hit


def cut(rng: random.Random, sound: Sound) -> Fault:
    """The file ends early."""
    at = rng.randrange(1, len(sound.data))
    return sound.data[:at], sound.hit(at, len(sound.data) - at)


def lying(rng: random.Random, sound: Sound) -> Fault:
    """A Content-Length that is not: negative, huge, off by a little, or up to where a later record begins or its block ends."""
    number = rng.randrange(RECORDS - 1)
    stored, block = sound.records[number].stored, sound.records[number].block
    after = len(block) + len(sound.records[number + 1].stored)
    lies = [-1, 10**10, len(block) + rng.choice([-37, -2, -1, 1, 2, 3, 4, 37]), rng.randrange(200_000), after, after + 4]
    true, lie = f"Content-Length: {len(block)}\r\n".encode(), f"Content-Length: {rng.choice(lies)}\r\n".encode()
    records = [one.stored for one in sound.records]
    records[number] = stored.replace(true, lie, 1)
    return STORES[sound.form](records), {sound.records[number].name} if true != lie else set()


def _replaced(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece + data[at + len(piece) :]


FAULTS = {"flipped": flipped, "zeroed": zeroed, "swapped": swapped, "cut": cut, "lying": lying}
