"""What a run has read of pages that were removed, or may be: computed from its plan and their spans, never recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.corpus.files import readers
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.removals import RunState, redactions
from jobs.corpus.shards import has_shards, open_loader
from jobs.corpus.views import Row
from jobs.runs.reads import stretches, taught_reads
from jobs.runs.record import RUN, read_run
from model.checkpoint_files import saved_steps
from pipeline.errors import CorpusError, WinnowError
from tokenizer.shards.files import manifest_name


@dataclass(frozen=True)
class RemovedReads:
    """What a run has read of removed pages."""

    requests: list[str]  # takedowns since the run was last brought up to date
    reads: list[dict[str, int]]  # epoch, step, place, row
    fingerprint: str  # of the shards as they are without those pages
    saved: list[int]  # checkpoints there are
    final: int  # step that the run has reached
    before: bool = False  # the reads are those of the weights that a tuning began with

    @property
    def first(self) -> int | None:
        """The first step that read one; 0 where its weights knew it from the start."""
        return None if not self.reads else 0 if self.before else self.reads[0]["step"]

    @property
    def affected_checkpoints(self) -> list[int]:
        """Checkpoints made after that."""
        return [] if self.first is None else [step for step in self.saved if step > self.first]


def removed_reads(corpus: Corpus, run: Path, more: Sequence[Row] = ()) -> RemovedReads:
    """What `run` has read of pages that takedowns removed since it was last brought up to date, and of `more` spans.

    Raises CorpusError where the run was trained on another corpus, or on one that changed otherwise.
    """
    record = read_run(run)
    requests, spans, fingerprint = _since(corpus, record.corpus_fingerprint)
    if not has_shards(corpus.root, fingerprint):
        raise CorpusError(
            f"{run} was trained on another corpus than {corpus.root}, or on one changed by more than takedowns: "
            f"shards/{manifest_name(fingerprint)} is missing"
        )
    loader = open_loader(corpus.root, record.loader, shard_rows=record.shard_rows, fingerprint=fingerprint)
    saved = saved_steps(run)
    final = saved[-1] if saved else 0
    reads = [read._asdict() for read in loader.reads(stretches([*spans, *more]), record.steps_on_shards(final))]
    for one in record.taught:
        reads += [read._asdict() for read in taught_reads(corpus.root, fingerprint, one, [*spans, *more])]
    return RemovedReads(requests, reads, fingerprint, saved, final, before=record.parent is not None)


def _since(corpus: Corpus, fingerprint: str) -> tuple[list[str], list[Row], str]:
    """(takedowns since the shards had this fingerprint, the spans that they wrote over, the fingerprint that they have now)."""
    requests, spans = [], list[Row]()
    for one in redactions(corpus):
        for before, after, there in one.of_shards():
            if before == fingerprint and before != after:
                requests.append(one.name)
                spans += there
                fingerprint = after
                break
    return requests, spans, fingerprint


def run_states(corpus: Corpus, out_of_reach: Sequence[Path] = ()) -> list[RunState]:
    """What every run on record still knows of removed pages; those named `out_of_reach` cannot be trained again."""
    named = {str(run.resolve()) for run in out_of_reach}
    on_record = [one for one in readers.registered(corpus.root, readers.RUN) if not one.live]
    here = [one.folder for one in on_record if not readers.is_elsewhere(one) and (Path(one.folder) / RUN).exists()]
    found = [_state(corpus, Path(folder), out_of_reach=folder in named) for folder in here]
    for one in on_record:
        if readers.is_elsewhere(one):
            state = "out of reach" if one.folder in named else "unknown"
            found.append(RunState(one.folder, state, 0, 0, f"it lies on {one.host}: take the pages out of it there"))
    return found


def _state(corpus: Corpus, run: Path, *, out_of_reach: bool) -> RunState:
    try:
        found = removed_reads(corpus, run)
    except WinnowError as error:
        return RunState(str(run), "out of reach" if out_of_reach else "unknown", 0, 0, str(error))
    state = "clean" if not found.reads else "out of reach" if out_of_reach else "knows"
    return RunState(str(run), state, len(found.reads), found.final, "")


def still_known(run: Path) -> str | None:
    """A line about removed pages that a run's weights still know; null where there are none, or its corpus is not at hand."""
    try:
        corpus = open_corpus(read_run(run).corpus)
        found = removed_reads(corpus, run)
    except WinnowError:
        return None
    if not found.reads:
        return None
    return (
        f"{run} still knows pages that were removed ({', '.join(found.requests)}): "
        f"`winnow takedown {corpus.root} --run {run}` takes them out of it"
    )
