"""Several corpora by turns: each as when it is read alone, in the shares that were asked for, and back again."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from tests.tokenizer.shards.test_loader import Documents, loader_of, pieces, stretches_of
from tokenizer.shards.loader import Loader, Read
from tokenizer.shards.mixture import Mixture
from tokenizer.shards.turns import ALONE, Turns, whole_weights

LISTS = st.lists(st.lists(st.integers(2, 299), max_size=20), min_size=1, max_size=6)
WEIGHTS = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def mixture_of(folder: Path, corpora: list[Documents], weights: list[int], batch_rows: int = 3) -> Mixture:
    loaders = [loader_of(folder / str(number), [one], batch_rows=batch_rows) for number, one in enumerate(corpora)]
    return Mixture(loaders, Turns(weights))


def counted(turns: Turns, positions: int) -> list[tuple[int, int]]:
    """The slow twin: (corpus, turns that it has had before) of each position, counted off."""
    had, found = [0] * len(turns.weights), []
    for corpus in turns.at(np.arange(positions))[0].tolist():
        found.append((corpus, had[corpus]))
        had[corpus] += 1
    return found


@given(WEIGHTS)
def test_after_any_number_of_rows_no_corpus_is_a_row_away_from_its_share(weights: list[int]) -> None:
    turns, length = Turns(weights), sum(weights)
    for position in range(2 * length + 1):
        for corpus, weight in enumerate(weights):
            assert abs(turns.had(corpus, position) - position * weight / length) < 1
    assert [turns.had(corpus, 3 * length) for corpus in range(len(weights))] == [3 * weight for weight in weights]


@given(WEIGHTS, st.integers(0, 150))
def test_turns_are_counted_and_found_again_as_by_counting(weights: list[int], positions: int) -> None:
    turns, expected = Turns(weights), counted(Turns(weights), positions)
    corpora, own = turns.at(np.arange(positions))
    assert list(zip(corpora.tolist(), own.tolist(), strict=True)) == expected
    for corpus in range(len(weights)):
        there = np.array([position for position, (one, _) in enumerate(expected) if one == corpus], np.int64)
        assert turns.had(corpus, positions) == len(there)
        assert turns.positions(corpus, np.arange(len(there))).tolist() == there.tolist()


@given(st.lists(LISTS, min_size=1, max_size=3), st.data())
def test_each_corpus_is_read_as_if_alone_and_every_read_is_found_again(
    tmp_path_factory: pytest.TempPathFactory, corpora: list[Documents], data: st.DataObject
) -> None:
    weights = data.draw(st.lists(st.integers(1, 5), min_size=len(corpora), max_size=len(corpora)))
    mixture, steps = mixture_of(tmp_path_factory.mktemp("mixture"), corpora, weights), 9
    seen: list[list[int]] = [[] for _ in corpora]
    read: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for step in range(steps):
        for place, row in enumerate(mixture.rows_of_step(step).tolist()):
            number = mixture.corpora_of(np.array([row]))[0]
            seen[number].append(row - int(mixture._first_row[number]))
            for doc_id in {span.doc_id for span in mixture.spans(row)}:
                read.setdefault((number, doc_id), []).append((step, place))
    for number, loader in enumerate(mixture.loaders):
        assert seen[number] == loader.rows_at(np.arange(len(seen[number]))).tolist()
        for doc_id in loader._documents[0].doc_ids.to_pylist():
            found = loader.reads(stretches_of(loader, doc_id), steps, mixture.turns, number)
            assert [(one.step, one.place) for one in found] == sorted(read.get((number, doc_id), []))
    assert mixture.epochs(steps) == [len(one) / loader.rows for one, loader in zip(seen, mixture.loaders, strict=True)]


@given(st.lists(LISTS, min_size=2, max_size=3), st.integers(0, 20))
def test_a_batch_holds_what_its_rows_hold_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, corpora: list[Documents], step: int
) -> None:
    mixture = mixture_of(tmp_path_factory.mktemp("mixture"), corpora, [2] + [1] * (len(corpora) - 1), batch_rows=5)
    rows = mixture.rows_of_step(step)
    batch = mixture.load(rows)
    alone = [piece for row in rows for piece in pieces(mixture.load(np.array([row])))]
    assert pieces(batch) == alone and batch.rows.tolist() == rows.tolist()
    assert batch.tokens.shape == batch.targets.shape == batch.positions.shape == (5, 8)
    assert all(begin < end for begin, end in pairwise(batch.boundaries.tolist()))


def test_one_corpus_has_every_turn(tmp_path: Path) -> None:
    loader: Loader = loader_of(tmp_path, [[[2, 3, 4]] * 6])
    reads: list[Read] = loader.reads(stretches_of(loader, "0-1"), 7)
    assert reads and reads == loader.reads(stretches_of(loader, "0-1"), 7, ALONE, 0)


@pytest.mark.parametrize(("text", "whole"), [("3,1", (3, 1)), ("0.7, 0.3", (7, 3)), ("1/3,2/3", (1, 2)), ("10,20,30", (1, 2, 3))])
def test_weights_are_the_smallest_whole_numbers(text: str, whole: tuple[int, ...]) -> None:
    assert whole_weights(text, len(whole)) == whole


@pytest.mark.parametrize(
    ("text", "why"),
    [("3", "2 corpora want 2"), ("3,0", "above 0"),
     ("3,-1", "above 0"), ("a,b", "a number for each"), ("1,1/0", "a number for each"),
     ("1,nan", "a number for each"), ("0.123456789,1", "round them"), ("1e400,1", "a number for each")],
)  # fmt: skip
def test_other_weights_are_refused_in_a_line(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        whole_weights(text, 2)
