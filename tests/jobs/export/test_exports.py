"""Exports as the layouts of their readers are published; tests/peers reads them with the peers' own packages."""

import hashlib
import io
import json
import random
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import zstandard

from jobs.corpus.files import readers
from jobs.corpus.folder import Corpus
from jobs.corpus.shards import shards_of, store_shards
from jobs.export import mds as export_mds
from jobs.export import megatron as export_megatron
from jobs.export import record as export_record
from jobs.export import source as export_source
from jobs.export.documents import FORMATS, TOKEN_FORMATS, export
from jobs.export.record import known_exports
from pipeline.errors import CorpusError, EnvironmentProblem, UsageError
from tests.jobs.export.exports import LARGE, SMALL, Documents, expected, token_corpus, url_of
from tests.jobs.running import winnow
from tests.jobs.stored import put

Shards = list[tuple[str, Documents]]
Read = list[tuple[str | None, list[int]]]  # doc_id where the layout has one


def read_nanogpt(folder: Path, split: str, dtype: str) -> Read:
    data = np.memmap(folder / {"train": "train.bin", "validation": "val.bin"}[split], dtype=dtype, mode="r")
    ends = np.flatnonzero(data == 0).tolist()
    assert not ends or ends[-1] == len(data) - 1
    begins = [0, *(end + 1 for end in ends)]
    return [(None, data[begin : end + 1].tolist()) for begin, end in zip(begins, ends, strict=False)]


def read_megatron(folder: Path, split: str, dtype: str) -> Read:
    index = (folder / f"{split}.idx").read_bytes()
    assert index[:9] == b"MMIDIDX\x00\x00"
    version, code, sequences, documents = struct.unpack_from("<QBQQ", index, 9)
    assert (version, {8: "uint16", 4: "int32"}[code]) == (1, {"uint16": "uint16", "uint32": "int32"}[dtype])
    lengths = np.frombuffer(index, "<i4", sequences, 34)
    pointers = np.frombuffer(index, "<i8", sequences, 34 + 4 * sequences)
    firsts = np.frombuffer(index, "<i8", documents, 34 + 12 * sequences)
    assert len(index) == 34 + 12 * sequences + 8 * documents and firsts.tolist() == list(range(sequences + 1))
    data, kind = (folder / f"{split}.bin").read_bytes(), "<u2" if code == 8 else "<i4"
    assert len(data) == np.dtype(kind).itemsize * lengths.sum()
    places = zip(lengths.tolist(), pointers.tolist(), strict=True)
    return [(None, np.frombuffer(data, kind, length, pointer).tolist()) for length, pointer in places]


def read_mds(folder: Path, split: str, dtype: str, named: str = "doc_id") -> Read:
    read: Read = []
    index = json.loads((folder / split / "index.json").read_text())
    assert index["version"] == 2
    for row in index["shards"]:
        assert (row["format"], row["column_names"]) == ("mds", [named, "tokens"])
        assert row["column_encodings"] == ["str", f"ndarray:{dtype}"] and row["column_sizes"] == [None, None]
        data = (folder / split / row["raw_data"]["basename"]).read_bytes()
        assert row["raw_data"]["bytes"] == len(data)
        assert row["raw_data"]["hashes"] == {"sha256": hashlib.sha256(data).hexdigest()}
        [samples] = np.frombuffer(data, "<u4", 1).tolist()
        offsets = np.frombuffer(data, "<u4", samples + 1, 4).tolist()
        assert 0 < samples == row["samples"] and offsets[-1] == len(data)
        config = json.loads(data[8 + 4 * samples : offsets[0]])
        assert config == {name: row[name] for name in config}
        for begin, end in pairwise(offsets):
            name, tokens = np.frombuffer(data, "<u4", 2, begin).tolist()
            head = begin + 8 + name
            assert data[head] >> 2 == 1 and head + tokens == end
            kind = ["<u1", "<u2", "<u4"][data[head] & 3]
            [length] = np.frombuffer(data, kind, 1, head + 1).tolist()
            values = np.frombuffer(data, np.dtype(dtype), length, head + 1 + np.dtype(kind).itemsize)
            assert head + 1 + np.dtype(kind).itemsize + values.nbytes == end
            read.append((data[begin + 8 : head].decode(), values.tolist()))
    return read


def read_parquet(folder: Path, split: str, dtype: str) -> Read:
    rows = []
    for path in sorted((folder / "data").glob(f"{split}-*.parquet")):
        file = pq.ParquetFile(path, page_checksum_verification=True)
        assert str(file.schema_arrow.field("tokens").type.value_type) == dtype
        rows += file.read().to_pylist()
    assert all(row["url"] == url_of(row["doc_id"]) and row["split"] == split for row in rows)
    return [(row["doc_id"], row["tokens"]) for row in rows]


