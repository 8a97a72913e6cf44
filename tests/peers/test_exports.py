"""Exports, read by the packages of those who will read them: `make test-peers`. Each test is skipped where its own is missing."""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest

from jobs.export.documents import export
from tests.jobs.export.exports import LARGE, SMALL, Documents, expected, name_of, token_corpus, url_of
from tests.peers.peer import peer
from tests.tokenizer.bpe.strategies import small_tokenizer
from tokenizer.bpe.encode import Encoder

Shards = list[tuple[str, Documents]]
both_types = pytest.mark.parametrize(("shards", "dtype"), [(SMALL, "uint16"), (LARGE, "uint32")])


def tokens_of(shards: Shards, split: str) -> list[list[int]]:
    return [tokens for _, tokens in expected(shards, split)]


@peer("megatron", "--no-deps megatron-core==0.16.1")
@both_types
@pytest.mark.usefixtures("quiet")
def test_megatron_core_reads_each_document_as_a_sequence(tmp_path: Path, shards: Shards, dtype: str) -> None:
    from megatron.core.datasets.indexed_dataset import IndexedDataset

    export(token_corpus(tmp_path / "C", shards, dtype), "megatron", tmp_path / "out")
    for split in ("train", "validation"):
        dataset = IndexedDataset(str(tmp_path / "out" / split), mmap=True)
        assert [dataset[number].tolist() for number in range(len(dataset))] == tokens_of(shards, split)
        assert dataset.document_indices.tolist() == list(range(len(dataset) + 1))


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """streaming imports torchvision for pictures alone, and that has no build that goes with every torch for CPUs."""
    import transformers.feature_extraction_utils  # noqa: F401 - it looks for torchvision too, and shall find none

    named = {
        "datasets": {"VisionDataset": type("VisionDataset", (), {})},
        "transforms": {},
        "transforms.functional": {"to_tensor": None},
    }
    if find_spec("torchvision") is None:
        monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
        for name, values in named.items():
            module = ModuleType(f"torchvision.{name}")
            vars(module).update(values)
            monkeypatch.setitem(sys.modules, module.__name__, module)


@peer("streaming", "--no-deps mosaicml-streaming==0.13.0")
@both_types
@pytest.mark.usefixtures("quiet", "without_pictures")
def test_streaming_reads_each_document_as_a_sample(tmp_path: Path, shards: Shards, dtype: str) -> None:
    from streaming import StreamingDataset
    from streaming.base.util import clean_stale_shared_memory

    export(token_corpus(tmp_path / "C", shards, dtype), "mds", tmp_path / "out")
    for split in ("train", "validation"):
        dataset = StreamingDataset(local=str(tmp_path / "out"), split=split, shuffle=False, batch_size=1, validate_hash="sha256")
        samples = [dataset[number] for number in range(len(dataset))]
        assert [(sample["doc_id"], sample["tokens"].tolist()) for sample in samples] == expected(shards, split)
        assert {sample["tokens"].dtype for sample in samples} == {np.dtype(dtype)}
        del dataset
        clean_stale_shared_memory()


@peer("datasets", "datasets==5.2.0")
@both_types
@pytest.mark.usefixtures("quiet")
def test_datasets_finds_both_splits_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shards: Shards, dtype: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    export(token_corpus(tmp_path / "C", shards, dtype), "parquet", tmp_path / "out")
    found = load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert set(found) == {"train", "validation"}
    for split, rows in found.items():
        assert list(zip(rows["doc_id"], rows["tokens"], strict=True)) == expected(shards, split)
        assert rows["url"] == [url_of(doc_id) for doc_id in rows["doc_id"]]
        assert rows.features["tokens"].feature.dtype == dtype


def texts_of(shards: Shards) -> dict[str, str]:
    return {doc_id: f"text of {doc_id}" for doc_id in every_id(shards)}


def every_id(shards: Shards) -> list[str]:
    return [name_of(number, place) for number, (_, documents) in enumerate(shards) for place in range(len(documents))]


