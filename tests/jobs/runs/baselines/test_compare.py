"""`winnow ablate --models`: the same text costs what it should, by whatever model, and context is measured where it is."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jobs.runs.baselines.compare import held_out, longest_context
from jobs.runs.baselines.predictors import lstm, ngram, plan_for, seq2seq, sequences, transformer
from jobs.runs.loaded import load_model
from jobs.runs.record import open_run_loader
from jobs.runs.train.train_model import token_bytes
from model.evaluate import piece_losses
from model.network.sequences import Inputs
from model.training.parallel import Team
from tests.jobs.runs.test_runs import inside, refused
from tests.jobs.runs.tune.tuned import base_plan, make_base
from tokenizer.shards.loader import Loader, open_loader
from tokenizer.shards.splits import VALIDATION


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("baselines"))


def loader_of(base: Path, split: str) -> Loader:
    return open_loader(str(base.parent / "corpus"), base_plan().loader, split)


PIECES = st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=4)


@given(pieces=PIECES)
def test_an_n_gram_sees_what_a_network_reads_and_is_asked_the_same(pieces: list[tuple[int, bool]]) -> None:
    boundaries = np.cumsum([0, *(size for size, _ in pieces)])
    tokens = np.arange(100, 100 + boundaries[-1])
    targets = tokens + 1
    targets[boundaries[1:] - 1] = [-1 if ends else 900 + n for n, (_, ends) in enumerate(pieces)]
    flat, first, places = sequences(tokens, targets, boundaries)
    expected = [
        [*tokens[a:b], *([] if ends else [900 + n])]
        for n, ((_, ends), a, b) in enumerate(zip(pieces, boundaries, boundaries[1:], strict=False))
    ]
    assert [flat[a:b].tolist() for a, b in pairwise(first)] == [list(map(int, one)) for one in expected]
    assert flat[places].tolist() == targets[targets >= 0].tolist()


def test_a_transformer_costs_what_evaluate_says(base: Path) -> None:
    model, record, _ = load_model(base)
    sizes = token_bytes(record.corpus, record.tokenizer_sha256)
    unseen = open_run_loader(base, record, VALIDATION)
    pieces = list(piece_losses(model, unseen, np.arange(unseen.rows), sizes))
    predictor = transformer(loader_of(base, "train"), record.train_plan, Team())
    found = held_out(predictor.costs, unseen, record.train_plan, sizes)
    assert (found.tokens, found.bytes) == (sum(one.tokens for one in pieces), sum(one.bytes for one in pieces))
    assert found.nats == pytest.approx(sum(one.nats for one in pieces), rel=1e-6)
    assert predictor.parameters == sum(weight.numel() for weight in model.parameters())


def test_an_n_gram_has_as_much_context_as_it_has_tokens_and_a_text_of_copies_rewards_more(base: Path) -> None:
    plan = base_plan(steps=30)
    found = ngram(loader_of(base, "train"), plan, Team())
    assert longest_context(found.costs, loader_of(base, VALIDATION), 96) in (1, 2, 4)

    def costs(inputs: Inputs) -> np.ndarray:
        """Certain of a token once it has seen 16 before it."""
        places = inputs.sequence.positions
        noise = np.random.default_rng(len(places)).random(len(places)) * 0.1
        return np.where(inputs.targets >= 0, np.where(places >= 15, 1.0, 3.0) + noise, 0)

    assert longest_context(costs, loader_of(base, VALIDATION), 96) == 16


@pytest.mark.parametrize(("make", "name"), [(lstm, "lstm"), (seq2seq, "seq2seq")])
def test_recurrent_models_learn_the_same_rows_to_the_same_bits(base: Path, make: object, name: str) -> None:
    plan = plan_for(name, base_plan(steps=12))
    loader, unseen = loader_of(base, "train"), loader_of(base, VALIDATION)
    sizes = np.ones(400, np.int64)
    one, other = (held_out(make(loader, plan, Team()).costs, unseen, plan, sizes) for _ in range(2))  # type: ignore[operator]
    short = held_out(make(loader, plan_for(name, base_plan(steps=1)), Team()).costs, unseen, plan, sizes)  # type: ignore[operator]
    assert one == other and one.nats < 0.95 * short.nats


def test_one_table_of_them_all(base: Path, tmp_path: Path) -> None:
    options = ["--steps", 4, "--set", "row_tokens=96", "--set", "batch_rows=4", "--set", "threads=1", "--seeds", 2]
    names = "ngram,lstm,transformer,seq2seq,encoder-decoder"
    said = json.loads(inside("ablate", base.parent / "corpus", "--output", tmp_path, "--models", names, *options, "--json"))
    assert [row["model"] for row in said] == names.split(",")
    assert {row["tokens"] for row in said} == {4 * 4 * 96}
    by_name = {row["model"]: row for row in said}
    assert by_name["ngram"]["low"] is None and by_name["lstm"]["low"] < by_name["lstm"]["bits_per_byte"] < by_name["lstm"]["high"]
    assert by_name["seq2seq"]["bits_per_byte"] is by_name["seq2seq"]["context"] is None and by_name["seq2seq"]["loss"] > 0
    assert 0.9 < by_name["lstm"]["parameters"] / by_name["transformer"]["parameters"] <= 1
    assert json.loads((tmp_path / "models.json").read_text()) == said


def test_models_that_are_none_are_one_line(base: Path, tmp_path: Path) -> None:
    corpus = base.parent / "corpus"
    refused("ablate", corpus, "--output", tmp_path, "--models", "gpt", words=("--models gpt is not known",))
    refused("ablate", corpus, "--output", tmp_path, "--models", "lstm,lstm", words=("each once",))
    refused("ablate", corpus, corpus, "--output", tmp_path, "--models", "lstm", words=("name one",))


def test_a_comparison_leaves_no_weights_behind(base: Path, tmp_path: Path) -> None:
    """They would know pages, and no takedown would find them."""
    before = sorted((base.parent / "corpus").rglob("*"))
    options = ["--steps", 2, "--set", "row_tokens=96", "--set", "batch_rows=4", "--seeds", 1]
    inside("ablate", base.parent / "corpus", "--output", tmp_path, "--models", "lstm", *options)
    assert [path.name for path in tmp_path.iterdir()] == ["models.json"]
    assert sorted((base.parent / "corpus").rglob("*")) == before


def test_running_it_twice_makes_no_difference(base: Path) -> None:
    torch.manual_seed(5)
    plan = plan_for("lstm", base_plan(steps=2))
    one = lstm(loader_of(base, "train"), plan, Team())
    torch.manual_seed(6)
    inputs = Inputs(*_some(loader_of(base, VALIDATION)))
    assert np.array_equal(one.costs(inputs), lstm(loader_of(base, "train"), plan, Team()).costs(inputs))


def _some(loader: Loader) -> Inputs:
    from model.training.objectives import Draw, next_token

    return next_token(loader.load(np.array([0])), Draw(0, 0))
