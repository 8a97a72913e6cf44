"""What a certificate says of runs, looked at on disk: what they still know, the replay, checkpoints, what the oracle left."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jobs.ask.verify import Check
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.removals import Evidence, RunPart, place_of_certificate, read_evidence, redactions
from jobs.corpus.stores.opened import store_of
from jobs.runs.unlearn.affected import run_states
from model.checkpoint_files import MODEL, OPTIMIZER, STATE, folder_name
from pipeline.hashing import file_sha256, without_checksum

FILES = {"model_sha256": MODEL, "optimizer_sha256": OPTIMIZER}
SHOWN = 3


def check_runs(path: str | Path) -> Iterator[Check]:
    """What a certificate says of runs, by the records of the corpus that it lies in; nothing where there are none."""
    root, name, certificate = place_of_certificate(path)
    corpus = open_corpus(root)
    evidence = read_evidence(corpus, name, certificate)
    if evidence is None:
        return
    now = {one.folder: one for one in run_states(corpus)}
    for one in evidence.runs:
        if one.folder in now and one.state == "clean":
            still = now[one.folder]
            yield _check(f"run {one.folder} knows none of the pages", still.state == "clean", f"it is {still.state}: {still.why}")
    if evidence.part is not None:
        yield from _run_checks(corpus.root, Path(evidence.part.folder), name, evidence, _fingerprints_since(corpus, name))


def _fingerprints_since(corpus: Corpus, name: str) -> set[str]:
    """Of shards as this takedown left them, or a later one."""
    carried_out = redactions(corpus)
    first = next(number for number, one in enumerate(carried_out) if one.name == name)
    return {after for one in carried_out[first:] for _, after, _ in one.of_shards()}


def _run_checks(root: str, run: Path, name: str, evidence: Evidence, since: set[str]) -> Iterator[Check]:
    part = evidence.part
    if part is None:
        return
    try:
        record = without_checksum(json.loads((run / "run.json").read_text("utf-8")))
        entries = [one for one in record["takedowns"] if one["request"] == name]
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield _check("the run is there", False, f"{run}: {error!r}")
        return
    agreed = bool(entries) and {**entries[-1]} == part.entry
    yield _check("run.json tells the same of the replay", agreed, f"{run / 'run.json'} has {entries[-1:]}")
    same_plan = record["plan"] == part.plan and record["device"] == part.device
    yield _check("run.json has the same plan and device", same_plan, "they differ")
    yield from _checkpoints(run, part.entry, since, replayed=record["takedowns"][-1:] == entries[-1:])
    yield from _oracle(part, root, since)


def _checkpoints(run: Path, entry: dict[str, Any], since: set[str], *, replayed: bool) -> Iterator[Check]:
    """Every checkpoint of the run: its bytes, its place, and the shards that it read."""
    wrong, read = [], []
    for folder in sorted(run.glob("step-*")):
        try:
            state = without_checksum(json.loads((folder / STATE).read_text("utf-8")))
            hashes = {name: file_sha256(folder / file) for name, file in FILES.items()}
        except (OSError, ValueError) as error:
            wrong.append(f"{folder.name}: {error}")
            continue
        if hashes != {name: state[name] for name in FILES} or folder.name != folder_name(state["step"]):
            wrong.append(f"{folder.name} is not what its state.json says")
        elif replayed and state["step"] == entry["final"] and entry["after"] and hashes != entry["after"]:
            wrong.append(f"{folder.name} has other weights than the replay left")
        first = entry["first_read"]
        if first is not None and state["step"] > first and since.isdisjoint(state["corpus"].split("+")):
            read.append(state["step"])
    yield _check("every checkpoint of the run is what it says", not wrong, "; ".join(wrong[:SHOWN]))
    yield _check("no checkpoint that saw the pages is left", not read, f"steps {read} were trained on the shards of before")


def _oracle(part: RunPart, corpus: str, since: set[str]) -> Iterator[Check]:
    """What the oracle left: that it was trained by the same plan on the shards without the pages, and to which weights."""
    if part.oracle is None:
        return
    found: dict[str, Any] = {}
    for one in part.oracle_files:
        what = one["file"].rsplit("/", 1)[-1].split("-")[1]
        lies = store_of(corpus).entry(one["file"]) is not None
        data = store_of(corpus).read(one["file"]) if lies else b""
        if hashlib.sha256(data).hexdigest() == one["sha256"] and what in ("run", "state"):
            found[what] = json.loads(data)
    holds = {"run", "state"} <= set(found)
    yield _check("the oracle's run.json and state.json are those it left", holds, "one is missing or another")
    if holds:
        same = {name: found["state"][name] for name in FILES} == part.oracle and found["run"]["plan"] == part.plan
        more = [one["corpus_fingerprint"] for one in found["run"].get("more_corpora", [])]
        same &= not since.isdisjoint([found["run"]["corpus_fingerprint"], *more])
        what = "the oracle has the same plan, the shards without the pages, and the hashes that are named"
        yield _check(what, same, "its files say otherwise")


def _check(what: str, holds: bool, difference: str) -> Check:
    return Check("certificate", what, holds, "" if holds else difference)
