"""What another bound would change, against the stage's own judgement of the same measures."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.corpus.folder import open_corpus
from jobs.inspect.index import Index
from jobs.inspect.what_if import curve, nearest, samples, sliders, sums, what_if
from jobs.report.measures import Axis
from pipeline.quality.rules import Rule, RuleSettings, judge, resolve
from pipeline.tables import JUDGED_COLUMNS, MEASURES, SAFETY_MEASURES
from tests.jobs.inspect.conftest import STAGES
from tests.jobs.report.report_corpus import make_corpus, place, write_manifest, write_table
from tests.jobs.stored import table

RULES = resolve(RuleSettings())


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus whose verdicts and outcomes are what the rules say of its measures, nothing else."""
    folder = tmp_path_factory.mktemp("judged") / "C"
    make_corpus(folder, documents=300)
    rng, opened = random.Random(3), open_corpus(str(folder))
    calm = {name: 0 if pa.types.is_integer(kind) else 0.0 for name, kind in MEASURES.items()}
    good = calm | {
        "word_count": 400,
        "text_chars": 2000,
        "mean_word_chars": 5.0,
        "alphabetic_word_share": 0.9,
        "alphabetic_token_share": 0.9,
        "stop_word_count": 9,
        "kept_sentence_count": 20,
        "kept_line_count": 20,
        "terminal_line_share": 0.9,
        "language_confidence": 1.0,
        "quality": 1.0,
    }
    rows = [
        row
        | good
        | {
            "word_count": int(rng.expovariate(1 / 90)),
            "top_2_gram_char_share": rng.choice([0.05, 0.2, 0.25]),
            "page_type": rng.choice(["forum", "article", None]),
        }
        for row in table(opened, "measures")
    ]
    write_table(folder, "measures", rows)
    measured = pa.Table.from_pylist(
        rows,
        pa.schema(
            [
                ("doc_id", pa.string()),
                ("url", pa.string()),
                ("language", pa.string()),
                ("language_confidence", pa.float32()),
                *MEASURES.items(),
            ]
        ),
    )
    broken = judge(measured, RULES).to_pylist()
    verdicts = [
        {"doc_id": rows[one["row"]]["doc_id"], **{key: one[key] for key in ("stage", "rule", "value", "bound")}} for one in broken
    ]
    first = {one["doc_id"]: one["rule"] for one in reversed(verdicts)}
    documents = table(opened, "documents")
    write_table(folder, "verdicts", verdicts)
    write_table(folder, "duplicates", [])
    fates = [
        place(row)
        | {
            "doc_id": row["doc_id"],
            "outcome": "filtered" if row["doc_id"] in first else "kept",
            "reason": first.get(row["doc_id"]),
        }
        for row in documents
    ]
    write_table(folder, "outcomes", fates)
    kept = [row["doc_id"] for row in fates if row["outcome"] == "kept"]
    write_table(folder, "curated", [{"doc_id": name, "url": "", "language": "en", "text": "x", "n_tokens": 7} for name in kept])
    write_table(folder, "spans", [{"doc_id": name, "shard": 0, "start": 8 * n, "length": 7} for n, name in enumerate(kept)])
    write_manifest(folder, STAGES)
    return folder


def passing(folder: Path, changed: dict[str, dict[str, Any]]) -> set[str]:
    """The slow twin: doc_ids that pass when the stage itself judges by the changed rules."""
    rows = table(open_corpus(str(folder)), "measures")
    measured = pa.Table.from_pylist(rows, open_schema(rows))
    gone = {rows[one["row"]]["doc_id"] for one in judge(measured, resolve(RuleSettings(**changed))).to_pylist()}
    return {row["doc_id"] for row in rows} - gone


def open_schema(rows: list[dict[str, Any]]) -> pa.Schema:
    kinds = {"doc_id": pa.string(), "url": pa.string(), "language": pa.string(), "language_confidence": pa.float32()}
    kinds |= {"language_share": pa.float32(), **MEASURES, **SAFETY_MEASURES, **JUDGED_COLUMNS}
    return pa.schema([(name, kinds[name]) for name in rows[0]])


