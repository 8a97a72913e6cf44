"""The documents of a corpus: what they state is what its tables hold, and nothing that a crawl says is more than text in them."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from jobs.card.croissant import CONFORMS_TO
from jobs.card.domains import plain, share_of, top_domains
from jobs.card.front_matter import size_category
from jobs.card.ledger import open_ledger
from jobs.card.markdown import crawl, environment
from jobs.card.open_points import OPEN
from jobs.card.questions import QUESTIONS
from jobs.card.write import DOCUMENTS, write_card
from jobs.commands.app import app
from jobs.corpus.folder import open_corpus
from jobs.corpus.views import connect
from jobs.corpus.views import rows as asked
from pipeline.errors import CorpusError, UsageError
from tests.faults.hostile import PAYLOADS
from tests.jobs.report.report_corpus import HOSTILE, make_corpus, write_manifest, write_table
from tests.jobs.stored import put, table

QUERY = re.compile(r"#### Q(\d+)\n\n```sql\n(.*?)\n```", re.DOTALL)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card") / "pages"
    make_corpus(folder, documents=60)
    pages, fates = rows(folder, "documents"), rows(folder, "outcomes")
    write_table(folder, "documents", [page | {"license": "CC-BY-4.0", "robots": "noai"} for page in pages[:5]] + pages[5:])
    write_table(folder, "outcomes", [*fates[:-1], fates[-1] | {"outcome": "contaminated", "reason": "an_exam"}])
    return folder


@pytest.fixture(scope="module")
def card(corpus: Path) -> Path:
    write_card(open_corpus(str(corpus)), corpus.parent / "card")
    return corpus.parent / "card"


def rows(corpus: Path, name: str) -> list[dict[str, object]]:
    return table(open_corpus(str(corpus)), name)


def test_the_figures_are_those_of_the_tables(corpus: Path) -> None:
    kept, fates = rows(corpus, "curated"), rows(corpus, "outcomes")
    with open_ledger(open_corpus(str(corpus))) as ledger:
        texts = [str(row["text"]) for row in kept]
        expected = {
            "documents": len(kept),
            "bytes": sum(len(text.encode()) for text in texts),
            "characters": sum(map(len, texts)),
        }
        assert ledger.one("kept") == expected
        assert {row["outcome"]: row["records"] for row in ledger.all("outcomes")} == Counter(row["outcome"] for row in fates)
        assert ledger.one("tokens") == {"tokens": 90 * len(kept), "shards": 1}
        hosts = {row["doc_id"]: row["host"] for row in rows(corpus, "documents")}
        sizes = Counter[object]()
        for row in kept:
            sizes[hosts[row["doc_id"]]] += len(str(row["text"]).encode())
        assert {row["host"]: row["bytes"] for row in ledger.all("hosts")} == sizes
        broken = {row["rule"]: row["documents"] for row in ledger.all("filters")}
        assert broken == Counter(row["reason"] for row in fates if row["outcome"] == "filtered")


def test_pages_that_a_removed_one_held_text_back_of_are_told_until_they_are_cut_anew(tmp_path: Path) -> None:
    make_corpus(tmp_path / "C", documents=8)
    stages = open_corpus(str(tmp_path / "C")).stages
    for number, record in enumerate(({"held_back": 1200}, {})):
        put(tmp_path / "C", stages=stages | {"repeats": stages["select"] | record})
        write_card(open_corpus(str(tmp_path / "C")), tmp_path / f"card{number}")
    told = [(tmp_path / f"card{number}" / "README.md").read_text("utf-8") for number in (0, 1)]
    assert re.search(r"up to 1\D200 pages that stay would be cut elsewhere", told[0]) and "cut elsewhere" not in told[1]


def test_what_is_kept_of_pages_with_a_signal_is_told_apart(tmp_path: Path) -> None:
    make_corpus(tmp_path / "C", documents=8)  # every other page is kept
    pages = rows(tmp_path / "C", "documents")
    for page in pages[:3]:
        page |= {"license": "CC-BY-4.0", "robots": "noai, noindex", "tdm_reservation": 1}
    write_table(tmp_path / "C", "documents", pages)
    with open_ledger(open_corpus(str(tmp_path / "C"))) as ledger:
        found = ledger.one("signals")
        assert (found["licence"], found["kept_licence"], found["tdm_reserved"], found["kept_tdm_reserved"]) == (3, 2, 3, 2)
        assert [row["directive"] for row in ledger.all("directives")] == ["noai", "noindex"]
        assert ledger.all("licences") == [{"licence": "CC-BY-4.0", "documents": 3, "kept": 2}]


def test_what_detectors_of_ones_own_found_is_told_by_kind(tmp_path: Path) -> None:
    make_corpus(tmp_path / "C", documents=8)  # every other page is kept
    ids = [str(row["doc_id"]) for row in rows(tmp_path / "C", "documents")]
    places = [(ids[0], "project", 0), (ids[0], "project", 9), (ids[1], "project", 0), (ids[1], "person", 4)]
    found = [
        {"doc_id": doc_id, "detector": "names", "kind": kind, "field": "text", "start": start, "end": start + 3, "excerpt": "…"}
        for doc_id, kind, start in places
    ]
    write_table(tmp_path / "C", "own_findings", found)
    write_card(open_corpus(str(tmp_path / "C")), tmp_path / "card")
    told = (tmp_path / "card" / "README.md").read_text("utf-8")
    assert "| `names` | `project` | 3 | 2 | 1 |" in told and "| `names` | `person` | 1 | 1 | 0 |" in told


def test_dumps_are_told_by_their_paths(tmp_path: Path) -> None:
    make_corpus(tmp_path / "C", documents=8)
    path = "https://data.commoncrawl.org/crawl-data/CC-MAIN-2026-42/segments/1/warc/CC-MAIN-1.warc.gz"
    for name in ("files", "documents"):
        column = "path" if name == "files" else "warc_file"
        moved = [row | {column: path if row[column] == "crawl.warc.gz" else row[column]} for row in rows(tmp_path / "C", name)]
        write_table(tmp_path / "C", name, [row | {"fetched_at": "2026-10-03T01:02:03Z"} for row in moved])
    with open_ledger(open_corpus(str(tmp_path / "C"))) as ledger:
        assert [(row["dump"], row["kind"], row["files"]) for row in ledger.all("inputs")] == [("CC-MAIN-2026-42", "warc", 1)]
        [period] = ledger.all("periods")
        assert (period["dump"], period["first"][:10], period["documents"]) == ("CC-MAIN-2026-42", "2026-10-03", 4)


def test_each_query_that_is_shown_answers_again_and_each_question_is_asked(corpus: Path, card: Path) -> None:
    shown = {query for name in DOCUMENTS for _, query in QUERY.findall((card / name).read_text("utf-8"))}
    assert shown == {query.strip() for query in QUESTIONS.values()}
    with connect(open_corpus(str(corpus))) as database, open_ledger(open_corpus(str(corpus))) as ledger:
        for name in ("kept", "outcomes", "languages", "filters", "edits", "poison"):
            assert asked(database, QUESTIONS[name]) == ledger.all(name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_statement_that_names_a_query_finds_it_at_the_end(card: Path, name: str) -> None:
    text = (card / name).read_text("utf-8")
    cited, listed = set(re.findall(r"\[Q(\d+)\]\(#q\1\)", text)), [number for number, _ in QUERY.findall(text)]
    assert listed == [str(place + 1) for place in range(len(listed))] and set(listed) == cited


def test_names_from_the_crawl_are_text_alone(tmp_path: Path) -> None:
    """Each page says another hostile string wherever it has its say."""
    payloads = [HOSTILE, "a`b` **x** [l](http://e.test) | c", "x\n# heading\n---\n", "=cmd|' /C calc'!A0", *PAYLOADS]
    make_corpus(tmp_path / "C", documents=2 * len(payloads), rule=HOSTILE)
    pages, texts = rows(tmp_path / "C", "documents"), rows(tmp_path / "C", "curated")
    said = {str(page["doc_id"]): payloads[number // 2] for number, page in enumerate(pages)}
    for page in pages:
        page |= dict.fromkeys(("host", "license", "mime", "robots"), said[str(page["doc_id"])])
    write_table(tmp_path / "C", "documents", pages)
    write_table(tmp_path / "C", "curated", [row | {"language": said[str(row["doc_id"])][:40]} for row in texts])
    answers = tmp_path / "answers.toml"
    answers.write_text('title = "a\\nb: c"\n')
    write_card(open_corpus(str(tmp_path / "C")), tmp_path / "card", answers)
    for name in DOCUMENTS:
        assert_only_text(own_text((tmp_path / "card" / name).read_text("utf-8")))
    listed = (tmp_path / "card" / "domains.tsv").read_text("utf-8").splitlines()[1:]
    assert listed and all(re.fullmatch(r"[a-z0-9._%A-F][a-z0-9.\-_%A-F]*\t\d+\t\d+", line) for line in listed)
    head = (tmp_path / "card" / "README.md").read_text("utf-8").split("---\n")[1]
    assert all(isinstance(json.loads(line.partition(": ")[2]), str | list) for line in head.splitlines())


def own_text(markdown: str) -> str:
    """Without front matter, blocks of code and spans of code."""
    without = re.sub(r"^---\n.*?\n---\n", "", markdown, count=1, flags=re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```$", "", without, flags=re.DOTALL | re.MULTILINE))


def assert_only_text(text: str) -> None:
    assert not re.search(r"[`<>]|e\.test|alert|javascript:|q7z", text.replace("<0.1 %", "").replace(">99.9 %", ""))
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert "# heading" not in headings and len({line for line in headings if line.startswith("# ")}) == 1


@given(st.text())
def test_a_span_of_code_holds_whatever_it_is_given(text: str) -> None:
    span = str(crawl(text, 50))
    assert span[0] == span[-1] == "`" and not set(span[1:-1]) & set("`|\n\r\x0b\x0c\x1c\x85\u2028\u2029") and len(span) <= 53


def test_a_value_that_went_through_no_filter_becomes_a_span_of_code() -> None:
    assert environment().from_string("{{ name }} {{ 3 }}").render(name="<b>`") == "`‹b›ˋ` 3"


def test_domains_are_those_that_somebody_registered() -> None:
    hosts = [
        {"host": "a.example.co.uk", "documents": 2, "bytes": 10},
        {"host": "example.co.uk", "documents": 1, "bytes": 5},
        {"host": "me.github.io", "documents": 1, "bytes": 14},
        {"host": None, "documents": 7, "bytes": 1000},
    ]
    found = top_domains(hosts)
    assert (found.listed, found.all, found.bytes, found.without) == ([("example.co.uk", 3, 15)], 2, 15, 7)


@pytest.mark.parametrize(
    ("domains", "all_providers", "small"), [(0, 0, 0), (1, 1, 1), (10, 1, 1), (11, 2, 1), (21, 3, 2), (1_000_000, 100_000, 1000)]
)
def test_as_many_domains_as_the_template_asks_for(domains: int, all_providers: int, small: int) -> None:
    assert (share_of(domains), share_of(domains, small=True)) == (all_providers, small)


@given(st.text(min_size=1, max_size=20))
def test_a_domain_in_a_table_is_no_formula_and_no_second_cell(domain: str) -> None:
    shown = plain(domain)
    assert shown[0] not in "=+-@\t" and re.fullmatch(r"[a-z0-9.\-_%A-F]+", shown)


def test_answers_fill_open_points_and_others_are_refused(corpus: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text('provider = "Example Ltd, data@example.org"\nlicence = "odc-by"\ntitle = "Pages"\n')
    written = write_card(open_corpus(str(corpus)), tmp_path / "card", answers)
    assert set(written.open) == OPEN.keys() - {"provider", "licence", "title"}
    summary = (tmp_path / "card" / "eu-ai-act.md").read_text("utf-8")
    assert "Example Ltd, data@example.org" in summary and "(`provider`)" not in summary and "(`model`)" in summary
    described = json.loads((tmp_path / "card" / "croissant.json").read_text("utf-8"))
    assert (described["license"], described["name"], described["conformsTo"]) == ("odc-by", "Pages", CONFORMS_TO)
    for wrong in ("nobody = 'x'", "provider = 3", "provider = ''", "not toml"):
        answers.write_text(wrong)
        with pytest.raises(UsageError, match=r"--answers"):
            write_card(open_corpus(str(corpus)), tmp_path / "card", answers)


def test_croissant_names_each_file_with_its_hash(corpus: Path, card: Path) -> None:
    described = json.loads((card / "croissant.json").read_text("utf-8"))
    files = {one["contentUrl"]: one["sha256"] for one in described["distribution"] if one["@type"] == "cr:FileObject"}
    assert files == {one.file: one.sha256 for one in open_corpus(str(corpus)).files("curated")}
    [together] = [one for one in described["distribution"] if one["@type"] == "cr:FileSet"]
    assert together["includes"] == list(files)


def test_a_corpus_without_decisions_has_no_card(tmp_path: Path) -> None:
    make_corpus(tmp_path / "C", documents=4)
    write_manifest(tmp_path / "C", ("ingest", "filter"))
    with pytest.raises(CorpusError, match=r"select"):
        write_card(open_corpus(str(tmp_path / "C")), tmp_path / "card")


@pytest.mark.parametrize(
    ("documents", "category"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**6, "1M<n<10M"), (10**12, "n>1T")]
)
def test_sizes_are_named_as_the_hub_names_them(documents: int, category: str) -> None:
    assert size_category(documents) == category


def test_the_command_says_what_is_left_open(corpus: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["card", str(corpus), "--output", str(tmp_path / "card"), "--json"])
    assert told.exit_code == 0 and set(json.loads(told.stdout)["open"]) == OPEN.keys()
    assert {path.name for path in (tmp_path / "card").iterdir()} == set(json.loads(told.stdout)["files"])
