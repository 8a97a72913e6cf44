"""The pictures that the README shows: the sample's report and, if a page was taken out of it, the certificate.

    python docs/make_pictures.py [CORPUS]

Needs a Chromium on the machine; where there is none this says so and changes nothing.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTH, HEIGHT = 1280, 1500  # CSS pixels: the head of the page, the funnel and the first rules


def take_picture(page: Path, picture: Path, browser: str) -> None:
    with tempfile.TemporaryDirectory(prefix="winnow-pictures-") as profile:
        subprocess.run(  # noqa: S603 - a fixed command on our own file
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
             f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={picture}", page.resolve().as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip


def main() -> int:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS.parent / "demo" / "corpus"
    page = corpus / "report.html"
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"no browser found ({', '.join(BROWSERS)}); on Debian: apt-get install chromium fonts-noto-core")
        return 2
    if not page.is_file():
        print(f"{page} does not exist; `make demo` makes it")
        return 2
    pictures = {"report.png": page}
    certificates = sorted(corpus.glob("takedowns/*/certificate.html"))
    if certificates:
        pictures["certificate.png"] = certificates[-1]
    for name, shown in pictures.items():
        take_picture(shown, DOCS / name, browser)
        print(f"docs/{name}: {(DOCS / name).stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
