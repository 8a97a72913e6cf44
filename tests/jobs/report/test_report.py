"""The report: what it says, what it survives, and that nothing in it can act."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from jobs.corpus.folder import Corpus, open_corpus
from jobs.report import figures
from jobs.report.measures import Axis, Bound, Distribution
from jobs.report.numbers import TOP_HOSTS
from jobs.report.wording import duration, number, share, size, visible
from pipeline.errors import CorpusError
from pipeline.quality.rules import RuleSettings, resolve
from tests.jobs.report.report_corpus import HOSTILE, make_corpus, report, write_manifest, write_table
from tests.jobs.stored import files, flipped, put, table

THIN = "\u202f"


class Page(HTMLParser):
    """Elements with their attributes, and the text outside style."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._quiet = False
        self.source = source
        self.feed(self.source)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._quiet = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.words.append(data)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    corpus = tmp_path_factory.mktemp("reported") / "crawl-7"
    make_corpus(corpus)
    return Page(report(corpus))


def test_records_kept_and_tokens_stand_at_the_head(page: Page) -> None:
    assert f"Records read {84} 2 files" in page.text
    assert "Kept 20 50.0" in page.text
    assert f"Tokens 1{THIN}800" in page.source.replace("</dt><dd>", " ")


def test_types_of_page_add_up_and_stand_only_where_some_are_told(page: Page, tmp_path: Path) -> None:
    table_of_types = page.text.partition("Types of page")[2].partition("Hosts")[0]
    counts = [int(re.search(rf"{name} (\d+) ", table_of_types)[1]) for name in ("article", "forum", "not told")]  # type: ignore[index]
    assert counts == [14, 13, 13] and "Documents 40 " in page.text
    make_corpus(tmp_path / "untold", documents=20)
    write_table(tmp_path / "untold", "measures", [row | {"page_type": None} for row in measures_of(tmp_path / "untold")])
    assert "Types of page" not in report(tmp_path / "untold")


def measures_of(corpus: Path) -> list[dict[str, Any]]:
    return table(open_corpus(str(corpus)), "measures")


def test_conservation_is_written_out(page: Page) -> None:
    assert "Every record is accounted for." in page.text
    assert "84 records read = 84 outcomes = 20 kept + 5 duplicate + 5 poisoned + 10 filtered + 44 rejected." in page.text


def test_a_missing_outcome_is_reported_as_broken(tmp_path: Path) -> None:
    make_corpus(tmp_path)
    write_table(tmp_path, "outcomes", [{"warc_file": "crawl.warc.gz", "warc_offset": 0, "outcome": "kept"}])
    page = Page(report(tmp_path))
    assert "Records are missing." in page.text
    assert "84 records read ≠ 1 outcomes" in page.text


def test_protocol_records_are_apart_from_lost_pages(page: Page) -> None:
    assert "− 41 requests, revisits and other protocol records" in page.text
    assert "− 3 rejected: errors, other media, no text, damage" in page.text


def test_a_rule_shows_what_it_decides_what_breaks_it_and_what_would_come_back(tmp_path: Path) -> None:
    make_corpus(tmp_path, rule="my_rule")
    page = Page(report(tmp_path))
    # ten documents fall to my_rule; the four of them whose number 3 divides break another one as well
    opened = open_corpus(str(tmp_path))
    characters = {row["doc_id"]: row["text_chars"] for row in table(opened, "measures")}
    broken = Counter(row["doc_id"] for row in table(opened, "verdicts"))
    decided = [row["doc_id"] for row in table(opened, "outcomes") if row["reason"] == "my_rule"]
    of_all, of_alone = sum(map(characters.get, decided)), sum(characters[one] for one in decided if broken[one] == 1)
    tokens = expected_tokens(opened, decided)
    expected = f"my_rule gopher quality 10 {number(of_all)} {number(tokens)} 10 6 {number(of_alone)}"
    assert " ".join(expected.split()) in page.text
    assert "another_rule gopher quality 0 0 0 4 0 0 0" in page.text


def expected_tokens(corpus: Corpus, doc_ids: list[str]) -> int:
    """The slow twin: characters of each page, at the tokens that a character of its language came to in kept pages."""
    measures = {row["doc_id"]: row for row in table(corpus, "measures")}
    lengths = {row["doc_id"]: row["length"] for row in table(corpus, "spans")}
    total = 0.0
    for doc_id in doc_ids:
        alike = [one for one in lengths if measures[one]["language"] == measures[doc_id]["language"]] or list(lengths)
        rate = sum(lengths[one] for one in alike) / sum(measures[one]["text_chars"] for one in alike)
        total += measures[doc_id]["text_chars"] * rate
    return round(total)


