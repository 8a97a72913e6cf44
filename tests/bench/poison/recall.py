"""bench_poison's first part: what is flagged on pages with a plant, and on the same pages without one.

Recall is of the plants that our extractor gives: the others reach no table, scanned or not.
"""

import math
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from tests.bench.poison.benign_sets import benign_sets
from tests.bench.poison.payload_words import BRANDS, TEST
from tests.bench.poison.plant import is_host, is_page, place_of
from tests.bench.poison.planting import CAMPAIGNS, CLASSES, plant_in
from tests.bench.poison.poison_sides import PEERS, Judgement, Page, Span, page_of, winnow

SINGLE = tuple(one for one in CLASSES if one not in (*CAMPAIGNS, "X1"))  # the others show only across pages, or in the record
MIN_OVERLAP = 0.5


def wilson(found: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    share, z = found / of, 1.96
    middle, spread = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z * z / of)), (middle + spread) / (1 + z * z / of)


def share_of(found: int, of: int) -> dict[str, Any]:
    return {"found": found, "of": of, "share": found / of if of else None, "interval": wilson(found, of)}


def payloads_of(warcs: list[Path]) -> Iterator[bytes]:
    """Every HTML page in UTF-8."""
    for warc in warcs:
        with warc.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if is_page(record):
                    payload = record.content_stream().read()
                    try:
                        payload.decode()
                    except UnicodeDecodeError:
                        continue
                    yield payload


def bench_recall(warcs: list[Path], per_class: int, seed: int = 0) -> dict[str, Any]:
    payloads = list(payloads_of(warcs))
    clean = [page_of(payload) for payload in payloads]
    hosts = [payload for payload in payloads if is_host(payload)]
    list(winnow(clean[:8]))  # compiles and loads
    started = time.process_time()
    judged = list(winnow(clean))
    seconds = time.process_time() - started
    characters = sum(len(page.whole.encode()) for page in clean)
    result: dict[str, Any] = {
        "pages": len(clean), "hosts_of_plants": len(hosts),
        "false_positives": false_positives(clean, judged),
        "benign": {name: false_positives(pages, list(winnow(pages))) for name, pages in benign_sets(seed).items()},
        "cost": {"cpu_ms_per_page": 1000 * seconds / len(clean), "megabytes_per_second": characters / 1e6 / seconds},
        "classes": {},
    }  # fmt: skip
    for klass in SINGLE:
        result["classes"][klass] = _of_class(klass, hosts, per_class, seed)
    return result


def false_positives(pages: list[Page], judged: list[Judgement]) -> dict[str, Any]:
    return {
        "winnow": share_of(sum(one.flagged for one in judged), len(judged)),
        "winnow, warnings too": share_of(sum(one.reported for one in judged), len(judged)),
        **{name: share_of(sum(_asked(peer, page) for page in pages), len(pages)) for name, peer in PEERS.items()},
    }


def _asked(peer: Any, page: Page) -> bool:
    return bool(peer(page.whole))


def _of_class(klass: str, hosts: list[bytes], per_class: int, seed: int) -> dict[str, Any]:
    pages, places, families, is_reached = [], [], set(), []
    for number in range(per_class):
        draw = random.Random(f"recall {seed} {klass} {number}")
        planted = plant_in(draw.choice(hosts), klass, TEST, draw, BRANDS[TEST][0])
        page = page_of(planted.payload)
        pages.append(page)
        places.append(place_of(planted.shown, page.text))
        is_reached.append(any(place_of(planted.shown, field)[0] >= 0 for field in page))
        families.add(planted.family)
    judged = list(winnow(pages))
    reached = [one for one, is_there in zip(judged, is_reached, strict=True) if is_there]
    in_text = [(one, place) for one, place in zip(judged, places, strict=True) if place[0] >= 0 and one.reported]
    asked = [page for page, is_there in zip(pages, is_reached, strict=True) if is_there]
    return {
        "plants": per_class, "families": len(families), "reached": len(reached),
        "winnow": share_of(sum(one.flagged for one in reached), len(reached)),
        "winnow, warnings too": share_of(sum(one.reported for one in reached), len(reached)),
        "winnow, of all plants": share_of(sum(one.flagged for one in judged), per_class),
        "localised": share_of(sum(_overlap(one, place) >= MIN_OVERLAP for one, place in in_text), len(in_text)),
        **{name: share_of(sum(_asked(peer, page) for page in asked), len(asked)) for name, peer in PEERS.items()},
    }  # fmt: skip


def _overlap(judged: Judgement, place: Span) -> float:
    """Characters in both, of those in either; of the spans that touch the plant."""
    wanted = set(range(*place))
    touching = [set(range(*span)) for span in judged.spans if span[0] < place[1] and span[1] > place[0]]
    found = set().union(*touching) if touching else set()
    return len(found & wanted) / len(found | wanted) if found else 0.0
