"""What people say of pages: the last word counts, agreement beyond chance, and what a training is given."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from jobs.commands.app import app
from jobs.corpus.folder import open_corpus
from jobs.quality import labels as labels_module
from jobs.quality.labels import Label, Labels, agreements, decided, export_labels
from pipeline.errors import EnvironmentProblem, UsageError
from pipeline.quality.evaluate import cohens_kappa
from tests.jobs.report.report_corpus import make_corpus
from tests.jobs.stored import put, table

PAIRS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40)


def slow_kappa(pairs: list[tuple[int, int]]) -> float | None:
    """From the table of both, cell by cell."""
    cells, n = Counter(pairs), len(pairs)
    observed = (cells[0, 0] + cells[1, 1]) / n
    first = [(cells[label, 0] + cells[label, 1]) / n for label in (0, 1)]
    second = [(cells[0, label] + cells[1, label]) / n for label in (0, 1)]
    expected = first[0] * second[0] + first[1] * second[1]
    return None if expected == 1 else (observed - expected) / (1 - expected)


@given(PAIRS)
def test_kappa_is_that_of_the_table(pairs: list[tuple[int, int]]) -> None:
    assert cohens_kappa(pairs) == (None if slow_kappa(pairs) is None else pytest.approx(slow_kappa(pairs)))


def test_kappa_of_the_textbook() -> None:
    """Two readers, 50 proposals: 20 both yes, 15 both no, 5 and 10 apart."""
    assert cohens_kappa([(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15) == pytest.approx(0.4)


def name(number: int) -> str:
    return f"{number:032x}"


def test_the_last_word_counts_and_may_be_taken_back(tmp_path: Path) -> None:
    labels = Labels(str(tmp_path / "C"))
    for label, reason in ((1, "good"), (0, "an index"), (None, "")):
        labels.add(Label(name(1), "ann", label, reason))
        expected = [] if label is None else [Label(name(1), "ann", label, reason)]
        assert labels.all() == Labels(str(tmp_path / "C")).all() == expected
    assert labels.path == tmp_path / "C.labels.jsonl"


def test_a_line_that_was_cut_off_costs_that_line(tmp_path: Path) -> None:
    labels = Labels(str(tmp_path / "C"))
    labels.add(Label(name(1), "ann", 1, "ä"))
    labels.add(Label(name(2), "ann", 0, ""))
    data = labels.path.read_bytes()
    labels.path.write_bytes(data[:-9] + b"")
    labels.add(Label(name(3), "ann", 1, ""))
    labels.path.write_bytes(labels.path.read_bytes() + b'[]\n{"doc_id": "x"}\n\xff\n' + b"[" * 5000 + b"\n")
    assert [one.doc_id for one in labels.all()] == [name(1), name(3)]


def test_the_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = Labels(str(tmp_path / "C"))
    labels.add(Label(name(1), "ann", 1, ""))
    monkeypatch.setattr(labels_module, "MOST_BYTES", labels.path.stat().st_size + 20)
    with pytest.raises(EnvironmentProblem, match=r"is full"):
        labels.add(Label(name(2), "ann", 1, ""))
    assert len(labels.all()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        Label("../x", "ann", 1, ""),
        Label(name(1), "", 1, ""),
        Label(name(1), "a" * 41, 1, ""),
        Label(name(1), "a\nb", 1, ""),
        Label(name(1), " ann", 1, ""),
        Label(name(1), "ann", 2, ""),
        Label(name(1), "ann", True, ""),
        Label(name(1), "ann", 1, "r" * 201),
        Label(name(1), "ann", 1, "a\nb"),
    ],
)
def test_what_is_no_label_is_not_written(tmp_path: Path, wrong: Label) -> None:
    labels = Labels(str(tmp_path / "C"))
    with pytest.raises(UsageError):
        labels.add(wrong)
    assert not labels.path.exists()


def test_two_people_agree_on_the_pages_that_both_judged() -> None:
    said = {"ann": [1, 1, 0, 0, 1], "bob": [1, 0, 0, 0, None], "cy": [None, None, None, None, 1]}
    every = [Label(name(page), who, label, "") for who, given in said.items() for page, label in enumerate(given)]
    [found, with_cy] = agreements(every)
    assert (found.first, found.second, found.pages, found.agree) == ("ann", "bob", 4, 3)
    assert found.kappa == pytest.approx(0.5)
    assert (with_cy.first, with_cy.second, with_cy.kappa) == ("ann", "cy", None)
    assert decided(every) == ({name(0): 1, name(2): 0, name(3): 0, name(4): 1}, 1)


def test_what_is_exported_is_what_a_training_reads(tmp_path: Path) -> None:
    make_corpus(tmp_path / "C", documents=12)
    corpus = open_corpus(str(tmp_path / "C"))
    pages = table(corpus, "documents")
    labels = Labels(corpus.root)
    for number, page in enumerate(pages[:8]):
        labels.add(Label(page["doc_id"], "ann", number % 2, ""))
    labels.add(Label(pages[0]["doc_id"], "bob", 1, ""))  # as many say keep as drop
    labels.add(Label(name(7), "ann", 1, "a page of another corpus"))
    before = corpus.manifest
    put(tmp_path / "C", {"tombstones": [{"doc_id": pages[1]["doc_id"], "request": "r"}]})
    told = CliRunner().invoke(app, ["quality", "labels", corpus.root, "--output", str(tmp_path / "out"), "--json"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert (found["good"], found["bad"], found["undecided"], found["gone"]) == (3, 3, 1, 2)
    lines = {side: [json.loads(line) for line in (tmp_path / "out" / f"{side}.jsonl").open()] for side in ("good", "bad")}
    texts = {page["doc_id"]: page["text"] for page in pages}
    assert {row["id"]: row["text"] for row in lines["good"]} == {
        pages[at]["doc_id"]: texts[pages[at]["doc_id"]] for at in (3, 5, 7)
    }
    assert {row["label"] for row in lines["good"]} == {1} and {row["label"] for row in lines["bad"]} == {0}
    assert before["tables"]["documents"] == open_corpus(corpus.root).manifest["tables"]["documents"]
    assert export_labels(open_corpus(corpus.root), tmp_path / "out")["good"] == 3


def test_a_corpus_elsewhere_has_no_labels() -> None:
    with pytest.raises(UsageError, match=r"not on this machine"):
        Labels("s3://bucket/C")
