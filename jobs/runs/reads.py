"""Which steps of a run read a document, and which checkpoints have seen it: computed from the plan, never recorded."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs.corpus.shards import newest_shards, open_loader, read_spans
from jobs.corpus.views import Row
from jobs.runs.record import began_with, loader_of, open_run_loader, read_run
from model.checkpoint_files import saved_steps
from pipeline.tables import SPANS
from tokenizer.shards.files import ShardManifest
from tokenizer.shards.loader import Read, Stretch


def stretches(spans: Iterable[Row]) -> list[Stretch]:
    """Rows of the table `spans`, as a loader asks for them."""
    return [Stretch(span["shard"], span["start"], span["length"]) for span in spans]


def reads_of(corpus: str, run: Path, doc_ids: Iterable[str], spans: list[Row]) -> dict[str, Any]:
    """What a run has read of these documents, whose spans these are in the shards that the corpus has now.

    {"run", "steps": [{epoch, step, place, row}], "affected_checkpoints": steps of the checkpoints made after the first of them,
    "through": the runs whose weights it began with, "taught": reads by runs that it was distilled from}. Of a tuning the steps
    are those of the first run that it goes back to, the last named.
    """
    record = read_run(run)
    saved = saved_steps(run)
    loader = open_run_loader(run, replace(record, corpus=corpus))
    if newest_shards(corpus) != record.corpus_fingerprint:
        spans = spans_in(corpus, loader.manifest, frozenset(doc_ids))
    reads = [read._asdict() for read in loader.reads(stretches(spans), record.steps_on_shards(saved[-1] if saved else 0))]
    taught = sum(len(taught_reads(corpus, record.corpus_fingerprint, one, spans)) for one in record.taught)
    first = 0 if taught else None if not reads else reads[0]["step"] if record.parent is None else 0
    return {
        "run": str(run),
        "steps": reads,
        "affected_checkpoints": [] if first is None else [step for step in saved if step > first],
        "through": [str(folder) for folder in began_with(run)],
        "taught": taught,
    }


def taught_reads(corpus: str, fingerprint: str, reads: dict[str, Any], spans: Iterable[Row]) -> list[Read]:
    """What another run, whose logits were learned from, read of these spans."""
    loader = open_loader(corpus, loader_of(reads), fingerprint=fingerprint)
    return list(loader.reads(stretches(spans), int(reads["steps"])))


def spans_in(corpus: str, manifest: ShardManifest, doc_ids: frozenset[str]) -> list[Row]:
    """Rows of `spans` of these documents in shards that the corpus may no longer have as its own."""
    tables = (read_spans(corpus, shard, SPANS.names) for shard in manifest.shards)
    return [row for table in tables for row in table.to_pylist() if row["doc_id"] in doc_ids]
