"""Rows of shards as torch's data set: every row once, whoever shares them, in the order of the loader."""

import pickle
from pathlib import Path

import pytest
import torch
import winnow
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from jobs.api.shards import ShardRows
from tests.jobs.export.exports import token_corpus
from tokenizer.shards.loader import LoaderSettings, open_loader

SHARDS = [("train", [[number % 250 + 2] * (number % 7 + 1) for number in range(60)]), ("validation", [[4, 5], [6]])]
Rows = list[list[int]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return token_corpus(tmp_path_factory.mktemp("rows") / "C", SHARDS).root


@pytest.fixture(scope="module")
def corpus(folder: str) -> winnow.Corpus:
    return winnow.open(folder)


def in_order(folder: str, seed: int = 0, epochs: int = 1) -> Rows:
    """As `winnow train` reads them, one row a step."""
    loader = open_loader(folder, LoaderSettings(row_tokens=16, batch_rows=1, seed=seed))
    return [loader.batch(step).tokens[0].tolist() for step in range(epochs * loader.rows)]


def tokens(rows: ShardRows) -> Rows:
    return [row["tokens"].tolist() for row in rows]


def test_rows_come_in_the_order_of_training(corpus: winnow.Corpus, folder: str) -> None:
    rows = corpus.shards(row_tokens=16, epochs=2)
    assert tokens(rows) == in_order(folder, epochs=2) and len(rows) == 2 * rows.rows
    assert tokens(corpus.shards(row_tokens=16, seed=1)) == in_order(folder, seed=1) != in_order(folder)
    first, loader = next(iter(rows)), open_loader(folder, LoaderSettings(row_tokens=16, batch_rows=1))
    batch = loader.batch(0)
    assert {name: value.dtype for name, value in first.items()} == dict.fromkeys(first, torch.int64)
    assert first["targets"].tolist() == batch.targets[0].tolist() and first["positions"].tolist() == batch.positions[0].tolist()


@given(world=st.integers(1, 5), epochs=st.integers(0, 3), drop_last=st.booleans())
def test_ranks_share_the_rows(corpus: winnow.Corpus, folder: str, world: int, epochs: int, drop_last: bool) -> None:
    ranks = [corpus.shards(row_tokens=16, epochs=epochs, drop_last=drop_last, rank=rank, world=world) for rank in range(world)]
    whole = in_order(folder)
    epoch = whole[: len(whole) - len(whole) % world] if drop_last else whole
    order = in_order(folder, epochs=epochs) if epochs else []
    expected: list[Rows] = [[], *([] for _ in range(world - 1))]
    for number in range(epochs):
        for place in range(len(epoch)):
            expected[place % world].append(order[number * len(whole) + place])
    assert [tokens(rows) for rows in ranks] == expected
    assert [len(rows) for rows in ranks] == [len(some) for some in expected]
    assert not drop_last or len({len(rows) for rows in ranks}) == 1


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_workers_of_a_data_loader_share_the_rows_of_their_rank(corpus: winnow.Corpus, folder: str, context: str) -> None:
    rows = corpus.shards(row_tokens=16, rank=1, world=2)
    read = DataLoader(rows, batch_size=None, num_workers=2, multiprocessing_context=context)
    assert sorted(row["tokens"].tolist() for row in read) == sorted(in_order(folder)[1::2])
    assert list(Path(folder, "readers").glob("live-*"))  # a worker that ends takes nothing off the record


def test_torchrun_says_which_rank_this_is(corpus: winnow.Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "2")
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert corpus.shards().place == (2, 3)
    for rank, world in ((3, 3), (-1, 2), (0, None)):
        with pytest.raises(winnow.WinnowError, match=r"rank"):
            corpus.shards(rank=rank, world=world)


def test_a_data_set_is_sent_without_maps_and_database(corpus: winnow.Corpus, folder: str) -> None:
    rows = pickle.loads(pickle.dumps(corpus.shards(row_tokens=16)))
    assert tokens(rows) == in_order(folder)


def test_held_out_rows_are_another_split(corpus: winnow.Corpus) -> None:
    assert tokens(corpus.shards(row_tokens=8, split="validation")) == [[0, 4, 5, 0, 6, 0, 0, 0]]
