"""What a run has read of pages that were removed, or may be: computed from its plan and their spans, never recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.corpus.files import readers
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.removals import RunState, kept_elsewhere, redactions
from jobs.corpus.shards import has_shards, open_loader
from jobs.corpus.views import Row
from jobs.runs.reads import sources_in, stretches
from jobs.runs.record import RUN, began_with, read_run
from model.checkpoint_files import saved_steps
from pipeline.errors import CorpusError, WinnowError
from tokenizer.shards.files import manifest_name
from tokenizer.shards.loader import Read


@dataclass(frozen=True)
class RemovedReads:
    """What a run has read of removed pages."""

    requests: list[str]  # takedowns since the run was last brought up to date
    reads: list[dict[str, int]]  # epoch, step, place, row
    fingerprints: dict[int, str]  # of the shards as they are without those pages, by the number of the run's source
    saved: list[int]  # checkpoints there are
    final: int  # step that the run has reached
    before: bool = False  # some are of the weights that it began with, or learned from

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

    Of a run on several corpora this one's alone. Raises CorpusError where it was trained on another corpus, or on one that
    changed otherwise.
    """
    record, saved = read_run(run), saved_steps(run)
    final = saved[-1] if saved else 0
    requests, own, earlier, fingerprints = list[str](), list[Read](), list[Read](), dict[int, str]()
    for number, source in sources_in(corpus.root, run, record.sources):
        names, spans, fingerprint = _since(corpus, source.corpus_fingerprint)
        _require(corpus, run, fingerprint)
        fingerprints[number] = fingerprint
        requests += [name for name in names if name not in requests]
        for place, reading in enumerate(record.readings(final)):
            if number in reading.corpora:
                known = () if place else source.shard_rows
                loader = open_loader(corpus.root, reading.settings, shard_rows=known, fingerprint=fingerprint)
                found = reading.reads(number, loader, stretches([*spans, *more]))
                (earlier if reading.before else own).extend(found)
    reads = [read._asdict() for read in (*sorted(own, key=lambda read: (read.step, read.place)), *earlier)]
    return RemovedReads(requests, reads, fingerprints, saved, final, before=bool(earlier))


def _require(corpus: Corpus, run: Path, fingerprint: str) -> None:
    if not has_shards(corpus.root, fingerprint):
        raise CorpusError(
            f"{run} was trained on another corpus than {corpus.root}, or on one changed by more than takedowns: "
            f"shards/{manifest_name(fingerprint)} is missing"
        )


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
        found, elsewhere = removed_reads(corpus, run), from_elsewhere(run)
    except WinnowError as error:
        return RunState(str(run), "out of reach" if out_of_reach else "unknown", 0, 0, str(error))
    others = [] if found.reads else kept_elsewhere(corpus, read_run(run).corpora, "has read")
    state = "clean" if not found.reads and not others else "out of reach" if out_of_reach else "knows"
    return RunState(str(run), state, len(found.reads), found.final, "; ".join([*others, *elsewhere]))


def from_elsewhere(run: Path) -> list[str]:
    """A line for each folder of weights that a run goes back to and whose texts nobody here knows."""
    folders = [(read_run(one).initial or {}).get("folder") for one in (run, *began_with(run))]
    return [f"it began with weights from {folder}, and what those have read is not on record" for folder in folders if folder]


def still_known(run: Path) -> str | None:
    """A line about removed pages that a run's weights still know; null where there are none, or its corpora are not at hand."""
    try:
        corpora = read_run(run).corpora
    except WinnowError:
        return None
    return next((line for root in corpora if (line := _known_of(root, run))), None)


def _known_of(root: str, run: Path) -> str | None:
    try:
        corpus = open_corpus(root)
        found = removed_reads(corpus, run)
    except WinnowError:
        return None
    if not found.reads:
        return None
    return (
        f"{run} still knows pages that were removed ({', '.join(found.requests)}): "
        f"`winnow takedown {corpus.root} --run {run}` takes them out of it"
    )
