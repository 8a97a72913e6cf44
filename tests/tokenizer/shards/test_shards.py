import hashlib
import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.blocks import BLOCK_BYTES, StoredFile
from pipeline.errors import CorpusError, RecipeError
from pipeline.hashing import stream_sha256
from tokenizer.shards.files import (
    FORMAT,
    HEADER_BYTES,
    ShardFile,
    ShardManifest,
    ShardSettings,
    ShardWriter,
    order_of,
    plan_splits,
    read_manifest,
    read_shard,
    shard_name,
)

SPANS = StoredFile("spans/part-00001-0a.parquet", 9, "c" * 64, "3" * 8, 2)
MANIFEST = ShardManifest(
    format=FORMAT, dtype="uint16", vocabulary_size=300, end_of_text=0, removed=1, tokenizer_sha256="f" * 64, seed=7,
    shard_tokens=100, tokens=7, documents=2, validation_share=0.02, validation_unit="host", shards=(
        ShardFile("shard-00000.bin", 5, 1, 1034, "a" * 64, "1" * 8),
        ShardFile("shard-00001.bin", 2, 1, 1028, "b" * 64, "2" * 8, "validation", SPANS),
    ),
)  # fmt: skip
ORDER_OF_SEED_7 = 476863743721852371


def written(folder: Path, dtype: str, documents: list[list[int]]) -> tuple[list[int], ShardFile]:
    """Writes shards/s.bin; where each document starts, and what shards.json says of it."""
    (folder / "shards").mkdir()
    with (folder / "shards" / "s.bin").open("w+b") as file:
        writer = ShardWriter(file, dtype, end_of_text=0)
        starts = [writer.add(np.array(ids, dtype).tobytes()) for ids in documents]
        return starts, writer.close("s.bin")


@pytest.mark.parametrize(("dtype", "large"), [("uint16", 65_535), ("uint32", 100_000)])
def test_documents_are_read_back_each_after_an_end_of_text(tmp_path: Path, dtype: str, large: int) -> None:
    starts, file = written(tmp_path, dtype, [[5, large, 6], [], [9]])
    assert starts == [1, 5, 6]
    tokens = read_shard(str(tmp_path), file).whole()
    assert (tokens.dtype, tokens.tolist()) == (np.dtype(dtype), [0, 5, large, 6, 0, 0, 9])
    data = (tmp_path / "shards" / "s.bin").read_bytes()
    assert file == ShardFile("s.bin", 7, 3, len(data), hashlib.sha256(data).hexdigest(), f"{zlib.crc32(data):08x}")


def test_the_file_is_laid_out_as_llm_c_reads_it(tmp_path: Path) -> None:
    """The steps of llm.c's and modded-nanogpt's `_load_data_shard`."""
    written(tmp_path, "uint16", [[5, 6]])
    with (tmp_path / "shards" / "s.bin").open("rb") as file:
        header = np.frombuffer(file.read(256 * 4), dtype=np.int32)
        tokens = np.frombuffer(file.read(), dtype=np.uint16)
    assert header[:3].tolist() == [20240520, 1, 3] and not header[3:].any()
    assert tokens.tolist() == [0, 5, 6]


def test_four_byte_tokens_are_marked_as_those_of_llm_c(tmp_path: Path) -> None:
    written(tmp_path, "uint32", [[70_000]])
    assert np.frombuffer((tmp_path / "shards" / "s.bin").read_bytes()[:12], "<i4").tolist() == [20240801, 7, 2]


def test_a_shard_without_documents_is_read_as_no_tokens(tmp_path: Path) -> None:
    _, file = written(tmp_path, "uint16", [])
    assert read_shard(str(tmp_path), file).whole().tolist() == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:100], "100 bytes long"),
        (lambda data: data[:-2], "says 3 tokens but has 2"),
        (lambda data: data + b"\0", "says 3 tokens but has 3.5"),
        (lambda data: data[:8] + b"\2" + data[9:-2], "it has 2 tokens"),
        (lambda data: b"\0" + data[1:], "not a shard of a known kind"),
        (lambda data: data[:4] + b"\7" + data[5:], "not a shard of a known kind"),
    ],
)
def test_a_file_that_is_no_whole_shard_is_refused(tmp_path: Path, damage: object, said: str) -> None:
    _, file = written(tmp_path, "uint16", [[5, 6]])
    (tmp_path / "shards" / "s.bin").write_bytes(damage((tmp_path / "shards" / "s.bin").read_bytes()))  # type: ignore[operator]
    with pytest.raises(CorpusError, match=said):
        read_shard(str(tmp_path), file)


