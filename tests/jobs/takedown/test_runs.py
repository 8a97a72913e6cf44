"""Pages out of a run's weights: the same bits as a run that never saw them, whichever pages, whenever they were read."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jobs.ask.verify import verify
from jobs.corpus.files import readers
from jobs.corpus.folder import open_corpus
from jobs.runs.record import read_run
from jobs.runs.unlearn import forget, take_out
from jobs.runs.unlearn.affected import removed_reads
from jobs.runs.unlearn.claims import check_runs
from jobs.runs.unlearn.oracle import main as train_oracle
from jobs.takedown.certify.certificate import KINDS
from jobs.takedown.certify.claims import check_certificate
from model.checkpoint_files import folder_of, read_state, saved_steps
from model.unlearning.settings import settings_of
from pipeline.errors import CorpusError, UsageError
from tests.examples import deep
from tests.jobs.running import WINNOW, change_run, winnow
from tests.jobs.runs.test_runs import inside
from tests.paths import PROJECT
from tests.tokenizer.shards.test_loader import stretches_of
from tokenizer.shards.loader import Loader, open_loader

Copied = Callable[[Path], Path]
STEPS, EVERY = 48, 4
PLAN = [
    "--steps", STEPS, "--set", "row_tokens=256", "--set", "batch_rows=2", "--set", "threads=1",
    "--set", f"save_every={EVERY}", "--set", f"keep_every={EVERY}", "--evaluate-every", STEPS,
]  # fmt: skip


@pytest.fixture(scope="module")
def trained(small: Path) -> Path:
    """A folder with a corpus and a finished run on it, which nothing changes."""
    inside("train", small, "--output", small.parent / "run", *PLAN)
    return small.parent


@pytest.fixture(autouse=True)
def oracle_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Oracles are trained in this process, where torch is loaded already; one test undoes that."""

    def train(run: Path, oracle: Path, until: int) -> None:
        train_oracle(str(run), str(oracle), str(until))

    monkeypatch.setattr(take_out, "train_oracle", train)


def broken(page: Path) -> list[str]:
    """What does not hold of a certificate."""
    return [check.what for check in (*check_certificate(page), *check_runs(page)) if not check.holds]


class Pair:
    """A copy of corpus and run, to take pages out of."""

    def __init__(self, trained: Path, folder: Path) -> None:
        self.corpus, self.run = folder / "corpus", folder / "run"
        for name in ("corpus", "run"):
            shutil.copytree(trained / name, folder / name)
        change_run(self.run, corpus=str(self.corpus))
        shutil.rmtree(self.corpus / "readers")
        self.register(self.run)

    def register(self, run: Path) -> None:
        fingerprint = json.loads((run / "run.json").read_text())["corpus_fingerprint"]
        readers.register(str(self.corpus), readers.Reader(readers.RUN, str(run), shards=fingerprint))

    def loader(self) -> Loader:
        return open_loader(str(self.corpus), read_run(self.run).train_plan.loader)

    def documents(self) -> list[str]:
        spans = self.loader()._documents
        return [doc_id for shard in spans for doc_id in shard.doc_ids.to_pylist()]

    def steps_of(self, doc_id: str) -> list[int]:
        return [read.step for read in self.loader().reads(stretches_of(self.loader(), doc_id), STEPS)]

    def take_out(self, doc_ids: list[str], *more: object) -> dict[str, Any]:
        named = [part for doc_id in doc_ids for part in ("--doc", doc_id)]
        certificate: dict[str, Any] = json.loads(inside("takedown", self.corpus, *named, "--run", self.run, "--json", *more))
        return certificate


@pytest.fixture
def pair(trained: Path, tmp_path: Path) -> Pair:
    return Pair(trained, tmp_path)


