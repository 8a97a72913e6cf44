"""The part of a takedown that changes a run: exactly by replay, or approximately, and what the weights know before and after."""

import shutil
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from jobs.corpus import pending
from jobs.corpus.files.stored import store
from jobs.corpus.folder import Corpus
from jobs.corpus.removals import RunPart
from jobs.corpus.tombstones import FOLDER
from jobs.runs.folder import device_name, refuse_other, training_code, versions
from jobs.runs.loaded import load_model
from jobs.runs.record import RUN, chosen_step, device_begun, lineage, read_run, tokenizer_of
from jobs.runs.train.metrics import METRICS as METRICS_FILE
from jobs.runs.train.metrics import Measured, read_metrics
from jobs.runs.train.several import require_room
from jobs.runs.unlearn.forget import forget
from jobs.runs.unlearn.oracle import train_oracle
from jobs.runs.unlearn.replay import bring_up_to_date, hashes
from model.audit.documents import METRICS, AuditSettings, audit_documents
from model.checkpoint_files import STATE, folder_of
from model.training.parallel import device_of, team
from model.unlearning.settings import METHODS, NEEDS_REFUSALS
from pipeline.errors import UsageError
from tokenizer.bpe.vocabulary import read_tokenizer

Progress = Callable[[int], AbstractContextManager[Callable[[Measured], None]]]  # of a number of steps

EXACT = "exact"
ORACLE = "oracle"
AUDITED_DOCUMENTS = 64  # of a large request; the longest, which are remembered best


def measure_before(corpus: Corpus, run: Path, name: str) -> Callable[[], dict[str, float] | None]:
    """What is asked of the weights before anything changes; nothing of a run without a checkpoint."""
    return lambda: knowledge(run, pending.documents(corpus, name))


def check(run: Path, method: str) -> None:
    """Raises UsageError, before anything is changed, where a run cannot be continued here, or not by this method."""
    device = device_name(device_of(device_begun(run)))
    for folder in lineage(run):
        record = read_run(folder)
        now = replace(record, code=training_code(record), versions=versions(record), device=device)
        refuse_other(folder, record, now)
        require_room(folder, record)
    record = read_run(run)
    if method != EXACT and (record.parent is not None or len(record.sources) > 1 or record.processes > 1):
        raise UsageError(
            f"{run} was made of another run, of several corpora or by several processes, and can be made again: --method {EXACT}"
        )
    if method != EXACT and (method not in METHODS or method in NEEDS_REFUSALS):
        known = ", ".join([EXACT, *(one for one in METHODS if one not in NEEDS_REFUSALS)])
        raise UsageError(f"--method {method}: {known}")


def take_out(
    corpus: Corpus, name: str, run: Path, method: str, *, oracle: bool, say: Callable[[str], None], progress: Progress
) -> RunPart:
    """Takes everything that was removed from the corpus out of a run; what there is to certify about request `name`."""
    documents = pending.documents(corpus, name)
    speeds = [line["tokens_per_second"] for line in read_metrics(run)]
    record = read_run(run)
    with team(device_begun(run)) as members, progress(record.train_plan.steps) as show:
        if method == EXACT:
            bring_up_to_date(corpus, run, members, show, say)
        else:
            forget(corpus, run, name, method, documents, members)
    record = read_run(run)
    entry = next((one for one in reversed(record.takedowns) if one["request"] == name), None)
    if entry is None:
        raise UsageError(f"{run} is up to date, and was trained after takedown {name}: there is nothing to take out of it")
    audit, of_oracle, seconds, kept = {}, None, None, list[dict[str, Any]]()
    before = pending.before(corpus, name)
    if before:
        audit = {"before": before, "after": knowledge(run, documents) or {}}
    if oracle and entry["after"]:
        folder = _folder_of_oracle(corpus, run, name)
        say(f"training the oracle: {entry['final']:,} steps from scratch, in a process of its own")
        started = time.monotonic()
        train_oracle(run, folder, entry["final"])
        of_oracle, seconds = hashes(folder, entry["final"]), time.monotonic() - started
        if before:
            audit["oracle"] = knowledge(folder, documents) or {}
        kept = keep_evidence(corpus, name, folder, entry["final"])
        shutil.rmtree(folder)
    return RunPart(
        folder=str(run.resolve()), entry=entry, plan=record.plan, device=record.device, oracle=of_oracle,
        oracle_seconds=seconds, training_tokens_per_second=statistics.median(speeds) if speeds else None, audit=audit or None,
        definitions={name: metric.definition for name, metric in METRICS.items()} if audit else {}, oracle_files=kept,
    )  # fmt: skip


def _folder_of_oracle(corpus: Corpus, run: Path, name: str) -> Path:
    """Where nothing stays: in the corpus, or beside the run where the corpus is no folder of this machine."""
    return Path(corpus.path(".winnow", f"{ORACLE}-{name}")) if corpus.is_local else run.with_name(f".{run.name}.{ORACLE}-{name}")


def keep_evidence(corpus: Corpus, name: str, oracle: Path, final: int) -> list[dict[str, Any]]:
    """What an oracle leaves beside its hashes: its run.json, the state.json of its last checkpoint, its metrics."""
    files = {"run": oracle / RUN, "state": folder_of(oracle, final) / STATE, "metrics": oracle / METRICS_FILE}
    return [
        store(corpus.root, f"{FOLDER}/{name}/oracle-{what}-HASH{file.suffix}", file.read_bytes()).as_json()
        for what, file in files.items()
        if file.exists()
    ]


def knowledge(run: Path, documents: list[np.ndarray]) -> dict[str, float] | None:
    """What a run's newest checkpoint has memorised of these token ids, by measure; null where either is missing."""
    if not documents or not any(run.glob("step-*")):
        return None
    model, record, _ = load_model(run, chosen_step(run, None), device_of(device_begun(run)))
    vocabulary = read_tokenizer(tokenizer_of(record))
    longest = sorted(documents, key=len, reverse=True)[:AUDITED_DOCUMENTS]

    def decode(ids: np.ndarray) -> bytes:
        return b"".join(vocabulary.tokens[token] for token in ids.tolist())

    settings = AuditSettings(context=record.train_plan.row_tokens)
    return audit_documents(model.eval(), longest, decode, settings)
