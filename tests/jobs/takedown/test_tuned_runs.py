"""Pages out of tuned runs: base, instructions, preferences, the same bits as a chain that never saw the page."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from jobs.corpus.files import readers
from jobs.runs.record import RunRecord, read_run
from jobs.runs.unlearn import take_out
from jobs.runs.unlearn.claims import check_runs
from jobs.runs.unlearn.oracle import main as train_oracle
from jobs.takedown.certify.claims import check_certificate
from model.checkpoint_files import saved_steps
from pipeline.errors import CorpusError, UsageError
from tests.jobs.running import change_run, winnow
from tests.jobs.runs.test_runs import inside
from tests.jobs.runs.tune.tuned import hashes, pair_rows, sft_rows, write_rows
from tests.jobs.takedown.test_runs import PLAN, Pair, chosen

TUNING = ["--steps", 6, "--set", "examples=4", "--set", "threads=1", "--set", "save_every=2", "--set", "keep_every=2"]


@pytest.fixture(scope="module")
def trained(small: Path) -> Path:
    """A folder with a corpus, a run on it, and two tunings, which nothing changes."""
    folder = small.parent
    inside("train", small, "--output", folder / "run", *PLAN)
    sft, pairs = write_rows(folder / "sft.jsonl", sft_rows()), write_rows(folder / "pairs.jsonl", pair_rows())
    inside("finetune", folder / "run", "--method", "sft", "--data", sft, "--output", folder / "sft", *TUNING, "--adapter", "lora")
    inside("finetune", folder / "sft", "--method", "dpo", "--data", pairs, "--output", folder / "dpo", *TUNING)
    inside("train", small, "--output", folder / "teacher", *PLAN, "--seed", 5)
    teach = ["--method", "distil", "--data", sft, "--teacher", folder / "teacher"]
    inside("finetune", folder / "run", *teach, "--output", folder / "student", *TUNING)
    inside("quantise", folder / "dpo", "--output", folder / "small", "--bits", 4, "--rows", 1, "--tokens", 2)
    return folder


class Chain(Pair):
    """Copies of the corpus and its runs: on shards, two tunings, the second quantised; and one that another run taught."""

    def __init__(self, trained: Path, folder: Path) -> None:
        super().__init__(trained, folder)
        self.sft, self.dpo, self.small = folder / "sft", folder / "dpo", folder / "small"
        self.student, self.teacher = folder / "student", folder / "teacher"
        for run in (self.sft, self.dpo, self.small, self.student, self.teacher):
            shutil.copytree(trained / run.name, run)
            change_run(run, corpus=str(self.corpus), **_moved(read_run(run), folder))
            self.register(run)


def _moved(record: RunRecord, folder: Path) -> dict[str, Any]:
    """What run.json says of the runs that it was made of, when all are copied to `folder`."""

    def moved(source: dict[str, Any]) -> dict[str, Any]:
        return source | {"run": str(folder / Path(source["run"]).name)}

    found: dict[str, Any] = {"parent": moved(record.parent)} if record.parent else {}
    if record.tuning and record.teacher:
        found["tuning"] = record.tuning | {"teacher": moved(record.teacher)}
    return found


@pytest.fixture
def chain(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chain:
    monkeypatch.setattr(take_out, "train_oracle", lambda run, oracle, until: train_oracle(str(run), str(oracle), str(until)))
    return Chain(trained, tmp_path)


def out_of(chain: Chain, run: Path, doc_id: str, *more: object) -> dict:  # type: ignore[type-arg]
    return json.loads(inside("takedown", chain.corpus, "--doc", doc_id, "--run", run, "--json", *more))


@pytest.mark.parametrize("geometry", ["at the end", "in the first step"])
def test_a_page_is_gone_from_base_and_both_tunings_to_the_bit(
    chain: Chain, geometry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if geometry == "at the end":
        monkeypatch.undo()  # the oracle in a process of its own, as people get it
    [doc_id] = chosen(chain, geometry)
    runs = (chain.run, chain.sft, chain.dpo, chain.small)
    before = {run.name: hashes(run) for run in runs}
    certificate = out_of(chain, chain.small, doc_id, "--oracle")
    assert certificate["exact"] and not certificate["complete"]  # the teacher knows it, and so does its student
    states = {one["folder"]: one["state"] for one in certificate["runs"]}
    assert states == {str(run): "clean" for run in runs} | {str(run): "knows" for run in (chain.student, chain.teacher)}
    assert all(hashes(run) != before[run.name] for run in runs)
    page = chain.corpus / "takedowns" / certificate["request"]["name"] / "certificate.json"
    assert [check.what for check in (*check_certificate(page), *check_runs(page)) if not check.holds] == []
    assert saved_steps(chain.dpo) == [2, 4, 6] and certificate["run"]["rollback"] == 0
    assert json.loads(inside("evaluate", chain.small, "--json"))["all"]["bits_per_byte"] > 0


def test_a_base_that_is_replayed_alone_leaves_its_tunings_to_be_named(chain: Chain) -> None:
    [doc_id] = chosen(chain, "at the end")
    alone = out_of(chain, chain.run, doc_id)
    states = {Path(one["folder"]).name: one["state"] for one in alone["runs"]}
    others = dict.fromkeys(("sft", "dpo", "small", "student", "teacher"), "knows")
    assert states == {"run": "clean"} | others and not alone["complete"]
    assert "still knows pages" in winnow("generate", chain.dpo, "--max-tokens", "1").stderr
    assert "still knows pages" in winnow("generate", chain.small, "--max-tokens", "1").stderr
    later = json.loads(inside("takedown", chain.corpus, "--run", chain.small, "--oracle", "--json"))
    assert later["exact"] and not later["complete"]
    last = json.loads(inside("takedown", chain.corpus, "--run", chain.student, "--json"))
    assert last["complete"]


def test_a_page_is_gone_from_a_student_and_from_what_taught_it(chain: Chain) -> None:
    [doc_id] = chosen(chain, "at the end")
    before = {run.name: hashes(run) for run in (chain.student, chain.teacher)}
    [explained] = json.loads(inside("explain", chain.corpus, doc_id, "--run", chain.student, "--json"))
    assert explained["reads"]["taught"] > 0 and explained["reads"]["affected_checkpoints"] == [2, 4, 6]
    certificate = out_of(chain, chain.student, doc_id, "--oracle")
    states = {Path(one["folder"]).name: one["state"] for one in certificate["runs"]}
    assert certificate["exact"] and states["student"] == states["teacher"] == states["run"] == "clean"
    assert all(hashes(run) != before[run.name] for run in (chain.student, chain.teacher))


def test_explain_names_the_reads_of_the_run_that_a_tuning_goes_back_to(chain: Chain) -> None:
    doc_id = chosen(chain, "many times")[0]
    [explained] = json.loads(inside("explain", chain.corpus, doc_id, "--run", chain.dpo, "--json"))
    assert [read["step"] for read in explained["reads"]["steps"]] == chain.steps_of(doc_id)
    assert explained["reads"]["affected_checkpoints"] == [2, 4, 6]
    assert explained["reads"]["through"] == [str(chain.sft), str(chain.run)]
    assert f"those of {chain.run}" in " ".join(inside("explain", chain.corpus, doc_id, "--run", chain.dpo).split())


def test_an_approximate_method_is_refused_for_a_tuning_before_anything_changes(chain: Chain) -> None:
    before = (chain.corpus / "corpus.json").read_bytes()
    for run in (chain.dpo, chain.small):
        with pytest.raises(UsageError, match="--method exact"):
            out_of(chain, run, chosen(chain, "at the end")[0], "--method", "npo")
    assert (chain.corpus / "corpus.json").read_bytes() == before


def test_a_tuning_whose_parent_is_gone_is_not_called_clean(chain: Chain) -> None:
    shutil.rmtree(chain.sft)
    with pytest.raises(CorpusError, match="which is gone"):
        out_of(chain, chain.dpo, chosen(chain, "at the end")[0])


def test_a_tuning_is_on_record_in_its_corpus(trained: Path) -> None:
    folders = {Path(one.folder).name for one in readers.registered(str(trained / "corpus"), readers.RUN)}
    assert {"run", "sft", "dpo"} <= folders
