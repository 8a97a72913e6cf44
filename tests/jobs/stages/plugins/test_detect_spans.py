"""Detectors that others bring, from a file and a package: what they find decides as the recipe says, and is seen everywhere."""

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.ask.detected_effect import detected_effect
from jobs.ask.explain import Capture, explain
from jobs.ask.trace import Tracer
from jobs.ask.verify import verify
from jobs.commands.shown.failures import shown
from jobs.corpus import plugins
from jobs.corpus.folder import Corpus, changing
from jobs.corpus.inputs import list_inputs
from jobs.corpus.plugins import DETECTORS, allow, find
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.corpus.recipe_text import differences, recipe_toml
from jobs.corpus.views import connect, rows
from jobs.inspect import document, lists
from jobs.report import numbers
from jobs.report.store import open_store
from jobs.stages.curate import STAGES
from jobs.stages.stage import Work, plan_stages
from jobs.takedown.reach.request import Request
from jobs.takedown.redact.carry_out import remove
from pipeline.errors import RecipeError
from tests.crawls import Crawl, page, prose
from tests.jobs.running import SMALL, curate, winnow
from tests.jobs.stored import table

SECRET, DOUBTED, NAMED, CALM, COPY = (f"http://{name}.example/" for name in ("secret", "doubted", "named", "calm", "copy"))