READERS: dict[str, Callable[[Path, str, str], Read]] = {
    "nanogpt": read_nanogpt, "megatron": read_megatron, "mds": read_mds, "parquet": read_parquet,
}  # fmt: skip


def check(corpus: Corpus, shards: Shards, form: str, dtype: str, folder: Path) -> None:
    """The export holds every document of each split, in the order of the shards, and nothing of a split that is not there."""
    count = export(corpus, form, folder)
    for split in {split for split, _ in shards}:
        read, wanted = READERS[form](folder, split, dtype), expected(shards, split)
        assert [tokens for _, tokens in read] == [tokens for _, tokens in wanted]
        assert all(doc_id in (None, name) for (doc_id, _), (name, _) in zip(read, wanted, strict=True))
    assert count == sum(len(expected(shards, split)) for split in ("train", "validation"))
    if not any(split == "validation" for split, _ in shards):
        assert not [path for path in folder.rglob("*") if path.name.startswith("val")]


@pytest.mark.parametrize("form", TOKEN_FORMATS)
@pytest.mark.parametrize(("shards", "dtype"), [(SMALL, "uint16"), (LARGE, "uint32"), (SMALL[:1], "uint16")])
def test_an_export_holds_the_documents_of_each_split_in_order(tmp_path: Path, form: str, shards: Shards, dtype: str) -> None:
    check(token_corpus(tmp_path / "C", shards, dtype), shards, form, dtype, tmp_path / "out")


def drawn_documents(rng: random.Random) -> Documents:
    return [[rng.randrange(2, 300) for _ in range(rng.randrange(10))] for _ in range(rng.randrange(1, 7))]


@pytest.mark.parametrize("few", range(1, 13))
def test_no_edge_of_a_stretch_or_file_loses_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    rng = random.Random(few)
    shards = [(split, drawn_documents(rng)) for split in ("train", "validation") for _ in range(rng.randrange(1, 4))]
    monkeypatch.setattr(export_source, "TOKENS_OF_STRETCH", few)
    monkeypatch.setattr(export_source, "ROWS_FETCHED", few)
    monkeypatch.setattr(export_megatron, "CHUNK", few)
    monkeypatch.setattr(export_mds, "FILE_BYTES", 200 + 20 * few)
    corpus = token_corpus(tmp_path / "C", shards)
    for form in TOKEN_FORMATS:
        check(corpus, shards, form, "uint16", tmp_path / form)


