"""A run over several corpora: it stops and goes on to the bit, tells what it read, and loses a page of any of them exactly."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jobs.corpus.files import readers
from jobs.corpus.shards import read_shards, store_shards, write_shard
from jobs.runs.record import open_run_rows, read_run
from jobs.runs.train_model import train_run
from jobs.runs.unlearn import take_out
from jobs.runs.unlearn.oracle import main as train_oracle
from model.checkpoint_files import read_state, saved_steps
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_of
from pipeline.errors import UsageError
from tests.jobs.running import change_run, winnow
from tests.jobs.runs.test_runs import inside
from tests.jobs.takedown.test_runs import broken
from tokenizer.shards.loader import Span
from tokenizer.shards.mixture import Mixture

STEPS = 24


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
    """A folder with two corpora and a finished run on both, which nothing changes."""
    folder = tmp_path_factory.mktemp("mixed")
    shutil.copytree(small, folder / "corpus")
    beside(folder / "corpus", folder / "beside")
    trained_to([folder / "beside", folder / "corpus"], folder / "run", STEPS)
    return folder


@pytest.fixture
def moved(mixed: Path, tmp_path: Path) -> Path:
    """A copy of it, to take pages out of."""
    shutil.copytree(mixed, tmp_path / "mixed")
    folder = tmp_path / "mixed"
    (more,) = json.loads((folder / "run" / "run.json").read_text())["more_corpora"]
    change_run(folder / "run", corpus=str(folder / "beside"), more_corpora=[more | {"corpus": str(folder / "corpus")}])
    shutil.rmtree(folder / "corpus" / "readers")
    readers.register(str(folder / "corpus"), readers.Reader(readers.RUN, str(folder / "run"), shards=more["corpus_fingerprint"]))
    return folder


@pytest.fixture(autouse=True)
def oracle_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Oracles are trained in this process, where torch is loaded already."""
    monkeypatch.setattr(take_out, "train_oracle", lambda run, oracle, until: train_oracle(str(run), str(oracle), str(until)))
    yield


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
        assert str(mixed / "run") in {one.folder for one in readers.registered(corpus, readers.RUN)}
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


def test_a_page_of_one_corpus_leaves_the_weights_as_if_never_seen(moved: Path) -> None:
    rows, run = rows_of(moved / "run"), moved / "run"
    before, untouched = weights_of(run), read_run(run).sources[0]
    first = {span.doc_id: step for step in reversed(range(STEPS)) for span in spans_of(rows, step, 1)}
    page = max(first, key=lambda doc_id: (first[doc_id], doc_id))
    told = json.loads(inside("takedown", moved / "corpus", "--doc", page, "--run", run, "--oracle", "--json"))
    assert told["exact"] and weights_of(run) != before
    (entry,) = read_run(run).takedowns
    assert entry["first_read"] == first[page] and 0 < entry["rollback"] <= first[page]
    assert read_run(run).sources[0] == untouched
    pages = sorted((moved / "corpus" / "takedowns").glob("*/certificate*.json"))
    assert pages and broken(pages[-1]) == []
    never_saw = trained_to([moved / "beside", moved / "corpus"], moved / "never-saw", STEPS)
    assert weights_of(never_saw) == weights_of(run)


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
        ((mixed / "corpus", mixed / "beside"), "a corpus has changed, or is another"),
    ]:
        done = winnow("train", *given, "--output", mixed / "run")
        assert done.returncode == 2 and why in done.stderr, done.stderr
