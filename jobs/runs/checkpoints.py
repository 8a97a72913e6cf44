"""Whether a checkpoint is its run's own. No torch."""

from itertools import zip_longest
from pathlib import Path

from jobs.corpus.files.sweep import redacted
from jobs.corpus.folder import MANIFEST, corpus_at
from jobs.runs.record import RUN, RunRecord
from model.checkpoint_files import STATE, CheckpointState, folder_of, read_state
from pipeline.errors import CorpusError

GROWS = {"steps", "warmup_steps"}  # of a plan: the rest of a run's is the same from its first step


def checkpoint_of(run: Path, record: RunRecord, step: int) -> CheckpointState:
    """What a checkpoint says of itself. Raises CorpusError where it was trained on other shards or otherwise than run.json says.

    A checkpoint from before a takedown that had read none of the pages stays, with the shards of before: corpus.json says what
    has taken their place.
    """
    state = read_state(run, step)
    if difference := _difference(record, state):
        raise CorpusError(
            f"{folder_of(run, step) / STATE} is of another run than {run / RUN}, {difference}: put its own back, or remove that "
            "checkpoint and resume from the one before"
        )
    return state


def _difference(record: RunRecord, state: CheckpointState) -> str | None:
    changed = sorted(name for name in {*record.plan, *state.plan} - GROWS if record.plan.get(name) != state.plan.get(name))
    if changed:
        name = changed[0]
        return f"with {name} = {state.plan.get(name)} and not {record.plan.get(name)}"
    for before, source in zip_longest(state.corpus.split("+"), record.sources):
        if before is None or source is None:
            return f"on shards {state.corpus} and not {record.fingerprint}"
        now = source.corpus_fingerprint
        if before != now and not _redacted_alike(source.corpus, before, now):
            return f"on shards {before[:16]} and not {now[:16]}"
    return None


def _redacted_alike(root: str, before: str, now: str) -> bool:
    known = corpus.manifest if (corpus := corpus_at(root)).exists(MANIFEST) else {}
    return redacted(before, known) == redacted(now, known)
