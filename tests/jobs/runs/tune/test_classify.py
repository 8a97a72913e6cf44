"""`--method classify`: labels by a head, of an encoder or a decoder; evaluated, taken out, refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from jobs.commands.app import app
from jobs.runs.evaluate.labels import evaluate_labels, macro_f1
from jobs.runs.loaded import load_model
from jobs.runs.record import read_run
from jobs.runs.train.train_model import train_run
from jobs.runs.tune.examples import read_examples
from jobs.runs.unlearn.examples import take_examples_out
from model.post.classify import label_probabilities
from model.training.parallel import Team
from pipeline.errors import WinnowError
from tests.jobs.runs.tune.tuned import ROWS, base_plan, labelled_rows, tuned, wanted, write_rows

MANY = {"rate_share": 1.0, "examples": 8}


@pytest.fixture(scope="module", params=["next", "masked"])
def kind(request: pytest.FixtureRequest, base: Path) -> Path:
    """A decoder, and an encoder on the same corpus."""
    if request.param == "next":
        return base
    run = base.with_name("encoder")
    for _ in train_run(base.parent / "corpus", run, base_plan(objective="masked"), Team(), workers=0):
        pass
    return run


@pytest.mark.parametrize("adapter", ["none", "lora", "bottleneck", "prefix"])
def test_labels_are_learned_and_told_of_texts_never_seen(kind: Path, tmp_path: Path, adapter: str) -> None:
    data = write_rows(tmp_path / "labelled.jsonl", labelled_rows(40))
    steps = tuned(tmp_path / "run", wanted(kind, data, "classify", 60, held_out=8, adapter=adapter, **MANY))
    assert steps[0].loss == pytest.approx(np.log(2), abs=1e-6), "a head of zeros knows nothing"
    least = 0.6 if adapter == "prefix" else 0.8  # sixteen places before a text move least
    assert steps[-1].validation_measures["accuracy"] >= least and steps[-1].validation_loss < np.log(2)
    new = write_rows(tmp_path / "new.jsonl", [one | {"text": one["text"] + " no"} for one in labelled_rows(20)])
    found = evaluate_labels(tmp_path / "run", new)
    assert found["texts"] == 20 and found["accuracy"]["value"] >= least and set(found["recall"]) == {"good", "bad"}


def test_probabilities_are_those_of_each_text_alone_by_the_state_that_stands_for_it(kind: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "labelled.jsonl", labelled_rows())
    tuned(tmp_path / "run", wanted(kind, data, "classify", 6, **MANY))
    model, record, _ = load_model(tmp_path / "run")
    assert record.tuning is not None and record.tuning["labels"] == ["bad", "good"]
    texts = [one.text for one in read_examples(tmp_path / "run", record.tuning["examples"])]
    for text, found in zip(texts, label_probabilities(model, texts), strict=True):
        ids, places = torch.from_numpy(text.tokens).long(), torch.arange(len(text.tokens))
        states = model(ids, places, _Alone()).states_NE.detach()
        state = states[0 if record.plan["objective"] == "masked" else -1]
        assert found == pytest.approx((model.get_submodule("labels").weight @ state).softmax(-1).tolist(), abs=1e-5)


class _Alone:
    """Attention written out, over one text."""

    def __call__(self, layer, query_NHD, key_MKD, value_MKD, *, causal, window):  # type: ignore[no-untyped-def]
        scores = torch.einsum("nhd,mhd->hnm", query_NHD, key_MKD) / query_NHD.shape[-1] ** 0.5
        if causal:
            scores = scores.masked_fill(torch.ones(scores.shape[1:]).triu(1).bool(), -torch.inf)
        return torch.einsum("hnm,mhd->nhd", F.softmax(scores, -1), value_MKD)


def test_an_example_is_taken_out_to_the_bit_and_a_label_that_was_its_alone_is_named_no_more(kind: Path, tmp_path: Path) -> None:
    rows = [*labelled_rows(8), {"id": "secret", "text": "says 9", "label": "hidden name"}]
    tuned(tmp_path / "run", wanted(kind, write_rows(tmp_path / "labelled.jsonl", rows), "classify", 4))
    said = take_examples_out(tmp_path / "run", frozenset({"secret"}), oracle=True, say=lambda _: None, show=lambda _: None)
    assert said["exact"] and said["before"] != said["after"]
    assert (read_run(tmp_path / "run").tuning or {})["labels"] == ["bad", "good", ""]
    assert not any(b"hidden name" in path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"text": "a", "label": 1.5}], "neither a text nor a whole number"),
        ([{"label": "a"}], '"text" is not a text'),
        ([{"text": "a", "label": "x"}, {"text": "b", "label": "x"}], "have 1 labels"),
    ],
)
def test_examples_that_cannot_be_told_apart_are_one_line(base: Path, tmp_path: Path, rows: list[object], words: str) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(WinnowError, match=words) as error:
        tuned(tmp_path / "run", wanted(base, data, "classify", 1))
    assert "\n" not in str(error.value) and error.value.exit_status == 2


def test_what_it_cannot_be_asked_is_refused(base: Path, tmp_path: Path) -> None:
    run, data = tmp_path / "run", write_rows(tmp_path / "labelled.jsonl", labelled_rows())
    tuned(run, wanted(base, data, "classify", 1))
    other = write_rows(tmp_path / "other.jsonl", [{"text": "a", "label": "unheard of"}])
    for command, words in (
        (["evaluate", str(base), "--labels", str(data)], "tells no labels apart"),
        (["evaluate", str(run), "--labels", str(other)], "a label 'unheard of'"),
        (["export", str(run), "--format", "hf", "--output", str(tmp_path / "hf")], "judges texts and writes none"),
        (["quantise", str(run), "--output", str(tmp_path / "small")], "judges texts and writes none"),
    ):
        with pytest.raises(WinnowError, match=words):
            app(command, standalone_mode=False)


def test_the_plain_run_is_what_comes_of_a_classifier_that_is_tuned_on(base: Path, tmp_path: Path) -> None:
    tuned(tmp_path / "run", wanted(base, write_rows(tmp_path / "labelled.jsonl", labelled_rows()), "classify", 2))
    tuned(tmp_path / "next", wanted(tmp_path / "run", write_rows(tmp_path / "more.jsonl", labelled_rows(ROWS)), "classify", 2))
    assert (read_run(tmp_path / "next").parent or {})["run"] == str(tmp_path / "run")


def test_macro_f1_counts_rare_labels_as_much_as_frequent_ones() -> None:
    said, true = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    assert macro_f1(said, true) == pytest.approx((2 * 2 / 5 + 2 * 1 / 3) / 2)
    assert macro_f1(true, true) == 1.0
