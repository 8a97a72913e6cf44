"""Two corpora side by side, against a slow comparison of their rows."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jobs.ask.diff import as_html, changed, diff
from jobs.commands.app import app
from jobs.corpus.folder import open_corpus
from tests.faults.hostile import MARK, PAYLOADS, page_is_safe
from tests.jobs.report.report_corpus import make_corpus, place, write_manifest, write_table
from tests.jobs.stored import put, table

STAGES = ("ingest", "filter", "scan", "dedup", "select", "tokenizer", "shard")
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The second: ten pages more, every fourth page's fate another one, two pages with another doc_id and the same URL."""
    folder = tmp_path_factory.mktemp("diff")
    first, second = folder / "first", folder / "second"
    make_corpus(first, documents=40)
    make_corpus(second, documents=50)
    write_manifest(second, STAGES, {"rules": {"gopher_short_doc": {"minimum": 80}}})
    renamed = {row["doc_id"]: f"{number:032x}" for number, row in enumerate(rows(second, "documents")[4:6])}
    for name in ("documents", "measures", "outcomes", "curated", "spans"):
        write_table(second, name, [row | {"doc_id": renamed.get(row["doc_id"], row["doc_id"])} for row in rows(second, name)])
    fates = rows(second, "outcomes")
    for row in fates[:40:4]:
        row |= {"outcome": "filtered", "reason": "gopher_short_doc"}
    write_table(second, "outcomes", fates)
    return first, second


def rows(folder: Path, name: str) -> Rows:
    return table(open_corpus(str(folder)), name)


def fates(folder: Path) -> dict[str, tuple[str, str | None]]:
    """(outcome, reason) by URL; every page of these corpora has its own."""
    places = {tuple(place(row).values()): row for row in rows(folder, "outcomes")}
    found = {row["url"]: places[tuple(place(row).values())] for row in rows(folder, "documents")}
    return {url: (row["outcome"], None if row["outcome"] == "duplicate" else row["reason"]) for url, row in found.items()}


def test_the_matrix_counts_every_page_of_both_once(pair: tuple[Path, Path]) -> None:
    first, second = (fates(folder) for folder in pair)
    absent = ("absent", None)
    expected = Counter((first.get(url, absent)[0], second.get(url, absent)[0]) for url in {*first, *second})
    found = diff(*(open_corpus(str(folder)) for folder in pair))
    assert {(row["first"], row["second"]): row["pages"] for row in found.matrix} == expected
    assert found.stayed + found.moved == 50 and expected["absent", "kept"]


def test_every_move_has_its_reasons_and_pages_that_made_it(pair: tuple[Path, Path]) -> None:
    first, second = (fates(folder) for folder in pair)
    absent = ("absent", None)
    both = {url: (*first.get(url, absent), *second.get(url, absent)) for url in {*first, *second}}
    expected = Counter(fate for fate in both.values() if fate[:2] != fate[2:])
    found = diff(*(open_corpus(str(folder)) for folder in pair))
    names = ("first_outcome", "first_reason", "second_outcome", "second_reason")
    assert {tuple(row[name] for name in names): row["pages"] for row in found.moves} == expected
    for row in found.moves:
        assert {both[one["url"]] for one in row["examples"]} == {tuple(row[name] for name in names)}


def test_tokens_by_language_add_up_to_the_spans_of_kept_pages(pair: tuple[Path, Path]) -> None:
    found = diff(*(open_corpus(str(folder)) for folder in pair))
    for which, folder in zip(("first_tokens", "second_tokens"), pair, strict=True):
        kept = {row["doc_id"] for row in rows(folder, "outcomes") if row["outcome"] == "kept"}
        expected = sum(row["length"] for row in rows(folder, "spans") if row["doc_id"] in kept)
        assert sum(row[which] for row in found.languages) == expected == sum(row[which] for row in found.hosts)


def test_a_bound_that_one_recipe_leaves_out_is_named_with_its_value(pair: tuple[Path, Path]) -> None:
    found = diff(*(open_corpus(str(folder)) for folder in pair))
    assert found.recipe == [{"setting": "rules.gopher_short_doc.minimum", "first": 50, "second": 80}]
    assert [row["first"] for row in found.inputs] == [] and found.inputs_alike == 2


def test_settings_that_differ_are_named_by_their_place() -> None:
    assert changed({"a": {"b": 1, "c": (1, 2)}, "d": 3}, {"a": {"b": 2, "c": [1, 2]}}) == [
        {"setting": "a.b", "first": 1, "second": 2},
        {"setting": "d", "first": 3, "second": None},
    ]


def test_a_corpus_beside_itself_differs_in_nothing(pair: tuple[Path, Path]) -> None:
    same = open_corpus(str(pair[0]))
    found = diff(same, same)
    assert (found.recipe, found.versions, found.inputs, found.moves, found.moved, found.stayed) == ([], [], [], [], 0, 40)


def test_the_command_says_it_as_text_json_and_a_page(pair: tuple[Path, Path], tmp_path: Path) -> None:
    names = [str(folder) for folder in pair]
    page = tmp_path / "diff.html"
    text = CliRunner().invoke(app, ["diff", *names, "--html", str(page)])
    assert text.exit_code == 0 and "gopher_short_doc.minimum" in text.stdout and "what moved, and why" in text.stdout
    assert "<script" not in page.read_text("utf-8") and "What moved, and why" in page.read_text("utf-8")
    printed = CliRunner().invoke(app, ["diff", *names, "--json"])
    found = diff(*(open_corpus(name) for name in names))
    assert json.loads(printed.stdout) == json.loads(json.dumps(found.as_json()))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_names_are_text_on_the_page(pair: tuple[Path, Path], tmp_path: Path, payload: str) -> None:
    hostile = tmp_path / "hostile"
    make_corpus(hostile, documents=40)
    put(
        hostile,
        {"documents": [row | {"url": f"{payload}{row['doc_id']}", "host": payload} for row in rows(hostile, "documents")]},
    )
    put(hostile, {"outcomes": [row | {"reason": payload} for row in rows(hostile, "outcomes")]})
    sound, found = (as_html(diff(open_corpus(str(pair[0])), open_corpus(str(other)))) for other in (pair[1], hostile))
    assert MARK in found and page_is_safe(found, sound)
