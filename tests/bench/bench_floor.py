"""What the parts cost without us: fastwarc alone, and fastwarc with resiliparse's main text. Prints one line of JSON."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from fastwarc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding

from tests.bench.clock import Clock, peak_bytes


def records(warc: Path) -> int:
    with warc.open("rb") as stream:
        return sum(1 for _ in ArchiveIterator(stream, parse_http=False))


def html_pages(warc: Path) -> list[bytes]:
    with warc.open("rb") as stream:
        responses = ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True)
        return [one.reader.read() for one in responses if (one.http_content_type or "") in ("text/html", "application/xhtml+xml")]


def main(warcs: list[Path]) -> None:
    clock = Clock()
    with clock.stage("read"):
        pages = [page for warc in warcs for page in html_pages(warc)]
    with clock.stage("extract"):
        texts = [extract_plain_text(bytes_to_str(page, detect_encoding(page)), main_content=True) for page in pages]
    print(
        json.dumps(
            {
                "side": "floor",
                "versions": {name: version(name) for name in ("fastwarc", "resiliparse")},
                "records": sum(map(records, warcs)),
                "documents": sum(1 for text in texts if text.strip()),
                "stages": clock.stages,
                "peak_memory_bytes": peak_bytes(),
            }
        )
    )


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