def test_json_lines_hold_every_document_with_where_it_came_from(tmp_path: Path) -> None:
    corpus = token_corpus(tmp_path / "C", SMALL)
    assert export(corpus, "jsonl", tmp_path / "out") == 8
    with zstandard.open(tmp_path / "out" / "documents-00000.jsonl.zst", "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    assert [line["id"] for line in lines] == sorted(line["id"] for line in lines) and len(lines) == 8
    assert lines[0]["text"] == f"text of {lines[0]['id']}"
    assert (lines[0]["metadata"]["warc_file"], lines[0]["metadata"]["title"]) == ("a.warc", "ü")


@pytest.mark.parametrize(("form", "rows"), [("jsonl", {"train": 8}), ("parquet", {"train": 5, "validation": 2})])
def test_load_dataset_reads_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, rows: dict[str, int]) -> None:
    """Other readers: `make test-peers`."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="needs the package datasets, which winnow does not use")
    export(token_corpus(tmp_path / "C", SMALL), form, tmp_path / "out")
    found = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {split: some.num_rows for split, some in found.items()} == rows


@pytest.mark.parametrize("form", FORMATS)
def test_the_record_names_every_file_and_what_they_were_made_from(tmp_path: Path, form: str) -> None:
    corpus = token_corpus(tmp_path / "C", SMALL)
    folder = tmp_path / "C" / "export" / form
    export(corpus, form, folder)
    record = json.loads((folder / "export.json").read_text())
    assert (record["format"], record["fingerprint"]) == (form, "of select" if form == "jsonl" else "of shard")
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert (
        {row["file"]: row["sha256"] for row in record["files"]}
        == {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "export.json"}
        != {}
    )
    if form != "jsonl":
        assert record["shards"] == [{"file": one.file, "sha256": one.sha256} for one in shards_of(corpus).shards]
    assert [one.name for one in known_exports(corpus)] == [str(folder)]
    assert {path.name for path in folder.parent.iterdir()} == {form}, "nothing half-made is left"


@pytest.mark.parametrize("form", TOKEN_FORMATS)
def test_the_same_shards_give_the_same_export(tmp_path: Path, form: str) -> None:
    corpus = token_corpus(tmp_path / "C", SMALL)
    for name in ("one", "other"):
        export(corpus, form, tmp_path / name)
    assert (tmp_path / "one" / "export.json").read_bytes() == (tmp_path / "other" / "export.json").read_bytes()


def test_the_corpus_knows_of_exports_elsewhere(tmp_path: Path) -> None:
    corpus = token_corpus(tmp_path / "C", SMALL)
    for folder in ("out", "out", "other"):
        export(corpus, "nanogpt", tmp_path / folder)
    assert [one.name for one in known_exports(corpus)] == [str(tmp_path / "other"), str(tmp_path / "out")]
    (tmp_path / "out" / "export.json").unlink()
    assert [one.name for one in known_exports(corpus)] == [str(tmp_path / "other")]


def test_an_export_takes_the_place_of_an_earlier_one_only_when_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = token_corpus(tmp_path / "C", SMALL)
    export(corpus, "nanogpt", tmp_path / "out")
    before = (tmp_path / "out" / "train.bin").read_bytes()

    def no_space(folder: Path) -> list[dict[str, object]]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(export_record, "_files", no_space)
        with pytest.raises(EnvironmentProblem, match="No space left"):
            export(corpus, "megatron", tmp_path / "out")
    assert (tmp_path / "out" / "train.bin").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"C", "out"}
    export(corpus, "megatron", tmp_path / "out")
    assert not (tmp_path / "out" / "val.bin").exists() and (tmp_path / "out" / "validation.idx").exists()


def test_a_folder_of_other_things_is_never_replaced(tmp_path: Path) -> None:
    corpus = token_corpus(tmp_path / "C", SMALL)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("irreplaceable")
    with pytest.raises(UsageError, match="no export of winnow"):
        export(corpus, "mds", tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "irreplaceable"


def test_shards_that_change_under_the_export_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = token_corpus(tmp_path / "C", SMALL)

    def write_and_change(source: export_source.TokenSource, folder: Path) -> int:
        put(tmp_path / "C", stages=corpus.stages | {"shard": corpus.stages["shard"] | {"fingerprint": "of another"}})
        return 0

    monkeypatch.setitem(TOKEN_FORMATS, "nanogpt", write_and_change)
    with pytest.raises(CorpusError, match="export once more"):
        export(corpus, "nanogpt", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_an_export_reads_stays_while_it_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on record before it opens corpus.json: a writer that supersedes its files leaves them."""
    corpus = token_corpus(tmp_path / "C", SMALL)
    old = [Path(corpus.path(one.file)) for one in corpus.files("shards")]
    stayed = []

    def write_and_supersede(source: export_source.TokenSource, folder: Path) -> int:
        manifest = replace(source.manifest, seed=99, shards=source.manifest.shards[:1])
        put(tmp_path / "C", stored={"shards": store_shards(corpus.root, manifest)[0]})
        stayed.extend(path for path in old if path.exists())
        return 0

    monkeypatch.setitem(TOKEN_FORMATS, "nanogpt", write_and_supersede)
    with pytest.raises(CorpusError, match="export once more"):
        export(corpus, "nanogpt", tmp_path / "out")
    assert stayed == old and readers.live(corpus.root, time.time()) == []
    put(tmp_path / "C")
    assert [path for path in old if path.exists()] == [path for path in old if path.name.startswith("shard-00000")]


def test_the_command_says_where_the_export_lies_and_which_formats_there_are(tmp_path: Path) -> None:
    corpus = token_corpus(tmp_path / "C", SMALL)
    done = winnow("export", corpus.root, "--format", "megatron")
    assert done.returncode == 0, done.stderr
    assert "7 documents in" in done.stderr.replace("\n", " ")
    assert (tmp_path / "C" / "export" / "megatron" / "train.idx").exists()
    refused = winnow("export", corpus.root, "--format", "arrow")
    assert refused.returncode == 2 and "one of jsonl, nanogpt, megatron, mds, parquet" in refused.stderr


def test_an_array_of_any_length_is_described_with_its_length() -> None:
    for length in (1, 255, 256, 65_535, 65_536):
        data = io.BytesIO(export_mds._array(np.zeros(length, "<u2")))
        kind = ["<u1", "<u2", "<u4"][data.read(1)[0] & 3]
        assert np.frombuffer(data.read(np.dtype(kind).itemsize), kind)[0] == length and len(data.read()) == 2 * length
