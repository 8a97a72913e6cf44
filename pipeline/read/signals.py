"""What a page and its server say of its use, its licence, its address and its date.

    robots           X-Robots-Tag and <meta name=robots>: "noai, noindex"; one that only speaks to one crawler is "ccbot: noindex"
    tdm_reservation  TDM-Reservation, header or <meta>: 1 where rights are reserved, 0 where they are not (TDMRep, W3C 2024)
    tdm_policy       the address of the policy, TDM-Policy
    license          rel=license, JSON-LD, <meta>, links to Creative Commons; the first that says one, named in `license_source`
    canonical_url    rel=canonical of <link>, else of the Link header
    published_at     article:published_time, datePublished and their kin, the first that is a date, as found

Names and directives are read in any case, as HTML and HTTP have it; addresses keep theirs. Where header and page differ, the
one that reserves more holds. Creative Commons licences get their SPDX names, ports included: CC-BY-SA-3.0-DE. Several licences
of one source are joined by " AND ", as all may apply; mere links, which may be those of a picture, count where they agree.
"""

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urljoin

import numpy as np
import re2

from pipeline.instants import instant
from pipeline.kernels.html import signals as kinds

LONGEST_TAG = 8192  # bytes; of a longer one nothing is read
LONGEST_NAME, LONGEST_URL = 64, 2048  # characters of a licence that is no address, of an address
LONGEST_SCRIPT, MOST_SCRIPTS, MOST_NODES = 256 << 10, 8, 512  # of JSON-LD
MOST_DIRECTIVES, LONGEST_DIRECTIVE = 32, 64
MOST_LICENCES = 4
AND = " AND "
WEB = ("http://", "https://")

BLANKS = " \t\n\f\r"
BLANKS_OR_SLASH, NAME_ENDS = BLANKS + "/", BLANKS + "/="
VALUED_DIRECTIVES = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
COMMONS_URL = re2.compile(
    r"(?i)^\s*(?:https?:)?//(?:www\.)?creativecommons\.org/"
    r"(?:licen[sc]es/(by(?:-(?:nc|nd|sa))*|nc(?:-sa)?|nd(?:-nc)?|sa)|publicdomain/(zero|mark))"
    r"(?:/(\d\.\d))?(?:/([a-z]{2}|igo|scotland))?(?:[/?#].*)?\s*$"
)
COMMONS_NAME = re2.compile(
    r"(?i)^\s*cc[ -](?:(by(?:[ -](?:nc|nd|sa))*)|(zero))(?:[ -]v?(\d\.\d))?\s*$|^\s*cc0(?:[ -](1\.0))?\s*$"
)
LINK = re2.compile(r"<([^<>]*)>([^<>]*)")  # of a Link header: the address, its parameters
REL = re2.compile(r"""(?i);\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""")
# Of what JSON-LD tells of, what a page itself can be; its pictures, sites and people have licences and dates of their own.
PAGE_TYPE = re2.compile(
    r"(Article|Posting|Page|^(CreativeWork|Report|Recipe|HowTo|Dataset|Book|Chapter|Thesis|LearningResource|Course))$"
)


class Signals(NamedTuple):
    """What one page says; null where it does not. Each becomes the column of `documents` that has its name."""

    robots: str | None = None
    tdm_reservation: int | None = None
    tdm_policy: str | None = None
    license: str | None = None
    license_source: str | None = None  # rel, json-ld, meta, link
    canonical_url: str | None = None
    published_at: str | None = None


class Found(NamedTuple):
    """One value that a tag or script of the page holds; `kind` is a bit of kernels/html/signals.py."""

    kind: int
    element: str
    value: str


NOTHING = Signals()


def signals_of(found: Sequence[Found], headers: Mapping[str, str], url: str | None) -> Signals:
    """What page and server say together. `headers`: names in lower case, repeated fields joined; `url` is the page's."""
    if not found and not headers.keys() & {"x-robots-tag", "tdm-reservation", "tdm-policy", "link"}:
        return NOTHING
    linked = list(_linked(headers.get("link", "")))
    values: dict[int, list[str]] = {}
    for one in [*found, *linked]:
        values.setdefault(one.kind, []).append(one.value)
    links = values.get(kinds.LICENCE_LINK, [])
    values[kinds.LICENCE_LINK] = [address for link in links if (address := _first_address([link], url))]  # "/terms" of this site
    licence, source = _licence(values)
    return Signals(
        robots=robots_directives([*values.get(kinds.ROBOTS, []), headers.get("x-robots-tag", "")]),
        tdm_reservation=_reservation([*values.get(kinds.TDM_RESERVATION, []), *headers.get("tdm-reservation", "").split(",")]),
        tdm_policy=_first_address([*values.get(kinds.TDM_POLICY, []), headers.get("tdm-policy", "")], url),
        license=licence,
        license_source=source,
        canonical_url=_first_address(values.get(kinds.CANONICAL, []), url),
        published_at=_first_date([*values.get(kinds.PUBLISHED, []), *values.get(kinds.DATED, [])]),
    )


