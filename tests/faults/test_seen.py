"""What was seen before readers compared: each is a test of its own, with the number of faults that it was seen with."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.shards import read_tokenizer_json
from jobs.corpus.views import connect, rows
from jobs.export.documents import export
from pipeline.errors import CorpusError
from tests.jobs.corpus.test_damage import small_corpus
from tests.jobs.stored import files
from tokenizer.shards.loader import LoaderSettings, open_loader


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return small_corpus(tmp_path / "C")


def flipped_one_by_one(path: Path, times: int, ask: Callable[[], object], seed: int = 1) -> list[str]:
    """What is asked with one bit of the file flipped at a time; answers that are neither that of before nor an error of it."""
    sound, right, rng, wrong = path.read_bytes(), ask(), random.Random(seed), []
    for _ in range(times):
        at = rng.randrange(len(sound))
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 1 << rng.randrange(8)]) + sound[at + 1 :])
        try:
            if ask() != right:
                wrong.append(f"byte {at}: another answer")
        except CorpusError as error:
            wrong += [] if path.name in str(error) else [f"byte {at}: {error}"]
        else:
            wrong.append(f"byte {at}: not noticed")
    path.write_bytes(sound)
    return wrong


def test_an_export_of_a_corpus_with_one_flipped_bit_in_curated_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    """Exit 0 and wrong words, 8 of 12."""
    (curated,) = files(corpus, "curated")
    assert flipped_one_by_one(curated, 12, lambda: export(open_corpus(corpus.root), "jsonl", tmp_path / "out")) == []


def test_a_flipped_bit_of_a_page_is_no_answer_for_readers_through_duckdb(corpus: Corpus) -> None:
    """54 of 97 were silent."""

    def ask() -> object:
        with connect(open_corpus(corpus.root)) as database:
            return rows(database, "SELECT * FROM documents")

    (documents,) = files(corpus, "documents")
    assert flipped_one_by_one(documents, 97, ask) == []


def test_flipped_bytes_of_a_shard_do_not_go_into_training(corpus: Corpus) -> None:
    """22 of 22 did, and run.json had the shard's old sha256 beside weights made of other bytes."""

    def ask() -> object:
        loader = open_loader(corpus.root, LoaderSettings(row_tokens=8, batch_rows=1), fingerprint=listing)
        return [loader.batch(step).tokens.tobytes() for step in range(loader.rows)]

    listing = corpus.files("shards")[0].sha256
    assert flipped_one_by_one(files(corpus, "shards")[1], 22, ask) == []


def test_two_ids_swapped_in_tokenizer_json_are_refused(corpus: Corpus) -> None:
    """`generate` printed wrong text."""
    (tokenizer,) = files(corpus, "tokenizer")
    sha256 = corpus.files("tokenizer")[0].sha256
    assert read_tokenizer_json(corpus.root, sha256)
    content = json.loads(tokenizer.read_text("utf-8"))
    vocabulary = content["model"]["vocab"]
    one, other = sorted(vocabulary)[40:42]
    vocabulary[one], vocabulary[other] = vocabulary[other], vocabulary[one]
    tokenizer.write_text(json.dumps(content), "utf-8")
    with pytest.raises(CorpusError, match=tokenizer.name):
        read_tokenizer_json(corpus.root, sha256)
    with pytest.raises(CorpusError, match=tokenizer.name):
        open_corpus(corpus.root).text("tokenizer")
