"""A corpus folder from texts in memory, as `winnow curate` leaves one: tokenizer, shards, spans; and one with pages gone."""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from jobs.corpus.files.stored import store
from jobs.corpus.shards import store_shards, write_shard
from pipeline.tables import SPANS
from tokenizer.bpe.count import count_words
from tokenizer.bpe.encode import Encoder
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.vocabulary import tokenizer_json
from tokenizer.shards.files import FORMAT, MANIFEST, ShardManifest, read_shard
from tokenizer.shards.loader import read_shards, read_spans
from tokenizer.shards.splits import TRAIN, VALIDATION


class Document(NamedTuple):
    """A text to train on or to hold out."""

    doc_id: str
    text: str


def write_corpus(folder: Path, train: Sequence[Document], held_out: Sequence[Document], vocabulary: int) -> None:
    """Learns a tokenizer from the training texts and writes one shard of each split; what is there already is replaced."""
    settings = TokenizerSettings(vocabulary_size=vocabulary)
    words = count_words(pa.array([document.text for document in train]), settings.max_word_bytes, settings.words)
    text = tokenizer_json(learn(words["word"], words["count"], settings), settings.words)
    encoder = Encoder(text)
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer = store(str(folder), "tokenizer/tokenizer-HASH.json", text.encode())
    files = []
    for number, (split, documents) in enumerate(((TRAIN, train), (VALIDATION, held_out))):
        encoded = encoder.encode(pa.array([document.text for document in documents], pa.string()))
        ids = np.split(encoded.ids, encoded.offsets[1:-1])
        named = zip((document.doc_id for document in documents), ids, strict=True)
        files.append(write_shard(str(folder), number, split, named, encoder.vocabulary.end_of_text, encoder.id_type))
    manifest = ShardManifest(
        format=FORMAT, dtype=str(encoder.id_type), vocabulary_size=len(encoder.vocabulary),
        end_of_text=encoder.vocabulary.end_of_text, removed=encoder.vocabulary.removed, tokenizer_sha256=tokenizer.sha256,
        seed=0, shard_tokens=sum(file.tokens for file in files), tokens=sum(file.tokens for file in files),
        documents=len(train) + len(held_out), shards=tuple(files),
    )  # fmt: skip
    _write_manifest(folder, manifest)


def _write_manifest(folder: Path, manifest: ShardManifest) -> None:
    store_shards(str(folder), manifest)
    (folder / "shards" / MANIFEST).write_text(manifest.to_json())


def write_without(source: Path, folder: Path, doc_ids: Collection[str]) -> None:
    """The corpus with the removed-token filler in place of these documents: the others stay where they were, tokenizer included.

    Trained on with the same seed, it gives what exact unlearning of these documents gives.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    manifest = read_shards(str(source))
    files = []
    for number, file in enumerate(manifest.shards):
        tokens = np.array(read_shard(str(source), file).whole())
        spans = read_spans(str(source), file, SPANS.names).to_pylist()
        for span in spans:
            if span["doc_id"] in doc_ids:
                tokens[span["start"] : span["start"] + span["length"]] = manifest.removed
        named = ((span["doc_id"], tokens[span["start"] : span["start"] + span["length"]]) for span in spans)
        files.append(write_shard(str(folder), number, file.split, named, manifest.end_of_text, tokens.dtype))
    _write_manifest(folder, replace(manifest, shards=tuple(files)))
