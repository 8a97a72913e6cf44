from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.corpus.shards import store_shards, write_shard
from pipeline.errors import CorpusError, UsageError
from pipeline.tables import SPANS
from tokenizer.shards.files import FORMAT, ShardManifest
from tokenizer.shards.loader import NOTHING, Batch, Loader, LoaderSettings, Stretch, open_loader, read_shards, read_spans

END, REMOVED = 0, 1
Documents = list[list[int]]


def write_corpus(
    folder: Path, shards: list[Documents], validation: tuple[int, ...] = (), vocabulary_size: int = 300, late: int = 0
) -> Path:
    """A corpus of shards and spans; document j of shard i is called "i-j". The last `late` shards are read last."""
    files = []
    for number, documents in enumerate(shards):
        split = "validation" if number in validation else "late" if number >= len(shards) - late else "train"
        named = [(f"{number}-{index}", np.array(ids, np.uint16)) for index, ids in enumerate(documents)]
        files.append(write_shard(str(folder), number, split, named, END, np.dtype("uint16")))
    manifest = ShardManifest(
        format=FORMAT, dtype="uint16", vocabulary_size=vocabulary_size, end_of_text=END, removed=REMOVED, tokenizer_sha256="",
        seed=0, shard_tokens=100, tokens=sum(file.tokens for file in files), documents=sum(file.documents for file in files),
        shards=tuple(files),
    )  # fmt: skip
    store_shards(str(folder), manifest)
    (folder / "shards" / "shards.json").write_text(manifest.to_json())
    return folder


def loader_of(
    folder: Path, shards: list[Documents], row_tokens: int = 8, batch_rows: int = 3, seed: int = 0, late: int = 0
) -> Loader:
    corpus = str(write_corpus(folder, shards, late=late))
    return open_loader(corpus, LoaderSettings(row_tokens=row_tokens, batch_rows=batch_rows, seed=seed))


def pieces(batch: Batch) -> list[tuple[list[int], list[int], list[int]]]:
    """(tokens, targets, positions) of each piece of a batch."""
    flat = [array.ravel().tolist() for array in (batch.tokens, batch.targets, batch.positions)]
    bounds = batch.boundaries.tolist()
    return [tuple(one[a:b] for one in flat) for a, b in pairwise(bounds)]  # type: ignore[misc]


def stretches_of(loader: Loader, *doc_ids: str) -> list[Stretch]:
    spans = [row for shard in loader.manifest.shards for row in read_spans(loader.corpus, shard, SPANS.names).to_pylist()]
    return [Stretch(span["shard"], span["start"], span["length"]) for span in spans if span["doc_id"] in doc_ids]


documents = st.lists(st.integers(2, 299), max_size=30)
corpora = st.lists(st.lists(documents, min_size=1, max_size=8), min_size=1, max_size=3)


@given(corpora, st.integers(2, 16), st.integers(1, 5), st.integers(0, 3))
def test_an_epoch_reads_every_token_once_and_predicts_what_follows_it(
    tmp_path_factory: pytest.TempPathFactory, shards: list[Documents], row_tokens: int, batch_rows: int, seed: int
) -> None:
    loader = loader_of(tmp_path_factory.mktemp("corpus"), shards, row_tokens, batch_rows, seed)
    expected = sorted(pair for shard in shards for ids in shard for pair in zip([END, *ids], [*ids, END], strict=True))
    batch = loader.load(loader.rows_at(np.arange(loader.rows)))
    predicted = [pair for tokens, targets, _ in pieces(batch) for pair in zip(tokens, targets, strict=True)]
    assert sorted(pair for pair in predicted if pair[1] != NOTHING) == expected
    for tokens, targets, positions in pieces(batch):
        assert positions == list(range(len(tokens)))
        assert END not in tokens[1:] or set(targets) == {NOTHING}