@pytest.mark.parametrize(
    ("name", "minimum", "maximum"),
    [
        ("gopher_short_doc", 20.0, None),
        ("gopher_short_doc", 120.0, None),
        ("gopher_short_doc", 50.0, None),
        ("top_2_gram", None, 0.3),
        ("top_2_gram", None, 0.2),  # a share of exactly .2, stored in 32 bits, is not above it
        ("top_2_gram", None, 0.04),
        ("gopher_long_doc", None, 200.0),
    ],
)
def test_another_bound_changes_what_the_stage_itself_would_change(
    judged: Path, name: str, minimum: float | None, maximum: float | None
) -> None:
    bound = {key: value for key, value in (("minimum", minimum), ("maximum", maximum)) if value is not None}
    now, then = passing(judged, {}), passing(judged, {name: bound})
    index = Index(str(judged))
    try:
        rule, bit = index.ask(lambda opened: opened.rules[name])
        assert rule is not None
        found = index.ask(lambda opened: sums(opened.store, what_if(rule, bit, minimum, maximum)))
    finally:
        index.close()
    expected = {"now": len(now), "then": len(then), "back": len(then - now), "gone": len(now - then)}
    assert {key: one["pages"] for key, one in found.items()} == expected


def test_pages_of_a_type_that_the_rule_exempts_are_no_part_of_what_would_change(judged: Path) -> None:
    rows = table(open_corpus(str(judged)), "measures")
    index = Index(str(judged))
    try:
        rule, bit = index.ask(lambda opened: opened.rules["gopher_short_doc"])
        exempting = replace(rule, exempt_page_types=frozenset({"forum"}))
        asked = [what_if(one, bit, 1.0, None) for one in (rule, exempting)]
        all_pages, others = (index.ask(lambda opened, one=one: sums(opened.store, one))["then"]["pages"] for one in asked)
    finally:
        index.close()
    sound = passing(judged, {"gopher_short_doc": {"minimum": 1}})
    assert all_pages == len(sound)
    assert others == len([row for row in rows if row["doc_id"] in sound and row["page_type"] != "forum"]) < all_pages


def test_the_curve_passes_through_what_stands(judged: Path) -> None:
    index = Index(str(judged))
    try:
        rule, bit = index.ask(lambda opened: opened.rules["gopher_short_doc"])
        assert rule is not None
        asked = what_if(rule, bit, None, None)
        spread = index.ask(lambda opened: curve(opened.store, asked))
        assert spread is not None
        shares = [row["share"] for row in spread[1] if row["kind"] == "pages"]
        near = index.ask(lambda opened: nearest(opened.store, asked))
        picked = [index.ask(lambda opened, seed=seed: samples(opened.store, asked, seed)) for seed in (1, 1, 2)]
    finally:
        index.close()
    assert shares[0] == 1 and shares == sorted(shares, reverse=True) and shares[-1] < 1
    (bound, inside, outside) = near[0]
    assert [row["value"] for row in inside] == sorted(row["value"] for row in inside)
    assert all(row["value"] >= bound.value for row in inside) and all(row["value"] < bound.value for row in outside)
    assert picked[0] == picked[1] != picked[2]


def test_a_rule_without_that_bound_keeps_having_none() -> None:
    rule = next(one for one in RULES if one.name == "gopher_short_doc")
    assert what_if(rule, 1, None, 7.0).asked == rule
    assert what_if(rule, 1, 20.0, 7.0).asked == replace(rule, minimum=20.0)


@pytest.mark.parametrize(
    ("minimum", "maximum", "axis", "measure"),
    [
        (50, None, Axis(0, 800), "word_count"),
        (50, None, Axis(0, 4, logarithmic=True), "word_count"),
        (None, 0.2, Axis(0.0, 1.0), "mean_word_chars"),
        (3, 10, Axis(2.5, 9.25), "mean_word_chars"),
        (0, None, None, "word_count"),
    ],
)
def test_a_slider_stands_on_its_bound_and_reaches_where_pages_are(minimum, maximum, axis, measure) -> None:
    asked = what_if(Rule("a_rule", "group", measure, minimum, maximum), 1, None, None)
    found = sliders(asked, axis)
    assert [one.name for one in found] == [name for name in ("minimum", "maximum") if getattr(asked.rule, name) is not None]
    for one in found:
        steps = (one.value - one.low) / one.step
        assert one.low <= one.value <= one.high and steps == pytest.approx(round(steps))
        assert measure != "word_count" or one.step == int(one.step) >= 1
        if axis is not None and not axis.logarithmic:
            assert one.low - axis.low < one.step and axis.high - one.high < one.step
            assert (one.high - one.low) / one.step <= 101
