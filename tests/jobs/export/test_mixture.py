"""A mixture's export: what training reads of several corpora, in its order, for other programs; and what makes no mixture."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import zstandard

from jobs.corpus.folder import Corpus
from jobs.corpus.mixed import mixture_of
from jobs.corpus.shards import open_loader, shards_of, store_shards
from jobs.export.mixture import llmc
from jobs.export.mixture import rows as mixed_rows
from jobs.export.mixture.export import ROWS, export_mixture
from jobs.export.mixture.rows import MixtureSettings
from jobs.export.record import known_exports
from pipeline.errors import CorpusError, UsageError
from tests.jobs.export.exports import END, REMOVED, Documents, token_corpus
from tests.jobs.export.test_exports import drawn_documents, read_mds, read_megatron
from tests.jobs.running import winnow
from tests.jobs.stored import put
from tokenizer.shards.files import ShardManifest, map_tokens
from tokenizer.shards.loader import Loader, LoaderSettings
from tokenizer.shards.mixture import Mixture

WIDTH, WEIGHTS = 8, (3, 1)


@pytest.fixture
def corpora(tmp_path: Path) -> list[Corpus]:
    """Two of different sizes; a page of the first has been taken out, and a long one fills several rows."""
    rng = random.Random(7)
    drawn: list[list[tuple[str, Documents]]] = [
        [(split, [*drawn_documents(rng), [2 + number] * 29]) for number, split in enumerate(["train", "train", "validation"])]
        for _ in range(2)
    ]
    drawn[0][0][1].append([REMOVED] * 11)
    return [token_corpus(tmp_path / name, shards) for name, shards in zip("AB", drawn, strict=True)]


def settings(**changes: object) -> MixtureSettings:
    return MixtureSettings(**({"weights": WEIGHTS, "row_tokens": WIDTH, "seed": 5} | changes))  # type: ignore[arg-type]


def training(corpora: Sequence[Corpus], batch_rows: int) -> Mixture:
    """What `winnow train A B --weights 3,1` reads, by its own settings."""
    how = LoaderSettings(row_tokens=WIDTH, batch_rows=batch_rows, seed=5)
    return mixture_of([open_loader(one.root, how) for one in corpora], WEIGHTS)


def read_by_training(corpora: Sequence[Corpus], rows: int) -> list[tuple[str, list[int]]]:
    """(corpus, tokens) of the first so many rows; padding in the place of what was taken out."""
    mixture, step_rows = training(corpora, 4), 4
    numbers = [row for step in range(-(-rows // step_rows)) for row in mixture.rows_of_step(step).tolist()][:rows]
    named = [corpora[one].root for one in mixture.corpora_of(np.array(numbers))]
    tokens = mixture.load(np.array(numbers)).tokens
    return list(zip(named, np.where(tokens == REMOVED, END, tokens).tolist(), strict=True))


def flat_rows(values: np.ndarray) -> list[tuple[None, list[int]]]:
    return [(None, row) for row in values.reshape(-1, WIDTH).tolist()]


def read_rows(folder: Path, form: str) -> Sequence[tuple[str | None, list[int]]]:
    """(corpus where the layout has room for it, tokens) of each row of training."""
    if form == "nanogpt":
        return flat_rows(np.fromfile(folder / "train.bin", "<u2"))
    if form == "llm.c":
        return flat_rows(np.concatenate([map_tokens(str(path)) for path in sorted(folder.glob("train_*.bin"))]))
    if form == "megatron":
        return read_megatron(folder, "train", "uint16")
    index = json.loads((folder / "train" / "index.json").read_text())
    for row in index["shards"]:  # the reader of documents wants its own name of the column
        assert row["column_names"] == ["corpus", "tokens"]
    return read_mds(folder, "train", "uint16", "corpus")


@pytest.mark.parametrize("form", ROWS)
@pytest.mark.parametrize("rows", [None, 5, 90])
def test_rows_are_those_that_training_reads_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpora: list[Corpus], form: str, rows: int | None
) -> None:
    monkeypatch.setattr(mixed_rows, "TOKENS_OF_STRETCH", 3 * WIDTH)
    monkeypatch.setattr(llmc, "STRETCHES_OF_FILE", 2)
    export_mixture([one.root for one in corpora], settings(rows=rows), form, tmp_path / "out")
    found = read_rows(tmp_path / "out", form)
    expected = read_by_training(corpora, len(found))
    assert [tokens for _, tokens in found] == [tokens for _, tokens in expected]
    assert [name for name, _ in found] in ([None] * len(found), [name for name, _ in expected])
    assert len(found) == rows if rows else len(found) > 5
    pieces = pq.read_table(tmp_path / "out" / "pieces-train.parquet").to_pylist()
    assert {one["row"]: one["corpus"] for one in pieces}.items() <= dict(enumerate(name for name, _ in expected)).items()


def test_without_rows_it_ends_before_one_comes_again(tmp_path: Path, corpora: list[Corpus]) -> None:
    said: list[str] = []
    count = export_mixture([one.root for one in corpora], settings(), "nanogpt", tmp_path / "out", said.append)
    mixture = training(corpora, 1)
    read = [int(mixture.rows_at(np.arange(place, place + 1))[0]) for place in range(300)]
    first_again = next(place for place, row in enumerate(read) if row in read[:place])
    held_out = len(np.fromfile(tmp_path / "out" / "val.bin", "<u2")) // WIDTH
    assert count == first_again + held_out and held_out > 0
    assert f"{first_again:,} rows of training" in said[-1] and " 1.00 times" in said[-1]


def test_every_token_is_traced_by_its_piece(tmp_path: Path, corpora: list[Corpus]) -> None:
    """Each piece is what its corpus has there of the document; nothing taken out has a piece, nothing that stands has none."""
    export_mixture([one.root for one in corpora], settings(rows=60), "nanogpt", tmp_path / "out")
    rows = np.fromfile(tmp_path / "out" / "train.bin", "<u2").reshape(-1, WIDTH)
    known: dict[tuple[str, str], list[int]] = {}
    for corpus in corpora:
        loader = open_loader(corpus.root, LoaderSettings(row_tokens=WIDTH))
        for tokens, documents in zip(loader._shards, loader._documents, strict=True):
            ends = [*documents.starts[1:].tolist(), len(tokens)]
            for doc_id, start, end in zip(documents.doc_ids.to_pylist(), documents.starts.tolist(), ends, strict=True):
                known[corpus.root, doc_id] = tokens[start:end].tolist()
    covered = np.zeros(rows.shape, bool)
    for one in pq.read_table(tmp_path / "out" / "pieces-train.parquet").to_pylist():
        document = known[one["corpus"], one["doc_id"]]
        stretch = slice(one["at"], one["at"] + one["length"])
        assert rows[one["row"], stretch].tolist() == document[one["start"] : one["start"] + one["length"]]
        assert REMOVED not in document
        covered[one["row"], stretch] = True
    assert (rows[~covered] == END).all() and covered.any()


def read_documents(folder: Path, form: str, split: str) -> list[tuple[str, str, str]]:
    """(corpus, doc_id, text)."""
    if form == "parquet":
        tables = [pq.read_table(path).to_pylist() for path in sorted(folder.glob(f"{split}-*.parquet"))]
        return [(row["corpus"], row["doc_id"], row["text"]) for rows in tables for row in rows]
    found = []
    for path in sorted(folder.glob(f"{split}-*.jsonl.zst")):
        with zstandard.open(path, "rt", encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        assert all(set(line) == {"id", "text", "metadata"} and "place" not in line["metadata"] for line in lines)
        found += [(line["metadata"]["corpus"], line["id"], line["text"]) for line in lines]
    return found


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_documents_stand_where_training_begins_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpora: list[Corpus], form: str
) -> None:
    monkeypatch.setattr(mixed_rows, "TOKENS_OF_STRETCH", 3 * WIDTH)
    count = export_mixture([one.root for one in corpora], settings(rows=90), form, tmp_path / "out")
    mixture = training(corpora, 6)
    expected = []
    for step in range(15):
        for row in mixture.rows_of_step(step).tolist():
            corpus = corpora[mixture.corpora_of(np.array([row]))[0]].root
            expected += [(corpus, span.doc_id, f"text of {span.doc_id}") for span in mixture.spans(row) if span.start == 0]
    found = read_documents(tmp_path / "out", form, "train")
    assert found == expected and len(set(found)) < len(found), "later epochs have them again"
    held_out = read_documents(tmp_path / "out", form, "validation")
    assert {corpus for corpus, _, _ in held_out} == {one.root for one in corpora} and count == len(found) + len(held_out)


def test_every_corpus_knows_of_the_export_and_it_names_them_all(tmp_path: Path, corpora: list[Corpus]) -> None:
    export_mixture([one.root for one in corpora], settings(), "mds", tmp_path / "out")
    record = json.loads((tmp_path / "out" / "export.json").read_text())
    assert record["mixture"] == {"weights": [3, 1], "seed": 5, "row_tokens": WIDTH, "rows": record["mixture"]["rows"]}
    assert [one["corpus"] for one in record["corpora"]] == [one.root for one in corpora] and record["mixture"]["rows"] > 5
    for corpus, told in zip(corpora, record["corpora"], strict=True):
        assert [one.name for one in known_exports(corpus)] == [str(tmp_path / "out")]
        assert told["fingerprint"] == "of shard" and told["shards"]
    again = export_mixture([one.root for one in corpora], settings(), "mds", tmp_path / "again")
    assert again == record["documents"]
    assert (tmp_path / "again" / "export.json").read_bytes() == (tmp_path / "out" / "export.json").read_bytes()


@pytest.mark.parametrize("form", ["nanogpt", "jsonl"])
def test_a_corpus_that_changes_while_it_is_opened_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpora: list[Corpus], form: str
) -> None:
    def changed_and_opened(*of: Any, **named: Any) -> Loader:
        if not changed:
            changed.append(replace(shards_of(corpora[0]), seed=99))
            put(Path(corpora[0].root), stored={"shards": store_shards(corpora[0].root, changed[0])[0]})
        return open_loader(*of, **named)

    changed: list[ShardManifest] = []
    monkeypatch.setattr(mixed_rows, "open_loader", changed_and_opened)
    with pytest.raises(CorpusError, match=r"A was changed while it was exported: export once more"):
        export_mixture([one.root for one in corpora], settings(), form, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", [*ROWS, "jsonl", "parquet"])
def test_ids_of_two_tokenizers_are_refused_and_texts_are_not(tmp_path: Path, form: str) -> None:
    shards: list[tuple[str, Documents]] = [("train", [[5, 6], [7]])]
    roots = [token_corpus(tmp_path / sha, shards, tokenizer_sha256=sha * 64).root for sha in "ab"]
    if form in ROWS:
        with pytest.raises(UsageError, match=f"--set tokenizer.from={roots[0]}"):
            export_mixture(roots, settings(), form, tmp_path / "out")
        assert not (tmp_path / "out").exists()
    else:
        assert export_mixture(roots, settings(rows=4), form, tmp_path / "out") > 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ([], "want --weights, such as 3,1"),
        (["--weights", "3,1,1"], "2 corpora want 2 numbers"),
        (["--weights", "3,1", "--format", "arrow"], "one of jsonl, parquet, nanogpt, megatron, mds, llm.c"),
        (["--weights", "3,1", "--format", "hf"], "a run is exported alone"),
        (["--weights", "3,1", "--rows", "0"], "--rows"),
        (["--weights", "3,1", "--step", "4"], "of a run"),
    ],
)
def test_what_makes_no_mixture_is_refused_in_a_line(tmp_path: Path, corpora: list[Corpus], options: list[str], why: str) -> None:
    done = winnow("export", *(one.root for one in corpora), "--output", tmp_path / "out", *options)
    assert done.returncode == 2 and why in done.stderr.replace("\n", " "), done.stderr
    assert not (tmp_path / "out").exists()


def test_what_is_of_several_corpora_is_refused_of_one(tmp_path: Path, corpora: list[Corpus]) -> None:
    for options, why in [
        (["--weights", "1"], "--weights: there is one corpus"),
        (["--row-tokens", "8", "--seed", "1"], "--seed, --row-tokens"),
        (["--format", "llm.c"], "shard-*.bin as they are"),
    ]:
        done = winnow("export", corpora[0].root, "--output", tmp_path / "out", *options)
        assert done.returncode == 2 and why in done.stderr.replace("\n", " "), done.stderr
    twice = winnow("export", corpora[0].root, corpora[0].root, "--weights", "1,1", "--output", tmp_path / "out")
    assert twice.returncode == 2 and "name it once" in twice.stderr
    nowhere = winnow("export", *(one.root for one in corpora), "--weights", "1,1")
    assert nowhere.returncode == 2 and "--output" in nowhere.stderr


def test_the_command_says_how_often_it_has_each_corpus(tmp_path: Path, corpora: list[Corpus]) -> None:
    named = [one.root for one in corpora]
    done = winnow("export", *named, "--weights", "3,1", "--format", "llm.c", "--row-tokens", "8", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    said = done.stderr.replace("\n", " ")
    assert "rows of training" in said and " times" in said and "rows in" in said
    assert (tmp_path / "out" / "train_000000.bin").exists() and (tmp_path / "out" / "val_000000.bin").exists()