@peer("datasets", "datasets==5.2.0")
@pytest.mark.usefixtures("quiet")
def test_datasets_reads_the_folder_of_json_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until 2026-11 it took export.json for rows and failed."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    export(token_corpus(tmp_path / "C", SMALL), "jsonl", tmp_path / "out")
    found = load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert set(found) == {"train"} and dict(zip(found["train"]["id"], found["train"]["text"], strict=True)) == texts_of(SMALL)
    assert found["train"][0]["metadata"]["language"] == "en"


@peer("datatrove", "datatrove==0.10.1 orjson")
@pytest.mark.usefixtures("quiet")
def test_datatrove_reads_json_lines_and_the_tables_themselves(tmp_path: Path) -> None:
    from datatrove.pipeline.readers import JsonlReader, ParquetReader

    corpus = token_corpus(tmp_path / "C", SMALL)
    export(corpus, "jsonl", tmp_path / "out")
    readers = (
        JsonlReader(str(tmp_path / "out")),
        JsonlReader(str(tmp_path / "out"), glob_pattern="*.jsonl.zst"),
        ParquetReader(corpus.path("curated"), id_key="doc_id"),
    )
    for reader in readers:
        assert {one.id: one.text for one in reader()} == texts_of(SMALL)


@peer("dolma", "--no-deps dolma==1.2.1")
@pytest.mark.usefixtures("quiet")
def test_dolma_tokenizes_json_lines_as_our_shards_have_them(tmp_path: Path) -> None:
    from dolma.tokenizer.tokenizer import tokenize_file

    learned = small_tokenizer(300)
    export(token_corpus(tmp_path / "C", SMALL), "jsonl", tmp_path / "out")
    (tmp_path / "tokenizer.json").write_text(learned)
    file = tmp_path / "out" / "documents-00000.jsonl.zst"
    read = tokenize_file(str(tmp_path / "tokenizer.json"), str(file), bos_token_id=0, eos_token_id=0, pad_token_id=0)
    encoder = Encoder(learned)
    expected = {doc_id: [0, *encoder.encode(pa.array([text])).ids.tolist(), 0] for doc_id, text in texts_of(SMALL).items()}
    assert {one.id: list(one.tokens) for one in read} == expected


@both_types
def test_llm_c_reads_the_shards_as_they_are(tmp_path: Path, shards: Shards, dtype: str) -> None:
    """What its train_gpt2.py and train_llama3.py do with a file: header, magic, version, count, then the tokens."""
    corpus = token_corpus(tmp_path / "C", shards, dtype)
    magic, version = {"uint16": (20240520, 1), "uint32": (20240801, 7)}[dtype]
    for number, (_, documents) in enumerate(shards):
        [path] = Path(corpus.path("shards")).glob(f"shard-{number:05d}-*.bin")
        with path.open("rb") as file:
            header = np.frombuffer(file.read(256 * 4), dtype=np.int32)
            tokens = np.frombuffer(file.read(), dtype=dtype)
        assert (header[0], header[1], header[2]) == (magic, version, len(tokens))
        assert tokens.tolist() == [token for ids in documents for token in (0, *ids)]


@peer("torch", "torch")
def test_the_batches_of_nanogpt_are_stretches_of_the_documents(tmp_path: Path) -> None:
    """What nanoGPT's `get_batch` does with train.bin and val.bin: map, draw places, cut x there and y one further."""
    import torch

    export(token_corpus(tmp_path / "C", SMALL), "nanogpt", tmp_path / "out")
    for split, name in (("train", "train.bin"), ("validation", "val.bin")):
        data = np.memmap(tmp_path / "out" / name, dtype=np.uint16, mode="r")
        flat = [token for tokens in tokens_of(SMALL, split) for token in tokens]
        block = min(8, len(flat) - 2)
        places = torch.randint(len(data) - block, (16,), generator=torch.Generator().manual_seed(1))
        x = torch.stack([torch.from_numpy(data[place : place + block].astype(np.int64)) for place in places])
        y = torch.stack([torch.from_numpy(data[place + 1 : place + 1 + block].astype(np.int64)) for place in places])
        assert x.tolist() == [flat[place : place + block] for place in places.tolist()]
        assert y.tolist() == [flat[place + 1 : place + 1 + block] for place in places.tolist()]
