"""What people see beside the text that is kept: titles, addresses, excerpts. Masked as the recipe has the text masked.

Kinds that the recipe masks or drops pages for are masked; those that it keeps are left. In addresses e-mail and secrets are
looked for, with percent-encoding undone: numbers there are those of things.
"""

import dataclasses
from collections import defaultdict
from typing import Any
from urllib.parse import quote, unquote

import pyarrow as pa

from pipeline.lineage import apply_edits
from pipeline.personal.scan import personal
from pipeline.personal.settings import KINDS, PLACEHOLDERS, PersonalSettings

IN_ADDRESSES = ("email", "secret")
HIDDEN = "•"  # as pipeline/personal/spans.py shows what was found: that is masked already
_SAFE = "%/:=&?~#+!$,;'@()*[]<>|"  # what is left as it stands when an address is written again


def masked_texts(text: pa.Array, languages: pa.Array, settings: PersonalSettings) -> pa.Array:
    """Short texts with placeholders in place of personal data; null stays null."""
    return _masked(text, languages, settings, KINDS)


def masked_excerpts(excerpts: pa.Array, settings: PersonalSettings) -> pa.Array:
    """As texts; and what an excerpt's end has left of an address of e-mail goes too."""
    masked = _masked(excerpts, pa.nulls(len(excerpts), pa.string()), settings, KINDS).to_pylist()
    if settings.email in ("mask", "drop"):
        masked = [one if one is None else _without_half_address(one) for one in masked]
    return pa.array(masked, pa.string())


def masked_urls(urls: pa.Array, settings: PersonalSettings) -> pa.Array:
    """Addresses without user and password, and with placeholders in path, query and fragment; the host is never another."""
    parts = [("", "") if url is None else _without_user(url) for url in urls.to_pylist()]
    rests = pa.array([unquote(rest, errors="replace") for _, rest in parts], pa.string())
    masked = _masked(rests, pa.nulls(len(rests), pa.string()), settings, IN_ADDRESSES)
    changed = [
        None if url is None else start + (rest if before == after else quote(after, safe=_SAFE))
        for url, (start, rest), before, after in zip(urls.to_pylist(), parts, rests.to_pylist(), masked.to_pylist(), strict=True)
    ]
    return pa.array(changed, pa.string())


def _masked(text: pa.Array, languages: pa.Array, settings: PersonalSettings, kinds: tuple[str, ...]) -> pa.Array:
    actions: dict[str, Any] = {
        kind: "mask" if kind in kinds and getattr(settings, kind) in ("mask", "drop") else "off" for kind in KINDS
    }
    _, edits = personal(text, languages, dataclasses.replace(settings, max_masked=None, **actions))
    of_row: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for one in edits.to_pylist():
        of_row[one["row"]].append((one["start"], one["end"], one["replacement"]))
    if not of_row:
        return text
    given = text.to_pylist()
    return pa.array([apply_edits(one, of_row[row]) if row in of_row else one for row, one in enumerate(given)], pa.string())


def _without_half_address(excerpt: str) -> str:
    """ "write to jo.doe@gma…" -> "write to <EMAIL>…" """
    start = max(excerpt.rfind(" "), excerpt.rfind("<U+")) + 1
    half = excerpt[start:].strip("@")
    return excerpt[:start] + PLACEHOLDERS["email"] + "…" if "@" in half and HIDDEN not in half else excerpt


def _without_user(url: str) -> tuple[str, str]:
    """(scheme and host, the rest) of an address, without user and password."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return "", url
    end = min((place for place in map(rest.find, "/?#\\") if place >= 0), default=len(rest))
    name = rest[:end].rpartition("@")[2]
    return scheme + mark + (name or rest[:end]), rest[end:]
