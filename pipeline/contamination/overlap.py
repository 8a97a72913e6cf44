"""Items of benchmarks on pages: which, where, and how much of each.

A string of an item is given away where n-grams of it, close together, cover at least `min_share` of its words. N-grams count once
however often a page repeats them, and one that is missing between two others only makes the share smaller; where more words lie
between them than the string has, a second place begins. Nothing here sees a paraphrase, a translation or a changed number in
each line.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.contamination.index import Index
from pipeline.contamination.settings import CONTAMINATION, ContaminationSettings
from pipeline.contamination.words import ascii_forms, character_forms
from pipeline.kernels.overlap import Table, overlaps
from pipeline.poison.findings import CHANGED, Finding, excerpt, table_of

RULE = "benchmark_item"
SEVERITIES = {"drop": "severe", "cut": "warn", "label": "note"}  # severe is what select drops a page for
ALL = 0.999  # of a short string's words


class Place(NamedTuple):
    """Where a page has a string of an item."""

    row: int
    string: int
    start: int  # code points of the page's text
    end: int
    words: int  # of the string, that are covered
    share: float


class Hit(NamedTuple):
    word: int  # number of the n-gram's first word on the page
    entry: int
    start: int
    end: int


def contaminated(text: pa.Array, index: Index, settings: ContaminationSettings) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """(findings, edits) with the schemas FOUND and CHANGED of pipeline/poison/findings.py."""
    found = places(text, index, settings)
    if not found:
        return table_of([]), pa.RecordBatch.from_pylist([], schema=CHANGED)
    texts = text.take(pa.array([one.row for one in found])).to_pylist()
    findings = table_of([_finding(one, page, index, settings) for one, page in zip(found, texts, strict=True)])
    cut = [(one.row, one.start, one.end, "", RULE) for one in found] if settings.action == "cut" else []
    edits = [dict(zip(CHANGED.names, one, strict=True)) for one in dict.fromkeys(cut)]
    return findings, pa.RecordBatch.from_pylist(edits, schema=CHANGED)


def _finding(place: Place, page: str, index: Index, settings: ContaminationSettings) -> Finding:
    benchmark, item, field = index.names[place.string]
    words = int(index.word_counts[place.string])
    reason = f"{benchmark}:{item} {field}: {place.words} of {words} words"
    shown = excerpt(page, place.start, place.end)
    return Finding(
        place.row,
        RULE,
        CONTAMINATION,
        SEVERITIES[settings.action],
        "text",
        place.start,
        place.end,
        shown,
        "",
        reason,
        place.share,
    )


def places(text: pa.Array, index: Index, settings: ContaminationSettings) -> list[Place]:
    """By row, then the largest share first; of a page at most `max_findings_per_page`."""
    of_rows: dict[int, list[Place]] = defaultdict(list)
    for (row, string), hits in _hits(text, index).items():
        of_rows[row] += _places(row, string, hits, index, settings)
    return [one for row in sorted(of_rows) for one in _worst_first(of_rows[row])[: settings.max_findings_per_page]]


def _worst_first(found: list[Place]) -> list[Place]:
    return sorted(found, key=lambda one: (-one.share, -one.words, one.string, one.start))


def _hits(text: pa.Array, index: Index) -> dict[tuple[int, int], list[Hit]]:
    """For each (row, string) that share an n-gram, its hits in the order of the text."""
    grouped: dict[tuple[int, int], list[Hit]] = defaultdict(list)
    if len(index.strings):
        found = overlaps(*flatten(text), character_forms(), ascii_forms(), index.lengths, index.table)
        for row, word, first, start, end in found.tolist():
            for entry in _entries(first, index.table):
                grouped[row, index.string_of(entry)].append(Hit(word, entry, start, end))
    return grouped


def _entries(first: int, table: Table) -> range:
    """All entries of one n-gram: they stand side by side, in one bucket."""
    bucket_end = table.starts[np.searchsorted(table.starts, first, side="right")]
    end = first + 1
    while end < bucket_end and table.remainders[end] == table.remainders[first]:
        end += 1
    return range(first, end)


def _places(row: int, string: int, hits: list[Hit], index: Index, settings: ContaminationSettings) -> Iterator[Place]:
    words, ngram = int(index.word_counts[string]), index.ngram_words(string)
    least = (settings.min_share if words >= settings.ngram_words else ALL) * words
    for group in _close(hits, ngram, words):
        covered = min(words, _covered(group, ngram))
        if covered >= least:
            yield Place(row, string, group[0].start, group[-1].end, covered, covered / words)


def _close(hits: list[Hit], ngram: int, words: int) -> Iterator[list[Hit]]:
    """Runs of hits with no more words between them than the string has."""
    group: list[Hit] = []
    for hit in hits:
        if group and hit.word - (group[-1].word + ngram) > words:
            yield group
            group = []
        group.append(hit)
    yield group


def _covered(hits: list[Hit], ngram: int) -> int:
    """Words of the page under n-grams that are met for the first time."""
    met: set[int] = set()
    covered, reached = 0, -1
    for hit in hits:
        if hit.entry not in met:
            met.add(hit.entry)
            covered += hit.word + ngram - max(hit.word, reached)
            reached = hit.word + ngram
    return covered
