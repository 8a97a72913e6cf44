"""Plants payloads in the pages of WARC files and writes down where: what a scanner is then measured by.

    python -m tests.bench.poison.plant CRAWL.warc.gz... --output FOLDER [--split test] [--per-class 20] [--classes V1 H2 …]
    [--seed 0]

Pages are changed at WARC level: Content-Length, WARC-Payload-Digest, WARC-Block-Digest and record length are those of the new
bytes, a gzip member a record; every other record passes as it is. FOLDER gets a WARC for each input and truth.jsonl, one line a
plant: file, record, class, family, position, the byte span in the payload, what it means, and its reach, which is where our own
extractor puts it (text with a span in code points, hidden, markup, or nowhere).
"""

import argparse
import base64
import hashlib
import io
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.poison.scan import FIELDS
from pipeline.read.html import extract
from tests.bench.poison.payload_words import BRANDS
from tests.bench.poison.payloads import SPLITS, TEST
from tests.bench.poison.planting import BACKDOORS, CAMPAIGNS, CLASSES, Planted, plant_in

CHANGED_HEADERS = {"warc-payload-digest", "warc-block-digest", "content-length"}
ENCODED_HEADERS = {"content-encoding", "transfer-encoding", "content-length"}
MIN_TEXT = 400  # characters: a page that has less says too little to be a host
CAMPAIGN_DOMAINS = 0.8  # of the pages of a campaign: some sites carry two


@dataclass(frozen=True)
class Plant:
    """A line of truth.jsonl."""

    warc_file: str
    record_id: str
    url: str
    klass: str
    family: str
    split: str
    position: str
    start: int  # of the planted bytes in the payload
    end: int
    planted: str  # as an extractor would give it
    meant: str
    reach: str  # text, hidden, markup, nowhere
    text_start: int  # code points in the extracted text; -1 where it is not there
    text_end: int


def plant(warcs: list[Path], output: Path, classes: list[str], per_class: int, split: str, seed: int) -> list[Plant]:
    """Writes planted copies of the files and truth.jsonl; returns the truth."""
    output.mkdir(parents=True, exist_ok=True)
    chosen = chosen_pages(warcs, classes, per_class, seed)
    truth: list[Plant] = []
    for number, warc in enumerate(warcs):
        target = output / warc.name
        with warc.open("rb") as source, target.open("wb") as stream:
            writer = WARCWriter(stream, gzip=True)
            for place, record in enumerate(ArchiveIterator(source)):
                wanted = chosen.get((number, place))
                if wanted is None:
                    writer.write_record(record)
                    continue
                truth.append(write_planted(writer, record, target.name, wanted, split, seed))
    (output / "truth.jsonl").write_text("".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in truth))
    return truth


def chosen_pages(warcs: list[Path], classes: list[str], per_class: int, seed: int) -> dict[tuple[int, int], tuple[str, int]]:
    """(file, record) -> (class, number within it), pages drawn without return. Classes get fewer where pages run out."""
    pages = [place for place, _ in eligible(warcs)]
    random.Random(f"pages {seed}").shuffle(pages)
    wanted = [(klass, number) for number in range(per_class) for klass in classes]
    return dict(zip(pages, wanted, strict=False))


def eligible(warcs: list[Path]) -> Iterator[tuple[tuple[int, int], bytes]]:
    """HTML pages in UTF-8 with enough text and a paragraph to stand beside: (file, record) and payload."""
    for number, warc in enumerate(warcs):
        with warc.open("rb") as source:
            for place, record in enumerate(ArchiveIterator(source)):
                if is_page(record):
                    payload = record.content_stream().read()
                    if is_host(payload):
                        yield (number, place), payload


def is_page(record: ArcWarcRecord) -> bool:
    http = record.http_headers
    return (
        record.rec_type == "response"
        and http is not None
        and http.get_statuscode() == "200"
        and (http.get_header("Content-Type") or "").startswith("text/html")
    )


def is_host(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return payload.count(b"</p>") >= 3 and b"</body>" in payload and len(extract(payload).text) >= MIN_TEXT


def write_planted(writer: WARCWriter, record: ArcWarcRecord, file: str, wanted: tuple[str, int], split: str, seed: int) -> Plant:
    """Writes the record with its plant; a page of a campaign or with a trigger moves to another site, as on the web."""
    klass, number = wanted
    draw = random.Random(f"{split} {seed} {klass} {number}")
    before = record.content_stream().read()
    brand = BRANDS[split][seed % len(BRANDS[split])]
    planted = plant_in(before, klass, split, draw, brand)
    url = record.rec_headers.get_header("WARC-Target-URI")
    if klass in (*CAMPAIGNS, *BACKDOORS):
        url = f"http://www.site{int(number * CAMPAIGN_DOMAINS)}.example/{number}/{url.rpartition('/')[2]}"
    http = StatusAndHeaders(
        record.http_headers.statusline,
        [one for one in record.http_headers.headers if one[0].lower() not in ENCODED_HEADERS]
        + [("Content-Length", str(len(planted.payload)))],
        protocol=record.http_headers.protocol,
    )
    kept = {
        name: value
        for name, value in record.rec_headers.headers
        if name.lower() not in CHANGED_HEADERS and name not in ("WARC-Target-URI", "WARC-Type")
    }
    if klass == "X1":  # the digest of the page as it was: bytes changed after they were pinned
        kept["WARC-Payload-Digest"] = sha1_of(before)
    made = writer.create_warc_record(
        url, "response", io.BytesIO(planted.payload), len(planted.payload), http_headers=http, warc_headers_dict=kept
    )
    writer.write_record(made)
    record_id = record.rec_headers.get_header("WARC-Record-ID").strip("<>")
    return Plant(
        file,
        record_id,
        url,
        klass,
        planted.family,
        split,
        planted.position,
        planted.start,
        planted.end,
        planted.shown,
        planted.meant,
        *reach(planted),
    )


def sha1_of(payload: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(payload).digest()).decode()


def reach(planted: Planted) -> tuple[str, int, int]:
    """Where our extractor puts the planted words: by its own text, white space aside."""
    page = extract(planted.payload)
    for name, text in zip(FIELDS, (page.text, page.hidden_text, page.markup_text), strict=True):
        start, end = place_of(planted.shown, text)
        if start >= 0:
            return name, *((start, end) if name == "text" else (-1, -1))
    return "nowhere", -1, -1


def place_of(wanted: str, text: str) -> tuple[int, int]:
    """The span of `text` that says `wanted` with other white space; (-1, -1) where there is none."""
    places = [at for at, one in enumerate(text) if not one.isspace()]
    packed, sought = "".join(text[at] for at in places), "".join(wanted.split())
    found = packed.find(sought) if sought else -1
    return (-1, -1) if found < 0 else (places[found], places[found + len(sought) - 1] + 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warcs", nargs="+", type=Path)
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--classes", nargs="+", default=list(CLASSES), choices=CLASSES)
    parser.add_argument("--per-class", type=int, default=20)
    parser.add_argument("--split", default=TEST, choices=SPLITS)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    truth = plant(chosen.warcs, chosen.output, chosen.classes, chosen.per_class, chosen.split, chosen.seed)
    counts = {reached: sum(one.reach == reached for one in truth) for reached in (*FIELDS, "nowhere")}
    print(f"{len(truth)} plants in {chosen.output}: {', '.join(f'{number} reach {name}' for name, number in counts.items())}")


if __name__ == "__main__":
    main()