# ---------------------------------------------------------------- tags


def read_found(page: bytes, rows: np.ndarray) -> list[Found]:
    """The values in the tags that the kernel noted: rows (bits, start, end) of a page in UTF-8."""
    found: list[Found] = []
    scripts: list[bytes] = []
    for bits, start, end in rows.tolist():
        if bits == kinds.LINKED_DATA:
            scripts.append(page[start:end])
        elif end - start <= LONGEST_TAG:
            found += _of_tag(bits, page[start:end].decode("utf-8", "replace"))
    return [*found, *_of_scripts(scripts)]


def _of_tag(bits: int, tag: str) -> Iterator[Found]:
    element, attributes = attributes_of(tag)
    content = attributes.get("content")
    for kind in (kinds.ROBOTS, kinds.TDM_RESERVATION, kinds.TDM_POLICY, kinds.LICENCE_NAME, kinds.DATED):
        if bits & kind and content and element == "meta":
            yield Found(kind, element, content)
    date = content or attributes.get("datetime")
    if bits & kinds.PUBLISHED and date:
        yield Found(kinds.PUBLISHED, element, date)
    address = attributes.get("href")
    if not address:
        return
    if bits & kinds.CANONICAL and element == "link":
        yield Found(kinds.CANONICAL, element, address)
    if bits & kinds.LICENCE_LINK and element in ("a", "area", "link"):
        yield Found(kinds.LICENCE_LINK, element, address)
    elif bits & kinds.COMMONS_LINK and element in ("a", "area"):
        yield Found(kinds.COMMONS_LINK, element, address)


def attributes_of(tag: str) -> tuple[str, dict[str, str]]:
    """(name, attributes) of what stands between `<` and `>`; the first of several of one name counts (HTML, 13.2.5.32)."""
    i = _name_end(tag, 0, BLANKS_OR_SLASH)
    element = tag[:i].lower()
    attributes: dict[str, str] = {}
    while i < len(tag):
        if tag[i] in BLANKS_OR_SLASH:
            i += 1
            continue
        end = _name_end(tag, i + 1, NAME_ENDS)
        name, value = tag[i:end].lower(), ""
        i = _value_start(tag, end)
        if i and tag[i : i + 1] in ("'", '"'):
            end = tag.find(tag[i], i + 1)
            end = end if end >= 0 else len(tag)
            value = tag[i + 1 : end]
            end += 1
        elif i:
            end = _name_end(tag, i, BLANKS)
            value = tag[i:end]
        attributes.setdefault(name, html.unescape(value).strip())
        i = end
    return element, attributes


def _name_end(tag: str, i: int, ends: str) -> int:
    while i < len(tag) and tag[i] not in ends:
        i += 1
    return i


def _value_start(tag: str, i: int) -> int:
    """Where the value of a name that ends at `i` begins, 0 where it has none."""
    while i < len(tag) and tag[i] in BLANKS:
        i += 1
    if tag[i : i + 1] != "=":
        return 0
    i += 1
    while i < len(tag) and tag[i] in BLANKS:
        i += 1
    return i


def _linked(header: str) -> Iterator[Found]:
    """What a Link header (RFC 8288) says of canonical address and licence."""
    for address, parameters in LINK.findall(header[:LONGEST_TAG]):
        rel = REL.search(parameters)
        for word in (rel[1] or rel[2]).lower().split() if rel else ():
            if kind := {"canonical": kinds.CANONICAL, "license": kinds.LICENCE_LINK}.get(word, 0):
                yield Found(kind, "header", address)


# ---------------------------------------------------------------- JSON-LD


