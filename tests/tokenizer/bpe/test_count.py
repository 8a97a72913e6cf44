import random
from collections import Counter
from itertools import pairwise
from string import ascii_letters

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.tables import WORD_COUNTS
from tests.reference import bpe
from tests.tokenizer.bpe.strategies import PATTERNS, real_pages, reshaped, rows, shapes
from tokenizer.bpe.count import count_by_host, count_to_meet, count_words, counts_of_words, exchange, meeting, merge, totals
from tokenizer.bpe.patterns import WordPattern


def counted(texts: list[str | None]) -> pa.Table:
    return pa.Table.from_batches([count_words(pa.array(texts, pa.string()), 1024)])


def as_counters(table: pa.Table | pa.RecordBatch) -> tuple[Counter[bytes], Counter[bytes]]:
    words = table["word"].to_pylist()
    assert len(set(words)) == len(words)
    return (
        Counter(dict(zip(words, table["count"].to_pylist(), strict=True))),
        Counter(dict(zip(words, table["documents"].to_pylist(), strict=True))),
    )


@given(rows, shapes, st.sampled_from([1, 3, 1024]))
def test_counts_match_the_reference(texts: list[str | None], shape: str, longest: int) -> None:
    assert as_counters(count_words(reshaped(texts, shape), longest)) == bpe.count(texts, longest)


def test_a_table_that_grows_many_times_keeps_every_word() -> None:
    texts: list[str | None] = [" ".join(f"w{chr(0x4E00 + number)}" for number in range(part, 20_000, 2)) for part in range(3)]
    assert as_counters(counted(texts)) == bpe.count(texts, 1024)


def test_words_with_one_beginning_are_told_apart() -> None:
    """So many that they meet in the table, where only their ninth byte tells some of them apart."""
    words = [f"beginnin{ninth}{tenth}" for ninth in ascii_letters for tenth in ascii_letters]
    assert as_counters(counted(["\n".join(words)])) == bpe.count(["\n".join(words)], 1024)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_words_are_those_of_the_pattern(pattern: WordPattern) -> None:
    page = "It's 2025, 12345 'S  x\r\n\n !?\nÉtÉ"
    assert count_words(pa.array([page]), 1024, pattern)["word"].to_pylist() == [
        word.encode() for word in dict.fromkeys(bpe.split(page, pattern))
    ]


# A page is (text, host, language): few of each, so that they meet.
pages = st.lists(
    st.tuples(st.text("ab ", max_size=12), st.sampled_from([None, "", "a.org", "b.org"]), st.sampled_from([None, "de", "ja"])),
    max_size=8,
)
Pages = list[tuple[str, str | None, str | None]]


def by_host(pages: Pages, languages: bool = True) -> pa.Table:
    text, hosts, tongues = (pa.array([page[number] for page in pages], pa.string()) for number in range(3))
    return pa.Table.from_batches([count_by_host(text, hosts, tongues if languages else None, 1024)])


def as_rows(counts: pa.Table) -> dict[bytes, tuple[int, int, int]]:
    assert counts.schema == WORD_COUNTS
    words, *numbers = (column.to_pylist() for column in counts.columns)
    assert words == sorted(set(words))
    return dict(zip(words, zip(*numbers, strict=True), strict=True))


def recounted(pages: Pages) -> dict[bytes, tuple[int, int, int]]:
    return bpe.host_totals([(text, host) for text, host, _ in pages], 1024)


@given(pages, st.booleans())
def test_each_word_has_its_occurrences_documents_and_hosts(pages: Pages, languages: bool) -> None:
    assert as_rows(totals(by_host(pages, languages))) == recounted(pages)


@given(pages)
def test_a_row_is_one_word_of_one_host_in_one_language(pages: Pages) -> None:
    expected: Counter[tuple[bytes, str, str]] = Counter()
    for text, host, language in pages:
        expected.update((word.encode(), host or "", language or "") for word in bpe.split(text))
    counted = by_host(pages).select(["word", "host", "language", "count"]).to_pylist()
    assert Counter({(row["word"], row["host"], row["language"]): row["count"] for row in counted}) == expected
    assert len(counted) == len(expected)