OF_A_FILE = '''
"""Names of projects."""
import pyarrow as pa
import re2

PROJECT = re2.compile("Project ([A-Z][a-z]+)")

def project_names(text: pa.Array) -> pa.Array:
    """Names of projects that nobody outside knows."""
    return pa.array([[{"start": one.start(1), "end": one.end(1), "kind": "project", "detail": "a name"}
                      for one in PROJECT.finditer(page)] for page in text.to_pylist()])

def fails(text: pa.Array) -> pa.Array:
    """A span beyond its text."""
    return pa.array([[{"start": 0, "end": len(page.encode()) + 1, "kind": "end"}] for page in text.to_pylist()])
'''
OF_A_PACKAGE = '''
import pyarrow as pa

def leaks(text: pa.Array, url: pa.Array) -> pa.Array:
    """Passages under embargo, surely where they say so themselves."""
    found = []
    for page, address in zip(text.to_pylist(), url.to_pylist()):
        start = page.find("embargo")
        score = .9 if "strictly" in page else .2
        found.append([{"start": start, "end": start + 7, "kind": "embargo", "score": score}] if start >= 0 else [])
        if "secret" in address:
            found[-1].append({"start": 0, "end": 4, "kind": "address", "field": "url", "score": .1})
    return pa.array(found)
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file, and an installed package with an entry point."""
    folder = tmp_path_factory.mktemp("detectors")
    (folder / "projects.py").write_text(OF_A_FILE)
    site = folder / "site"
    for name, text in {
        "embargoes/__init__.py": OF_A_PACKAGE,
        "embargoes-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: embargoes\nVersion: 1.0\n",
        "embargoes-1.0.dist-info/entry_points.txt": "[winnow.detectors]\nleaks = embargoes:leaks\n",
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plugins, "_files", {})
        patched.syspath_prepend(str(site))
        allow([folder / "projects.py"])
        yield folder


def recipe(*more: str, **by: dict[str, Any]) -> Recipe:
    consequences = {"leaks": {"action": "drop", "outcome": "contaminated", "min_score": 0.9}, "project_names": {"action": "mask"}}
    return build_recipe(
        {**SMALL, "detectors": {"functions": ["project_names", "leaks", *more]}, "detected": {"by": {**consequences, **by}}}
    )


@pytest.fixture(scope="module")
def crawl(folder: Path) -> list[Path]:
    made = Crawl().response(SECRET, page("secret", extra="<p>This is strictly under embargo until the spring.</p>"))
    made.response(COPY, page("secret", extra="<p>This is said to be under an em&shy;bargo until the spring.</p>"))
    made.response(DOUBTED, page("doubted", extra="<p>An embargo of barley was lifted by the mayor.</p>"))
    made.response(
        NAMED, page("named", extra="<p>They say that Project Heron begins in the spring, and Project Wren with it.</p>")
    )
    for number in range(6):
        made.response(f"{CALM}{number}", page(("calm", number), extra=f"<p>{prose(number)}</p>"))
    return [made.write(folder / "crawl.warc.gz")]


@pytest.fixture(scope="module")
def corpus(spark: SparkSession, folder: Path, crawl: list[Path]) -> Corpus:
    return curate(spark, crawl, folder / "corpus", recipe())[0]


def doc_ids(corpus: Corpus) -> dict[str, str]:
    return {row["url"]: row["doc_id"] for row in table(corpus, "documents")}


def outcome(corpus: Corpus, url: str) -> tuple[str, str | None]:
    [row] = [row for row in table(corpus, "outcomes") if row["doc_id"] == doc_ids(corpus)[url]]
    return row["outcome"], row["reason"]


def explained(corpus: Corpus, url: str) -> Capture:
    with connect(corpus) as database:
        [capture] = explain(corpus, database, url)
    return capture


def test_functions_of_a_file_and_of_a_package_find_spans_on_every_page(corpus: Corpus) -> None:
    urls = {doc_id: url for url, doc_id in doc_ids(corpus).items()}
    texts = {row["doc_id"]: row["text"] for row in table(corpus, "documents")}
    found = table(corpus, "own_findings")
    words = {(row["detector"], urls[row["doc_id"]], texts[row["doc_id"]][row["start"] : row["end"]]) for row in found}
    assert {one for one in words if one[0] == "project_names"} == {
        ("project_names", NAMED, "Heron"),
        ("project_names", NAMED, "Wren"),
    }
    assert {(row["kind"], urls[row["doc_id"]], round(row["score"], 2)) for row in found if row["detector"] == "leaks"} == {
        ("embargo", SECRET, 0.9), ("address", SECRET, 0.1), ("embargo", DOUBTED, 0.2),
    }  # fmt: skip


def test_a_sure_finding_drops_its_page_and_a_doubtful_one_labels_it(corpus: Corpus) -> None:
    assert outcome(corpus, SECRET) == ("contaminated", "leaks.embargo")
    assert outcome(corpus, DOUBTED) == outcome(corpus, NAMED) == ("kept", None)
    dropped, doubted = explained(corpus, SECRET), explained(corpus, DOUBTED)
    assert dropped.because == "contaminated: leaks.embargo: found by leaks, score 0.9 (in its text)"
    assert {(one["rule"], one["severity"]) for one in dropped.findings} == {
        ("leaks.embargo", "severe"),
        ("leaks.address", "note"),
    }
    assert [(one["rule"], one["attack"], one["severity"]) for one in doubted.findings] == [("leaks.embargo", "own", "note")]


def test_a_page_that_a_detector_drops_takes_no_part_in_dedup(corpus: Corpus) -> None:
    """Else the dropped page could be the copy that is kept, and take the clean one with it."""
    assert outcome(corpus, COPY) == ("kept", None)
    assert table(corpus, "duplicates") == []


def test_masked_spans_are_edits_of_the_kept_text_and_are_not_shown(corpus: Corpus) -> None:
    [kept] = [row for row in table(corpus, "curated") if row["url"] == NAMED]
    assert "They say that Project <PROJECT> begins in the spring, and Project <PROJECT> with it." in kept["text"]
    capture = explained(corpus, NAMED)
    assert {one["excerpt"] for one in capture.findings} == {"<PROJECT>"}
    assert capture.edits == [{"reason": "project_names.project", "edits": 2, "characters": len("HeronWren")}]
    assert "Heron" not in Path(corpus.path("report.html")).read_text("utf-8")
    assert all(check.holds for check in verify(corpus))


def test_tokens_around_a_masked_span_lead_to_their_places_in_the_record(corpus: Corpus) -> None:
    """Positions go back through the edits of detectors, too."""
    with connect(corpus) as database:
        [span] = rows(database, "SELECT * FROM spans WHERE doc_id = ?", [doc_ids(corpus)[NAMED]])
        tracer = Tracer(corpus, database)
        last = tracer.token(span["shard"], span["start"] + span["length"] - 1)
        masked = [tracer.token(span["shard"], span["start"] + place).text for place in range(span["length"])]
    assert last.verified and last.text.endswith(".") and all(any(name in text for text in masked) for name in ("Heron", "Wren"))


def test_report_and_view_show_what_detectors_found(corpus: Corpus) -> None:
    with open_store(corpus) as store:
        groups = {(row["attack"], row["rule"], row["severity"]): row for row in numbers.findings(store)}
        assert groups["own", "leaks.embargo", "severe"]["documents"] == 1
        assert groups["own", "project_names.project", "warn"]["examples"][0]["excerpt"] == "<PROJECT>"
        assert {row["rule"] for row in lists.findings(store, "leaks.embargo", "", 0)} == {"leaks.embargo"}
        assert {row["reason"]: row["spans"] for row in numbers.edits(store)}["project_names.project"] == 2
        marked = document.texts(store, doc_ids(corpus)[NAMED], "text", 0)["pieces"]
        assert [piece.text for piece in marked if "edit" in piece.kinds] == ["Heron", "Wren"]


def planned(corpus: Corpus, crawl: list[Path], asked: Recipe) -> list[str]:
    work = Work(corpus=corpus, recipe=asked, inputs=list_inputs(map(str, crawl), skip_bad=False))
    return [plan.stage for plan in plan_stages(STAGES, work) if plan.would_run]


def test_another_consequence_calls_no_detector_again_and_changed_code_does(
    corpus: Corpus, crawl: list[Path], folder: Path
) -> None:
    assert planned(corpus, crawl, recipe()) == []
    assert planned(corpus, crawl, recipe(leaks={"action": "label"}))[0] == "dedup"
    (folder / "projects.py").write_text(OF_A_FILE + "# changed\n")
    try:
        assert planned(corpus, crawl, recipe())[0] == "detect"
    finally:
        (folder / "projects.py").write_text(OF_A_FILE)
    assert planned(corpus, crawl, recipe()) == []


def test_what_another_consequence_would_do_is_told_before(corpus: Corpus, crawl: list[Path]) -> None:
    now = recipe(leaks={"action": "drop", "min_score": 0.2})
    assert detected_effect(corpus, recipe().detected, now.detected) == [
        {
            "detector": "leaks",
            "before": {"action": "drop, contaminated", "pages": 1},
            "after": {"action": "drop, filtered", "pages": 2},
        }
    ]
    assert differences(recipe(), now) == [
        "detected.by.leaks.outcome: contaminated → filtered", "detected.by.leaks.min_score: 0.9 → 0.2",
    ]  # fmt: skip
    asked = ("curate", *crawl, "--output", corpus.root, "--dry-run", "--set", "detected.by.leaks.min_score=0.2")
    told = winnow(*asked)
    assert told.returncode == 0 and "leaks" in told.stdout and "called anew" not in told.stderr
    more = winnow(*asked, "--set", 'detectors.functions=["project_names", "leaks", "fails"]')
    assert more.returncode == 0 and "its detectors would be called anew" in more.stderr


def test_a_recipe_with_consequences_is_printed_and_read_again() -> None:
    written = recipe_toml("mine", recipe())
    read = build_recipe(tomllib.loads(written))
    assert (read.detectors, read.detected) == (recipe().detectors, recipe().detected)


def test_a_span_beyond_its_text_names_the_function_and_the_page(spark: SparkSession, folder: Path, crawl: list[Path]) -> None:
    with pytest.raises(Exception, match="plug-in fails: ValueError: span 0 to") as met:
        curate(spark, crawl, folder / "failing", recipe("fails"))
    assert " characters (places are characters, not bytes), at document " in str(shown(met.value))


def test_code_that_nobody_named_is_not_run(corpus: Corpus, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "_files", {})
    monkeypatch.chdir(folder)
    with pytest.raises(
        RecipeError, match=r"detectors.functions names 'project_names', and neither --plugin FILE nor .*winnow.detectors"
    ):
        find("project_names", DETECTORS)
    with pytest.raises(RecipeError, match=r"detected.by.x: detectors.functions has no such detector; it names none"):
        build_recipe({"detected": {"by": {"x": {"action": "drop"}}}})
    assert explained(corpus, SECRET).outcome["outcome"] == "contaminated"  # who only looks needs none of it


def test_a_takedown_empties_what_findings_quote_of_its_pages(corpus: Corpus, tmp_path: Path) -> None:
    shutil.copytree(corpus.root, tmp_path / "corpus")
    with changing(str(tmp_path / "corpus")) as locked:
        remove(locked, Request(urls=(NAMED,)), None, lambda _: None)
    left = Corpus(str(tmp_path / "corpus"))
    gone = doc_ids(corpus)[NAMED]
    quoted = [(row["excerpt"], row["detail"]) for row in table(left, "own_findings") if row["doc_id"] == gone]
    assert quoted == [("", "")] * 2
    others = [row["excerpt"] for row in table(left, "own_findings") if row["doc_id"] != gone]
    assert others == [row["excerpt"] for row in table(corpus, "own_findings") if row["doc_id"] != gone] and all(others)
    assert all(check.holds for check in verify(left))


def test_with_no_detector_nothing_is_done(spark: SparkSession, crawl: list[Path], tmp_path: Path) -> None:
    made = curate(spark, crawl, tmp_path / "plain", build_recipe(SMALL))[0]
    assert made.files("own_findings") == made.files("own_edits") == ()
    assert {outcome(made, url)[0] for url in (NAMED, DOUBTED)} == {"kept"}
    assert {outcome(made, url)[0] for url in (SECRET, COPY)} == {"kept", "duplicate"}
