"""What a run has read of pages that were removed, or may be: computed from its plan and their spans, never recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.corpus.folder import Corpus
from jobs.corpus.removals import Redaction, redactions
from jobs.corpus.views import Row
from jobs.runs.reads import stretches
from jobs.runs.record import RunRecord, read_run
from model.checkpoint_files import saved_steps
from pipeline.errors import CorpusError
from tokenizer.shards.loader import Loader, open_loader


@dataclass(frozen=True)
class RemovedReads:
    """What a run has read of removed pages."""

    requests: list[str]  # takedowns since the run was last brought up to date
    reads: list[dict[str, int]]  # epoch, step, place, row
    saved: list[int]  # checkpoints there are
    final: int  # step that the run has reached

    @property
    def first(self) -> int | None:
        """The first step that read one."""
        return self.reads[0]["step"] if self.reads else None

    @property
    def affected_checkpoints(self) -> list[int]:
        """Checkpoints made after that."""
        return [] if self.first is None else [step for step in self.saved if step > self.first]


def removed_reads(corpus: Corpus, run: Path, more: Sequence[Row] = ()) -> RemovedReads:
    """What `run` has read of pages that takedowns removed since it was last brought up to date, and of `more` spans.

    Raises CorpusError where the run was trained on another corpus, or on one that changed otherwise.
    """
    record, pending = read_run(run), []
    loader = open_loader(corpus.root, record.train_plan.loader, shard_rows=record.shard_rows)
    if loader.manifest.fingerprint != record.corpus_fingerprint:
        pending = _since(corpus, run, record, loader)
    saved = saved_steps(run)
    final = saved[-1] if saved else 0
    spans = [span for one in pending for span in one.spans]
    reads = [read._asdict() for read in loader.reads(stretches([*spans, *more]), final)]
    return RemovedReads([one.name for one in pending], reads, saved, final)


def _since(corpus: Corpus, run: Path, record: RunRecord, loader: Loader) -> list[Redaction]:
    """The takedowns that lead from what the run was trained on to the corpus as it is."""
    carried_out = redactions(corpus)
    starts = [number for number, one in enumerate(carried_out) if one.fingerprint_before == record.corpus_fingerprint]
    if not starts or carried_out[-1].fingerprint_after != loader.manifest.fingerprint:
        raise CorpusError(f"{run} was trained on another corpus than {corpus.root}, or on one changed by more than takedowns")
    return carried_out[starts[-1] :]
