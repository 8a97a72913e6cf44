"""A run over several corpora: it stops and goes on to the bit, tells what it read, and loses a page of any of them exactly."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.corpus.files import readers
from jobs.corpus.folder import open_corpus
from jobs.corpus.removals import kept_elsewhere
from jobs.corpus.shards import read_shards, store_shards, write_shard
from jobs.report import figures
from jobs.runs.record import open_run_rows, read_run
from jobs.runs.train.train_model import train_run
from jobs.runs.unlearn import take_out
from jobs.runs.unlearn.affected import run_states
from jobs.runs.unlearn.oracle import main as train_oracle
from model.checkpoint_files import read_state, saved_steps
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_of
from pipeline.errors import UsageError
from tests.jobs.running import WITHOUT_CHARTS, change_run, winnow
from tests.jobs.runs.test_runs import inside
from tests.jobs.takedown.test_runs import broken
from tokenizer.shards.loader import Span
from tokenizer.shards.mixture import Mixture

STEPS, CHILD_STEPS = 24, 6
PLAN = [
    "--set",
    "row_tokens=128",
    "--set",
    "batch_rows=2",
    "--set",
    "threads=1",
    "--set",
    "save_every=2",
    "--set",
    "keep_every=2",
]


def plan(**changes: object) -> TrainPlan:
    settings = {
        "steps": STEPS,
        "row_tokens": 256,
        "batch_rows": 2,
        "threads": 1,
        "save_every": 4,
        "keep_every": 4,
        "weights": (1, 2),
    }
    return plan_of("tiny", **(settings | {"evaluate_every": STEPS} | changes))


def beside(corpus: Path, folder: Path, **changes: object) -> Path:
    """Other texts in tokens of the same tokenizer, as shards and the tokenizer alone."""
    manifest, rng = read_shards(str(corpus)), np.random.default_rng(3)
    texts = [(f"beside-{number}", rng.integers(2, manifest.vocabulary_size, 180, np.uint16)) for number in range(30)]
    shard = write_shard(str(folder), 0, "train", texts, manifest.end_of_text, np.dtype("uint16"))
    values = {name: getattr(manifest, name) for name in manifest.__dataclass_fields__}
    other = type(manifest)(**(values | {"shards": (shard,), "tokens": shard.tokens, "documents": len(texts)} | changes))
    store_shards(str(folder), other)
    (folder / "shards" / "shards.json").write_text(other.to_json())
    shutil.copytree(corpus / "tokenizer", folder / "tokenizer")
    return folder


def trained_to(corpora: list[Path], run: Path, until: int, settings: TrainPlan | None = None) -> Path:
    for _ in train_run([str(one) for one in corpora], run, settings or plan(), Team(), workers=0, until=until):
        pass
    return run


@pytest.fixture(scope="module")
def mixed(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two corpora, a finished run on both, and one that began with its weights, which nothing changes."""
    folder = tmp_path_factory.mktemp("mixed")
    shutil.copytree(small, folder / "corpus")
    beside(folder / "corpus", folder / "beside")
    trained_to([folder / "beside", folder / "corpus"], folder / "run", STEPS)
    alone = [*PLAN, "--steps", CHILD_STEPS]
    inside("train", folder / "beside", "--output", folder / "child", "--init-from", folder / "run", *alone)
    return folder


@pytest.fixture(scope="module")
def page(mixed: Path) -> tuple[str, int]:
    """Of all pages of the second corpus the one that is read last, and the step that first reads it."""
    rows = rows_of(mixed / "run")
    first = {span.doc_id: step for step in reversed(range(STEPS)) for span in spans_of(rows, step, 1)}
    return max(first.items(), key=lambda one: (one[1], one[0]))