def test_no_bit_of_a_shard_can_flip_unnoticed(tmp_path: Path) -> None:
    _, file = written(tmp_path, "uint16", [[5, 6], [7]])
    path = tmp_path / "shards" / "s.bin"
    data = path.read_bytes()
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        with pytest.raises(CorpusError, match=r"s\.bin"):
            read_shard(str(tmp_path), file).whole()


def test_only_the_blocks_that_are_read_are_compared_and_each_of_them_is(tmp_path: Path) -> None:
    _, file = written(tmp_path, "uint16", [[5] * (3 * BLOCK_BYTES // 2)])
    path = tmp_path / "shards" / "s.bin"
    data = bytearray(path.read_bytes())
    data[2 * BLOCK_BYTES] ^= 1  # the first byte of the third block
    path.write_bytes(data)
    tokens, last = read_shard(str(tmp_path), file), (2 * BLOCK_BYTES - HEADER_BYTES) // 2
    assert tokens[1:last].tolist() == [5] * (last - 1)
    for stretch in (slice(last, last + 1), slice(last - 1, last + 1)):
        with pytest.raises(CorpusError, match=r"s\.bin is not as it was written: MiB 2 differs"):
            tokens[stretch]


def test_a_manifest_is_read_back_as_it_was() -> None:
    assert read_manifest(MANIFEST.to_json()) == MANIFEST


@pytest.mark.parametrize("text", ["", "[]", "{}", MANIFEST.to_json().replace("seed", "sead")])
def test_a_manifest_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(CorpusError, match=r"shards\.json"):
        read_manifest(text)


def test_a_manifest_of_another_format_is_refused_with_what_to_run() -> None:
    for other in (FORMAT - 1, FORMAT + 1):
        with pytest.raises(CorpusError, match=rf"format {other} .* reads format {FORMAT} alone: `winnow shard"):
            read_manifest(MANIFEST.to_json().replace(f'"format": {FORMAT}', f'"format": {other}'))


def test_no_bit_of_a_manifest_can_flip_unnoticed() -> None:
    data = MANIFEST.to_json().encode()
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorpusError, match=r"shards\.json"):
            read_manifest(flipped.decode("utf-8", "replace"))


def test_the_files_of_a_split_are_named_by_the_manifest() -> None:
    assert [shard.file for shard in MANIFEST.of_split("validation")] == ["shard-00001.bin"]


lengths_of_documents = st.lists(st.integers(1, 50), max_size=60)


@given(st.tuples(lengths_of_documents, lengths_of_documents, lengths_of_documents), st.integers(1, 500))
def test_shards_of_a_split_are_equal_to_within_one_document(documents: tuple[list[int], ...], shard_tokens: int) -> None:
    splits = plan_splits([sum(lengths) for lengths in documents], shard_tokens)
    assert [split.first_shard for split in splits] == [sum(one.shards for one in splits[:place]) for place in range(3)]
    for split, lengths in zip(splits, documents, strict=True):
        sizes, begun = dict.fromkeys(range(split.first_shard, split.first_shard + split.shards), 0), 0
        for length in lengths:
            sizes[split.shard_of(begun)] += length
            begun += length
        assert split.shards == -(-sum(lengths) // shard_tokens)
        for tokens in sizes.values():
            assert abs(tokens - sum(lengths) / split.shards) < max(lengths)


def test_the_order_of_documents_is_the_one_that_is_written_down() -> None:
    """Anyone can compute it: BLAKE2b-64 of "seed:doc_id", big-endian, signed. It must never move."""
    digest = hashlib.blake2b(b"7:0123456789abcdef0123456789abcdef", digest_size=8).digest()
    assert order_of(["0123456789abcdef0123456789abcdef"], 7) == [int.from_bytes(digest, "big", signed=True)] == [ORDER_OF_SEED_7]
    assert order_of(["a", "b"], 0) != order_of(["a", "b"], 1)


def test_a_hash_covers_what_is_left_of_the_file() -> None:
    file = io.BytesIO(b"ab" * 1_000_000)
    file.seek(1)
    assert stream_sha256(file) == hashlib.sha256((b"ab" * 1_000_000)[1:]).hexdigest()


def test_names_of_shards_sort_as_their_numbers_do() -> None:
    assert [shard_name(number) for number in (0, 12)] == ["shard-00000-HASH.bin", "shard-00012-HASH.bin"]


@pytest.mark.parametrize("tokens", [0, -1, 2_000_000_001])
def test_a_shard_size_that_the_header_cannot_hold_is_refused(tokens: int) -> None:
    with pytest.raises(RecipeError, match=f"shard_tokens is {tokens}"):
        ShardSettings(shard_tokens=tokens)
