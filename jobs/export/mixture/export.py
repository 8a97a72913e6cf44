"""`winnow export A B --weights 3,1`: what training reads of several corpora, in its order, for another program."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.corpus.files import readers
from jobs.corpus.folder import corpus_at
from jobs.export.hub import write_readme
from jobs.export.lines import ROWS_FETCHED, Line, in_files, write_lines
from jobs.export.mds import write_mds
from jobs.export.megatron import write_megatron
from jobs.export.mixture.begun import begun
from jobs.export.mixture.llmc import write_llmc
from jobs.export.mixture.pieces import write_pieces
from jobs.export.mixture.rows import MixedSource, MixtureSettings, open_mixture
from jobs.export.places import place_of
from jobs.export.record import write_mixture
from jobs.export.source import Source
from jobs.export.tokens import write_nanogpt
from pipeline.errors import UsageError

ROWS: dict[str, Callable[[Source, Path], int]] = {
    "nanogpt": write_nanogpt,
    "megatron": write_megatron,
    "mds": write_mds,
    "llm.c": write_llmc,
}
MIXED_FORMATS = ("jsonl", "parquet", *ROWS)
DOCUMENTS = pa.schema([(name, pa.string()) for name in ("doc_id", "corpus", "url", "language", "text")])


def export_mixture(
    corpora: Sequence[str], settings: MixtureSettings, form: str, folder: str | Path, say: readers.Say = lambda _: None
) -> int:
    """Writes the mixture in one of MIXED_FORMATS; the number of its rows, or of its documents where these are written.

    Documents may be of several tokenizers, rows of one alone.
    """
    if form not in MIXED_FORMATS:
        raise UsageError(f"--format {form} is not known of several corpora; one of {', '.join(MIXED_FORMATS)}")
    place = place_of(folder)
    roots = [corpus_at(one).root for one in corpora]
    with ExitStack() as stack:
        for root in roots:
            stack.enter_context(readers.reading(root, readers.EXPORT, place.name, say))
        source = open_mixture([corpus_at(root) for root in roots], settings, one_tokenizer=form in ROWS)

        def write(aside: Path) -> int:
            if form in ROWS:
                write_pieces(source, aside)
                return ROWS[form](source, aside)
            with tempfile.TemporaryDirectory(dir=aside) as scratch:  # of a process that was killed it goes with the rest
                return write_documents(source, form, aside, Path(scratch))

        count = write_mixture(source.corpora, form, source.told(), place, write)
        say(what_it_has(source))
        return count


def what_it_has(source: MixedSource) -> str:
    """A line for people."""
    times = zip(source.corpora, source.epochs(), strict=True)
    return f"{source.settings.rows:,} rows of training: {', '.join(f'{one.root} {read:.2f} times' for one, read in times)}"


def write_documents(source: MixedSource, form: str, folder: Path, scratch: Path) -> int:
    """Files of 100,000 documents each, those of a split in the order in which training begins them."""
    write = write_lines if form == "jsonl" else write_texts
    written = sum(write(begun(source, split, scratch), folder, split) for split in source.splits)
    ending = "jsonl.zst" if form == "jsonl" else "parquet"
    write_readme(folder, form, {split: f"{split}-*.{ending}" for split in source.splits})
    return written


def write_texts(lines: Iterable[Line], folder: Path, name: str) -> int:
    """NAME-NNNNN.parquet with the columns of DOCUMENTS; the number of documents."""
    return in_files(lines, lambda number: folder / f"{name}-{number:05d}.parquet", _write_file)


def _write_file(lines: Iterable[Line], target: Path) -> int:
    left, written = iter(lines), 0
    with pq.ParquetWriter(target, DOCUMENTS, compression="zstd", write_page_checksum=True) as file:
        while some := list(islice(left, ROWS_FETCHED)):
            rows = [one["metadata"] | {"doc_id": one["id"], "text": one["text"]} for one in some]
            columns = [pa.array([row[name] for row in rows], pa.string()) for name in DOCUMENTS.names]
            file.write_batch(pa.record_batch(columns, schema=DOCUMENTS))
            written += len(some)
    return written
