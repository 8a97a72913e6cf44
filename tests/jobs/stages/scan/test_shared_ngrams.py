"""jobs/stages/scan/shared_ngrams.py against dictionaries."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from jobs.stages.scan import shared_ngrams as module
from jobs.stages.scan.shared_ngrams import NGRAM, PAGE, marked, of_several_sites, with_marks

FEW = st.integers(0, 6)
SKETCHES = st.lists(st.lists(FEW, max_size=8), max_size=8)


@given(st.lists(st.tuples(FEW, FEW), max_size=60), st.integers(1, 6))
def test_what_one_site_has_or_too_few_pages_goes_no_further(pairs: list[tuple[int, int]], min_pages: int) -> None:
    table = pa.Table.from_pylist([{"fingerprint": one, "site": site} for one, site in pairs], NGRAM)
    pages = Counter(pairs)
    expected = [
        (one, site, count)
        for (one, site), count in sorted(pages.items())
        if sum(pages[one, other] for other in range(7)) >= min_pages
        and len({other for (some, other) in pages if some == one}) > 1
    ]
    found = of_several_sites(table, min_pages)
    assert list(zip(*(found[name].to_pylist() for name in found.column_names), strict=True)) == expected


def page_batch(lists: list[list[int]]) -> pa.RecordBatch:
    rows = [
        {"doc_id": str(row), "domain": f"d{row}", "site": row, "fingerprints": some,
         "starts": [10 * at for at in range(len(some))], "ends": [10 * at + 9 for at in range(len(some))]}
        for row, some in enumerate(lists)
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, PAGE)


def expected_marks(lists: list[list[int]], shared: set[int], first: int = 0) -> list[tuple[str, list[dict[str, int]]]]:
    marks = [
        [{"place": at, "fingerprint": one, "start": 10 * at, "end": 10 * at + 9} for at, one in enumerate(some) if one in shared]
        for some in lists
    ]
    return [(str(row), some) for row, some in enumerate(marks) if some and row >= first]


@given(SKETCHES, st.sets(FEW), st.integers(0, 2))
def test_marks_are_the_shared_ngrams_of_each_page_in_order(lists: list[list[int]], shared: set[int], first: int) -> None:
    found = with_marks(page_batch(lists).slice(min(first, len(lists))), np.array(sorted(shared), np.int64))
    assert list(zip(found["doc_id"].to_pylist(), found["marked"].to_pylist(), strict=True)) == expected_marks(
        lists, shared, first
    )


@pytest.mark.spark
def test_too_many_to_send_give_the_same_marks(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = [[1, 2, 1, 5], [], [4], [2, 2]]
    sketched = spark.createDataFrame(pa.Table.from_batches([page_batch(lists)]))
    shared = spark.createDataFrame([(1, 9), (2, 9)], "fingerprint long, pages long")

    def found() -> list[tuple[str, list[dict[str, int]]]]:
        rows = marked(sketched, shared).collect()
        return sorted((row.doc_id, [one.asDict() for one in row.marked]) for row in rows)

    sent = found()
    monkeypatch.setattr(module, "sent_values", lambda _: None)
    assert found() == sent == expected_marks(lists, {1, 2})
