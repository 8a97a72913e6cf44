"""Which steps of a run read a document, and which checkpoints have seen it: computed from the plan, never recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs.corpus.shards import has_shards, newest_shards, open_loader, read_spans
from jobs.corpus.views import Row
from jobs.runs.record import RunRecord, began_with, read_run
from jobs.runs.sources import Reading, Source, require_shards
from model.checkpoint_files import saved_steps
from pipeline.errors import UsageError
from pipeline.tables import SPANS
from tokenizer.shards.files import ShardManifest
from tokenizer.shards.loader import Read, Stretch


def stretches(spans: Iterable[Row]) -> list[Stretch]:
    """Rows of the table `spans`, as a loader asks for them."""
    return [Stretch(span["shard"], span["start"], span["length"]) for span in spans]


def reads_of(corpus: str, run: Path, doc_ids: Iterable[str], spans: list[Row]) -> dict[str, Any]:
    """What a run has read of these documents, whose spans these are in the shards that the corpus has now.

    {"run", "steps": [{epoch, step, place, row}], "affected_checkpoints": steps of the checkpoints made after the first of them,
    "through": the runs whose weights it began with, "before": reads by those of them that came before these steps, "taught":
    reads by runs that it was distilled from}. Of a tuning the steps are those of the run on shards that it goes back to. Epochs
    and rows are the corpus' own, also where it is one of several.
    """
    record, wanted = read_run(run), frozenset(doc_ids)
    saved = saved_steps(run)
    readings = record.readings(saved[-1] if saved else 0)
    found: list[list[Read]] = [[] for _ in readings]
    for number, source in sources_in(corpus, run, record.sources):
        require_shards(run, source)
        for place, reading in enumerate(readings):
            if number in reading.corpora:
                known = () if place else source.shard_rows
                found[place] += _reads_in(source, reading, number, known, wanted, spans)
    reads = sorted(found[0], key=lambda read: (read.step, read.place))
    first_taught = len(readings) - len(record.taught)
    before, taught = (sum(map(len, some)) for some in (found[1:first_taught], found[first_taught:]))
    first = 0 if before or taught or (reads and readings[0].before) else reads[0].step if reads else None
    return {
        "run": str(run),
        "steps": [read._asdict() for read in reads],
        "affected_checkpoints": [] if first is None else [step for step in saved if step > first],
        "through": [str(folder) for folder in began_with(run)],
        "before": before,
        "taught": taught,
    }


def _reads_in(
    source: Source, reading: Reading, number: int, shard_rows: Sequence[int], doc_ids: frozenset[str], spans: list[Row]
) -> list[Read]:
    loader = open_loader(source.corpus, reading.settings, shard_rows=shard_rows, fingerprint=source.corpus_fingerprint)
    if newest_shards(source.corpus) != source.corpus_fingerprint:
        spans = spans_in(source.corpus, loader.manifest, doc_ids)
    return reading.reads(number, loader, stretches(spans))


def has_read(corpus: str, record: RunRecord) -> bool:
    """Whether any of a run's sources lies in this corpus."""
    return corpus in record.corpora or any(has_shards(corpus, one.corpus_fingerprint) for one in record.sources)


def sources_in(corpus: str, run: Path, sources: Sequence[Source]) -> list[tuple[int, Source]]:
    """Those of a run that lie in this corpus, with their numbers; a corpus that was moved is known by its shards.

    Raises UsageError where the run has read none of it.
    """
    named = [(number, one) for number, one in enumerate(sources) if one.corpus == corpus]
    if named or len(sources) == 1:
        return named or [(0, replace(sources[0], corpus=corpus))]
    moved = [(number, replace(one, corpus=corpus)) for number, one in enumerate(sources)]
    if found := [(number, one) for number, one in moved if has_shards(corpus, one.corpus_fingerprint)]:
        return found
    raise UsageError(f"{run} has read {', '.join(one.corpus for one in sources)}, and not {corpus}: name one of these")


def spans_in(corpus: str, manifest: ShardManifest, doc_ids: frozenset[str]) -> list[Row]:
    """Rows of `spans` of these documents in shards that the corpus may no longer have as its own."""
    tables = (read_spans(corpus, shard, SPANS.names) for shard in manifest.shards)
    return [row for table in tables for row in table.to_pylist() if row["doc_id"] in doc_ids]
