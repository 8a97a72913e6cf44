"""Exports, read by the packages of those who will read them. They are large, so each test is skipped where its own is missing.

`pip install --no-deps megatron-core==0.16.1 mosaicml-streaming==0.13.0` beside torch, then `pip install datasets==5.0.1 boto3
python-snappy torchvision zstd` is what they were last run with.
"""

from pathlib import Path

import numpy as np
import pytest

from jobs.export.documents import export
from tests.jobs.export.exports import LARGE, SMALL, Documents, expected, token_corpus, url_of
from tests.peers.peer import peer

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


@peer("streaming", "--no-deps mosaicml-streaming==0.13.0; pip install boto3 python-snappy torchvision zstd")
@both_types
@pytest.mark.usefixtures("quiet")
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


@peer("datasets", "datasets==5.0.1")
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
