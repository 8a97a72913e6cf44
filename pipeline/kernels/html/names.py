"""What HTML's names mean to the scanner: elements and attributes, as small look-up tables.

A name is looked up by a 64-bit hash of its lower-cased bytes in an open-addressed table (`find`): one multiplication a
byte and no string is ever made. A test holds every table free of collisions.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part

# ---------------------------------------------------------------- hashing

_MULTIPLIER = 1_000_003


def name_hash(name: str) -> int:
    """The hash that the kernels build byte by byte: h = h * 1000003 + byte, wrapped to a signed 64-bit integer."""
    value = 0
    for byte in name.encode():
        value = (value * _MULTIPLIER + byte) & 0xFFFF_FFFF_FFFF_FFFF
    return value - (1 << 64) if value >> 63 else value


def hash_table(values: dict[str, int], slots: int) -> np.ndarray:
    """Rows of (hash, value), open addressing with linear probing; `slots` is a power of two. Shape [slots, 2], int64."""
    table = np.zeros((slots, 2), np.int64)
    for name, value in values.items():
        key = name_hash(name)
        slot = (key ^ (key >> 15)) & (slots - 1)
        while table[slot, 0]:
            slot = (slot + 1) & (slots - 1)
        table[slot] = key, value
    return table


def vocabulary(lists: str) -> dict[str, list[str]]:
    """The words of each kind: "price: $ € date: today" -> {"price": ["$", "€"], "date": ["today"]}."""
    found: dict[str, list[str]] = {}
    for word in lists.split():
        if word.endswith(":"):
            words = found[word[:-1]] = []
        else:
            words.append(word)
    return found


@inlined
def mix(h: int, byte: int) -> int:
    """The hash `h` with one more number in it: h * 1000003 + byte, wrapped to a signed 64-bit integer.

    Numba promises LLVM that int64 never overflows. Where one does all the same, what comes out depends on the CPU: on some a
    loop of such steps gave the largest integer for every name. uint64 wraps everywhere.
    """
    return np.int64(np.uint64(h) * np.uint64(_MULTIPLIER) + np.uint64(byte))


@kernel
def find(table: np.ndarray, key: int) -> int:
    """The value stored for a hash, 0 if none. The tables are at most half full, so the walk ends."""
    mask = len(table) - 1
    slot = (key ^ (key >> 15)) & mask
    while table[slot, 0] != 0:
        if table[slot, 0] == key:
            return table[slot, 1]
        slot = (slot + 1) & mask
    return 0


# ---------------------------------------------------------------- elements

BLOCK = 1  # begins and ends a line of its own
VOID = 2  # has no content and no end tag
CLOSES_P = 4  # its start tag ends an open paragraph
RAW = 8  # content runs to its own end tag, whatever stands in it
UNSEEN = 16  # content is hidden text
SCOPE = 32  # end tags and implied ends do not reach through it
LIST_SCOPE = 64  # ... and an item does not end an item outside its list
TABLE_SCOPE = 128  # ... and a row or cell does not end one outside its table
BREAKOUT = 256  # ends an <svg> or <math> that somebody forgot to close
IGNORED = 512  # html, head, body, frameset: the scanner keeps no entry for them
CONTROL = 1024  # a reader acts on it rather than reads it: counted as link text
FORMATTING = 2048  # its end tag ends it also within blocks that were opened in it
NOTATION = 16384  # its place says something that its text does not: a power, a fraction
TABLE_PART = 8192  # outside of tables its tags mean nothing but a break
RAW_UNSEEN = 4096  # hidden, and its first end tag ends it, whatever stands before it: a comment, half a table

_FLAGS: dict[str, int] = {}


def _mark(flag: int, names: str) -> None:
    for name in names.split():
        _FLAGS[name] = _FLAGS.get(name, 0) | flag


_mark(
    BLOCK | CLOSES_P,
    """
    address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5
    h6 header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul xmp""",
)
_mark(
    BLOCK,
    """
    body button caption frameset head html legend noframes optgroup option select tbody td template textarea tfoot th thead title
    tr""",
)
_mark(VOID, "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr")
_mark(RAW, "plaintext script style textarea title xmp")
_mark(UNSEEN, "annotation annotation-xml audio canvas datalist dialog iframe noembed noframes noscript template video")
_mark(RAW_UNSEEN | SCOPE | LIST_SCOPE | TABLE_SCOPE, "iframe noembed noframes noscript")
_mark(SCOPE | LIST_SCOPE, "applet button caption foreignobject marquee object table td template th")
_mark(LIST_SCOPE, "dir dl menu ol ul")
_mark(TABLE_SCOPE, "foreignobject table template")
_mark(NOTATION, "mfrac msqrt msub msubsup msup sub sup")
_mark(TABLE_PART, "caption tbody td tfoot th thead tr")
_mark(FORMATTING, "a b big code em font i nobr s small strike strong tt u")
_mark(
    BREAKOUT,
    """
    a article b big blockquote body br center code dd div dl dt em embed footer h1 h2 h3 h4 h5 h6 head header hr i img li main
    menu meta nav nobr ol p pre ruby s section small span strike strong sub sup table tt u ul var""",
)
_mark(IGNORED, "body frameset head html")
_mark(CONTROL, "button optgroup option select")
_mark(
    0,
    """
    abbr acronym bdi bdo blink cite colgroup data del dfn font ins kbd label map mark math meter mfrac msqrt msub
    msubsup msup output picture progress q rp rt
    rtc samp slot svg time""",
)

ELEMENTS = {name: number for number, name in enumerate(sorted(_FLAGS), start=1)}
UNKNOWN = len(ELEMENTS) + 1  # other names share 128 numbers by hash: in nested markup an end tag meets its own start first
UNKNOWN_NUMBERS = 128
NUMBERS = UNKNOWN + UNKNOWN_NUMBERS

ELEMENT_TABLE = hash_table(ELEMENTS, 512)
ELEMENT_FLAGS = np.zeros(NUMBERS, np.int64)
for _name, _number in ELEMENTS.items():
    ELEMENT_FLAGS[_number] = _FLAGS[_name]


UNSEEN_NUMBERS = np.zeros(NUMBERS, np.int64)  # of the elements whose content is hidden, from 1 on
UNSEEN_NUMBERS[ELEMENT_FLAGS & UNSEEN != 0] = np.arange(1, np.count_nonzero(ELEMENT_FLAGS & UNSEEN) + 1)


@part
def element_number(elements: np.ndarray, h: int) -> int:
    number = find(elements, h)
    return number if number else UNKNOWN + ((h ^ (h >> 20)) & (UNKNOWN_NUMBERS - 1))


A, BLOCKQUOTE, BR, BUTTON, CAPTION, CODE, DD, DIALOG, DL, DT = (
    ELEMENTS[name] for name in ("a", "blockquote", "br", "button", "caption", "code", "dd", "dialog", "dl", "dt")
)
FOREIGN, H1, H6, HR, LI, LISTING, MATH, NOSCRIPT, OL = (
    ELEMENTS[name] for name in ("foreignobject", "h1", "h6", "hr", "li", "listing", "math", "noscript", "ol")
)
MFRAC, MSQRT, MSUB, MSUBSUP, MSUP, SUB, SUP = (
    ELEMENTS[name] for name in ("mfrac", "msqrt", "msub", "msubsup", "msup", "sub", "sup")
)
OPTGROUP, OPTION, P, PLAINTEXT, PRE, SCRIPT, STYLE, SVG = (
    ELEMENTS[name] for name in ("optgroup", "option", "p", "plaintext", "pre", "script", "style", "svg")
)
TABLE, TBODY, TD, TEMPLATE_ELEMENT, TEXTAREA, TFOOT, TH, THEAD, TITLE, TR, UL = (
    ELEMENTS[name] for name in ("table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "title", "tr", "ul")
)

# ---------------------------------------------------------------- attributes

(
    CLASS, ID, INLINE_STYLE, ROLE, HIDDEN_ATTRIBUTE, HREF, OPEN, POPOVER, TYPE, SAID, NAME, REL, SHADOW, VALUE, START, LINE,
    CONTROLS,
) = (1 << bit for bit in range(17))  # fmt: skip
ATTRIBUTES = {
    "class": CLASS,
    "id": ID,
    "style": INLINE_STYLE,
    "role": ROLE,
    "hidden": HIDDEN_ATTRIBUTE,
    "href": HREF,
    "open": OPEN,
    "popover": POPOVER,
    "type": TYPE,
    "rel": REL,
    "value": VALUE,
    "start": START,
    "data-line-number": LINE,
    "aria-controls": CONTROLS,
    "data-target": CONTROLS,
    "data-bs-target": CONTROLS,
    "shadowrootmode": SHADOW,
    "name": NAME,
    "property": NAME,
    "itemprop": NAME,
} | dict.fromkeys(
    """
    abbr alt aria-description aria-label aria-placeholder aria-roledescription aria-valuetext caption content label placeholder
    srcdoc standby summary title""".split(),
    SAID,
)  # their values are words; so are those of `value` and `data-…`
ATTRIBUTE_TABLE = hash_table(ATTRIBUTES, 64)

JSON_STRINGS, TEMPLATE, TEX = 1, 2, 3  # kinds of scripts that hold words: strings of linked data, markup and notes, formulas
SCRIPT_TYPES = {"application/ld+json": JSON_STRINGS, "math/tex": TEX} | dict.fromkeys(
    """
    text/html text/ng-template text/plain text/template text/x-dot-template text/x-handlebars text/x-handlebars-template
    text/x-jquery-tmpl text/x-jsrender text/x-kendo-template text/x-magento-template text/x-mustache text/x-template
    text/x-tmpl text/x-underscore""".split(),
    TEMPLATE,
)
SCRIPT_TYPE_TABLE = hash_table(SCRIPT_TYPES, 64)

# ---------------------------------------------------------------- bytes

LOWER = np.arange(256, dtype=np.uint8)
LOWER[65:91] += 32
IS_SPACE = np.zeros(256, np.bool_)
IS_SPACE[[9, 10, 12, 13, 32]] = True
