"""A file that is not the one that was written, in front of every reader that needs no Spark; and folders of any name."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.ask.trace import Tracer
from jobs.ask.verify import verify
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.views import connect, rows
from jobs.export.documents import export
from jobs.report import report_of
from jobs.spark.tables import read_files
from pipeline.errors import CorpusError
from pipeline.tables import TABLES
from tests.jobs.export.exports import SMALL, token_corpus
from tests.jobs.stored import files, flipped, put
from tests.tokenizer.bpe.strategies import small_tokenizer
from tokenizer.bpe.encode import Encoder
from tokenizer.shards.loader import LoaderSettings, open_loader

ODD_NAMES = ["c[1]", "a b", "c*", "50%25", "it's", 'say "c"', "c?", "{c,d}", "c\\d"]


def small_corpus(folder: Path) -> Corpus:
    tokenizer = small_tokenizer()
    digest = hashlib.sha256(tokenizer.encode()).hexdigest()
    made = token_corpus(folder, SMALL, "uint16", digest, len(Encoder(tokenizer).vocabulary))
    facts = {"seconds": 1.0, "records_per_second": 1.0, "peak_memory_bytes": 1, "counts": {"records": 1}}
    stages = {name: stage | facts for name, stage in made.stages.items()}
    return put(Path(made.root), {"edits": []}, texts={"tokenizer": tokenizer}, stages=stages)


def looked_up(corpus: Corpus) -> None:
    with connect(corpus) as database:
        for table in ("documents", "measures", "curated", "outcomes", "spans"):
            rows(database, f"SELECT * FROM {table}")


def traced(corpus: Corpus) -> None:
    with connect(corpus) as database:
        Tracer(corpus, database).token(0, 1)


def verified(corpus: Corpus) -> None:
    for check in verify(corpus):
        if check.law == "readable" and not check.holds:
            raise CorpusError(check.difference)


def exported(form: str) -> Callable[[Corpus], object]:
    return lambda corpus: export(corpus, form, Path(corpus.root).with_name("out"))


def loaded(corpus: Corpus) -> None:
    settings = LoaderSettings(row_tokens=8, batch_rows=1)
    loader = open_loader(corpus.root, settings, fingerprint=corpus.files("shards")[0].sha256)
    for step in range(loader.rows):
        loader.batch(step)


READERS: dict[str, tuple[Callable[[Corpus], object], tuple[str, ...]]] = {
    "lookups": (looked_up, ("documents", "measures", "curated", "outcomes", "spans")),
    "trace": (traced, ("shards.json", "shard", "tokenizer", "spans", "documents", "outcomes")),
    "verify": (verified, ("documents", "measures", "curated", "outcomes", "spans", "shards.json", "shard", "tokenizer")),
    "report": (report_of, ("documents", "measures", "curated", "outcomes", "spans", "tokenizer")),
    "export jsonl": (exported("jsonl"), ("curated", "documents", "measures")),
    "export nanogpt": (exported("nanogpt"), ("shards.json", "shard", "spans")),
    "export parquet": (exported("parquet"), ("shards.json", "shard", "spans", "curated")),
    "loader": (loaded, ("shards.json", "shard")),
    "tokenizer": (lambda corpus: corpus.text("tokenizer"), ("tokenizer",)),
}


def file_of(corpus: Corpus, kind: str) -> list[Path]:
    """Every file of a kind: damage is done to all, for a reader may need any of them."""
    if kind == "shards.json":
        return files(corpus, "shards")[:1]
    return files(corpus, "shards")[1:] if kind == "shard" else files(corpus, kind)


def damage(path: Path, how: str) -> None:
    if how == "flipped":
        flipped(path)
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["flipped", "cut", "deleted"])
@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, (_, kinds) in READERS.items() for kind in kinds])
def test_no_reader_takes_a_damaged_file_for_the_one_that_was_written(tmp_path: Path, name: str, kind: str, how: str) -> None:
    corpus = small_corpus(tmp_path / "C")
    damaged = file_of(corpus, kind)
    for path in damaged:
        damage(path, how)
    with pytest.raises(CorpusError) as error:
        READERS[name][0](open_corpus(corpus.root))
    assert any(path.name in str(error.value) for path in damaged), error.value
    assert "\n" not in str(error.value) and not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", READERS)
def test_every_reader_reads_a_sound_corpus(tmp_path: Path, name: str) -> None:
    """Else the tests above would hold for the wrong reason; only trace finds that these tokens are not those of the texts."""
    corpus = small_corpus(tmp_path / "C")
    try:
        READERS[name][0](corpus)
    except CorpusError as error:
        assert name == "trace" and re.search("and its tokens in shard 0 differ", str(error))


def two_corpora(folder: Path, name: str) -> Corpus:
    """A corpus in a folder of this name, beside others that the name would match as a pattern or decode to."""
    for other in ("c1", "c", "cd", "d", "50%", "a", "say c"):
        put(folder / other, {"curated": [{"doc_id": "another"}]})
    return put(folder / name, {"curated": [{"doc_id": "own"}]})


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_folder_name_is_no_pattern_for_lookups(tmp_path: Path, name: str) -> None:
    with connect(two_corpora(tmp_path, name)) as database:
        assert rows(database, "SELECT doc_id FROM curated") == [{"doc_id": "own"}]


def test_a_folder_name_is_no_pattern_for_spark(spark: SparkSession, tmp_path: Path) -> None:
    for name in ODD_NAMES:
        corpus = two_corpora(tmp_path, name)
        read = read_files(spark, corpus, corpus.files("curated"), TABLES["curated"])
        assert [row.doc_id for row in read.collect()] == ["own"], name


@pytest.mark.parametrize("how", ["flipped", "cut", "deleted"])
def test_spark_is_given_no_damaged_file(spark: SparkSession, tmp_path: Path, how: str) -> None:
    corpus = put(tmp_path / "C", {"curated": [{"doc_id": "own"}]})
    [path] = files(corpus, "curated")
    damage(path, how)
    with pytest.raises(CorpusError, match=path.name):
        read_files(spark, corpus, corpus.files("curated"), TABLES["curated"])
