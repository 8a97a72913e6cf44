"""A corpus folder from texts in memory, as `winnow curate` leaves one: tokenizer, shards, spans; and one with pages gone."""

import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.tables import SPANS
from tokenizer.bpe.count import count_words
from tokenizer.bpe.encode import Encoder
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.vocabulary import tokenizer_json
from tokenizer.shards.files import FORMAT, MANIFEST, ShardFile, ShardManifest, ShardWriter, read_manifest, read_shard, shard_name
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
    for name in ("tokenizer", "shards", "spans"):
        (folder / name).mkdir(parents=True)
    (folder / "tokenizer" / "tokenizer.json").write_text(text, "utf-8")
    files, spans = [], []
    for number, (split, documents) in enumerate(((TRAIN, train), (VALIDATION, held_out))):
        encoded = encoder.encode(pa.array([document.text for document in documents], pa.string()))
        ids = np.split(encoded.ids, encoded.offsets[1:-1])
        file, starts = _write_shard(folder, number, split, encoder.vocabulary.end_of_text, ids)
        files.append(file)
        rows = zip(documents, starts, ids, strict=True)
        spans += [{"doc_id": doc.doc_id, "shard": number, "start": start, "length": len(one)} for doc, start, one in rows]
    pq.write_table(pa.Table.from_pylist(spans, SPANS), folder / "spans" / "part-0.parquet")
    manifest = ShardManifest(
        format=FORMAT, dtype=str(encoder.id_type), vocabulary_size=len(encoder.vocabulary),
        end_of_text=encoder.vocabulary.end_of_text, removed=encoder.vocabulary.removed, tokenizer_sha256="", seed=0,
        shard_tokens=sum(file.tokens for file in files), tokens=sum(file.tokens for file in files),
        documents=len(train) + len(held_out), shards=tuple(files),
    )  # fmt: skip
    (folder / "shards" / MANIFEST).write_text(manifest.to_json())


def _write_shard(
    folder: Path, number: int, split: str, end_of_text: int, documents: Iterable[np.ndarray]
) -> tuple[ShardFile, list[int]]:
    """(what shards.json says of it, where each document begins)."""
    name = shard_name(number)
    with (folder / "shards" / name).open("w+b") as file:
        ids = list(documents)
        writer = ShardWriter(file, str(ids[0].dtype), end_of_text)
        starts = [writer.add(one.tobytes()) for one in ids]
        return writer.close(name, split), starts


def write_without(source: Path, folder: Path, doc_ids: Collection[str]) -> None:
    """The corpus with the removed-token filler in place of these documents: the others stay where they were, tokenizer included.

    Trained on with the same seed, it gives what exact unlearning of these documents gives.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    manifest = read_manifest((source / "shards" / MANIFEST).read_text())
    spans = pq.read_table(source / "spans").to_pylist()
    files = []
    for number, file in enumerate(manifest.shards):
        tokens = np.array(read_shard(str(source / "shards" / file.file)))
        own = sorted((span for span in spans if span["shard"] == number), key=lambda span: span["start"])
        for span in own:
            if span["doc_id"] in doc_ids:
                tokens[span["start"] : span["start"] + span["length"]] = manifest.removed
        documents = (tokens[span["start"] : span["start"] + span["length"]] for span in own)
        files.append(_write_shard(folder, number, file.split, manifest.end_of_text, documents)[0])
    (folder / "shards" / MANIFEST).write_text(replace(manifest, shards=tuple(files)).to_json())