@given(corpora, st.integers(1, 5), st.integers(0, 40), st.integers(0, 9), st.integers(0, 3))
def test_a_run_that_stops_anywhere_goes_on_without_losing_or_repeating_a_row(
    tmp_path_factory: pytest.TempPathFactory, shards: list[Documents], batch_rows: int, stop: int, more: int, late: int
) -> None:
    folder = write_corpus(tmp_path_factory.mktemp("corpus"), shards, late=late)
    chosen = LoaderSettings(row_tokens=8, batch_rows=batch_rows)
    whole = [open_loader(str(folder), chosen).rows_of_step(step).tolist() for step in range(stop + more)]
    first, second = open_loader(str(folder), chosen), open_loader(str(folder), chosen)
    halves = [first.rows_of_step(step).tolist() for step in range(stop)] + [
        second.rows_of_step(step).tolist() for step in range(stop, stop + more)
    ]
    assert halves == whole
    read = [row for step in whole for row in step]
    for epoch in range(len(read) // first.rows):
        assert sorted(read[epoch * first.rows : (epoch + 1) * first.rows]) == list(range(first.rows))


@given(corpora, st.integers(1, 6), st.integers(1, 30), st.integers(0, 3))
def test_what_read_a_document_is_computed_as_reading_every_step_would_show(
    tmp_path_factory: pytest.TempPathFactory, shards: list[Documents], batch_rows: int, steps: int, late: int
) -> None:
    loader = loader_of(tmp_path_factory.mktemp("corpus"), shards, batch_rows=batch_rows, late=late)
    looked: dict[str, set[tuple[int, int]]] = {}
    for step in range(steps):
        for place, row in enumerate(loader.rows_of_step(step).tolist()):
            for span in loader.spans(row):
                looked.setdefault(span.doc_id, set()).add((step, place))
    for number, shard in enumerate(shards):
        for index in range(len(shard)):
            doc_id = f"{number}-{index}"
            read = loader.reads(stretches_of(loader, doc_id), steps)
            assert {(one.step, one.place) for one in read} == looked.get(doc_id, set())


@given(corpora, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
def test_an_epoch_reads_late_documents_after_all_others_and_in_another_order_each_time(
    tmp_path_factory: pytest.TempPathFactory, shards: list[Documents], late: int, seed: int, epoch: int
) -> None:
    loader = loader_of(tmp_path_factory.mktemp("corpus"), shards, seed=seed, late=late)
    rows = loader.rows_at(np.arange(loader.rows) + epoch * loader.rows).tolist()
    numbers = [int(span.doc_id.split("-")[0]) for row in rows for span in loader.spans(row)]
    in_late_shards = [number >= len(shards) - late for number in numbers]
    assert in_late_shards == sorted(in_late_shards)
    assert sorted(rows) == list(range(loader.rows))


@given(corpora, st.integers(2, 16), st.data())
def test_rows_of_documents_are_those_that_hold_a_piece_and_need_no_other_shard(
    tmp_path_factory: pytest.TempPathFactory, shards: list[Documents], row_tokens: int, data: st.DataObject
) -> None:
    loader = loader_of(tmp_path_factory.mktemp("corpus"), shards, row_tokens)
    names = [f"{number}-{index}" for number, shard in enumerate(shards) for index in range(len(shard))]
    chosen = set(data.draw(st.lists(st.sampled_from(names))))
    expected = [row for row in range(loader.rows) if chosen & {span.doc_id for span in loader.spans(row)}]
    assert loader.rows_of(sorted(chosen)).tolist() == expected
    again = open_loader(loader.corpus, loader.settings, shard_rows=loader.shard_rows)
    assert again.rows_with(stretches_of(again, *chosen)).tolist() == expected
    assert set(again._packed) == {int(name.split("-")[0]) for name in chosen}


def test_late_rows_are_shuffled_too(tmp_path: Path) -> None:
    loader = loader_of(tmp_path / "c", [[[5] * 7] * 40, [[6] * 7] * 40], late=1)
    orders = [loader.rows_at(np.arange(40, 80) + epoch * 80).tolist() for epoch in (0, 1)]
    assert [sorted(order) for order in orders] == [list(range(40, 80))] * 2
    assert orders[0] != orders[1] != sorted(orders[1])


def test_parts_of_a_batch_make_up_the_batch(tmp_path: Path) -> None:
    loader = loader_of(tmp_path / "c", [[[5, 6, 7]] * 9], batch_rows=4)
    whole = loader.batch(2)
    parts = [loader.batch(2, slice(rank, None, 2)) for rank in range(2)]
    assert np.array_equal(np.stack([parts[0].tokens, parts[1].tokens], 1).reshape(whole.tokens.shape), whole.tokens)


def test_a_removed_document_is_neither_read_nor_predicted_and_nothing_else_moves(tmp_path: Path) -> None:
    kept, gone = [11, 12, 13], [21, 22, 23, 24]
    before = loader_of(tmp_path / "before", [[kept, gone, kept]], row_tokens=16, batch_rows=1).batch(0)
    after = loader_of(tmp_path / "after", [[kept, [REMOVED] * 4, kept]], row_tokens=16, batch_rows=1).batch(0)
    assert before.boundaries.tolist() == after.boundaries.tolist()
    assert (before.positions == after.positions).all()
    removed = [(tokens, targets) for tokens, targets, _ in pieces(after) if REMOVED in tokens]
    assert removed == [([END, *[REMOVED] * 4], [NOTHING] * 5)]
    others = [piece for piece in pieces(after) if REMOVED not in piece[0]]
    assert others == [piece for piece in pieces(before) if 21 not in piece[0]]


def test_training_never_reads_a_held_out_shard(tmp_path: Path) -> None:
    folder = str(write_corpus(tmp_path / "c", [[[5, 5]], [[6, 6]]], validation=(1,)))
    chosen = LoaderSettings(row_tokens=8, batch_rows=1)
    assert 6 not in open_loader(folder, chosen, "train").batch(0).tokens
    assert 5 not in open_loader(folder, chosen, "validation").batch(0).tokens
    assert open_loader(folder, chosen, "train").rows_of(["1-0"]).tolist() == []


def test_a_corpus_without_held_out_shards_says_so(tmp_path: Path) -> None:
    folder = str(write_corpus(tmp_path / "c", [[[5, 5]]]))
    with pytest.raises(CorpusError, match="no validation shards"):
        open_loader(folder, LoaderSettings(), "validation")


def test_a_folder_without_shards_says_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="winnow curate"):
        open_loader(str(tmp_path), LoaderSettings())


def test_a_shard_that_begins_inside_a_document_is_refused(tmp_path: Path) -> None:
    file = write_shard(str(tmp_path), 0, "train", [("0-0", np.array([5, 5], np.uint16))], 4, np.dtype("uint16"))
    manifest = replace(read_shards(str(write_corpus(tmp_path, [[[5, 5]]]))), shards=(file,))
    with pytest.raises(CorpusError, match="does not begin"):
        Loader(str(tmp_path), manifest, LoaderSettings(), "train")


def test_a_run_reads_the_shards_with_its_fingerprint_when_the_corpus_has_newer_ones(tmp_path: Path) -> None:
    folder = str(write_corpus(tmp_path, [[[5, 5]]]))
    old = read_shards(folder).fingerprint
    assert read_shards(str(write_corpus(tmp_path, [[[6, 6]]]))).fingerprint != old
    chosen = LoaderSettings(row_tokens=4, batch_rows=1)
    assert 5 in open_loader(folder, chosen, fingerprint=old).batch(0).tokens
    assert 6 in open_loader(folder, chosen).batch(0).tokens
    with pytest.raises(CorpusError, match="no token shards"):
        open_loader(folder, chosen, fingerprint="0" * 64)


def spoilt(path: Path, how: str) -> None:
    """Every bit that may matter is tried by tests of the parts; here one in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    if how == "deleted":
        path.unlink()
    else:
        path.write_bytes(data if how == "flipped" else data[:-1])


@pytest.mark.parametrize("how", ["flipped", "cut", "deleted"])
@pytest.mark.parametrize("kind", ["shard-*.bin", "shards.json"])
def test_a_damaged_shard_is_never_trained_on(tmp_path: Path, kind: str, how: str) -> None:
    folder = write_corpus(tmp_path, [[[5, 6, 7]] * 30])
    [path] = (folder / "shards").glob(kind)
    spoilt(path, how)
    with pytest.raises(CorpusError, match=path.name.replace(".", r"\.")):
        open_loader(str(folder), LoaderSettings(row_tokens=8, batch_rows=1)).batch(0)


@pytest.mark.parametrize("how", ["flipped", "cut", "deleted"])
def test_damaged_spans_name_no_document(tmp_path: Path, how: str) -> None:
    folder = write_corpus(tmp_path, [[[5, 6, 7]] * 30])
    [path] = (folder / "spans").glob("*.parquet")
    spoilt(path, how)
    with pytest.raises(CorpusError, match=path.name):
        open_loader(str(folder), LoaderSettings(row_tokens=8, batch_rows=1)).spans(0)


@pytest.mark.parametrize("bad", [{"row_tokens": 1}, {"batch_rows": 0}])
def test_settings_that_make_no_batch_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at least"):
        LoaderSettings(**bad)