def _of_scripts(scripts: list[bytes]) -> Iterator[Found]:
    for script in scripts[:MOST_SCRIPTS]:
        if len(script) > LONGEST_SCRIPT or (b'"license"' not in script and b'"datePublished"' not in script):
            continue
        try:
            told = json.loads(script.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _of_nodes(told)


def _of_nodes(told: Any) -> Iterator[Found]:
    """Licence and date of the nodes that are a page: at the top, in a graph, or what a page is mainly about."""
    waiting = [told]
    for _ in range(MOST_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node[:MOST_NODES]
        if not isinstance(node, dict):
            continue
        waiting += [node[name] for name in ("@graph", "mainEntity", "mainEntityOfPage") if name in node]
        types = node.get("@type")
        if any(isinstance(one, str) and PAGE_TYPE.search(one) for one in (types if isinstance(types, list) else [types])):
            yield from (Found(kinds.LINKED_DATA, "script", value) for value in _texts(node.get("license")))
            yield from (Found(kinds.PUBLISHED, "script", value) for value in _texts(node.get("datePublished")))


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    named = [
        next((one[key] for key in ("url", "@id", "name") if key in one), None) if isinstance(one, dict) else one for one in values
    ]
    return [one for one in named[:MOST_LICENCES] if isinstance(one, str) and one.strip()]


# ---------------------------------------------------------------- values


def robots_directives(values: list[str]) -> str | None:
    """All directives, sorted: ["NoAI, noindex", "CCBot: nofollow"] -> "ccbot: nofollow, noai, noindex".

    Fields of a header reach us joined, so a name speaks for the directive behind it and not for those behind that: these count
    for all crawlers, which is on the side of whoever says them.
    """
    said: set[str] = set()
    for value in values:
        for part in value.lower().split(",")[:MOST_DIRECTIVES]:
            directive = " ".join(part.split())
            name, colon, rest = directive.partition(":")
            if colon:
                between = ":" if name.strip() in VALUED_DIRECTIVES else ": "
                directive = name.strip() + between + rest.strip()
            if directive and len(directive) <= LONGEST_DIRECTIVE:
                said.add(directive)
    return ", ".join(sorted(said)[:MOST_DIRECTIVES]) or None


def _reservation(values: list[str]) -> int | None:
    said = {value.strip() for value in values}
    return 1 if "1" in said else 0 if "0" in said else None


def _first_address(values: list[str], url: str | None) -> str | None:
    """The first that is an address of the web, whole."""
    for value in values:
        if not 0 < len(value) <= LONGEST_URL:
            continue
        try:
            whole = urljoin(url or "", value.strip())
        except ValueError:  # of "http://[", say
            continue
        if whole[:8].lower().startswith(WEB) and len(whole) <= LONGEST_URL:
            return whole
    return None


def _first_date(values: list[str]) -> str | None:
    return next((value.strip() for value in values if instant(value.strip()) is not None), None)


def _licence(values: dict[int, list[str]]) -> tuple[str | None, str | None]:
    for kind, source in ((kinds.LICENCE_LINK, "rel"), (kinds.LINKED_DATA, "json-ld"), (kinds.LICENCE_NAME, "meta")):
        named = dict.fromkeys(licence_name(value) for value in values.get(kind, []))
        if kind == kinds.LICENCE_NAME:  # also where pages say whose copyright it is, in prose
            named = {name: None for name in named if name.startswith(("CC", "http"))}
        if named:
            return AND.join(list(named)[:MOST_LICENCES]), source
    linked = {name for value in values.get(kinds.COMMONS_LINK, []) if (name := licence_name(value)).startswith("CC")}
    return (linked.pop(), "link") if len(linked) == 1 else (None, None)


def licence_name(said: str) -> str:
    """The SPDX name where it is a licence of Creative Commons, else what is said, in one line."""
    if found := COMMONS_URL.match(said):
        licence, public, version, port = found.groups()
        name = {"zero": "CC0", "mark": "CC-PDM"}[public.lower()] if public else f"CC-{licence}"
        return "-".join(filter(None, (name, version, port))).upper()
    if found := COMMONS_NAME.match(said):
        licence, _, version, version_of_zero = found.groups()
        name = f"CC-{licence}" if licence else "CC0"
        return "-".join(filter(None, (name.replace(" ", "-"), version or version_of_zero))).upper()
    return " ".join(said.split())[: LONGEST_URL if said.strip().lower().startswith(WEB) else LONGEST_NAME]
