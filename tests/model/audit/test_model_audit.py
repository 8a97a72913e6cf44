"""What audits say of a model that knows a few texts by heart."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.audit.documents import METRICS, AuditSettings, audit_documents, audit_each, greedy_answers, texts_of
from model.audit.memorisation import extraction_strength, verbatim_extraction
from model.audit.relearn import Relearned, relearning_curve, steps_until
from model.audit.scores import score_texts
from model.generate import SamplingSettings, generate
from model.texts import Text, grouped
from model.training.train import TrainState
from pipeline.errors import UsageError
from tests.examples import one_in
from tests.model.small import corpus, model_of, packed, small_plan, trained
from tokenizer.shards.files import read_shard
from tokenizer.shards.loader import read_shards

PLAN = small_plan(steps=200, batch_rows=8, micro_batch_rows=8, row_tokens=64)
SETTINGS = AuditSettings(context=64, prefix_tokens=8, answer_tokens=16)


def decode(tokens: np.ndarray) -> bytes:
    return " ".join(map(str, tokens.tolist())).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("corpus") / "c", documents=12)


@pytest.fixture(scope="module")
def by_heart(folder: Path) -> TrainState:
    return trained(folder, PLAN)[0]


def documents_of(folder: Path, shard: int) -> list[np.ndarray]:
    tokens = read_shard(str(folder), read_shards(str(folder)).shards[shard]).whole()
    starts = [*np.flatnonzero(tokens == 0).tolist(), len(tokens)]
    return [tokens[a:b].astype(np.int32) for a, b in pairwise(starts)]


@given(st.lists(st.lists(st.integers(1, 191), min_size=2, max_size=12), min_size=1, max_size=5), st.integers(1, 4))
@one_in(2)
def test_scores_are_those_of_the_whole_table_of_each_text_alone(texts: list[list[int]], prompt: int) -> None:
    model = model_of()
    given_texts = [Text(np.array(text, np.int32), min(prompt, len(text) - 1)) for text in texts]
    for text, found in zip(given_texts, score_texts(model, given_texts), strict=True):
        positions, attend = packed([len(text.tokens) - 1])
        ids = torch.from_numpy(text.tokens.astype(np.int64))
        with torch.no_grad():
            p = model.logits(model(ids[:-1], positions, attend).states_NE).double().softmax(-1).numpy()
        wanted, rows = text.tokens[text.prompt :], p[text.prompt - 1 :]
        logs = np.log(rows)
        mean = (rows * logs).sum(1)
        assert np.allclose(found.logs, logs[np.arange(len(wanted)), wanted], atol=1e-4)
        assert np.allclose(found.means, mean, atol=1e-4)
        assert np.allclose(found.variances, (rows * (logs - mean[:, None]) ** 2).sum(1), atol=1e-4)
        assert (found.best == (rows.argmax(1) == wanted)).all()


@given(st.lists(st.integers(2, 30), min_size=1, max_size=12), st.integers(1, 40))
def test_groups_hold_every_text_once_and_no_more_tokens_than_they_may(sizes: list[int], most: int) -> None:
    texts = [Text(np.full(size, number)) for number, size in enumerate(sizes)]
    groups = [list(group) for group in grouped(texts, most)]
    assert [text.tokens[0] for group in groups for text in group] == list(range(len(sizes)))
    assert all(len(group) == 1 or sum(len(text.tokens) for text in group) <= most for group in groups)


def greedy(state: TrainState, prompt: list[int], tokens: int) -> list[int]:
    """One token after another, by the generator."""
    steps = generate(state.model, [prompt], SamplingSettings(max_tokens=tokens, temperature=0), context=200, end=-1)
    return [token for [token] in steps if token is not None]


def test_verbatim_extraction_is_what_greedy_decoding_says(folder: Path, by_heart: TrainState) -> None:
    documents = documents_of(folder, 0)[:6] + documents_of(folder, 1)[:4]
    found = set()
    for document in documents:
        [scores] = score_texts(by_heart.model, [Text(document)])
        for prefix in range(1, len(document), 5):
            said = greedy(by_heart, document[:prefix].tolist(), len(document) - prefix)
            expected = said == document[prefix:].tolist()
            assert verbatim_extraction(scores.best, prefix - 1) == expected
            found.add(expected)
    assert found == {True, False}


def test_what_was_learned_by_heart_is_extracted_and_what_was_held_out_is_not(folder: Path, by_heart: TrainState) -> None:
    member, other = (audit_documents(by_heart.model, documents_of(folder, shard), decode, SETTINGS) for shard in (0, 1))
    assert member["extraction_strength"] > 0.6 > 0.3 > other["extraction_strength"]
    for name in ("exact_memorisation", "verbatim_extraction", "probability", "rouge_l_recall", "rouge_l_f", "min_k"):
        assert member[name] > other[name] + 0.2, name
    assert member["nats_per_token"] < other["nats_per_token"] - 0.5
    assert set(METRICS) | {"documents", "tokens"} == set(member)
    assert member["documents"] == 12 and member["tokens"] == sum(len(d) - 1 for d in documents_of(folder, 0))


def test_answers_are_what_the_model_says_to_each_text_alone(folder: Path, by_heart: TrainState) -> None:
    texts = texts_of(documents_of(folder, 1), SETTINGS)
    for text, answer in zip(texts, greedy_answers(by_heart.model, texts, SETTINGS), strict=True):
        prefix = min(8, len(text.tokens) // 2)
        said = greedy(by_heart, text.tokens[:prefix].tolist(), min(16, len(text.tokens) - prefix))
        until_end = said[: said.index(0)] if 0 in said else said
        assert answer.tolist() == until_end


def test_a_question_is_given_whole_and_only_its_answer_is_scored(folder: Path, by_heart: TrainState) -> None:
    document = documents_of(folder, 0)[0]
    [audited] = audit_each(by_heart.model, [Text(document, 5)], decode, SETTINGS)
    [scores] = score_texts(by_heart.model, [Text(document, 5)])
    assert audited.tokens == len(document) - 5
    assert audited.values["extraction_strength"] == extraction_strength(scores.best)


def test_an_audit_of_nothing_is_refused() -> None:
    for documents in ([], [np.array([0])]):
        with pytest.raises(UsageError, match="an audit needs documents"):
            audit_documents(model_of(), documents, decode, SETTINGS)
    with pytest.raises(UsageError, match="only a decoder"):
        audit_documents(model_of(kind="encoder"), [np.array([0, 1, 2])], decode, SETTINGS)


def test_relearning_brings_texts_back_and_leaves_the_model_alone(folder: Path, by_heart: TrainState) -> None:
    texts = texts_of(documents_of(folder, 1)[:3], SETTINGS)
    weights = [weight.clone() for weight in by_heart.model.parameters()]
    curve = relearning_curve(by_heart.model, texts, PLAN, steps=40, every=10, learning_rate=0.003)
    assert [point.step for point in curve] == [0, 10, 20, 30, 40]
    assert curve[-1].extraction_strength > curve[0].extraction_strength + 0.4
    assert all(torch.equal(a, b) for a, b in zip(weights, by_heart.model.parameters(), strict=True))
    assert curve == relearning_curve(by_heart.model, texts, PLAN, steps=40, every=10, learning_rate=0.003)


def test_steps_are_counted_until_the_texts_are_back() -> None:
    curve = [Relearned(0, 0.1), Relearned(5, 0.4), Relearned(10, 0.9)]
    assert (steps_until(curve, 0.4), steps_until(curve, 0.05), steps_until(curve, 0.95)) == (5, 0, None)
