"""Removed pages are known again, by address or text, as comparing with every tombstone would know them."""

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.duplicates.copies import signatures
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.duplicates.tombstones import COPY_SIMILARITY, Graveyard, tombstones, url_hash

WORDS = "wind river stone lamp bread salt copper harbour 河 мост ٣ שלום 🏔️ कण".split()


def text_of(seed: int, words: int = 120) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def edited(text: str, changes: int, seed: int) -> str:
    words, rng = text.split(), random.Random(seed)
    for _ in range(changes if words else 0):
        words[rng.randrange(len(words))] = f"changed{rng.randrange(1000)}"
    return " ".join(words)


def slow_requests(stones: pa.Table, urls: list[str | None], texts: list[str], made_with: DuplicateSettings) -> list[str | None]:
    """The address first, in the stones' order; then every stone's whole signature beside the page's."""
    pages = signatures(pa.array(texts, pa.string()), made_with).to_pylist()
    found = []
    for url, page in zip(urls, pages, strict=True):
        rows = stones.to_pylist()
        by_url = [row["request"] for row in rows if row["url_sha256"] and row["url_sha256"] == url_hash(url)]
        by_text = [
            row["request"] for row in rows
            if row["signature"] and page and np.mean(np.array(row["signature"]) == np.array(page)) >= COPY_SIMILARITY
        ]  # fmt: skip
        found.append(next(iter([*by_url, *by_text]), None))
    return found


shapes = st.sampled_from([(14, 8), (20, 5), (7, 3)])


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12)), max_size=8), shapes, st.data())
def test_a_removed_page_is_known_as_comparing_with_every_tombstone_would(
    stones_of: list[tuple[int, int]], shape: tuple[int, int], data: st.DataObject
) -> None:
    made_with = DuplicateSettings(bands=shape[0], rows=shape[1])
    removed = [edited(text_of(seed), changes, changes) if seed else "" for seed, changes in stones_of]
    urls = [f"http://example.org/{number}" if number % 2 else None for number in range(len(removed))]
    parts = [
        tombstones([f"{number:032x}"], [url], pa.array([text]), [[]], f"request-{number}", made_with)
        for number, (url, text) in enumerate(zip(urls, removed, strict=True))
    ]
    stones = pa.concat_tables(parts) if parts else tombstones([], [], pa.array([], pa.string()), [], "", made_with)
    asked = data.draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12), st.integers(0, 9)), max_size=6))
    pages = [edited(text_of(seed), changes, 99 + changes) if seed else "" for seed, changes, _ in asked]
    addresses = [f"HTTP://example.org:80/{number}" if number < 7 else None for _, _, number in asked]
    found = Graveyard(stones).requests(addresses, pa.array(pages, pa.string()))
    assert found == slow_requests(stones, addresses, pages, made_with)


PLACES = ["https://app.test/#!/a", "https://app.test/#!/b", "https://app.test/", "https://strasse.test/", "null", "about:blank"]


@pytest.mark.parametrize(
    ("removed", "kept_out"),
    [("https://app.test/#!/a", ["https://app.test/#!/a"]), ("https://app.test/", ["https://app.test/"]),
     ("https://straße.test/", []), ("null", []), ("unknown", [])],
)  # fmt: skip
def test_a_tombstone_keeps_out_its_own_address_until_2026_11_one_route_kept_out_all(removed: str, kept_out: list[str]) -> None:
    stones = tombstones(["0" * 32], [removed], pa.array([text_of(1)]), [[]], "r", DuplicateSettings())
    told = Graveyard(stones).requests(PLACES, pa.array([text_of(2 + number) for number in range(len(PLACES))]))
    assert [url for url, request in zip(PLACES, told, strict=True) if request] == kept_out


@pytest.mark.parametrize(("changes", "known"), [(0, "r"), (1, "r"), (40, None)])
def test_a_copy_with_a_few_words_changed_stays_removed_and_a_rewritten_page_does_not(changes: int, known: str | None) -> None:
    stones = tombstones(["0" * 32], ["http://example.org/"], pa.array([text_of(1, 400)]), [[]], "r", DuplicateSettings())
    assert Graveyard(stones).requests([None], pa.array([edited(text_of(1, 400), changes, 3)])) == [known]
