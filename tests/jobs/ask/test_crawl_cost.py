"""What `winnow plan --crawl` says a crawl will cost: lines through what was measured, and by name what was not."""

import json
from pathlib import Path

import pytest

from jobs.ask.crawl_cost import Line, Point, crawl_cost, fitted, points
from pipeline.errors import CorpusError, UsageError
from pipeline.units import si
from tests.jobs.report.report_corpus import make_corpus
from tests.jobs.running import winnow
from tests.paths import PROJECT

BENCH = PROJECT / "docs" / "bench-scale.json"


def point(pages: int, **amounts: float) -> Point:
    return Point(f"of {pages}", pages, {"scan": amounts}, 300_000_000, pages * 2000)


def test_two_sizes_tell_the_fixed_part_from_what_each_page_adds_and_one_size_does_not() -> None:
    assert fitted([(1000, 12.0), (3000, 16.0)]) == pytest.approx(Line(10.0, 0.002))
    assert fitted([(1000, 12.0), (2000, 15.0), (3000, 16.0)]) == pytest.approx(Line(10 + 1 / 3, 0.002))
    assert fitted([(1000, 12.0)]) == Line(0.0, 0.012)
    assert fitted([(1000, 12.0), (3000, 11.0)]) == Line(0.0, 11 / 3000), "more pages never cost less"
    assert fitted([(1000, 1.0), (2000, 4.0)]) == Line(0.0, 0.003), "nothing has a cost below none"


def test_a_dump_is_the_line_drawn_out_and_its_price() -> None:
    found = [point(1000, core_seconds=12.0, shuffled_bytes=5e6), point(3000, core_seconds=16.0, shuffled_bytes=15e6)]
    told = crawl_cost(found, 1e9, 0.05, "EUR")
    assert told["stages"]["scan"]["core_hours"] == pytest.approx((10 + 0.002e9) / 3600)
    assert told["all"]["shuffled_bytes"] == pytest.approx(5e12) and told["all"]["input_bytes"] == pytest.approx(2e12)
    assert told["cost"] == pytest.approx(0.05 * (10 + 0.002e9) / 3600)
    assert told["extrapolated"] and told["times_the_largest"] == pytest.approx(1e9 / 3000)
    assert told["not_measured"][0] == "disk of scan" and "anything above 3,000 pages" in told["not_measured"][1]
    assert not crawl_cost(found, 2000, None, "EUR")["extrapolated"] and crawl_cost(found, 2000, None, "EUR")["cost"] is None
    alone = crawl_cost(found[:1], 2000, None, "EUR")
    assert alone["not_measured"][0].startswith("the fixed part of each stage: of 1000") and alone["at_most"]
    assert alone["stages"]["scan"]["fixed_core_seconds"] is None and not told["at_most"]


def test_the_bench_that_docs_show_gives_the_core_hours_that_they_name() -> None:
    told = json.loads(winnow("plan", "--crawl", BENCH, "--json").stdout)
    hours = f"{round(told['all']['core_hours'], -2):,.0f} core-hours"
    assert hours in (PROJECT / "docs" / "figures.md").read_text()
    shown = winnow("plan", "--crawl", BENCH, "--price", "0.04", "--currency", "CHF").stdout
    assert "3 G pages, from 6,000 and 23,990 that were curated, extrapolated 125 k times" in shown
    assert "0.04 CHF a core-hour" in shown and "not measured: shuffle of ingest" in shown


def test_what_tells_no_cost_is_refused_in_a_line(tmp_path: Path) -> None:
    make_corpus(tmp_path / "corpus")
    with pytest.raises(CorpusError, match="keeps no costs of its stages, as an earlier winnow made it"):
        points([str(tmp_path / "corpus")])
    with pytest.raises(UsageError, match="name one kind"):
        points([str(tmp_path / "corpus"), str(BENCH)])
    (tmp_path / "other.json").write_text("[1]")
    with pytest.raises(UsageError, match="nothing that `make bench-scale` wrote"):
        points([str(tmp_path / "other.json")])
    refused = winnow("plan", "--dump", "1e9")
    assert refused.returncode == 2 and "--dump says how large a crawl is" in refused.stderr


def test_large_numbers_have_three_digits_and_a_unit() -> None:
    told = [si(value, "B") for value in (0, 0.25, 7, 999, 999.5, 1536, 12_345, 999_600, 5.23e12, 1e27)]
    assert told == ["0 B", "0.25 B", "7 B", "999 B", "1 kB", "1.54 kB", "12.3 kB", "1 MB", "5.23 TB", "1,000 YB"]