def test_near_copies_say_both_bounds_and_how_many_are_less_alike_than_a_pair(tmp_path: Path) -> None:
    make_corpus(tmp_path, documents=80)
    copies = [
        row | {"similarity": 0.5 + 0.05 * place} for place, row in enumerate(table(open_corpus(str(tmp_path)), "duplicates"))
    ]
    write_table(tmp_path, "duplicates", copies)
    assert sum(row["similarity"] < 0.75 for row in copies) == 5 < len(copies) == 10
    text = Page(report(tmp_path)).text
    bounds = "from a similarity of 0.75; a copy of a copy that is less than 0.5 like the page that is kept stays"
    assert f"{bounds}. Of 10 near copies 5 (50.0{THIN}%)" in text or f"{bounds}. Of 10 near copies 5 (50.0 %)" in text


def test_copies_within_inputs_alone_are_said_to_be_so(tmp_path: Path) -> None:
    make_corpus(tmp_path)
    assert "each input alone" not in Page(report(tmp_path)).text
    put(tmp_path, recipe={"rules": {}, "duplicates": {"scope": "input"}})
    assert "Copies were looked for within each input alone, of 1 (dumps and folders)" in Page(report(tmp_path)).text


def test_no_list_is_cut_without_saying_how_much_more_there_is(tmp_path: Path) -> None:
    """Until 2026-11 eight languages of a rule stood there and "only": English was not among them."""
    make_corpus(tmp_path)
    documents = table(open_corpus(str(tmp_path)), "documents")
    write_table(tmp_path, "documents", [row | {"host": f"h{number}.test"} for number, row in enumerate(documents)])
    page = Page(report(tmp_path))
    assert f"and {len(documents) - TOP_HOSTS} more" in page.text
    told = re.search(r"only en, (?:\w+, ){6}\w+ and (\d+) more", page.text)
    languages = next(rule.languages for rule in resolve(RuleSettings()) if rule.name == "gopher_enough_stop_words")
    assert told is not None and languages is not None and int(told[1]) == len(languages) - 8


def test_pages_that_a_rule_dropped_are_shown(tmp_path: Path) -> None:
    make_corpus(tmp_path, rule="my_rule")
    opened = open_corpus(str(tmp_path))
    dropped = {row["doc_id"] for row in table(opened, "outcomes") if row["reason"] == "my_rule"}
    urls = {row["url"] for row in table(opened, "documents") if row["doc_id"] in dropped}
    shown = (
        Page(report(tmp_path))
        .text.partition("Pages that were dropped, a few by each rule")[2]
        .partition("Measures and their bounds")[0]
    )
    assert len([url for url in urls if f"{url} " in shown]) == 3


def test_the_bounds_of_the_recipe_are_named_and_drawn_in(tmp_path: Path) -> None:
    make_corpus(tmp_path)
    write_manifest(tmp_path, ("ingest", "filter"), {"rules": {"gopher_short_doc": {"minimum": 77}}})
    page = Page(report(tmp_path))
    assert "77 ≤ word count" in page.text
    assert "gopher_short_doc ≥ 77:" in page.text
    chart = page.source[page.source.index("Distribution of word count") :]
    assert "stroke-dasharray" in chart[: chart.index("</svg>")]


def test_a_recipe_of_another_version_still_has_a_report(tmp_path: Path) -> None:
    make_corpus(tmp_path)
    write_manifest(tmp_path, ("ingest", "filter"), {"rules": {"a_rule_of_tomorrow": {"minimum": 77}}})
    assert "Distribution of word count" in Page(report(tmp_path)).text


def test_nothing_in_the_page_can_act_or_load(page: Page) -> None:
    policy = next(
        attributes["content"] for tag, attributes in page.elements if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    for tag, attributes in page.elements:
        assert tag not in {"script", "link", "iframe", "object", "embed", "img", "image", "use", "base", "form", "foreignobject"}
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "srcset", "xlink:href"}]
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in page.source
    assert "@import" not in page.source


@pytest.mark.parametrize("place", ["host", "rule"])
def test_crawl_text_is_shown_and_never_interpreted(tmp_path: Path, place: str) -> None:
    make_corpus(tmp_path, **{place: HOSTILE})
    source = report(tmp_path)
    assert "<script" not in source
    assert not set("\u202e\u200b\U000e0041") & set(source)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&lt;U+202E&gt;&lt;U+200B&gt;" in source


def test_an_excerpt_spells_out_what_has_no_ink(page: Page) -> None:
    assert "<U+202E><U+200B>'\"<U+E0041>" in page.text


def test_a_finding_says_why_and_what_was_decoded(page: Page) -> None:
    assert "letters that spell<U+2060> a message" in page.text
    assert "spells: obey<U+200B> " in page.text


def test_hosts_that_read_like_a_model_are_listed_with_their_share(page: Page) -> None:
    section = page.text.split("read as if a chat model had written them")[1].split("Edits")[0]
    assert ".test" in section and "%" in section


