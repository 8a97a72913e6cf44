"""The pictures that README and docs show: the sample's report, pages of `winnow inspect`, and what a takedown left.

    python -m docs.make_pictures [CORPUS] [--with OTHER]

Needs the extra `inspect`, and a Chromium on the machine; where there is none this says so and changes nothing.
"""

import argparse
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.inspect.app import application
from jobs.inspect.index import Index
from jobs.loopback import server as loopback
from tests.faults.browser import CHROMIUM
from tests.faults.devtools import Tab, browsing

DOCS = Path(__file__).resolve().parent
WIDTH, HEIGHT = 1280, 1500  # CSS pixels: the head of the page, the funnel and the first rules
RULE, BOUND = "gopher_short_doc", 20
PAGES = {  # name of the picture -> (address, height)
    "inspect": (f"/rules/{RULE}?minimum={BOUND}", 1060),
    "inspect-documents": ("/documents?outcome=filtered&sort=quality", 900),
    "inspect-compare": ("/compare#fates", 1000),  # below the settings, which name folders of the machine
}


@contextmanager
def viewed(corpus: Path, other: Path | None) -> Iterator[str]:
    """The view of a corpus on a port of its own: its address."""
    index = Index(str(corpus), None if other is None else str(other))
    listener = loopback._listening(0)
    port = listener.getsockname()[1]
    server = loopback.server_of(application(index, port))
    running = threading.Thread(target=server.run, args=([listener],), daemon=True)
    running.start()
    try:
        yield f"http://{loopback.ADDRESS}:{port}"
    finally:
        server.should_exit = True
        running.join(20)
        index.close()


def take(tab: Tab, address: str, name: str, height: int) -> None:
    """A picture of the top of a page, as docs/NAME.png."""
    tab.look(WIDTH, height)
    tab.go(address)
    print(f"docs/{name}.png: {len(tab.picture(DOCS / f'{name}.png')):,} bytes")


def take_all(corpus: Path, other: Path | None, tab: Tab) -> None:
    files = {"report": corpus / "report.html"}
    if certificates := sorted(corpus.glob("takedowns/*/certificate.html")):
        files["certificate"] = certificates[-1]
    for name, page in files.items():
        take(tab, page.resolve().as_uri(), name, HEIGHT)
    with viewed(corpus, other) as address:
        for name, (path, height) in PAGES.items():
            if not path.startswith("/compare") or other is not None:
                take(tab, address + path, name, height)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, default=DOCS.parent / "demo" / "corpus")
    parser.add_argument("--with", dest="other", type=Path, help="a second corpus, held beside it")
    options = parser.parse_args()
    if CHROMIUM is None:
        print("no Chromium found; on Debian: apt-get install chromium fonts-noto-core")
        return 2
    if not (options.corpus / "report.html").is_file():
        print(f"{options.corpus / 'report.html'} does not exist; `make demo` makes it")
        return 2
    with browsing(WIDTH, HEIGHT) as tab:
        take_all(options.corpus, options.other, tab)
    return 0


if __name__ == "__main__":
    sys.exit(main())
