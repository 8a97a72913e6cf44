"""What pipeline/duplicates/copies.py, jobs/spark/components.py and jobs/stages/duplicates/drop_duplicates.py do, slowly and in
plain sight.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from pipeline.duplicates.settings import DuplicateSettings
from pipeline.instants import instant
from pipeline.kernels.characters import RUN, class_of

NUMBER = re.compile(r"\d+([.,،٫⎖⎗⎘]\d+)?")


def form(character: str) -> str:
    if unicodedata.category(character)[0] in "PSZ":  # 13 musical symbols decompose into a symbol and a spacing mark
        return character
    decomposed = unicodedata.normalize("NFD", character.lower().replace("ς", "σ"))
    return "".join(one for one in decomposed if unicodedata.category(one) not in ("Mn", "Me", "Cf"))


def spaced(character: str) -> str:
    if unicodedata.category(character)[0] in "PSZ" or unicodedata.category(character) == "Cc":
        return " "
    if unicodedata.name(character, "").startswith("HANGUL CHOSEONG"):
        return f" {character}"
    return f" {character} " if class_of(character) == RUN else character


def words(text: str) -> list[str]:
    simple = "".join(form(character) for character in text)
    return "".join(spaced(character) for character in NUMBER.sub("0", simple)).split(" ")


def word_list(text: str) -> list[str]:
    return [word for word in words(text) if word]


def shingles(text: str, shingle_words: int) -> set[str]:
    found = word_list(text)
    starts = range(max(1, len(found) - shingle_words + 1)) if found else []
    return {" ".join(found[start : start + shingle_words]) for start in starts}


def jaccard(left: set[str], right: set[str]) -> float:
    return len(left & right) / len(left | right) if left | right else 1.0


def components(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Node -> smallest node of its component, by following edges until nothing changes."""
    edges = [(left, right) for left, right in edges if left != right]
    smallest = {node: node for edge in edges for node in edge}
    moved = True
    while moved:
        moved = False
        for left, right in edges:
            least = min(smallest[left], smallest[right])
            moved |= smallest[left] != least or smallest[right] != least
            smallest[left] = smallest[right] = least
    return smallest


@dataclass(frozen=True, kw_only=True)
class Page:
    doc_id: str
    text: str | None
    url: str | None = None
    fetched_at: str | None = "2024-01-01T00:00:00Z"
    value: float | None = 0.0
    warc_file: str = "a.warc.gz"
    warc_offset: int = 0
    is_row: bool = False


Copies = dict[str, tuple[str, str]]  # doc_id -> (keeper, kind)


def duplicates(pages: list[Page], settings: DuplicateSettings, earlier: Sequence[Page] = ()) -> Copies:
    """Every pair is compared, so it agrees with the job where no similarity lies where MinHash may miss a pair.

    What `earlier` corpora keep comes first in every group, and never goes. Where the scope is the input, each is looked at alone.
    """
    if settings.within_inputs:
        alone, found = replace(settings, scope="corpus"), Copies()
        for name in {input_of(page.warc_file) for page in pages}:
            found |= duplicates([page for page in pages if input_of(page.warc_file) == name], alone)
        return found
    fixed = {page.doc_id for page in earlier}
    copies_of = _copies_among([*pages, *earlier], settings, fixed)
    keepers = {doc_id: final_keeper(doc_id, copies_of) for doc_id in copies_of}
    return {doc_id: (keepers[doc_id], "earlier" if keepers[doc_id] in fixed else kind) for doc_id, (_, kind) in copies_of.items()}


def input_of(path: str) -> str:
    *folders, _ = path.split(".wacz!/")[0].split("/")
    dumps = [after for one, after in pairwise(folders) if one == "crawl-data" and after.startswith("CC-")]
    return dumps[0] if dumps else "/".join(folders)


def _copies_among(pages: list[Page], settings: DuplicateSettings, fixed: set[str]) -> Copies:
    by_id = {page.doc_id: page for page in pages}
    standing = list(pages)
    parents: Copies = {}
    for kind, key, order in (("url", lambda page: address(page, settings), newest), ("exact", lambda page: page.text, best)):
        groups: dict[str, list[Page]] = {}
        for page in standing:
            groups.setdefault(key(page) or f"\0{page.doc_id}", []).append(page)
        for group in groups.values():
            keeper, *copies = sorted(group, key=lambda page: (page.doc_id not in fixed, order(page)))
            copies = [copy for copy in copies if copy.doc_id not in fixed]
            older = [copy for copy in copies if kind == "exact" or not is_part(copy, group, settings, fixed)]
            parents |= {copy.doc_id: (keeper.doc_id, kind) for copy in older}
        standing = [page for page in standing if page.doc_id not in parents]
    sets = {page.doc_id: shingles(page.text or "", settings.shingle_words) for page in standing}
    edges = [
        (left, right)
        for left, right in combinations(sets, 2)
        if sets[left] and sets[right] and jaccard(sets[left], sets[right]) >= settings.min_similarity
        if not {left, right} <= fixed
    ]
    clusters: dict[str, list[Page]] = {}
    for node, component in components(edges).items():
        clusters.setdefault(component, []).append(by_id[node])
    for members in clusters.values():
        keeper, *copies = sorted(members, key=lambda page: (page.doc_id not in fixed, best(page)))
        parents |= {copy.doc_id: (keeper.doc_id, "near") for copy in copies if copy.doc_id not in fixed}
    return parents


def final_keeper(doc_id: str, parents: Copies) -> str:
    while doc_id in parents:
        doc_id = parents[doc_id][0]
    return doc_id


def address(page: Page, settings: DuplicateSettings) -> str | None:
    return None if page.is_row and settings.row_urls == "never" else page.url


def is_part(page: Page, group: list[Page], settings: DuplicateSettings, fixed: set[str]) -> bool:
    """Whether a row is as new as any of its address and of one fetch with all that is fixed, or of no date."""
    if not page.is_row or settings.row_urls == "always":
        return False
    own = instant(page.fetched_at)
    dates = [(other.doc_id in fixed, when) for other in group if (when := instant(other.fetched_at)) is not None]
    return own is None or (own == max(when for _, when in dates) and all(when == own for is_fixed, when in dates if is_fixed))


def best(page: Page) -> tuple[float, float, str]:
    return -page.value if page.value is not None else float("inf"), fetched(page, float("inf")), page.doc_id


def newest(page: Page) -> tuple[float, float, str]:
    return -fetched(page, -float("inf")), -page.value if page.value is not None else float("inf"), page.doc_id


def fetched(page: Page, unknown: float) -> float:
    found = instant(page.fetched_at)
    return unknown if found is None else found