@pytest.fixture(scope="module")
def taken(mixed: Path, page: tuple[str, int], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A copy of it after that page was taken out of the second run, and so of the first; and the certificate."""
    folder = tmp_path_factory.mktemp("taken") / "mixed"
    shutil.copytree(mixed, folder)
    for run in ("run", "child"):
        change_run(folder / run, **_moved(json.loads((folder / run / "run.json").read_text()), folder))
    shutil.rmtree(folder / "corpus" / "readers")
    (fingerprint,) = (one.corpus_fingerprint for one in read_run(folder / "run").sources if one.corpus.endswith("corpus"))
    for run in ("run", "child"):
        readers.register(str(folder / "corpus"), readers.Reader(readers.RUN, str(folder / run), shards=fingerprint))
    with pytest.MonkeyPatch.context() as patch:  # oracles are trained in this process, where torch is loaded already
        patch.setattr(take_out, "train_oracle", lambda run, oracle, until: train_oracle(str(run), str(oracle), str(until)))
        for name, blank in WITHOUT_CHARTS.items():
            patch.setattr(figures, name, blank)
        told = inside("takedown", folder / "corpus", "--doc", page[0], "--run", folder / "child", "--oracle", "--json")
    return folder, json.loads(told)


def _moved(record: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What run.json says of its corpora and its parent, when all are copied to `folder`."""
    more = [one | {"corpus": str(folder / Path(one["corpus"]).name)} for one in record["more_corpora"]]
    parent = record["parent"] and record["parent"] | {"run": str(folder / "run")}
    return {"corpus": str(folder / Path(record["corpus"]).name), "more_corpora": more, "parent": parent}


def weights_of(run: Path) -> tuple[str, str]:
    state = read_state(run, saved_steps(run)[-1])
    return state.model_sha256, state.optimizer_sha256


def rows_of(run: Path) -> Mixture:
    rows = open_run_rows(run, read_run(run))
    assert isinstance(rows, Mixture)
    return rows


def spans_of(rows: Mixture, step: int, corpus: int) -> list[Span]:
    """What a step reads of one of the corpora."""
    return [span for row in rows.rows_of_step(step).tolist() if row >= rows._first_row[corpus] for span in rows.spans(row)]


def test_run_json_names_every_corpus_and_all_of_them_know_the_run(mixed: Path) -> None:
    record = read_run(mixed / "run")
    assert record.corpora == [str(mixed / "beside"), str(mixed / "corpus")] and record.train_plan.weights == (1, 2)
    for corpus in record.corpora:
        on_record = {one.folder for one in readers.registered(corpus, readers.RUN)}
        assert {str(mixed / "run"), str(mixed / "child")} <= on_record
    assert winnow("explain", mixed / "corpus", "http://small.example/0", "--run", mixed / "run").returncode == 0


def test_a_run_that_stops_anywhere_goes_on_to_the_same_bits(mixed: Path, tmp_path: Path) -> None:
    corpora = [str(mixed / "beside"), str(mixed / "corpus")]
    for measured in train_run(corpora, tmp_path / "run", plan(), Team(), workers=0):
        if measured.step == 11:  # killed: the newest checkpoint is that of step 8
            break
    assert saved_steps(tmp_path / "run")[-1] == 8
    inside("train", "--output", tmp_path / "run")
    assert weights_of(tmp_path / "run") == weights_of(mixed / "run")


def test_it_tells_the_steps_that_have_read_a_page(mixed: Path) -> None:
    rows, url = rows_of(mixed / "run"), "http://small.example/3"
    (told,) = json.loads(inside("explain", mixed / "corpus", url, "--run", mixed / "run", "--json"))
    read = [
        (step, place)
        for step in range(STEPS)
        for place, row in enumerate(rows.rows_of_step(step).tolist())
        if told["outcome"]["doc_id"] in {span.doc_id for span in rows.spans(row)}
    ]
    assert [(one["step"], one["place"]) for one in told["reads"]["steps"]] == read and read
    assert told["reads"]["affected_checkpoints"] == [step for step in saved_steps(mixed / "run") if step > read[0][0]]


def test_a_page_of_one_corpus_leaves_the_weights_as_if_never_seen(
    mixed: Path, page: tuple[str, int], taken: tuple[Path, dict[str, Any]]
) -> None:
    run = taken[0] / "run"
    (entry,) = read_run(run).takedowns
    assert entry["first_read"] == page[1] and 0 < entry["rollback"] <= page[1]
    assert read_run(run).sources[0].corpus_fingerprint == read_run(mixed / "run").sources[0].corpus_fingerprint
    assert read_run(run).sources[1].corpus_fingerprint != read_run(mixed / "run").sources[1].corpus_fingerprint
    never_saw = trained_to([taken[0] / "beside", taken[0] / "corpus"], taken[0] / "never-saw", STEPS)
    assert weights_of(never_saw) == weights_of(run) != weights_of(mixed / "run")


def test_and_a_run_that_began_with_these_weights_begins_again(mixed: Path, taken: tuple[Path, dict[str, Any]]) -> None:
    folder, told = taken
    record = read_run(folder / "child")
    assert record.corpora == [str(folder / "beside"), str(folder / "corpus")], "what its parent read stands in its run.json"
    assert told["exact"] and record.takedowns[0]["first_read"] == 0
    assert weights_of(folder / "child") != weights_of(mixed / "child")
    assert record.parent and record.parent["model_sha256"] == weights_of(folder / "run")[0]
    pages = sorted((folder / "corpus" / "takedowns").glob("*/certificate*.json"))
    assert pages and broken(pages[-1]) == []
    states = {one.folder: one.state for one in run_states(open_corpus(str(folder / "corpus")))}
    assert states[str(folder / "child")] == states[str(folder / "run")] == "clean"


def test_a_page_that_another_corpus_of_the_run_keeps_is_still_known(small: Path, taken: tuple[Path, dict[str, Any]]) -> None:
    corpus = open_corpus(str(taken[0] / "corpus"))
    (said,) = kept_elsewhere(corpus, [corpus.root, str(taken[0] / "beside"), str(small)], "has read")
    assert f"has read the same page from {small}: `winnow takedown {small} --url http://" in said


def test_a_run_tells_what_those_before_it_have_read(mixed: Path, page: tuple[str, int]) -> None:
    (told,) = json.loads(inside("explain", mixed / "corpus", page[0], "--run", mixed / "child", "--json"))
    assert told["reads"]["steps"] == [] and told["reads"]["before"] > 0 and told["reads"]["through"] == [str(mixed / "run")]
    assert told["reads"]["affected_checkpoints"] == [2, 4, 6]


def test_corpora_that_cannot_be_mixed_are_refused_in_a_line(mixed: Path, tmp_path: Path) -> None:
    corpus, other = mixed / "corpus", beside(mixed / "corpus", tmp_path / "other", tokenizer_sha256="0" * 64)
    for corpora, settings, why in [
        ([corpus, other], plan(), f"tokenizer.from={corpus}"),
        ([corpus, corpus], plan(), "name it once"),
        ([corpus, mixed / "beside"], plan(weights=()), "want --weights, such as 3,1; they have"),
        ([corpus, mixed / "beside"], plan(weights=(1, 1, 1)), "want --weights"),
        ([corpus], plan(), "there is one corpus"),
    ]:
        with pytest.raises(UsageError, match=why):
            trained_to(corpora, tmp_path / "none", 1, settings)
        assert not (tmp_path / "none" / "run.json").exists()


def test_a_run_goes_on_with_the_corpora_and_weights_that_it_was_begun_with(mixed: Path) -> None:
    for given, why in [
        (("--weights", "1,1"), "begun with weights = (1, 2), not (1, 1)"),
        ((mixed / "corpus", mixed / "beside"), f"begun with {mixed / 'beside'}, {mixed / 'corpus'}, in this order"),
        ((mixed / "corpus",), "in this order: name none of them to go on"),
    ]:
        done = winnow("train", *given, "--output", mixed / "run")
        assert done.returncode == 2 and why in done.stderr, done.stderr
