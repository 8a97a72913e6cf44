"""What replaces a removed page: of the near copies that were dropped for it, the best comes back.

As in deduplication (jobs/stages/duplicates/drop_duplicates.py): the best of those that are alike is kept, and what has little in
common with it chooses again among itself.
"""

import math
from typing import NamedTuple

import duckdb
import pyarrow as pa

from jobs.corpus.views import Row
from jobs.takedown.reach.reach import Reach, by_id
from jobs.takedown.reach.request import Request
from pipeline.duplicates.copies import shingle_sets, similarities
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.instants import instant


class Replacements(NamedTuple):
    """What becomes of the copies that were dropped for a removed page."""

    restored: list[str]  # doc_ids that are kept from now on
    keeper_of: dict[str, tuple[str, float]]  # of each other one: its new keeper, and how alike they are


def chosen(database: duckdb.DuckDBPyConnection, reach: Reach, request: Request, settings: DuplicateSettings) -> Replacements:
    """As the request has it."""
    return choose_replacements(database, reach, settings) if request.similar == "restore" else Replacements([], {})


def choose_replacements(database: duckdb.DuckDBPyConnection, reach: Reach, settings: DuplicateSettings) -> Replacements:
    """Every dropped copy whose removed keeper was kept either comes back or has a keeper that did."""
    kept = {page.doc_id for page in reach.kept}
    groups: dict[str, list[str]] = {}
    for page in reach.dropped_copies:
        if page.keeper_id in kept:
            groups.setdefault(page.keeper_id, []).append(page.doc_id)
    restored: list[str] = []
    keeper_of: dict[str, tuple[str, float]] = {}
    for members in groups.values():
        documents = by_id(database, "documents", "doc_id, fetched_at, text", members)
        # The longer text is taken for the better copy, as in jobs/stages/duplicates/find_duplicates.py; unknown dates come last.
        left = sorted(members, key=lambda one: (-len(documents[one]["text"]), _fetched(documents[one]), one))
        sets = shingle_sets(pa.array([documents[one]["text"] for one in left], pa.string()), settings)
        places = list(range(len(left)))
        while places:
            best, *others = places
            restored.append(left[best])
            alike = similarities(sets.take(pa.array([best] * len(others), pa.int64())), sets.take(pa.array(others, pa.int64())))
            places = []
            for place, similarity in zip(others, alike.to_pylist(), strict=True):
                if similarity >= settings.keeper_similarity:
                    keeper_of[left[place]] = (left[best], similarity)
                else:
                    places.append(place)
    return Replacements(restored, keeper_of)


def _fetched(document: Row) -> float:
    found = instant(document["fetched_at"])
    return math.inf if found is None else found
