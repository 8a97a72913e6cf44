"""Judged pages from files of any kind that `curate` reads."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from jobs.corpus.files.opening import open_input
from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.duplicates.copies import text_keys
from pipeline.errors import UsageError
from pipeline.read.ingest import ingest_file

MOST_PAGES = 20_000  # of a training: what two pages have in common is a table of both
LABEL = "label"


@dataclass
class Pages:
    """Texts with what is known of them, column by column."""

    texts: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    good: list[int] = field(default_factory=list)


def read_pages(names: Iterable[str], good: int | None) -> Pages:
    """Pages of WARC, JSON lines and Parquet files; `good` is the label of all, or none: each row has its own in `label`.

    Raises UsageError where a row has no label of 1 or 0.
    """
    recipe, found = Recipe(), Pages()
    for file in sorted(list_inputs(list(names), skip_bad=False, rows=recipe.rows), key=lambda one: one.path):
        with open_input(file.path) as stream:
            for part in ingest_file(stream, file.path, ingest_settings(recipe)):
                documents = part.documents
                found.texts += documents.column("text").to_pylist()
                found.languages += [language or "" for language in part.measures.column("language").to_pylist()]
                found.hosts += [host or Path(file.path).name for host in documents.column("host").to_pylist()]
                labels = documents.column("metadata").to_pylist()
                found.good += [_label(told, file.path) if good is None else good for told in labels]
    return found


def _label(metadata: str | None, name: str) -> int:
    label = json.loads(metadata or "{}").get(LABEL)
    if isinstance(label, bool) or label not in (0, 1):
        raise UsageError(f'{name}: every row needs "label", 1 for good or 0 for bad; one has {label!r:.40}')
    return int(label)


def without_copies(sides: Iterable[Pages]) -> tuple[Pages, int]:
    """All pages, each text once, and how many copies went; a text that both sides have is no lesson and goes whole."""
    import pyarrow as pa

    every = Pages()
    for side in sides:
        for name in ("texts", "languages", "hosts", "good"):
            getattr(every, name).extend(getattr(side, name))
    if len(every.texts) > MOST_PAGES:
        raise UsageError(f"{len(every.texts):,} pages are more than {MOST_PAGES:,}; give a sample of them")
    labels: dict[str, set[int]] = {}
    keys = [str(key) for key in text_keys(pa.array(every.texts, pa.string())).to_pylist()] if every.texts else []
    for key, good in zip(keys, every.good, strict=True):
        labels.setdefault(key, set()).add(good)
    seen: set[str] = set()
    rows = [row for row, key in enumerate(keys) if len(labels[key]) == 1 and not (key in seen or seen.add(key))]  # type: ignore[func-returns-value]
    kept = Pages(*([getattr(every, name)[row] for row in rows] for name in ("texts", "languages", "hosts", "good")))
    return kept, len(keys) - len(rows)
