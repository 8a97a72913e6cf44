"""datatrove on one core: the pipeline whole, then each stage alone on all pages. Runs in the peer's own environment.

    .venv-bench/bin/python -m tests.bench.bench_peer TEXTS.jsonl FILE.warc.gz...

prints one line of JSON and leaves in TEXTS.jsonl the text of every page, for the other side's kernels to read the same.
Nothing of the peer is patched. Its English words and sentences come from spaCy's blank pipeline, which needs no model.
Settings are those of its FineWeb example (examples/fineweb.py): precision-favouring Trafilatura with its time-out of
one second, C4 without the terminal-punctuation rule, MinHash of 64 bits, 5-grams, 14 × 8.
"""

import itertools
import json
import sys
import tempfile
from collections.abc import Iterator
from copy import copy
from importlib.metadata import version
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import HashConfig, MinhashConfig
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.pipeline.readers import WarcReader
from datatrove.utils.logging import logger
from datatrove.utils.text import split_into_sentences, split_into_words

from tests.bench.clock import Clock, peak_bytes


def read(warcs: list[Path]) -> Iterator[Document]:
    """Every page of the files, one after the other."""
    readers = (WarcReader(str(warc.parent), glob_pattern=warc.name) for warc in warcs)
    return itertools.chain.from_iterable(reader.run() for reader in readers)


def filters() -> dict[str, BaseFilter]:
    """The peer's filters in FineWeb's order."""
    return {
        "gopher_repetition": GopherRepetitionFilter(),
        "gopher_quality": GopherQualityFilter(),
        "c4": C4QualityFilter(filter_no_terminal_punct=False),
        "fineweb": FineWebQualityFilter(),
    }


def signer(folder: str) -> MinhashDedupSignature:
    config = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=14, hashes_per_bucket=8, n_grams=5)
    return MinhashDedupSignature(output_folder=folder, config=config)


def warm_up() -> None:
    """Loads what is loaded lazily, so that no stage pays for it."""
    split_into_words("A word.")
    split_into_sentences("A sentence. Another one.")
    Trafilatura().extract("<html><body><p>warm up</p></body></html>")


def bench_whole(warcs: list[Path], clock: Clock) -> int:
    """The pipeline as its users run it: pages stream through, and one that is dropped is not looked at again."""
    kept = 0

    def counted(documents: Iterator[Document]) -> Iterator[Document]:
        nonlocal kept
        for document in documents:
            kept += 1
            yield document

    with tempfile.TemporaryDirectory() as folder, clock.stage("whole"):
        documents = read(warcs)
        for step in (Trafilatura(), *filters().values()):
            documents = step.run(documents)
        signer(folder).run(counted(documents))
    return kept


def bench_stages(warcs: list[Path], clock: Clock) -> tuple[int, list[Document]]:
    """Each stage on all that the one before it gave; nothing is dropped between, so every filter sees every page."""
    with clock.stage("read"):
        pages = list(read(warcs))
    with clock.stage("extract"):
        documents = list(Trafilatura().run(iter(pages)))
    judges = filters()
    for document in documents:
        _bench_filters(copy(document), judges, clock)
    with tempfile.TemporaryDirectory() as folder:
        _bench_minhash(documents, signer(folder), clock)
    return len(pages), documents


def _bench_filters(document: Document, judges: dict[str, BaseFilter], clock: Clock) -> None:
    """Words are split once and cached, as in the peer's pipeline, and timed apart from the filters that use them."""
    for name, judge in judges.items():
        with clock.stage("words_kept" if name == "fineweb" else "words"):
            split_into_words(document.text)
        with clock.stage(name):
            judge.filter(document)  # C4 rewrites document.text; FineWeb then reads that


def _bench_minhash(documents: list[Document], minhash: MinhashDedupSignature, clock: Clock) -> None:
    for document in documents:
        with clock.stage("minhash"):
            shingles = minhash.get_shingles(document.text)
            if shingles.size:
                minhash.get_signature(shingles)


def main(texts: Path, warcs: list[Path]) -> None:
    logger.remove()
    warm_up()
    clock = Clock()
    kept = bench_whole(warcs, clock)
    pages, documents = bench_stages(warcs, clock)
    with texts.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": document.text}) + "\n" for document in documents)
    print(json.dumps({
        "side": "datatrove", "versions": {name: version(name) for name in ("datatrove", "trafilatura", "spacy", "warcio")},
        "pages": pages, "documents": len(documents), "kept": kept,
        "text_bytes": sum(len(document.text.encode()) for document in documents),
        "stages": clock.stages, "peak_memory_bytes": peak_bytes(),
    }))  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name).resolve() for name in sys.argv[2:]])
