"""What a page of the view may hold, and how all of them are walked through."""

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from starlette.testclient import TestClient

from pipeline.invisible import is_invisible

ELEMENTS = set(
    """html head meta title link body a div nav main footer p h1 h2 h3 dl dt dd form label input button select option section
    span i b br bdi code ul ol li table caption thead tbody tr th td blockquote del ins mark figure figcaption svg g path
    rect line text desc clippath defs""".split()
)
ATTRIBUTES = set(
    """lang charset name content rel href class id aria-label aria-labelledby aria-current aria-hidden role action method
    type maxlength placeholder value selected checked min max step required style scope rowspan colspan title dir tabindex
    d fill stroke stroke-width stroke-dasharray stroke-miterlimit stroke-opacity transform xmlns viewbox width height x y
    x1 x2 y1 y2 font-family font-size font-weight text-anchor opacity fill-opacity pointer-events clip-path
    aria-roledescription font-style display""".split()
)
STYLES = re.compile(r"((width|left):\d+(\.\d+)?%|flex:\d+|max-width:\d+(\.\d+)?px|pointer-events: none;?)")
ADDRESSES = re.compile(r"(/[a-z_0-9/.]*(\?[^\s<>\"']*)?(#[a-z]+)?|#[a-z]+|data:,)")


class Page(HTMLParser):
    """`strange`: elements, attributes and addresses that no page of ours has."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.strange, self.links = list[str](), list[str]()
        self.feed(source)
        self.strange += [f"U+{ord(one):04X}" for one in set(source) if is_invisible(one) and one not in "\n\t"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.strange += [] if tag in ELEMENTS else [f"<{tag}>"]
        for name, given in attrs:
            value = given or ""
            fits = name in ATTRIBUTES
            if name in ("href", "action"):
                fits = ADDRESSES.fullmatch(value) is not None
                self.links += [value] if name == "href" else []
            elif name == "style":
                fits = STYLES.fullmatch(value) is not None
            elif name == "rel":
                fits = value in ("stylesheet", "icon", "next", "prev")
            self.strange += [] if fits else [f"<{tag} {name}={value[:80]}>"]

    def handle_comment(self, data: str) -> None:
        self.strange.append(f"<!--{data[:40]}")


def walked(client: TestClient, most: int, beginnings: tuple[str, ...] = ("/",)) -> Iterator[tuple[str, int, str]]:
    """(address, status, source) of pages that links lead to, breadth first; a few of each kind, so that all kinds come."""
    waiting, seen, kinds = [*beginnings], set[str](), dict[str, int]()
    while waiting and most:
        address = waiting.pop(0).split("#")[0]
        kind = re.sub(r"[0-9a-f]{32}|=[^&]*", "*", address)
        if address in seen or not address.startswith("/") or kinds.get(kind, 0) > 8:
            continue
        seen.add(address)
        kinds[kind] = kinds.get(kind, 0) + 1
        most -= 1
        answer = client.get(address)
        yield address, answer.status_code, answer.text
        if "text/html" in answer.headers["content-type"]:
            waiting += [html.unescape(link) for link in Page(answer.text).links]