@given(st.lists(pages, min_size=1, max_size=3), st.booleans())
def test_batches_that_meet_give_the_counts_of_the_whole(batches: list[Pages], languages: bool) -> None:
    met = []
    for batch in batches:
        text, hosts, tongues = (pa.array([page[number] for page in batch], pa.string()) for number in range(3))
        rows, heads = count_to_meet(text, hosts, tongues if languages else None, 1024)
        assert heads.tolist() == [int.from_bytes(word[:8], "little") for word in rows["word"].to_pylist()]
        met.append(rows)
    counted = counts_of_words(pa.Table.from_batches(met, meeting(languages)))
    assert as_rows(counted.sort_by("word")) == recounted([page for batch in batches for page in batch])


@given(pages, pages)
def test_counts_of_parts_add_up_to_the_counts_of_the_whole(first: Pages, second: Pages) -> None:
    assert totals(by_host(first), by_host(second)) == totals(by_host(first + second))
    merged = as_rows(merge(totals(by_host(first)), totals(by_host(second))))
    whole = recounted(first + second)
    assert {word: numbers[:2] for word, numbers in merged.items()} == {word: numbers[:2] for word, numbers in whole.items()}
    assert all(whole[word][2] <= merged[word][2] for word in whole), "hosts of merged parts are an upper bound"


@given(pages, pages)
def test_parts_without_a_common_host_merge_exactly(first: Pages, second: Pages) -> None:
    apart = [(text, f"second.{host}", language) for text, host, language in second]
    assert merge(totals(by_host(first)), totals(by_host(apart))) == totals(by_host(first + apart))


def exchanged(pages: Pages, removed: Pages, added: Pages, kept: Pages) -> pa.Table:
    """By subtraction, given only the hosts that lose or gain a page."""
    hosts = {host or "" for _, host, _ in removed + added}
    remaining = by_host([page for page in kept if (page[1] or "") in hosts], languages=False)
    return exchange(totals(by_host(pages)), by_host(removed, languages=False), by_host(added, languages=False), remaining)


@given(pages, pages, pages)
def test_exchanging_gives_the_counts_of_the_other_corpus(kept: Pages, removed: Pages, added: Pages) -> None:
    left = exchanged(kept + removed, removed, added, kept)
    assert left == totals(by_host(kept + added))
    assert as_rows(left) == recounted(kept + added)


@pytest.mark.parametrize("seed", range(3))
def test_removing_one_page_in_a_hundred_is_as_if_it_had_never_been_there(seed: int) -> None:
    rng = random.Random(seed)
    text = " ".join(real_pages("wagahai.ja.txt.gz", "tinyshakespeare.txt.gz", "wikitext-2.valid.txt.gz"))
    cuts = [0, *sorted(rng.sample(range(len(text)), 799)), len(text)]
    pages = [(text[a:b], f"host{min(rng.randrange(400), rng.randrange(400))}", None) for a, b in pairwise(cuts)]
    chosen = set(rng.sample(range(len(pages)), len(pages) // 100))
    kept = [page for number, page in enumerate(pages) if number not in chosen]
    assert as_rows(exchanged(pages, [pages[number] for number in chosen], [], kept)) == recounted(kept)


@pytest.mark.parametrize(
    ("counted", "removed", "remaining"),
    [
        (["a b"], ["a b b"], []),  # more than there is
        (["a b", "a"], ["a b"], []),  # the other page is not given
        (["a b"], [" b", " b"], []),
    ],
)
def test_what_was_never_counted_cannot_be_subtracted(counted: list[str], removed: list[str], remaining: list[str]) -> None:
    tables = [by_host([(text, None, None) for text in texts]) for texts in (counted, removed, [], remaining)]
    with pytest.raises(UsageError, match=r"the removed documents have .* more often, or on more hosts"):
        exchange(totals(tables[0]), *tables[1:])
