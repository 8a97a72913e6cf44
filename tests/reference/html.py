"""Slow obvious twin of the HTML kernels: a tokenizer that yields tuples, a list of open elements that is searched, and
strings that are joined. It shares with the kernels only the vocabulary (which names are blocks, void, regions …) and the
rules for hiding styles, which tests/pipeline/test_html_style.py checks by example."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from pipeline.kernels.html import layout as lay
from pipeline.kernels.html import names as html_names
from pipeline.kernels.html import parts as html_parts
from pipeline.kernels.html import signals as html_signals
from pipeline.kernels.html.opening import IS_CONTROLLED, MAX_CONTROLLED, OTHERS, PANELS, UNDONE_BY_OPENING
from pipeline.kernels.html.page import MIN_GAIN, MIN_SHOWN
from pipeline.kernels.html.style import (
    ALL_REASONS,
    AS_BLOCK,
    DISPLAY,
    FADES_IN,
    OPACITY,
    SET_ANEW,
    UNDONE_BY_CHILDREN,
    VISIBILITY,
    hiding_declarations,
)
from tests.reference.html_markup import Said
from tests.reference.html_text import BLANKS, characters, decode_reference

HTML_SPACE = set("\t\n\f\r ")
LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
NAMES = {number: name for name, number in html_names.ELEMENTS.items()}
TABLE_PARTS = {"td", "th", "tr", "tbody", "thead", "tfoot", "table", "caption"}
CONTROLS = ("aria-controls", "data-target", "data-bs-target")
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


def kinds_of(name: str) -> int:
    return int(html_parts.ELEMENT_KIND[html_names.ELEMENTS.get(name, html_names.UNKNOWN)])


def flags_of(name: str) -> int:
    return int(html_names.ELEMENT_FLAGS[html_names.ELEMENTS.get(name, html_names.UNKNOWN)])


# ---------------------------------------------------------------- characters


def decode_attribute(text: str) -> str:
    out, i = "", 0
    while i < len(text):
        read, value = decode_reference(text, i) if text[i] == "&" else (0, "")
        after = text[i + read : i + read + 1]
        if read and text[i + read - 1] != ";" and (after == "=" or (after.isascii() and after.isalnum())):
            read = 0
        out += value if read else text[i]
        i += read or 1
    return out


def shown_by(source: str, references: bool) -> Iterator[str]:
    """What a run shows, one character of the source at a time; the ideographic blanks it begins with are blanks."""
    leading = True
    for shown, decoded in characters(source, references):
        indent = leading and shown == "\u3000" and not decoded
        leading = leading and (indent or shown in BLANKS)
        yield " " if indent else shown


def weight_of(shown: str) -> int:
    return 2 if "\u3000" <= shown[0] <= "\udfff" else 1


# ---------------------------------------------------------------- tokens


@dataclass
class Tag:
    name: str
    end: bool
    attributes: dict[str, str] = field(default_factory=dict)
    many: bool = False
    self_closing: bool = False
    signals: int = 0


def read_tag(page: str, i: int, max_attributes: int, said: Said) -> tuple[Tag | None, int]:
    """The tag whose name begins at `i`, and the position after it; None where the page ends within it."""
    end = page[i - 1] == "/"
    start = i
    while i < len(page) and page[i] not in HTML_SPACE and page[i] not in "/>":
        i += 1
    tag = Tag(page[start:i].lower(), end)
    count = 0
    while i < len(page) and page[i] != ">":
        if page[i] in HTML_SPACE or page[i] == "/":
            tag.self_closing = page[i : i + 2] == "/>"
            i += 1
            continue
        start = i
        i += 1
        while i < len(page) and page[i] not in HTML_SPACE and page[i] not in "=/>":
            i += 1
        name, value, closed = page[start:i].lower(), "", False
        while i < len(page) and page[i] in HTML_SPACE:
            i += 1
        if page[i : i + 1] == "=":
            i += 1
            while i < len(page) and page[i] in HTML_SPACE:
                i += 1
            if page[i : i + 1] in ("'", '"'):
                stop = page.find(page[i], i + 1)
                if stop < 0:
                    return None, len(page)
                value, i, closed = page[i + 1 : stop], stop + 1, True
            else:
                start = i
                while i < len(page) and page[i] not in HTML_SPACE and page[i] != ">":
                    i += 1
                value = page[start:i]
                closed = i < len(page)
        if closed:
            said.attribute(name, value)
        count += 1
        tag.many = count > max_attributes
        if closed and not tag.many:
            tag.signals |= signals_in(name, value, name in tag.attributes)
        if not tag.many and name not in tag.attributes:
            tag.attributes[name] = decode_attribute(value)
    return (tag, i + 1) if i < len(page) else (None, len(page))


def signals_in(name: str, value: str, again: bool) -> int:
    """What one attribute, as written, makes of its tag; of one name the first counts, but for those that only add a name."""
    words = [word.lower() for word in split_spaces(value)]
    bits = 0
    if name in ("name", "property", "itemprop"):
        for word in words:
            bits |= html_signals.NAMES.get(word, 0)
    elif name == "rel" and not again:
        bits |= html_signals.CANONICAL * ("canonical" in words) | html_signals.LICENCE_LINK * ("license" in words)
    elif name == "href" and not again:
        address = "".join(value.lower().lstrip("".join(HTML_SPACE)))
        site = "//www.creativecommons.org/" if "//www." in address[:12] else "//creativecommons.org/"
        bits |= html_signals.COMMONS_LINK * (0 <= address.find("//") <= 7 and address[address.find("//") :].startswith(site))
    return bits


def begins_markup(page: str, i: int) -> bool:
    following = page[i + 1 : i + 2]
    return page[i] == "<" and (following in LETTERS or following in ("!", "?") or (following == "/" and i + 2 < len(page)))


def raw_end(page: str, i: int, name: str) -> int:
    """Where the end tag of raw text begins; scripts count `<!-- <script> </script> -->` as theirs."""
    lower = page.lower()

    def is_tag(at: int, prefix: str) -> bool:
        after = at + len(prefix) + len(name)
        return lower.startswith(prefix + name, at) and after < len(page) and (page[after] in HTML_SPACE or page[after] in "/>")

    state = "plain"
    while i < len(page):
        if is_tag(i, "</"):
            if state != "double":
                return i
            state = "escaped"
        elif name == "script":
            if state == "plain" and page.startswith("<!--", i):
                state = "escaped"
                i += 2
                continue
            if state == "escaped" and is_tag(i, "<"):
                state = "double"
            elif state != "plain" and page.startswith("-->", i):
                state = "plain"
        i += 1
    return len(page)


def after_declaration(page: str, i: int, foreign: bool) -> int:
    def after(what: str, start: int) -> int:
        at = page.find(what, start)
        return len(page) if at < 0 else at + len(what)

    if page.startswith("<!--", i):
        for whole in ("<!-->", "<!--->"):
            if page.startswith(whole, i):
                return i + len(whole)
        return min(after("-->", i + 4), after("--!>", i + 4))
    if foreign and page.startswith("<![CDATA[", i):
        return after("]]>", i + 9)
    return after(">", i + 2)


# ---------------------------------------------------------------- open elements


@dataclass
class Element:
    name: str
    hidden_by: int = 0
    own: tuple[int, int] = (0, 0)  # reasons of its own, and those on which it has its say
    link: bool = False
    part: int = 0  # rows of the innermost elements that are a part of the page by name, and that are blocks
    element: int = 0
    group: int = 0
    row: int = 0  # numbers of <tr> and <td>
    cell: int = 0
    row_is_blocks: bool = False
    text_at: tuple[int, int, int] = (0, 0, 0)  # block, its cells, length of the last, when a link began
    children: int = 0  # of an element of MathML, and the braces that its end closes
    braces: int = 0  # -1: a bracket
    style: int = 0  # on a list, how it numbers
    count: int = 0  # on a list its last number, on a row its cells, on a table whether it has columns
    written: int = 0  # on a row, separators of its line
    numbers: tuple[int, int, int] | None = None  # text_at of an element named as line numbers
    beside_numbers: bool = False  # on a row
    verbatim: bool = False
    closed: bool = False  # its end tag came, but blocks opened in it are open

    @property
    def flags(self) -> int:
        return flags_of(self.name)


@dataclass
class Block:
    cells: list[str]
    chars: list[int]
    links: list[int]
    kinds: list[int]
    groups: list[int]
    kind: int
    part: int
    element: int
    row: int
    cell: int
    inline: int = 0  # kinds of the inline elements in it, and of their names
    inline_names: int = 0


class Page:
    """The whole walk. `open` is the list of open elements, outermost first; `open[0]` stands for the page."""

    def __init__(
        self,
        page: str,
        max_depth: int = 512,
        max_attributes: int = 512,
        without_scripts: bool = False,
        is_xml: bool = False,
        opening: bool = False,
        opened: int = 0,
    ) -> None:
        self.page = page.removeprefix("\ufeff")
        self.max_depth, self.max_attributes = max_depth, max_attributes
        self.open = [Element("")]
        self.flattened = 0
        self.problems = 0
        self.sheet: dict[str, int] = {}
        self.controlled = 0  # ids that something on the page opens
        self.streams = False  # some place waits for a segment that comes later
        self.hides = (0, 0)  # of the last start tag: what hides its element, and on what it has its say
        self.opening, self.opened = opening, opened
        self.hidings: list[tuple[int, bool]] = []  # where each begins in the hidden text, and whether it hides by style
        self.title: str | None = None
        self.blocks: list[tuple[str, int, int, int, int, int, int, int]] = []  # text and the columns of lay
        self.elements = [(0, "", 0, 0, 0)]  # parent, name, kinds of names, first class, depth
        self.without_scripts, self.is_xml = without_scripts, is_xml
        self.in_raw = False  # within an element of RAW_UNSEEN
        self.next_inline = self.next_names = 0
        self.hidden: list[str] = []
        self.said = Said()
        self.signals: list[tuple[int, str, dict[str, str]]] = []  # bits, element, attributes; of JSON-LD its content
        self.hidden_break = True
        self.hidden_gap = False
        self.block: Block | None = None
        self.opened_blocks = 0
        self.pending = "nothing"
        self.gap = False
        self.item = False
        self.item_number = 0
        self.term = 0
        self.groups = self.rows = self.cells = 0
        self.walk()

    # ------------------------------------------------------------ searching the open elements

    def innermost(self, names: set[str], barrier: int = 0) -> int:
        """Index of the innermost open element of these names above the innermost barrier, 0 if none."""
        for index in range(len(self.open) - 1, 0, -1):
            element = self.open[index]
            if element.name in names and not element.closed:
                return index
            if element.flags & barrier:
                return 0
        return 0

    def has(self, *names: str) -> bool:
        return self.innermost(set(names)) > 0

    def foreign(self) -> int:
        index = self.innermost({"svg", "math", "foreignobject"})
        return 0 if self.open[index].name == "foreignobject" else index

    def innermost_row(self) -> int:
        index = self.innermost({"tr", "table"})
        return index if self.open[index].name == "tr" else 0

    # ------------------------------------------------------------ walking

    def walk(self) -> None:
        self.walk_from(0)
        self.close_block()

    def walk_from(self, i: int) -> None:
        while i < len(self.page):
            if not begins_markup(self.page, i):
                start = i
                while i < len(self.page) and not begins_markup(self.page, i):
                    i += 1
                self.text(self.page[start:i])
            elif self.page[i + 1] == "!":
                start = i + 2
                if self.is_xml and self.page.startswith("<![CDATA[", i):
                    stop = self.page.find("]]>", i + 9)
                    self.text(self.page[i + 9 : stop if stop >= 0 else len(self.page)], references=False, cdata=True)
                    i = stop + 3 if stop >= 0 else len(self.page)
                    continue
                i = after_declaration(self.page, i, self.foreign() > 0)
                self.said.declaration(self.page[start:i])
            else:
                name = i + 2 if self.page[i + 1] == "/" else i + 1
                if self.page[name] not in LETTERS:
                    at = self.page.find(">", name)
                    i = len(self.page) if at < 0 else at + 1
                    self.said.declaration(self.page[name:i])
                    continue
                tag, i = read_tag(self.page, name, self.max_attributes, self.said)
                if tag is not None and tag.many:
                    self.problems |= lay.MANY_ATTRIBUTES
                if tag is not None:
                    i = self.end(tag.name, i) if tag.end else self.start(tag, i)

    def end(self, name: str, i: int) -> int:
        flags = flags_of(name)
        if name == "br":
            self.line_break()
        elif flags & (html_names.VOID | html_names.IGNORED) or (flags & html_names.RAW and not self.foreign()):
            pass
        elif self.flattened:
            self.flattened -= 1
            if flags & html_names.BLOCK:
                self.request_break()
        else:
            self.end_open(name)
        return i

    def end_open(self, name: str) -> None:
        barrier = html_names.TABLE_SCOPE if name in TABLE_PARTS else 0 if name == "template" else html_names.SCOPE
        index = self.innermost({name}, barrier)
        above = self.open[index + 1 :]
        passes_blocks = flags_of(name) & (html_names.BLOCK | html_names.UNSEEN) or name in ("svg", "math")
        if index == 0:
            if name == "p":
                self.request_break()
        elif passes_blocks or not any(element.flags & html_names.BLOCK for element in above):
            self.close_to(index)
        elif flags_of(name) & html_names.FORMATTING and len(above) <= 16:
            self.open[index].closed = True
            self.open[index].own = 0, 0
            for row in range(index, len(self.open)):
                self.inherit_hidden(row)
                if name == "a":
                    self.open[row].link = False

    def close_to(self, index: int) -> None:
        while len(self.open) > index:
            element = self.open[-1]
            if element.braces and self.block is not None and self.pending == "nothing":
                self.block.cells[-1] += "}" * element.braces if element.braces > 0 else "]"
                self.gap = self.gap and element.braces < 0
            if element.numbers is not None:
                self.drop_line_numbers(element)
            if element.flags & html_names.BLOCK:
                self.request_break()
            if element.name == "li":
                self.item = False
            if element.name in ("dt", "dd"):
                self.term = 0
            if element.name == "tr":
                self.end_row(element)
            if element.name == "a" and element.link and not element.closed:
                self.drop_anchor_sign(element)
            self.open.pop()

    def make_room(self, name: str) -> None:
        flags = flags_of(name)
        if self.foreign() and flags & html_names.BREAKOUT:
            self.close_to(self.foreign())
        if name == "a" and self.innermost({"a"}, html_names.SCOPE):
            self.end("a", 0)
        index = self.ended_by(name)
        if not index and flags & html_names.CLOSES_P:
            index = self.innermost({"p"}, html_names.SCOPE)
        if index:
            self.close_to(index)
        if flags & html_names.BLOCK:
            self.request_break()
            no_row = name in ("td", "th") and not self.innermost({"tr"}, html_names.TABLE_SCOPE)
            if no_row and len(self.open) < self.max_depth:
                self.push("tr", {}, implied=True)

    def ended_by(self, name: str) -> int:
        if name == "li":
            return self.innermost({"li"}, html_names.LIST_SCOPE)
        if name in ("dt", "dd"):
            return self.innermost({"dt", "dd"}, html_names.LIST_SCOPE)
        if name in ("td", "th"):
            return self.innermost_of_table({"td", "th", "caption"})
        if name == "tr":
            return self.innermost_of_table({"tr", "caption"})
        if name in ("tbody", "thead", "tfoot"):
            return self.innermost_of_table({"tbody", "thead", "tfoot"}) or self.innermost_of_table({"tr", "caption"})
        if name == "option":
            return self.innermost({"option"}, html_names.SCOPE)
        if name == "optgroup":
            return self.innermost({"optgroup"}, html_names.SCOPE) or self.innermost({"option"}, html_names.SCOPE)
        if name == "button":
            return self.innermost({"button"}, html_names.SCOPE)
        return len(self.open) - 1 if name in HEADINGS and self.open[-1].name in HEADINGS else 0

    def innermost_of_table(self, names: set[str]) -> int:
        return self.innermost(names, html_names.TABLE_SCOPE)

    def start(self, tag: Tag, i: int) -> int:
        flags = flags_of(tag.name)
        self.hides = self.hiding(tag.attributes)
        if tag.signals:
            self.signals.append((tag.signals, tag.name, tag.attributes))
        if (self.foreign() or tag.name in ("svg", "math")) and tag.self_closing and not flags & html_names.BREAKOUT:
            return i
        if flags & html_names.IGNORED or (flags & html_names.TABLE_PART and not self.is_in_table()):
            self.request_break()
            return i
        if self.is_xml and tag.self_closing and not flags & html_names.VOID:
            if flags & html_names.BLOCK:
                self.request_break()
            return i
        if flags & html_names.RAW and not self.foreign():
            return self.raw(tag, i)
        self.make_room(tag.name)
        if flags & html_names.VOID:
            if tag.name == "br":
                self.line_break()
            elif tag.name == "hr":
                self.request_break()
            else:
                self.note_inline(tag.name, tag.attributes)
            return i
        stop = raw_end(self.page, i, tag.name)
        is_foreign = self.foreign() > 0
        depth = len(self.open)
        self.push(tag.name, tag.attributes, has_end=stop < len(self.page))
        if len(self.open) > depth:
            self.begin_notation(tag.name, i)
        if not flags & html_names.BLOCK and self.hides[1] & AS_BLOCK:
            self.begin_code_line()
        is_raw = flags & html_names.RAW_UNSEEN and not (tag.name == "noscript" and self.without_scripts)
        if is_raw and stop < len(self.page) and not self.in_raw and not is_foreign:
            return self.raw_unseen(i, stop)
        if tag.name in ("pre", "listing"):
            i += 2 if self.page.startswith("\r\n", i) else self.page[i : i + 1] in ("\n", "\r")
        return i

    def raw_unseen(self, i: int, stop: int) -> int:
        """What stands before the first end tag is a page of its own, whatever it leaves open."""
        whole, depth, flattened = self.page, len(self.open), self.flattened
        self.page, self.in_raw = whole[:stop], True
        self.walk_from(i)
        self.page, self.in_raw = whole, False
        self.close_to(depth)
        self.flattened = flattened
        return stop

    def raw(self, tag: Tag, i: int) -> int:
        end = len(self.page) if tag.name == "plaintext" else raw_end(self.page, i, tag.name)
        content = self.page[i:end]
        if tag.name == "script":
            says = self.said.script(tag.attributes.get("type", ""), content)
            if says == html_names.TEX:
                self.text(content, references=False)
            if says == html_names.JSON_STRINGS:
                self.signals.append((html_signals.LINKED_DATA, content, {}))
            return end
        if tag.name == "title":
            self.said.value(content)
        if tag.name == "style":
            self.read_sheet(content)
        elif tag.name == "title":
            if self.title is None:
                self.title = content
        else:
            self.make_room(tag.name)
            fits = len(self.open) <= self.max_depth
            if fits:
                self.push(tag.name, tag.attributes)
            self.text(content, references=tag.name == "textarea")
            if fits:
                self.close_to(len(self.open) - 1)
            self.request_break()
        return end

    # ------------------------------------------------------------ opening

    def push(self, name: str, attributes: dict[str, str], implied: bool = False, has_end: bool = True) -> None:
        if len(self.open) > self.max_depth:
            self.flattened += 1
            self.problems |= lay.TOO_DEEP
            return
        parent = self.open[-1]
        element = Element(
            name, parent.hidden_by, (0, 0), parent.link, parent.part, parent.element, parent.group, parent.row, parent.cell
        )
        self.open.append(element)
        reasons, anew = (0, 0) if implied else self.hides
        shown = (name == "dialog" and "open" in attributes) or (name == "noscript" and self.without_scripts)
        shown = shown or not has_end or (name == "template" and "shadowrootmode" in attributes)
        by_style = not (element.flags & html_names.UNSEEN and not shown)
        if not by_style:
            reasons |= DISPLAY
        elif self.opened == lay.ALL_SEEN_LATER:
            reasons &= ~(VISIBILITY | OPACITY)
        element.own = reasons, anew
        self.inherit_hidden(len(self.open) - 1)
        if element.hidden_by and not parent.hidden_by:
            self.hidings.append((len("\n".join(self.hidden).encode()), by_style))
            if len(self.hidings) == self.opened:
                element.own = 0, anew
                self.inherit_hidden(len(self.open) - 1)
        if element.flags & html_names.CONTROL or (name == "a" and "href" in attributes):
            element.link = True
            if self.block is not None and self.pending == "nothing":
                element.text_at = self.place()
        is_numbers = "data-line-number" in attributes or names_of(attributes) & html_parts.BIT["lines"]
        if not implied and is_numbers and (name in ("td", "th") or self.is_pre(-1)):
            element.numbers = self.place()
        if element.flags & html_names.BLOCK:
            if not implied:
                self.enter(element, attributes)
            self.open_part(element, attributes)
        elif name not in html_names.ELEMENTS:
            self.enter(element, attributes)
        elif name not in ("svg", "math", "foreignobject"):
            self.note_inline(name, attributes)

    def inherit_hidden(self, index: int) -> None:
        reasons, anew = self.open[index].own
        self.open[index].hidden_by = (self.open[index - 1].hidden_by & ~(anew & UNDONE_BY_CHILDREN)) | reasons

    def enter(self, element: Element, attributes: dict[str, str]) -> None:
        names = names_of(attributes)
        classes = split_spaces(attributes.get("class", ""))
        shape = html_names.name_hash("." + classes[0]) if classes else 0
        self.elements.append((element.element, element.name, names, shape, len(self.open) - 1))
        element.element = len(self.elements) - 1
        if kinds_of(element.name) & html_parts.PART_ELEMENTS or names & html_parts.PART_NAMES:
            element.part = element.element

    def note_inline(self, name: str, attributes: dict[str, str]) -> None:
        if self.block is not None and self.pending == "nothing":
            self.block.inline |= kinds_of(name)
            self.block.inline_names |= names_of(attributes)
        else:
            self.next_inline |= kinds_of(name)
            self.next_names |= names_of(attributes)

    def take_inline(self) -> None:
        assert self.block is not None
        self.block.inline |= self.next_inline
        self.block.inline_names |= self.next_names
        self.next_inline = self.next_names = 0

    def place(self) -> tuple[int, int, int]:
        if self.block is None:
            return self.opened_blocks, 0, 0
        return self.opened_blocks, len(self.block.cells), len(self.block.cells[-1])

    def open_part(self, element: Element, attributes: dict[str, str]) -> None:
        name = element.name
        if name == "li":
            self.item = True
            self.number_item(ordinal(attributes))
        elif name in ("dt", "dd"):
            self.term = lay.IS_TERM if name == "dt" else lay.IS_DEFINITION
        elif name in ("pre", "listing", "table") or (name in ("ul", "ol", "dl") and not self.in_list()):
            self.groups += 1
            element.group = self.groups
        if name in ("ul", "ol"):
            start = ordinal(attributes)
            element.count = lay.NO_NUMBERS if name == "ul" else 0 if start is None else start - 1
            element.style = {"a": 1, "A": 2, "i": 3, "I": 4}.get(attributes.get("type", ""), 0)
        if name in ("pre", "listing") and self.innermost_row():
            self.open[self.innermost_row()].row_is_blocks = True
            self.pending = "block" if self.pending == "cell" else self.pending
        if name == "table":
            row = self.innermost_row_below(len(self.open) - 1)
            if row:
                self.open[row].row_is_blocks = True
            element.row = 0
        elif name == "tr":
            self.rows += 1
            element.row = self.rows
        elif name in ("td", "th"):
            self.cells += 1
            element.cell = self.cells
            element.verbatim = self.open[self.innermost_row()].beside_numbers
            if name == "th":
                self.table_of(len(self.open) - 2).count = 1
            if not element.hidden_by:
                self.request_cell()

    def innermost_row_below(self, index: int) -> int:
        for k in range(index - 1, 0, -1):
            if self.open[k].name in ("tr", "table"):
                return k if self.open[k].name == "tr" else 0
        return 0

    def table_of(self, index: int) -> Element:
        """The table, or what stands for one, that holds the element at `index`."""
        return next((one for one in reversed(self.open[: index + 1]) if one.flags & html_names.TABLE_SCOPE), self.open[0])

    def lists(self, below: tuple[str, ...]) -> list[Element]:
        """The lists around, the innermost first, up to one of these elements."""
        found = []
        for element in reversed(self.open):
            if element.name in below:
                break
            if element.name in ("ul", "ol"):
                found.append(element)
        return found

    def number_item(self, said: int | None) -> None:
        self.item_number = 0
        around = self.lists(("td", "th"))
        if around and around[0].count != lay.NO_NUMBERS:
            around[0].count = around[0].count + 1 if said is None else said
            self.item_number = around[0].count + 1 | around[0].style << (lay.STYLE_AT - lay.ITEM_NUMBER_AT)

    def in_list(self) -> bool:
        """Within a list already, seen from the element just opened."""
        for element in reversed(self.open[:-1]):
            if element.name in ("ul", "ol", "dl"):
                return True
            if element.name in ("table", "td", "th"):
                return False
        return False

    def hiding(self, attributes: dict[str, str]) -> tuple[int, int]:
        reasons = anew = 0
        prefixes = {"class": ".", "id": "#"}
        controls = [name for name in attributes if name in CONTROLS]
        segment = False
        for name, value in attributes.items():
            if name == "id" and value[:2] in ("B:", "S:") and value[2:] and not value[2:].strip("0123456789abcdef"):
                self.streams |= value[0] == "B"
                segment = value[0] == "S" and self.streams
            if name in controls[:1] or (name == "href" and value[:1] == "#"):
                self.note_controlled(value)
            for token in split_spaces(value) if name in prefixes else []:
                rule = self.sheet.get(prefixes[name] + token, 0)
                said = rule >> SET_ANEW
                reasons, anew = (reasons & ~said) | (rule & ALL_REASONS), anew | said
        if ("hidden" in attributes or "popover" in attributes) and not anew & DISPLAY:
            reasons |= DISPLAY
        rule = declarations(attributes.get("style", ""))
        if self.opening and rule >> SET_ANEW & FADES_IN:
            rule &= ~OPACITY
        said = rule >> SET_ANEW
        reasons, anew = (reasons & ~said) | (rule & ALL_REASONS), anew | said
        names = names_of(attributes)
        if self.opening and (segment or ((anew & IS_CONTROLLED or names & PANELS) and not names & OTHERS)):
            reasons &= ~UNDONE_BY_OPENING
        return reasons, anew

    def note_controlled(self, value: str) -> None:
        for token in split_spaces(value):
            if token != "#" and self.controlled < MAX_CONTROLLED:
                name = "#" + token.removeprefix("#")
                self.sheet[name] = self.sheet.get(name, 0) | IS_CONTROLLED << SET_ANEW
                self.controlled += 1

    def most_hiding(self) -> tuple[int, int]:
        """The most bytes that an element hides by style, and the number of the first such element, from 1."""
        ends = [start for start, _ in self.hidings[1:]] + [len("\n".join(self.hidden).encode())]
        sizes = [(end - start if by_style else 0) for (start, by_style), end in zip(self.hidings, ends, strict=True)]
        return (max(sizes), sizes.index(max(sizes)) + 1) if sizes else (0, 0)

    def read_sheet(self, css: str) -> None:
        """`.a, #b { … }` only: the generated sheets of the tests hold nothing cleverer."""
        for rule in css.split("}")[:-1]:
            selectors, _, body = rule.partition("{")
            found = declarations(body)
            for selector in selectors.split(","):
                name = selector.strip()
                if found and len(name) > 1 and name[0] in ".#" and all(c.isalnum() or c in "-_" for c in name[1:]):
                    old = self.sheet.get(name, 0)
                    self.sheet[name] = (old & ~(found >> SET_ANEW & ALL_REASONS)) | found

    # ------------------------------------------------------------ lines

    def request_break(self) -> None:
        self.hidden_break = True
        self.next_inline = self.next_names = 0
        if self.pending != "cell":
            self.pending = "block"

    def request_cell(self) -> None:
        self.hidden_break = True
        top = self.open[-1]
        joins = self.block is not None and self.block.row == top.row and not self.open[self.innermost_row()].row_is_blocks
        self.open[self.innermost_row()].count += 1
        self.pending = "cell" if joins else "block"

    def end_row(self, row: Element) -> None:
        block = self.block
        if block is None or block.row != row.row or row.row == 0 or row.row_is_blocks:
            return
        if self.table_of(len(self.open) - 1).count and row.written < row.count - 1:
            block.cells[-1] = block.cells[-1].replace("\n", " ").rstrip(" ")
            self.add_cells(row)

    def add_cells(self, row: Element) -> None:
        """Further cells of the open block, as many as the row asks for."""
        assert self.block is not None
        while row.written < row.count - 1:
            self.block.cells.append("")
            self.block.chars.append(0)
            self.block.links.append(0)
            self.block.kinds.append(self.block.kinds[-1])
            self.block.groups.append(self.block.groups[-1])
            self.block.kind |= lay.IS_ROW
            row.written += 1

    def line_break(self) -> None:
        if self.open[-1].hidden_by:
            self.hidden_gap = True
        elif not self.in_svg() and self.block is not None and self.pending == "nothing":
            line = self.block.cells[-1].rpartition("\n")[2]
            if line or self.is_pre():
                self.block.cells[-1] += "\n"
                self.gap = False
            else:
                self.request_break()

    def is_pre(self, end: int | None = None) -> bool:
        """Whether the text of the innermost of `open[:end]` is verbatim."""
        names = {"pre", "listing", "textarea", "xmp", "plaintext"}
        return any(element.name in names or element.verbatim for element in self.open[:end])

    def begin_notation(self, name: str, i: int) -> None:
        element, parent = self.open[-1], self.open[-2]
        if element.hidden_by or self.in_svg():
            return
        if element.link and (name == "sup" or (name == "a" and parent.name == "sup")):
            self.note(self.page[i : i + 1])
            return
        if name in ("sup", "sub"):
            self.power(name, self.page[i : i + 6])
            return
        if parent.name in ("mfrac", "msup", "msub", "msubsup") and not parent.closed:
            parent.children += 1
            is_raised = parent.name == "msup" or (parent.name == "msubsup" and parent.children == 3)
            if parent.name == "mfrac" or parent.children > 1:
                self.sign("{" if parent.name == "mfrac" else "^{" if is_raised else "_{")
                element.braces += 1
        if name in ("mfrac", "msqrt"):
            self.sign("\\frac" if name == "mfrac" else "\\sqrt{")
            element.braces += name == "msqrt"

    def note(self, following: str) -> None:
        digits = set("0123456789")
        if self.block is None or self.pending != "nothing" or self.gap or not self.block.cells[-1]:
            return
        if self.block.cells[-1][-1] in digits and following in digits and following:
            self.block.cells[-1] += "["
            self.open[-1].braces = -1

    def begin_code_line(self) -> None:
        block = self.block
        if self.is_pre() and not self.open[-1].hidden_by and block is not None and self.pending == "nothing":
            so_far = row_of(block.cells)
            if so_far and so_far[-1] != "\n":
                block.cells[-1] += "\n"

    def drop_line_numbers(self, element: Element) -> None:
        block = self.block
        assert element.numbers is not None
        number, cells, length = element.numbers
        if block is None:
            return
        is_own = number != self.opened_blocks
        if len(block.cells) != (1 if is_own else cells):
            return
        start = 0 if is_own else length
        digits = sum(one in "0123456789" for one in block.cells[-1][start:])
        if digits == 0 or not set(block.cells[-1][start:]) <= {*"0123456789", *(chr(code) for code in range(33))}:
            return
        if element.name in ("td", "th"):
            self.open[self.innermost_row()].beside_numbers = True
            self.open[self.innermost_row()].count -= 1
        if is_own:
            self.block, self.pending = None, "block"
        else:
            block.cells[-1] = block.cells[-1][:start]
            block.chars[-1] -= digits
            block.links[-1] -= digits * element.link

    def power(self, name: str, following: str) -> None:
        if self.block is None or self.pending != "nothing" or self.gap:
            return
        line = self.block.cells[-1].rpartition("\n")[2]
        digits = set("0123456789")
        lone = line[-1:].isascii() and line[-1:].isalpha() and not (line[-2:-1].isalnum() or line[-2:-1] > "\x7f")
        if name == "sub":
            joins = line[-1:] in digits and following[:1] in digits if line and following else False
        else:
            begins = following[:1] in {*digits, "+", "-", "\u2212"} or following == "&minus"
            joins = bool(line) and (line[-1] in digits or lone) and begins
        if joins:
            self.block.cells[-1] += "^" if name == "sup" else "_"

    def sign(self, signs: str) -> None:
        if self.pending != "nothing" or self.block is None:
            self.begin_text()
        assert self.block is not None
        self.block.cells[-1] += signs
        self.gap = False

    def is_in_table(self) -> bool:
        for element in reversed(self.open):
            if element.flags & html_names.TABLE_SCOPE:
                return element.name in ("table", "template")
        return False

    def in_svg(self) -> bool:
        """... whose text is no text of the page; nor that of a style or script of <math>."""
        return self.open[self.innermost({"svg", "foreignobject"})].name == "svg" or self.in_foreign_code()

    def in_foreign_code(self) -> bool:
        """Within a style or script of <svg> or <math>, which is neither text nor said."""
        return self.open[self.innermost({"style", "script", "foreignobject"})].name in ("style", "script")

    def text(self, source: str, references: bool = True, cdata: bool = False) -> None:
        if self.in_svg():
            if not cdata and not self.in_foreign_code():
                self.said.value(source)
            return
        if self.open[-1].hidden_by:
            self.add_hidden(source, references)
            return
        pre = self.is_pre()
        run = (shown for shown, _ in characters(source, references)) if pre else shown_by(source, references)
        for shown in run:
            if shown in BLANKS and not pre:
                self.gap = True
                continue
            if self.pending != "nothing" or self.block is None:
                self.begin_text()
            block = self.block
            assert block is not None
            if shown in BLANKS:
                block.cells[-1] += "\n" if shown == "\n" else "\t" if shown == "\t" else " "
                self.hidden_break = True
                continue
            if self.gap and block.cells[-1] and (block.cells[-1][-1] != "\n" or pre):
                block.cells[-1] += " "
            self.gap = False
            self.hidden_break = True
            block.cells[-1] += shown
            block.chars[-1] += weight_of(shown)
            block.links[-1] += weight_of(shown) * self.open[-1].link

    def add_hidden(self, source: str, references: bool) -> None:
        for shown in shown_by(source, references):
            if shown in BLANKS:
                self.hidden_gap = True
                continue
            if self.hidden_break or not self.hidden:
                self.hidden.append("")
            elif self.hidden_gap:
                self.hidden[-1] += " "
            self.hidden_break = self.hidden_gap = False
            self.hidden[-1] += shown

    def begin_text(self) -> None:
        top, block = self.open[-1], self.block
        if block is not None and self.pending != "nothing":
            same_row = block.row != 0 and block.row == top.row
            if same_row and self.pending == "block" and block.cell == top.cell:
                self.open[self.innermost_row()].row_is_blocks = True
                self.split_last_cell()
            elif same_row and self.pending == "cell" and block.part == top.part:
                block.cells[-1] = block.cells[-1].replace("\n", " ").rstrip(" ")
                self.table_of(self.innermost_row()).count = 1
                self.add_cells(self.open[self.innermost_row()])
                block.kinds[-1] = self.kind_of_next()
                block.groups[-1] = top.group
                block.cell = top.cell
                self.take_inline()
                self.gap = False
            else:
                self.close_block()
        if self.block is None:
            row = self.innermost_row()
            simple = row != 0 and not self.open[row].row_is_blocks
            kind = self.kind_of_next()
            self.opened_blocks += 1
            self.block = Block(
                [""],
                [0],
                [0],
                [kind],
                [top.group],
                kind | (lay.IS_CELL if simple else 0),
                top.part,
                top.element,
                top.row if simple else 0,
                top.cell,
            )
            self.take_inline()
            if simple and self.table_of(len(self.open) - 1).count:
                self.open[row].written = 0
                self.add_cells(self.open[row])
            elif simple:
                self.open[row].written = self.open[row].count - 1
            self.gap = False
        self.pending = "nothing"

    def kind_of_next(self) -> int:
        heading = self.innermost(HEADINGS)
        kind = int(self.open[heading].name[1]) if heading else 0
        kind |= lay.IS_ITEM if self.item else self.term
        if self.item:
            depth = min(len(self.lists(("table", "td", "th"))), lay.DEEPEST_LIST)
            kind |= max(depth - 1, 0) << lay.LIST_DEPTH | self.item_number << lay.ITEM_NUMBER_AT
        self.item, self.term = False, 0
        return kind | (lay.IS_PRE if self.is_pre() else 0)

    def split_last_cell(self) -> None:
        block = self.block
        assert block is not None
        if len(block.cells) > 1:
            before = Block(
                block.cells[:-1],
                block.chars[:-1],
                block.links[:-1],
                block.kinds[:-1],
                block.groups[:-1],
                block.kind,
                block.part,
                block.element,
                block.row,
                block.cell,
                block.inline,
                block.inline_names,
            )
            self.append(before, row_of(before.cells))
            block = Block(
                block.cells[-1:],
                block.chars[-1:],
                block.links[-1:],
                block.kinds[-1:],
                block.groups[-1:],
                block.kinds[-1],
                block.part,
                block.element,
                block.row,
                block.cell,
                block.inline,
                block.inline_names,
            )
        block.kind &= ~lay.IS_CELL
        self.append(block, block.cells[0])
        self.block = None

    def close_block(self) -> None:
        block = self.block
        if block is None:
            return
        if len(block.cells) > 1:
            block.cells[-1] = block.cells[-1].replace("\n", " ")
        self.append(block, row_of(block.cells))
        self.block = None

    def append(self, block: Block, text: str) -> None:
        text = text.rstrip("\n \t")
        if block.kind & lay.IS_PRE:
            blank = len(text) - len(text.lstrip("".join(chr(c) for c in range(33))))
            text = text[text.rfind("\n", 0, blank) + 1 :]
        if text and sum(block.chars):
            numbers = (sum(block.chars), sum(block.links), block.kind, block.groups[0])
            self.blocks.append((text, *numbers, block.element, block.inline, block.inline_names))

    def drop_anchor_sign(self, element: Element) -> None:
        block = self.block
        if block is None or self.pending != "nothing":
            return
        number, cells, length = element.text_at
        cell = block.cells[-1]
        start = length if number == self.opened_blocks and cells == len(block.cells) else 0
        if cell[start:].removeprefix(" ") in ("¶", "§", "#") and len(cell) > start:
            block.cells[-1] = cell[:start]
            block.chars[-1] -= 1
            block.links[-1] -= 1
            self.gap = True

    # ------------------------------------------------------------ results

    def one_line(self, source: str) -> str:
        shown = "".join(" " if character in BLANKS else character for character in shown_by(source, True))
        return " ".join(word for word in shown.split(" ") if word)

    def results(self) -> tuple[str, str, str, str]:
        title = self.one_line(self.title or "")
        if not title:
            title = next((text for text, _, _, kind, *_ in self.blocks if kind & lay.LEVEL == 1), "")
        return title, self.joined(), "\n".join(self.hidden), "\n\n".join(self.said.values)

    def joined(self) -> str:
        out, above = "", None
        for text, _, _, kind, group, *_ in self.blocks:
            if above is not None:
                out += newlines_between(above, (kind, group))
            out += item_mark(kind) + text if kind & lay.IS_ITEM else text
            above = kind, group
        return out

    def shown(self) -> int:
        """Characters outside links."""
        return sum(chars - links for _, chars, links, *_ in self.blocks)


def item_mark(kind: int, indent: int = 2) -> str:
    number = kind >> lay.ITEM_NUMBER_AT & lay.ITEM_NUMBER_BITS
    said = f"{numeral(number - 1, kind >> lay.STYLE_AT)}. " if number else "- "
    return " " * indent * (kind >> lay.LIST_DEPTH & lay.DEPTH_OF_LIST) + said


def numeral(number: int, style: int) -> str:
    """A number in digits, or as a, A, i, I write it where they can."""
    if style == lay.DECIMAL or number < 1 or (style >= lay.LOWER_ROMAN and number > 3999):
        return str(number)
    if style in (lay.LOWER_ROMAN, lay.UPPER_ROMAN):
        said, rest = "", number
        for value, letters in zip(
            (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "m cm d cd c xc l xl x ix v iv i".split(), strict=True
        ):
            said, rest = said + letters * (rest // value), rest % value
    else:
        said, rest = "", number
        while rest:
            rest, letter = divmod(rest - 1, 26)
            said = chr(97 + letter) + said
    return said.upper() if style in (lay.UPPER_LETTERS, lay.UPPER_ROMAN) else said


def row_of(cells: list[str]) -> str:
    """The cells as one line, one blank between two signs."""
    row = cells[0]
    for cell in cells[1:]:
        row += ("| " if not row or row.endswith(" ") else " | ") + cell
    return row


def ordinal(attributes: dict[str, str]) -> int | None:
    """The number that `start` or `value`, the later one, says."""
    said = [value for name, value in attributes.items() if name in ("start", "value")]
    digits = said[-1] if said else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None


def newlines_between(above: tuple[int, int], below: tuple[int, int]) -> str:
    (kind_above, group_above), (kind, group) = above, below
    if group != group_above or group == 0:
        return "\n\n"
    if kind & (lay.IS_ITEM | lay.IS_DEFINITION) or kind & kind_above & (lay.IS_PRE | lay.IS_TERM):
        return "\n"
    return "\n" if kind & kind_above & lay.IS_CELL and (kind | kind_above) & lay.IS_ROW else "\n\n"


def split_spaces(text: str) -> list[str]:
    for space in HTML_SPACE:
        text = text.replace(space, " ")
    return [token for token in text.split(" ") if token]


def declarations(css: str) -> int:
    data = np.frombuffer(css.encode(), np.uint8).copy()
    return int(hiding_declarations(data, 0, len(data)))


def names_of(attributes: dict[str, str]) -> int:
    names = 0
    for token in split_spaces(attributes.get("class", "")) + split_spaces(attributes.get("id", "")):
        words, previous = [""], ""
        for letter in token:
            if letter not in LETTERS:
                words.append("")
            elif letter.isupper() and previous in LETTERS and previous.islower():
                words.append(letter)
            else:
                words[-1] += letter
            previous = letter
        words.append("".join(letter for letter in token if letter in LETTERS))
        for word in words:
            names |= html_parts.WORDS.get(word.lower(), 0)
    role = split_spaces("." + attributes.get("role", ""))[0][1:] if "role" in attributes else ""
    role = html_parts.ROLES.get(role.lower(), "")
    return names | html_parts.BIT.get(role, 0)


def read(html: bytes, max_depth: int = 512, max_attributes: int = 512, is_xml: bool = False, opening: bool = False) -> Page:
    """The walk; where the page shows next to nothing and hides much, once more as without scripts, then (`opening`) with what
    hides most opened, then with all that fades in."""
    page = Page(html.decode(), max_depth, max_attributes, False, is_xml, opening)
    hidden = len("\n".join(page.hidden).encode())
    much = max(MIN_SHOWN, MIN_GAIN * page.shown())
    if page.shown() < MIN_SHOWN and hidden > much:
        size, most = page.most_hiding()
        tries = [(True, 0)]
        if opening:
            tries += [(False, most)] if size > much else []
            tries += [(False, lay.ALL_SEEN_LATER)]
        for without_scripts, opened in tries:
            again = Page(html.decode(), max_depth, max_attributes, without_scripts, is_xml, opening, opened)
            if again.shown() > MIN_GAIN * page.shown():
                return again
    return page


def extract(html: bytes, max_depth: int = 512, max_attributes: int = 512, is_xml: bool = False) -> tuple[str, str, str, str, int]:
    """(title, all visible text, hidden text, what markup says, problems), as the kernels give them."""
    page = read(html, max_depth, max_attributes, is_xml)
    return (*page.results(), page.problems)
