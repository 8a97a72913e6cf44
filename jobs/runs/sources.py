"""The corpora of a run: whose shards it, or a run that it goes back to, has read, and by which turns. No torch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from jobs.corpus.shards import has_shards, open_loader
from pipeline.errors import CorpusError
from tokenizer.shards.files import manifest_name
from tokenizer.shards.loader import Loader, LoaderSettings, Read, Stretch
from tokenizer.shards.splits import TRAIN
from tokenizer.shards.turns import ALONE, Turns


@dataclass(frozen=True)
class Source:
    """One corpus, as it was when it was read; takedowns since then change its fingerprint and no place of a row."""

    corpus: str  # folder
    corpus_fingerprint: str  # of shards.json, and so of every shard
    shards: dict[str, str]  # file -> sha256
    shard_rows: list[int]  # of each shard that is read: to find a page, only its own shard has to be laid out

    @classmethod
    def of(cls, corpus: str, loader: Loader) -> "Source":
        manifest = loader.manifest
        return cls(corpus, manifest.fingerprint, {one.file: one.sha256 for one in manifest.shards}, loader.shard_rows)


class Reading(NamedTuple):
    """Steps that read shards: the run's own, or those of a run whose weights or answers it has learned from."""

    settings: LoaderSettings
    corpora: tuple[int, ...]  # numbers of the run's sources, in their turns
    turns: Turns
    steps: int
    before: bool  # all of it came before the run's first step

    def reads(self, number: int, loader: Loader, stretches: Iterable[Stretch]) -> list[Read]:
        """Of stretches of the source with this number."""
        if number not in self.corpora:
            return []
        return loader.reads(stretches, self.steps, self.turns, self.corpora.index(number))


def reading_of(reads: dict[str, Any], *, before: bool = True) -> Reading:
    """As run.json has it: {row_tokens, batch_rows, seed, steps}; of several corpora their weights, and their numbers."""
    weights = tuple(reads.get("weights", ()))
    corpora = tuple(reads.get("corpora", range(len(weights) or 1)))
    settings = LoaderSettings(**{name: reads[name] for name in ("row_tokens", "batch_rows", "seed")})
    return Reading(settings, corpora, Turns(weights) if weights else ALONE, int(reads["steps"]), before)


def open_sources(sources: Sequence[Source], settings: LoaderSettings, split: str = TRAIN) -> list[Loader]:
    """A loader for each, of the shards that were read, though a corpus may have others by now."""
    return [
        open_loader(one.corpus, settings, split, one.shard_rows if split == TRAIN else (), one.corpus_fingerprint)
        for one in sources
    ]


def require_shards(run: object, source: Source) -> None:
    """Raises CorpusError where they are gone: pages were removed since, or the folder is another corpus."""
    if not has_shards(source.corpus, source.corpus_fingerprint):
        raise CorpusError(
            f"{source.corpus} no longer has the shards that {run} was trained on "
            f"(shards/{manifest_name(source.corpus_fingerprint)} is missing): if pages were removed, "
            f"`winnow takedown {source.corpus} --run {run}` takes them out of the run too; else name its corpus, or train anew"
        )
