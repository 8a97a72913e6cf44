"""Which steps of a run read a document, and which checkpoints have seen it: computed from the plan, never recorded."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs.corpus.views import Row
from jobs.runs.record import open_run_loader, read_run
from model.checkpoint_files import saved_steps
from tokenizer.shards.loader import Stretch


def stretches(spans: Iterable[Row]) -> list[Stretch]:
    """Rows of the table `spans`, as a loader asks for them."""
    return [Stretch(span["shard"], span["start"], span["length"]) for span in spans]


def reads_of(corpus: str, run: Path, spans: list[Row]) -> dict[str, Any]:
    """What a run has read of a document with these spans.

    {"run", "steps": [{epoch, step, place, row}], "affected_checkpoints": steps of the checkpoints made after the first of them}.
    """
    record = read_run(run)
    saved = saved_steps(run)
    loader = open_run_loader(run, replace(record, corpus=corpus))
    reads = [read._asdict() for read in loader.reads(stretches(spans), saved[-1] if saved else 0)]
    first = reads[0]["step"] if reads else None
    return {
        "run": str(run),
        "steps": reads,
        "affected_checkpoints": [] if first is None else [step for step in saved if step > first],
    }
