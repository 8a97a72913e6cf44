"""What is asked to be removed, and the name that a request goes by: a hash of it, so that the same request is the same one."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from jobs.takedown.reach.passages import CHOICES, LIST
from pipeline.errors import UsageError

DOC_ID_DIGITS = 32
SIMILAR = ("restore", "remove", "leave")


@dataclass(frozen=True, kw_only=True)
class Request:
    """Pages by URL, host, doc_id or a piece of their text, and what becomes of pages that merely resemble them."""

    urls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    doc_ids: tuple[str, ...] = ()
    snippets: tuple[str, ...] = ()
    copies_from: float = 0.9  # Jaccard similarity of word 5-grams from which a page is a copy, and is removed too
    passages: str = LIST  # pages that hold passages of removed ones: list them, cut these out of them, or remove them too
    similar: str = "restore"  # pages less alike that were dropped for a removed one: restore the best, remove all, leave

    def __post_init__(self) -> None:
        if not (self.urls or self.hosts or self.doc_ids or self.snippets):
            raise UsageError("takedown needs --url, --host, --doc, --text or --list: which pages?")
        if self.similar not in SIMILAR:
            raise UsageError(f"--similar {self.similar}: {', '.join(SIMILAR)}")
        if self.passages not in CHOICES:
            raise UsageError(f"--passages {self.passages}: {', '.join(CHOICES)}")
        if not 0.5 <= self.copies_from <= 1:
            raise UsageError(f"--copies-from {self.copies_from}: from 0.5 to 1, the similarity of copies")
        short = [snippet for snippet in self.snippets if len(snippet) < 16]
        if short:
            raise UsageError(f"--text {short[0]!r}: at least 16 characters, or it is found everywhere")

    @property
    def name(self) -> str:
        return name_of(self.to_json())

    def to_json(self) -> dict[str, object]:
        """A piece of the pages' text must not stay behind in the request, so it is recorded as its sha256."""
        hashed = tuple(hashlib.sha256(snippet.encode()).hexdigest() for snippet in self.snippets)
        values = asdict(replace(self, snippets=hashed))
        return {name: sorted(value) if isinstance(value, tuple) else value for name, value in values.items()}


def name_of(values: dict[str, Any]) -> str:
    """12 hex digits: the hash of what `Request.to_json` gives."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def read_list(path: Path) -> dict[str, list[str]]:
    """{"urls", "hosts", "doc_ids"} of a file that has one of them on each line; # begins a comment line."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--list {path} cannot be read: {error}") from error
    found: dict[str, list[str]] = {"urls": [], "hosts": [], "doc_ids": []}
    for line in lines:
        if not line or line.startswith("#"):
            continue
        if len(line) == DOC_ID_DIGITS and set(line) <= set("0123456789abcdef"):
            found["doc_ids"].append(line)
        else:
            found["urls" if "/" in line else "hosts"].append(line)
    if not any(found.values()):
        raise UsageError(f"--list {path} names no page: one URL, host or doc_id a line")
    return found
