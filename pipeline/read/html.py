"""HTML to text: what a reader of a page sees and means to read, what it shows but is not content, what it hides.

`text` keeps the structure of blocks: a paragraph is one line, blocks stand apart by a blank line, the items of a list follow
one another as "- item" or under their numbers, "3. item", nested ones two blanks further in; a table row is one line with its
cells apart by " | ", empty ones too where the table has shown that it has columns (a heading cell, or a row of two); <pre> is
verbatim wherever it stands, without the line numbers beside it; <br> is a newline. No-break spaces, control characters and
other line separators become blanks. Ruby reads as its plain-text fallback, 漢字(かんじ), powers as 10^23, a note behind a
number as 1990[3], formulas as TeX. With `html.format` "markdown" headings, rows of tables and code have its marks, code with
the language that its page names. Which blocks are the page's main text a model says
(pipeline/read/main_text.py); readers' comments are none of it unless `html.comments` keeps them. What is hidden as the page was
fetched and shown by its script or opened by its reader may be main text (pipeline/kernels/html/opening.py); what the text says
already is not said again (pipeline/kernels/main_text/repeats.py). Without `html.main_content` nothing is chosen or opened: the
text is what a browser without scripts shows.

`hidden_text`, one line a run: `hidden`, <template> (but declarative shadow roots), <noscript>, <iframe> and media fallbacks, a
closed <dialog> (each no further than its end tag; without one it hides nothing), and what inline style or a simple rule of the
page's own <style> hides (pipeline/kernels/html/style.py says which). A closed <details> is for the reader to open,
`aria-hidden` is about screen readers, not eyes: both are text. What hides the whole <html> or <body> is ignored: pages do that
till their script has run. A page that shows next to nothing without its <noscript> is read as a browser without scripts shows
it, one that hides nearly all in one element with that element open. Scripts, styles, comments, attribute values and what stands
in <svg> are neither.

`markup_text`, one paragraph a value, is what markup says in words (pipeline/kernels/html/markup.py says which): comments,
alt, title, aria and data attributes, <meta>, JSON-LD, script templates, titles, text in <svg>.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from pipeline.errors import RecipeError
from pipeline.kernels.html import layout as html_layout
from pipeline.kernels.html.page import read_page
from pipeline.read import main_text
from pipeline.read.page_type import page_type
from pipeline.read.signals import Found, read_found
from pipeline.settings import check_settings, setting


class ExtractedPage(NamedTuple):
    """`problem` says what was cut short, if anything; no text is lost by it.

    `confidence` is the F1 that the choice of main text promises, 1 where nothing was chosen.
    """

    title: str
    text: str
    hidden_text: str
    markup_text: str
    problem: str | None
    confidence: float = 1.0
    found: tuple[Found, ...] = ()  # what its tags say of use, licence, address and date
    page_type: str | None = None  # pipeline/read/page_type.py; null where none could be told, or nothing was chosen


@dataclass(frozen=True, kw_only=True)
class HtmlSettings:
    """How pages are read."""

    max_depth: int = setting(
        512, "open elements; deeper ones are flattened, text kept", "browsers; real pages stay below 60", minimum=1
    )
    max_attributes: int = setting(512, "attributes of a tag that are looked at", "real pages stay below 80", minimum=1)
    main_content: bool = setting(
        True, "keep the main text only, by the model of pipeline/models/main_text.md; false: all that a page shows as fetched"
    )
    comments: Literal["drop", "keep"] = setting("drop", "readers' comments below an article; a forum's posts are its text")
    format: Literal["text", "markdown"] = setting(
        "text", "markdown: headings, quotations, tables and code as it writes them; no emphasis, no links"
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "html.")


_DEFAULT = HtmlSettings()


def extract(
    html: bytes, settings: HtmlSettings = _DEFAULT, model: main_text.Model | None = None, *, is_xml: bool = False
) -> ExtractedPage:
    """The texts of a page given as UTF-8; `model` in place of the one that ships; `is_xml`: it is XHTML by its type."""
    tests = (model or main_text.shipped_model()).tests
    *texts, confidence, problems, _, signals, row = read_page(
        np.frombuffer(html, np.uint8).copy(),
        settings.max_depth,
        settings.max_attributes,
        is_xml,
        settings.main_content,
        settings.comments == "keep",
        settings.format == "markdown",
        tests,
    )
    title, text, hidden, markup = (one.tobytes().decode() for one in texts)
    kind = page_type(title, text, row) if settings.main_content and text else None
    found = tuple(read_found(html, signals))
    return ExtractedPage(title, text, hidden, markup, _problem(problems, settings), confidence, found, kind)


def _problem(problems: int, settings: HtmlSettings) -> str | None:
    if not problems:
        return None
    found = []
    if problems & html_layout.TOO_DEEP:
        found.append(f"elements nested deeper than {settings.max_depth}")
    if problems & html_layout.MANY_ATTRIBUTES:
        found.append(f"a tag with more than {settings.max_attributes} attributes")
    return ", ".join(found)


_CONTROLS = {code: " " for code in (*range(32), 0x7F) if code not in (9, 10)} | dict.fromkeys((13, 0x85, 0x2028, 0x2029), "\n")


def from_plain_text(text: str) -> ExtractedPage:
    """A text/plain page: every kind of line break is a newline, control characters are blanks, lines stay as they are."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").translate(_CONTROLS).split("\n")
    return ExtractedPage("", "\n".join(line.rstrip() for line in lines).strip("\n"), "", "", None)
