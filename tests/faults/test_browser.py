"""Hostile strings on every page that people open, in a real Chromium: nothing runs, is asked for, or becomes an element."""

import json
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from jobs.corpus.folder import open_corpus
from jobs.corpus.removals import read_evidence, read_redaction
from jobs.report import report_of
from jobs.runs.report import write_run_report
from jobs.takedown.certify.certificate import as_html, certificate
from tests.faults.browser import CHROMIUM, opened
from tests.faults.hostile import MARK, PAYLOADS, hostile_places, page_is_safe, text_columns
from tests.faults.parts import Place
from tests.jobs.report.report_corpus import make_corpus
from tests.jobs.running import change_run
from tests.jobs.stored import put, table

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")


def test_a_page_that_is_not_escaped_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<p>{PAYLOADS[0]}<img src=http://{MARK}.test/pixel>")
    found = opened(page)
    assert any(MARK in line for line in found.console), "the script ran"
    assert any(MARK in line for line in found.asked_for), "the picture was asked for"


def assert_nothing_happens(page: Path, sound: Path) -> None:
    """The page does what the page without the strings does, after everything in it had its chance."""
    here, there = opened(page), opened(sound)
    assert MARK in here.document
    assert (here.console, here.asked_for) == (there.console, there.asked_for) == ([], [])
    assert page_is_safe(here.document, there.document)


def test_hostile_columns_in_the_report(tmp_path: Path) -> None:
    corpus, payloads = tmp_path / "corpus", cycle(PAYLOADS)
    make_corpus(corpus)
    sound, page = tmp_path / "sound.html", tmp_path / "hostile.html"
    sound.write_text(report_of(open_corpus(str(corpus))), "utf-8")
    columns = text_columns(corpus)
    for name in sorted({name for name, _ in columns}):
        own = [column for other, column in columns if other == name]
        rows = [row | {column: next(payloads) for column in own} for row in table(open_corpus(str(corpus)), name)]
        put(corpus, {name: rows})
    page.write_text(report_of(open_corpus(str(corpus))), "utf-8")
    assert_nothing_happens(page, sound)


@pytest.mark.faults
def test_hostile_texts_in_a_certificate(place: Place, tmp_path: Path) -> None:
    corpus = open_corpus(str(place.folder / "subject/corpus"))
    (name,) = corpus.manifest["takedowns"]
    evidence = read_evidence(corpus, name, "certificate")
    assert evidence is not None
    values = certificate(read_redaction(corpus, name), evidence)
    sound, page = tmp_path / "sound.html", tmp_path / "hostile.html"
    sound.write_text(as_html(values), "utf-8")
    _fill(values)
    page.write_text(as_html(values), "utf-8")
    assert_nothing_happens(page, sound)


@pytest.mark.faults
def test_hostile_texts_of_a_run(place: Place) -> None:
    run = place.folder / "subject/run"
    kept = (run / "run.json").read_text("utf-8")
    try:
        sound = write_run_report(run).rename(run / "sound.html")
        values = json.loads(kept)
        _fill({name: value for name, value in values.items() if name not in ("plan", "checksum")}, values)
        change_run(run, **values)
        assert_nothing_happens(write_run_report(run), sound)
    finally:
        (run / "run.json").write_text(kept, "utf-8")
        for made in ("sound.html", "report.html"):
            (run / made).unlink(missing_ok=True)


def _fill(values: dict[str, Any], into: dict[str, Any] | None = None) -> None:
    """Every text in the values is one of the strings; texts at the top are set in `into`."""
    payloads = cycle(PAYLOADS)
    for holder, key in list(hostile_places(values)):
        (into if into is not None and holder is values else holder)[key] = next(payloads)