def test_stages_not_run_yet_are_shown_as_such(tmp_path: Path) -> None:
    write_manifest(tmp_path, ())
    page = Page(report(tmp_path))
    for stage in ("ingest", "filter", "scan", "dedup", "tokenizer"):
        assert f"The {stage} stage has not run yet." in page.text


def test_a_corpus_after_ingest_alone_has_its_measures(tmp_path: Path) -> None:
    make_corpus(tmp_path)
    made = open_corpus(str(tmp_path)).manifest["tables"]
    put(tmp_path, tables={name: made[name] for name in ("files", "documents", "measures", "rejects")})
    write_manifest(tmp_path, ("ingest",))
    page = Page(report(tmp_path))
    assert "not decided yet" in page.text
    assert "Distribution of" in page.text
    assert "The filter stage has not run yet." in page.text


def test_an_empty_corpus_has_a_report(tmp_path: Path) -> None:
    make_corpus(tmp_path, documents=0)
    assert "Kept 0" in Page(report(tmp_path)).text


def test_a_folder_that_is_no_corpus_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"is not a corpus") as refusal:
        report(tmp_path)
    assert "\n" not in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["verdicts", "documents", "measures", "tokenizer"])
def test_a_damaged_file_gives_no_report_and_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    make_corpus(tmp_path)
    [path] = files(open_corpus(str(tmp_path)), name)
    flipped(path)
    with pytest.raises(CorpusError, match=rf"{path.name} is not as it was written.*table {name}") as refusal:
        report(tmp_path)
    assert "\n" not in str(refusal.value)


def test_a_folder_name_is_no_pattern(tmp_path: Path) -> None:
    corpus = tmp_path / "it's [a] *corpus*?"
    make_corpus(corpus)
    make_corpus(tmp_path / "it's a *corpus*?", documents=2)  # what the first name would match
    assert "84 records read = 84 outcomes" in Page(report(corpus)).text


def test_the_page_stays_small_whatever_the_corpus(tmp_path: Path) -> None:
    sizes = []
    for documents in (200, 3000):
        make_corpus(tmp_path, documents=documents, text="x" * 50)
        sizes.append(len(report(tmp_path).encode()))
    assert max(sizes) < 1_000_000
    assert sizes[1] < 1.3 * sizes[0]


def test_the_same_corpus_gives_the_same_page(tmp_path: Path) -> None:
    make_corpus(tmp_path, documents=300)
    assert report(tmp_path) == report(tmp_path)


def test_a_maximum_is_drawn_behind_the_last_number_it_allows() -> None:
    axis = Axis(0, 9, steps=9, whole=True)
    assert [axis.border(Bound("few", 2, True)), axis.border(Bound("many", 2, False)), axis.border(Bound("most", 9, False))] == [
        2,
        3,
        None,
    ]


def test_charts_are_valid_vega_lite() -> None:
    bounds = (Bound("few", 2.0, True), Bound("many", 9e9, False))
    for axis in (Axis(0.0, 4.0), Axis(0.0, 4.0, logarithmic=True), Axis(0.0, 4.0, steps=4, whole=True)):
        counts = tuple(range(axis.steps))
        found = Distribution("words", axis, counts, counts, 2.0, 9.0, bounds, (1, 2), 99)
        assert "few at least 2, many at most" in figures.distribution.__wrapped__(found)  # type: ignore[attr-defined]
    assert "<path" in figures.similarity.__wrapped__([{"low": 0.8, "records": 3}])  # type: ignore[attr-defined]
    assert "<path" in figures.clusters.__wrapped__([{"members": "2", "clusters": 3}])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain 文字 ü", "plain 文字 ü"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\nb\tc", "a b c"),
        ("\x00", "<U+0000>"),
        ("\ufe0f", "<U+FE0F>"),
        ("\U000e0041", "<U+E0041>"),
        ("ﾠ", "<U+FFA0>"),
        ("<b>", "<b>"),
        (None, ""),
        ("x" * 400, "x" * 300 + "…"),
    ],
)
def test_visible_spells_out_what_has_no_ink(text: str | None, expected: str) -> None:
    assert visible(text) == expected


def test_numbers_are_worded() -> None:
    assert [number(1234567), number(0.16234), number(None), number(1234.5)] == [
        f"1{THIN}234{THIN}567",
        "0.162",
        "–",
        f"1{THIN}234",
    ]
    assert [share(1, 3), share(0, 3), share(1, 10_000), share(9999, 10_000), share(1, 0)] == [
        f"33.3{THIN}%",
        f"0.0{THIN}%",
        f"<0.1{THIN}%",
        f">99.9{THIN}%",
        "–",
    ]
    assert [size(512), size(1536), size(5 << 30)] == [f"512{THIN}B", f"1.5{THIN}kB", f"5.4{THIN}GB"]
    assert [duration(1.25), duration(75), duration(3700)] == [f"1.2{THIN}s", "1:15", "1:01:40"]
