"""What `winnow verify` says of shards: nothing where they are sound, and what is wrong wherever one thing is."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.ask import check_shards
from jobs.ask.check_shards import shard_checks
from jobs.corpus.folder import Corpus
from jobs.corpus.views import connect
from pipeline import tables
from tests.jobs.export.exports import SMALL, name_of, token_corpus
from tests.tokenizer.bpe.strategies import small_tokenizer
from tokenizer.bpe.encode import Encoder
from tokenizer.shards.files import HEADER_BYTES, read_manifest


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    tokenizer = small_tokenizer()
    digest = hashlib.sha256(tokenizer.encode()).hexdigest()
    made = token_corpus(tmp_path / "C", SMALL, "uint16", digest, len(Encoder(tokenizer).vocabulary))
    (tmp_path / "C" / "tokenizer").mkdir()
    (tmp_path / "C" / "tokenizer" / "tokenizer.json").write_text(tokenizer)
    return made


def faults(corpus: Corpus) -> dict[str, str]:
    with connect(corpus) as database:
        return {what: fault for what, fault in shard_checks(corpus, database) if fault}


def rewrite(corpus: Corpus, table: str, change: Callable[[list[dict[str, object]]], object]) -> None:
    [path] = (Path(corpus.root) / table).glob("*.parquet")
    rows = sorted(pq.read_table(path).to_pylist(), key=lambda row: [str(value) for value in row.values()])
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, tables.TABLES[table]), path)


def retell(corpus: Corpus, **changes: object) -> None:
    """Writes shards.json anew, with a checksum that holds."""
    path = Path(corpus.root) / "shards" / "shards.json"
    manifest = read_manifest(path.read_text())
    path.write_text(type(manifest)(**{**manifest.__dict__, **changes}).to_json())  # type: ignore[arg-type]


def test_sound_shards_have_no_fault(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_shards, "BLOCK_BYTES", 64)
    assert faults(corpus) == {}


FILES = ["shards/shard-00000.bin", "shards/shard-00002.bin", "shards/shards.json", "tokenizer/tokenizer.json"]


@pytest.mark.parametrize("file", FILES)
def test_any_flipped_bit_is_found(corpus: Corpus, file: str) -> None:
    path = Path(corpus.root) / file
    data = path.read_bytes()
    rng = np.random.default_rng(3)
    for bit in rng.choice(8 * len(data), 60, replace=False).tolist():
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bytes(flipped))
        assert faults(corpus), f"bit {bit} of {file}"


def test_a_manifest_that_names_other_ids_than_the_tokenizer_is_found(corpus: Corpus) -> None:
    for change in ({"removed": 2}, {"end_of_text": 3}, {"vocabulary_size": 400}, {"dtype": "uint32"}):
        before = (Path(corpus.root) / "shards" / "shards.json").read_text()
        retell(corpus, **change)
        assert "shards.json names the tokenizer's own ids" in faults(corpus)
        (Path(corpus.root) / "shards" / "shards.json").write_text(before)


@pytest.mark.parametrize("change", [{"tokens": 1}, {"documents": 9}])
def test_a_manifest_that_does_not_add_up_is_found(corpus: Corpus, change: dict[str, int]) -> None:
    retell(corpus, **change)
    assert list(faults(corpus)) == ["shards.json adds up"]


def test_validation_before_training_is_found(corpus: Corpus) -> None:
    shards = read_manifest((Path(corpus.root) / "shards" / "shards.json").read_text()).shards
    retell(corpus, shards=tuple(reversed(shards)))
    assert "shards.json adds up" in faults(corpus)


def test_a_missing_shard_is_found(corpus: Corpus) -> None:
    (Path(corpus.root) / "shards" / "shard-00001.bin").unlink()
    assert "found missing" in faults(corpus)["sha256 of shard-00001.bin"]


def change_tokens(corpus: Corpus, name: str, change: Callable[[np.ndarray], object]) -> None:
    """Changes a shard and tells its new hash, so that only its content can be at fault."""
    path = Path(corpus.root) / "shards" / name
    data = bytearray(path.read_bytes())
    change(np.frombuffer(data, "<u2", offset=HEADER_BYTES))
    path.write_bytes(bytes(data))
    manifest = read_manifest((Path(corpus.root) / "shards" / "shards.json").read_text())
    files = [
        type(shard)(**{**shard.__dict__, "sha256": hashlib.sha256(bytes(data)).hexdigest()}) if shard.file == name else shard
        for shard in manifest.shards
    ]
    retell(corpus, shards=tuple(files))


@pytest.mark.parametrize(
    ("place", "token", "said"),
    [(0, 5, "do not meet, first at token 0"), (2, 0, "do not meet, first at token 2"), (1, 65_535, "it holds token 65535")],
)
def test_an_end_of_text_that_is_missing_or_too_many_is_found(corpus: Corpus, place: int, token: int, said: str) -> None:
    change_tokens(corpus, "shard-00000.bin", lambda tokens: tokens.__setitem__(place, token))
    assert said in faults(corpus)["shard-00000.bin holds the documents of `spans` and nothing else"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.pop(0), "listed 3 documents, `spans` has 2"),
        (lambda rows: rows[0].update(length=2), "the span at 1 ends at 3, not at 4"),
        (lambda rows: rows[0].update(start=2, length=2), "first span starts at 2"),
        (lambda rows: rows[2].update(length=2), "the span at 6 ends at 8, not at 7"),
        (lambda rows: rows[1].update(start=4), "the span at 1 ends at 4, not at 3"),
    ],
)
def test_spans_that_do_not_cover_their_shard_are_found(
    corpus: Corpus, change: Callable[[list[dict[str, object]]], object], said: str
) -> None:
    rewrite(corpus, "spans", change)
    assert said in faults(corpus)["shard-00000.bin holds the documents of `spans` and nothing else"]


def test_copies_on_both_sides_of_the_split_are_found(corpus: Corpus) -> None:
    train, held_out = name_of(0, 0), name_of(2, 0)
    row = {"warc_file": "a", "warc_offset": 0, "cluster_id": train, "similarity": 0.9}
    for kind, copy, keeper in (("record", train, train), ("near", train, name_of(1, 1)), ("near", name_of(9, 9), held_out)):
        cluster = {"cluster_id": held_out} if keeper == held_out else {}
        added = row | cluster | {"doc_id": copy, "keeper_id": keeper, "kind": kind}
        rewrite(corpus, "duplicates", lambda rows, added=added: rows.append(added))  # type: ignore[misc]
    assert faults(corpus) == {}, "copies within one split, or of what is not curated"
    rewrite(corpus, "duplicates", lambda rows: rows.append(row | {"doc_id": held_out, "keeper_id": train, "kind": "near"}))
    assert train in faults(corpus)["no copies on both sides of the split"]


def test_a_token_left_of_a_removed_document_is_found(corpus: Corpus) -> None:
    """The first document of shard 1 holds filler alone, the second does not."""
    for place, said in ((0, ""), (1, name_of(1, 1))):
        added = {"doc_id": name_of(1, place), "outcome": "removed", "warc_file": "a.warc", "warc_offset": 7}
        rewrite(corpus, "outcomes", lambda rows, added=added: rows.append(added))  # type: ignore[misc]
        assert said in faults(corpus).get("removed documents have no token left", "")
        assert bool(said) == ("removed documents have no token left" in faults(corpus))


def test_shards_of_an_earlier_version_are_reported_as_such(corpus: Corpus) -> None:
    path = Path(corpus.root) / "shards" / "shards.json"
    earlier = json.loads(path.read_text())
    del earlier["removed"]
    path.write_text(json.dumps(earlier))
    assert "write the shards again" in faults(corpus)["shards.json is as it was written"]