def chosen(pair: Pair, geometry: str) -> list[str]:
    """Documents that the run met in a certain way."""
    steps = {doc_id: pair.steps_of(doc_id) for doc_id in pair.documents()}
    assert all(steps.values()), "every page has been read"
    epoch = pair.loader().rows / 2
    if geometry == "once":
        return [min(steps, key=lambda one: (len(steps[one]), one))]
    if geometry == "many times":
        return [max(steps, key=lambda one: (len(steps[one]), one))]
    if geometry == "in the first step":
        return [next(doc_id for doc_id in sorted(steps) if 0 in steps[doc_id])]
    if geometry == "at the end":
        return [max(steps, key=lambda one: (steps[one][0], one))]
    if geometry == "late":
        loader = pair.loader()
        late = [one for one in sorted(steps) if loader.rows_of([one]).min() >= loader.first_late]
        assert late and all(loader.first_late // 2 <= steps[one][0] for one in late), "nothing late is read before its turn"
        return late[:1]
    if geometry == "across an epoch border":
        twice = {one: found for one, found in steps.items() if found[0] < epoch <= found[-1]}
        return [max(twice, key=lambda one: (twice[one][0], one))]
    return sorted(steps)[:: len(steps) // 2][:2]  # more than 5 % of all


@pytest.mark.parametrize(
    "geometry",
    ["once", "many times", "in the first step", "at the end", "late", "across an epoch border", "5 % of all documents"],
)
def test_replayed_weights_and_optimizer_are_those_of_a_run_that_never_saw_the_pages(
    pair: Pair, geometry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if geometry == "once":
        monkeypatch.undo()  # the oracle in a process of its own, and the report with its charts: as people get them
    doc_ids = chosen(pair, geometry)
    first = min(step for doc_id in doc_ids for step in pair.steps_of(doc_id))
    certificate = pair.take_out(doc_ids, "--oracle")
    assert certificate["exact"]
    for name in ("model_sha256", "optimizer_sha256"):
        assert certificate[name]["after"] == certificate[name]["oracle"] != certificate[name]["before"]
    assert certificate["run"]["rollback"] == first // EVERY * EVERY
    assert certificate["run"]["first_read"] == first
    assert certificate["run"]["purged"] == [step for step in range(EVERY, STEPS + 1, EVERY) if step > first]
    assert certificate["audit"]["after"] == certificate["audit"]["oracle"] != certificate["audit"]["before"]
    page = pair.corpus / "takedowns" / certificate["request"]["name"] / "certificate.json"
    assert broken(page) == []
    assert [check for check in verify(open_corpus(str(pair.corpus))) if not check.holds] == []


def test_what_a_run_read_is_reported_without_torch(pair: Pair) -> None:
    doc_id = chosen(pair, "many times")[0]
    without = "import sys; sys.modules['torch'] = None; from jobs.cli import main; main()"
    steps, printed = pair.steps_of(doc_id), []
    for question in (["takedown", pair.corpus, "--doc", doc_id, "--dry-run"], ["explain", pair.corpus, doc_id]):
        line = [sys.executable, "-c", without, *map(str, [*question, "--run", pair.run, "--json"])]
        printed.append(json.loads(subprocess.run(line, capture_output=True, check=True, cwd=PROJECT).stdout))
    reads = [printed[0]["run"]["reads"], printed[1][0]["reads"]["steps"]]
    assert [[read["step"] for read in one] for one in reads] == [steps, steps]
    assert (
        printed[0]["run"]["affected_checkpoints"]
        == printed[1][0]["reads"]["affected_checkpoints"]
        == [step for step in range(EVERY, STEPS + 1, EVERY) if step > steps[0]]
    )


def test_three_requests_one_after_the_other_end_where_a_run_ends_that_saw_none_of_them(pair: Pair) -> None:
    doc_ids = random.Random(7).sample(pair.documents(), 3)
    for doc_id in doc_ids[:2]:
        assert not pair.take_out([doc_id])["exact"], "without an oracle nothing is called exact"
    certificate = pair.take_out(doc_ids[2:], "--oracle")
    assert certificate["exact"]
    assert [entry["method"] for entry in read_run(pair.run).takedowns] == ["exact"] * 3
    for name in open_corpus(str(pair.corpus)).manifest["takedowns"]:
        page = pair.corpus / "takedowns" / name / "certificate.json"
        assert broken(page) == []


def test_a_run_that_is_named_later_catches_up_with_all_requests(pair: Pair) -> None:
    doc_ids = random.Random(8).sample(pair.documents(), 2)
    for doc_id in doc_ids:
        inside("takedown", pair.corpus, "--doc", doc_id)
    before = read_run(pair.run).corpus_fingerprint
    certificate = json.loads(inside("takedown", pair.corpus, "--run", pair.run, "--oracle", "--json"))
    assert certificate["exact"] and certificate["audit"] is None
    assert read_run(pair.run).corpus_fingerprint != before
    assert len(read_run(pair.run).takedowns) == 2


def test_a_run_goes_on_after_a_takedown_as_if_the_page_had_never_been(pair: Pair, trained: Path) -> None:
    short = pair.run.with_name("short")
    inside("train", pair.corpus, "--output", short, *PLAN)
    for step in saved_steps(short):
        if step > 24:
            shutil.rmtree(folder_of(short, step))
    certificate = json.loads(
        inside("takedown", pair.corpus, "--doc", chosen(pair, "once")[0], "--run", short, "--oracle", "--json")
    )
    assert certificate["exact"] and certificate["run"]["final"] == 24
    inside("train", pair.corpus, "--output", short, *PLAN)
    inside("takedown", pair.corpus, "--run", pair.run)
    states = [read_state(run, STEPS) for run in (short, pair.run)]
    assert states[0].model_sha256 == states[1].model_sha256


def test_killed_again_and_again_a_takedown_ends_as_if_it_had_not_been(pair: Pair, tmp_path: Path) -> None:
    doc_ids = chosen(pair, "in the first step")
    undisturbed = Pair(pair.corpus.parent, tmp_path / "undisturbed")
    expected = undisturbed.take_out(doc_ids)
    command = [*WINNOW, "takedown", str(pair.corpus), "--doc", doc_ids[0], "--run", str(pair.run)]
    rng = random.Random(1)
    for _ in range(8 if deep() else 2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(4, 9))
        process.send_signal(signal.SIGKILL)
        process.wait()
    certificate = pair.take_out(doc_ids)
    for name in ("model_sha256", "optimizer_sha256"):
        assert certificate[name] == expected[name]
    assert [check for check in verify(open_corpus(str(pair.corpus))) if not check.holds] == []
    assert not list((pair.corpus / ".winnow").glob("takedown-*"))


def test_a_damaged_or_missing_checkpoint_costs_steps_and_not_exactness(pair: Pair) -> None:
    doc_id = chosen(pair, "at the end")[0]
    clean = [step for step in saved_steps(pair.run) if step <= pair.steps_of(doc_id)[0]]
    assert len(clean) >= 2
    weights = folder_of(pair.run, clean[-1]) / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(bytes(data))
    for step in clean[:-2]:
        shutil.rmtree(folder_of(pair.run, step))
    certificate = pair.take_out([doc_id], "--oracle")
    assert certificate["run"]["rollback"] == clean[-2] and certificate["exact"]


def test_a_run_of_another_corpus_or_of_other_code_is_refused_before_anything_changes(pair: Pair, small: Path) -> None:
    record = json.loads((pair.run / "run.json").read_text())
    before = (pair.corpus / "corpus.json").read_bytes()
    for changed, words in (
        ({"corpus_fingerprint": "0" * 64}, "was trained on another corpus"),
        ({"versions": record["versions"] | {"code": "other"}}, "go back to that version"),
        ({"device": "another"}, "go back to that device"),
    ):
        change_run(pair.run, **{**record, **changed})
        with pytest.raises((CorpusError, UsageError), match=words):
            pair.take_out(pair.documents()[:1])
    assert (pair.corpus / "corpus.json").read_bytes() == before


def test_a_dry_run_changes_nothing_and_names_steps_and_checkpoints(pair: Pair) -> None:
    doc_id = chosen(pair, "across an epoch border")[0]
    before = (pair.corpus / "corpus.json").read_bytes()
    summary = json.loads(inside("takedown", pair.corpus, "--doc", doc_id, "--run", pair.run, "--dry-run", "--json"))
    assert [read["step"] for read in summary["run"]["reads"]] == pair.steps_of(doc_id)
    assert summary["run"]["affected_checkpoints"] == [
        step for step in range(EVERY, STEPS + 1, EVERY) if step > pair.steps_of(doc_id)[0]
    ]
    assert (pair.corpus / "corpus.json").read_bytes() == before
    assert removed_reads(open_corpus(str(pair.corpus)), pair.run).reads == []


def test_an_approximate_method_makes_the_page_less_likely_and_claims_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    few = partial(settings_of, steps=20, texts=4, rows=4)
    monkeypatch.setattr(forget, "settings_of", few)
    doc_id = chosen(pair, "many times")[0]
    certificate = pair.take_out([doc_id], "--method", "npo", "--oracle")
    assert not certificate["exact"] and certificate["method"] == "npo"
    assert certificate["audit"]["after"]["nats_per_token"] > certificate["audit"]["before"]["nats_per_token"]
    assert certificate["model_sha256"]["after"] not in (
        certificate["model_sha256"]["before"],
        certificate["model_sha256"]["oracle"],
    )
    page = pair.corpus / "takedowns" / certificate["request"]["name"] / "certificate.json"
    assert broken(page) == []


def test_the_same_command_again_forgets_nothing_of_what_was_proven(pair: Pair) -> None:
    doc_ids = chosen(pair, "at the end")
    certificate, again = pair.take_out(doc_ids, "--oracle"), pair.take_out(doc_ids)
    assert certificate["audit"] is not None and certificate["exact"]
    assert {name for name in certificate if again[name] != certificate[name]} <= {"made_at", "run"}
    assert {name for name in certificate["run"] if again["run"][name] != certificate["run"][name]} <= {
        "training_tokens_per_second"
    }


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each single value of a JSON value stands; empty lists and objects count as one."""
    if isinstance(value, dict | list) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def with_other(value: Any, path: tuple[Any, ...]) -> Any:
    """The same with another value there."""
    if not path:
        return "another" if value != "another" else "yet another"
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = with_other(changed[path[0]], path[1:])
    return changed


def test_no_field_of_a_certificate_can_be_changed_unnoticed(pair: Pair) -> None:
    """Seen: changed URLs, dates, figures, methods, caveats passed; a missing field was a KeyError."""
    certificate = pair.take_out(chosen(pair, "at the end"), "--oracle", "--case", "17")
    page = pair.corpus / "takedowns" / certificate["request"]["name"] / "certificate.json"
    assert broken(page) == [] and certificate["complete"] and certificate["request"]["case"] == "17"
    kinds = {name.split(".")[0] for name in KINDS}
    assert set(certificate) == kinds
    found = [path for path in leaves(certificate) if path != ("format",)]
    assert len(found) > 60
    for path in found:
        page.write_text(json.dumps(with_other(certificate, path)))
        fields = next(check for check in check_certificate(page) if check.what.startswith("every field"))
        assert not fields.holds, path
    for name in set(certificate) - {"format"}:
        page.write_text(json.dumps({key: value for key, value in certificate.items() if key != name}))
        assert not next(check for check in check_certificate(page) if check.what.startswith("every field")).holds
    page.write_text(json.dumps({key: value for key, value in certificate.items() if key != "format"}))
    assert winnow("verify", page).returncode == 2


def test_what_a_certificate_says_is_looked_at_on_disk(pair: Pair) -> None:
    """Seen: old weights under another step's name, deleted tombstones and a rewritten page passed."""
    old = pair.run.parent / "old"
    shutil.copytree(folder_of(pair.run, STEPS), old)
    certificate = pair.take_out(chosen(pair, "at the end"), "--oracle")
    folder = pair.corpus / "takedowns" / certificate["request"]["name"]
    page = folder / "certificate.json"
    assert winnow("verify", page).returncode == 0
    shutil.copytree(old, folder_of(pair.run, STEPS + EVERY))
    assert "every checkpoint of the run is what it says" in broken(page)
    shutil.rmtree(folder_of(pair.run, STEPS + EVERY))
    weights = folder_of(pair.run, STEPS) / "model.safetensors"
    kept = weights.read_bytes()
    weights.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert broken(page) == ["every checkpoint of the run is what it says"]
    weights.write_bytes(kept)
    html = page.with_suffix(".html").read_text()
    page.with_suffix(".html").write_text(html.replace("Removed", "Kept"))
    assert len(broken(page)) == 2
    page.with_suffix(".html").write_text(html)
    oracle = next(folder.glob("oracle-state-*.json"))
    oracle.write_text(oracle.read_text().replace("0", "1"))
    assert broken(page) == ["the oracle's run.json and state.json are those it left"]
    next(folder.glob("tombstones-*.parquet")).unlink()
    assert winnow("verify", page).returncode == 2


def test_a_takedown_is_not_complete_while_another_run_knows_the_pages(pair: Pair) -> None:
    """Seen: the takedown knew only the run that it was given."""
    other = pair.run.parent / "other"
    shutil.copytree(pair.run, other)
    pair.register(other)
    certificate = pair.take_out(chosen(pair, "at the end"))
    states = {one["folder"]: one["state"] for one in certificate["runs"]}
    assert states == {str(pair.run): "clean", str(other): "knows"} and not certificate["complete"]
    told = winnow("generate", other, "--max-tokens", "1")
    assert told.returncode == 0 and "still knows pages that were removed" in told.stderr
    assert "still knows" not in winnow("generate", pair.run, "--max-tokens", "1").stderr
    again = json.loads(inside("takedown", pair.corpus, "--run", pair.run, "--out-of-reach", other, "--json"))
    assert again["complete"] and {one["state"] for one in again["runs"]} == {"clean", "out of reach"}
    assert json.loads(inside("takedown", pair.corpus, "--run", other, "--json"))["complete"]


def test_exports_of_corpus_and_run_are_made_anew_or_reported_to_be_out_of_reach(pair: Pair, tmp_path: Path) -> None:
    near, far = pair.run / "export" / "hf", tmp_path / "given-away"
    for folder in (near, far):
        inside("export", pair.run, "--format", "hf", "--output", folder)
    inside("export", pair.corpus, "--format", "nanogpt", "--output", tmp_path / "tokens")
    before = (near / "model.safetensors").read_bytes(), (tmp_path / "tokens" / "train.bin").read_bytes()
    shutil.rmtree(far)
    certificate = pair.take_out(chosen(pair, "many times"))
    assert certificate["exports"] == {"rewritten": [str(tmp_path / "tokens"), str(near)], "out_of_reach": [str(far)]}
    after = (near / "model.safetensors").read_bytes(), (tmp_path / "tokens" / "train.bin").read_bytes()
    assert before[0] != after[0] and len(after[1]) < len(before[1])
