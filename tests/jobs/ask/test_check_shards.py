"""What `winnow verify` says of shards: nothing where they are sound, and what is wrong wherever one thing is."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jobs.ask import check_shards
from jobs.ask.check_shards import shard_checks
from jobs.corpus.files.stored import store
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.shards import shards_of, store_shards
from jobs.corpus.views import connect
from tests.jobs import stored
from tests.jobs.export.exports import SMALL, name_of, token_corpus
from tests.jobs.stored import put
from tests.tokenizer.bpe.strategies import small_tokenizer
from tokenizer.bpe.encode import Encoder
from tokenizer.shards.files import HEADER_BYTES, shard_name


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    tokenizer = small_tokenizer()
    digest = hashlib.sha256(tokenizer.encode()).hexdigest()
    made = token_corpus(tmp_path / "C", SMALL, "uint16", digest, len(Encoder(tokenizer).vocabulary))
    return put(Path(made.root), texts={"tokenizer": tokenizer})


def faults(corpus: Corpus) -> dict[str, str]:
    corpus = open_corpus(corpus.root)
    with connect(corpus) as database:
        return {what: fault for what, fault in shard_checks(corpus, database) if fault}


def rewrite(corpus: Corpus, table: str, change: Callable[[list[dict[str, object]]], object]) -> None:
    rows = sorted(stored.table(open_corpus(corpus.root), table), key=lambda row: [str(value) for value in row.values()])
    change(rows)
    put(Path(corpus.root), {table: rows})


def retell(corpus: Corpus, **changes: object) -> None:
    """Writes shards.json anew, with a checksum that holds."""
    manifest = replace(shards_of(open_corpus(corpus.root)), **changes)  # type: ignore[arg-type]
    listed, spans = store_shards(corpus.root, manifest)
    put(Path(corpus.root), stored={"shards": listed, "spans": spans})


def test_sound_shards_have_no_fault(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_shards, "BLOCK_BYTES", 64)
    assert faults(corpus) == {}


@pytest.mark.parametrize(("kind", "number"), [("shards", 0), ("shards", 1), ("shards", 3), ("tokenizer", 0)])
def test_any_flipped_bit_is_found(corpus: Corpus, kind: str, number: int) -> None:
    path = stored.files(corpus, kind)[number]
    data = path.read_bytes()
    rng = np.random.default_rng(3)
    for bit in rng.choice(8 * len(data), 60, replace=False).tolist():
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bytes(flipped))
        assert faults(corpus), f"bit {bit} of {path.name}"


def test_a_manifest_that_names_other_ids_than_the_tokenizer_is_found(corpus: Corpus) -> None:
    for change in ({"removed": 2}, {"end_of_text": 3}, {"vocabulary_size": 400}, {"dtype": "uint32"}):
        before = shards_of(open_corpus(corpus.root))
        retell(corpus, **change)
        assert "shards.json names the tokenizer's own ids" in faults(corpus)
        retell(corpus, **before.__dict__)


@pytest.mark.parametrize("change", [{"tokens": 1}, {"documents": 9}])
def test_a_manifest_that_does_not_add_up_is_found(corpus: Corpus, change: dict[str, int]) -> None:
    retell(corpus, **change)
    assert list(faults(corpus)) == ["shards.json adds up"]


def test_validation_before_training_is_found(corpus: Corpus) -> None:
    retell(corpus, shards=tuple(reversed(shards_of(corpus).shards)))
    assert "shards.json adds up" in faults(corpus)


def test_a_missing_shard_is_found(corpus: Corpus) -> None:
    lost = stored.files(corpus, "shards")[2]
    lost.unlink()
    assert "found missing" in faults(corpus)[f"sha256 of {lost.name}"]


def change_tokens(corpus: Corpus, change: Callable[[np.ndarray], object]) -> None:
    """Changes the first shard and tells its new hash, so that only its content can be at fault."""
    data = bytearray(stored.files(corpus, "shards")[1].read_bytes())
    change(np.frombuffer(data, "<u2", offset=HEADER_BYTES))
    first, *others = shards_of(corpus).shards
    new = store(corpus.root, f"shards/{shard_name(0)}", bytes(data))
    changed = replace(first, file=Path(new.file).name, sha256=new.sha256, blocks=new.blocks)
    retell(corpus, shards=(changed, *others))


def content_fault(corpus: Corpus) -> str:
    """What is wrong with the content of the first shard."""
    wrong = faults(corpus)
    [what] = (
        one for one in wrong if one.startswith("shard-00000") and one.endswith("holds the documents of `spans` and nothing else")
    )
    return wrong[what]


@pytest.mark.parametrize(
    ("place", "token", "said"),
    [(0, 5, "do not meet, first at token 0"), (2, 0, "do not meet, first at token 2"), (1, 65_535, "it holds token 65535")],
)
def test_an_end_of_text_that_is_missing_or_too_many_is_found(corpus: Corpus, place: int, token: int, said: str) -> None:
    change_tokens(corpus, lambda tokens: tokens.__setitem__(place, token))
    assert said in content_fault(corpus)


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
    assert said in content_fault(corpus)


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
    earlier = json.loads(corpus.text("shards"))
    del earlier["removed"]
    listing = store(corpus.root, "shards/shards-HASH.json", json.dumps(earlier).encode())
    put(Path(corpus.root), stored={"shards": [listing, *corpus.files("shards")[1:]]})
    assert "write the shards again" in faults(corpus)["shards.json is as it was written"]
