"""The pictures that README and docs show: the sample's report, pages of `winnow inspect`, and what a takedown left.

    python -m docs.make_pictures [CORPUS] [--with OTHER]

Needs the extra `inspect`, and a Chromium on the machine; where there is none this says so and changes nothing. `make walk` takes
those of HEIGHTS that it comes past, too.
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
WIDTH = 1280  # CSS pixels
HEIGHTS = {  # name of the picture -> CSS pixels of the page that are seen
    "report": 1500,  # its head, the funnel and the first rules
    "certificate": 1500,
    "inspect": 1060,
    "inspect-documents": 900,
    "inspect-compare": 1000,
    "diff": 900,
    "card": 1000,
}
RULE, BOUND = "gopher_short_doc", 80  # what README changes
PAGES = {  # name of the picture -> address in the view
    "inspect": f"/rules/{RULE}?minimum={BOUND}",
    "inspect-documents": "/documents?outcome=filtered&sort=quality",
    "inspect-compare": "/compare#fates",  # below the settings, which name folders of the machine
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


def take(tab: Tab, name: str, address: str | None = None, folder: Path = DOCS) -> Path:
    """A picture of the top of a page, or of where the tab is, as FOLDER/NAME.png; the name is one of HEIGHTS."""
    tab.look(WIDTH, HEIGHTS[name])
    if address is not None:
        tab.go(address)
    file = folder / f"{name}.png"
    tab.picture(file)
    return file


def take_all(corpus: Path, other: Path | None, tab: Tab) -> None:
    files = {"report": corpus / "report.html"}
    if certificates := sorted(corpus.glob("takedowns/*/certificate.html")):
        files["certificate"] = certificates[-1]
    for name, page in files.items():
        said(take(tab, name, page.resolve().as_uri()))
    with viewed(corpus, other) as address:
        for name, path in PAGES.items():
            if not path.startswith("/compare") or other is not None:
                said(take(tab, name, address + path))


def said(picture: Path) -> None:
    print(f"docs/{picture.name}: {picture.stat().st_size:,} bytes")


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
    with browsing(WIDTH) as tab:
        take_all(options.corpus, options.other, tab)
    return 0


if __name__ == "__main__":
    sys.exit(main())
