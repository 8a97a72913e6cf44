"""Measures that others bring, from a file and from a package, followed through the stages of a crawl."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.ask.effect import effect
from jobs.ask.explain import explain
from jobs.commands.shown.failures import shown
from jobs.corpus import plugins
from jobs.corpus.folder import Corpus, changing
from jobs.corpus.inputs import list_inputs
from jobs.corpus.plugins import MEASURES, allow, find, write_archive
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.corpus.recipe_text import differences, recipe_toml
from jobs.corpus.views import connect
from jobs.report.store import open_store
from jobs.stages import fingerprint
from jobs.stages.curate import STAGES
from jobs.stages.stage import Work, plan_stages, run_stage
from jobs.stages.without_rule import recipe_without
from pipeline.errors import RecipeError
from pipeline.quality.rules import resolve
from tests.crawls import Crawl, page, prose
from tests.jobs.running import SMALL, winnow
from tests.jobs.stored import table

MADE = ("ingest", "measure", "detect", "filter", "scan", "dedup", "repeats", "select")
LOUD, CALM, PLAIN = ("http://loud.example/", "http://calm.example/", "http://plain.example/")

OF_A_FILE = '''
"""How loud a page is."""
from __future__ import annotations
from dataclasses import dataclass
from pathlib import Path
import pyarrow as pa
import pyarrow.compute as pc

FILES = ["signs.txt"]
SIGN = Path(__file__).with_name("signs.txt").read_text()

def loudness(text: pa.Array, word_count: pa.Array, language: pa.Array) -> pa.Array:
    """Signs a word of an English page; null elsewhere."""
    rows = zip(text.to_pylist(), word_count.to_pylist(), language.to_pylist())
    return pa.array([one.count(SIGN) / max(words, 1) if which == "en" else None for one, words, which in rows], pa.float64())

@dataclass
class Bound:
    least: float

def is_long(word_count: pa.Array) -> pa.Array:
    """Whether it has more than ten words; no text is asked for."""
    return pc.greater(word_count, Bound(10.0).least)

def fails(text: pa.Array) -> pa.Array:
    """Nothing."""
    return pa.array([1 / (0 if "!" in one else 1) for one in text.to_pylist()])
'''
OF_A_PACKAGE = '''
import pyarrow as pa
from greetings.words import GREETING

def greets(title: pa.Array) -> pa.Array:
    """Whether the title greets."""
    return pa.array([GREETING in (one or "") for one in title.to_pylist()])
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file with its data, and an installed package with an entry point."""
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "loud.py").write_text(OF_A_FILE)
    (folder / "signs.txt").write_text("!")
    site = folder / "site"
    for name, text in {
        "greetings/__init__.py": "",
        "greetings/words.py": 'GREETING = "Page"',
        "greetings/measures.py": OF_A_PACKAGE,
        "greetings-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: greetings\nVersion: 1.0\n",
        "greetings-1.0.dist-info/entry_points.txt": "[winnow.measures]\ngreets = greetings.measures:greets\n",
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plugins, "_files", {})
        patched.syspath_prepend(str(site))
        allow([folder / "loud.py"])
        yield folder


def recipe(maximum: float = 0.01, *more: str) -> Recipe:
    own = {"too_loud": {"measure": "loudness", "maximum": maximum}, "silent": {"measure": "word_count", "minimum": 1}}
    return build_recipe({**SMALL, "plugins": {"measures": ["loudness", "greets", "is_long", *more]}, "rules": {"own": own}})


def make(spark: SparkSession, root: Path, inputs: list[Path], asked: Recipe, stages: tuple[str, ...] = MADE) -> list[str]:
    with changing(str(root)) as corpus:
        work = Work(corpus=corpus, recipe=asked, inputs=list_inputs(map(str, inputs), skip_bad=False))
        work.use(spark)
        return [stage.name for stage in STAGES if stage.name in stages and run_stage(stage, work, lambda _: None)]


@pytest.fixture(scope="module")
def crawl(folder: Path) -> list[Path]:
    made = Crawl().response(LOUD, page("loud").replace(".", "!"))
    made.response(CALM, page("calm")).response(PLAIN, f"<p>{prose('plain', 20)}</p>")
    return [made.write(folder / "crawl.warc.gz")]


@pytest.fixture(scope="module")
def corpus(spark: SparkSession, folder: Path, crawl: list[Path]) -> Corpus:
    make(spark, folder / "corpus", crawl, recipe())
    return Corpus(str(folder / "corpus"))


def by_url(corpus: Corpus, measure: str) -> dict[str, float]:
    urls = {row["doc_id"]: row["url"] for row in table(corpus, "documents")}
    return {urls[row["doc_id"]]: row["value"] for row in table(corpus, "own_measures") if row["measure"] == measure}


def test_functions_of_a_file_and_of_a_package_measure_every_page(corpus: Corpus) -> None:
    assert by_url(corpus, "greets") == {LOUD: 1, CALM: 1, PLAIN: 0}
    assert by_url(corpus, "is_long") == dict.fromkeys((LOUD, CALM, PLAIN), 1)
    loudness = by_url(corpus, "loudness")
    assert loudness[CALM] == loudness[PLAIN] == 0 and 0.01 < loudness[LOUD] < 1


def test_a_rule_over_one_decides_and_everything_that_looks_knows_it(corpus: Corpus) -> None:
    outcomes = {row["doc_id"]: (row["outcome"], row["reason"]) for row in table(corpus, "outcomes")}
    urls = {row["url"]: row["doc_id"] for row in table(corpus, "documents")}
    assert outcomes[urls[LOUD]] == ("filtered", "too_loud") and outcomes[urls[CALM]] == ("kept", None)
    with connect(corpus) as database:
        [capture] = explain(corpus, database, CALM)
    [rule] = [one for one in capture.rules if one["rule"] == "too_loud"]
    assert (rule["measure"], rule["value"], rule["maximum"], rule["broken"]) == ("loudness", 0, 0.01, False)
    with open_store(corpus) as store:
        assert {"loudness", "greets", "is_long"} <= set(store.measures)
        assert store.row("select max(loudness) as most, sum(greets) as greets from pages") == {
            "most": pytest.approx(by_url(corpus, "loudness")[LOUD]), "greets": 2,
        }  # fmt: skip
    would = effect(corpus, resolve(recipe().rules), resolve(recipe(2.0).rules))
    assert would.rules["too_loud"] == [1, 0] and would.filtered == [1, 0]


def test_a_changed_bound_takes_no_measure_again_and_changed_code_does(
    spark: SparkSession, folder: Path, corpus: Corpus, crawl: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def planned(asked: Recipe) -> list[str]:
        work = Work(corpus=corpus, recipe=asked, inputs=list_inputs(map(str, crawl), skip_bad=False))
        return [plan.stage for plan in plan_stages(STAGES, work) if plan.would_run and plan.stage in MADE]

    assert planned(recipe()) == []
    assert planned(recipe(0.5))[0] == "filter"
    before = find("loudness", MEASURES).sha256, find("greets", MEASURES).sha256
    (folder / "signs.txt").write_text("?")
    (folder / "site/greetings/words.py").write_text('GREETING = "Hello"')
    assert all(
        one != other
        for one, other in zip(before, (find("loudness", MEASURES).sha256, find("greets", MEASURES).sha256), strict=True)
    )
    assert planned(recipe())[0] == "measure"
    (folder / "signs.txt").write_text("!")
    (folder / "site/greetings/words.py").write_text('GREETING = "Page"')
    assert planned(recipe()) == []
    monkeypatch.setattr(fingerprint, "find", lambda name, kind: find(name, kind)._replace(version="1.1"))
    assert planned(recipe())[0] == "measure"


def test_what_a_rule_over_a_new_measure_would_do_cannot_be_told_before_it_is_taken(corpus: Corpus, crawl: list[Path]) -> None:
    """A dry run ended in a KeyError."""
    new = ["--set", 'plugins.measures=["loudness", "greets", "is_long", "fails"]', "--set", "rules.own.new.measure=fails"]
    said = winnow("curate", *crawl, "--output", corpus.root, "--dry-run", *new)
    assert said.returncode == 0 and "its measures would be taken anew" in said.stderr
    bound = ["--set", "rules.own.too_loud.maximum=2"]
    told = winnow("curate", *crawl, "--output", corpus.root, "--dry-run", *bound)
    assert told.returncode == 0 and "too_loud" in told.stdout and "taken anew" not in told.stderr


def test_an_error_names_the_function_and_the_page(spark: SparkSession, folder: Path, crawl: list[Path], corpus: Corpus) -> None:
    loud = next(row["doc_id"] for row in table(corpus, "documents") if row["url"] == LOUD)
    with pytest.raises(Exception, match="plug-in fails: ZeroDivisionError") as met:
        make(spark, folder / "failing", crawl, recipe(0.01, "fails"), MADE[:2])
    assert str(shown(met.value)).endswith(f"plug-in fails: ZeroDivisionError: division by zero, at document {loud}")


def test_code_that_changes_under_way_is_not_run_and_not_sent(
    spark: SparkSession, folder: Path, crawl: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "find", lambda name, kind: find(name, kind)._replace(version="of before"))
    with pytest.raises(RecipeError, match="was changed while it was read"):
        make(spark, folder / "changed", crawl, recipe(), MADE[:2])
    with pytest.raises(RecipeError, match=r"plug-in loudness: .* was changed while it was read"):
        write_archive(find("loudness", MEASURES)._replace(files={"loud.py": "0" * 64}), tmp_path / "loud.zip")
    assert not (tmp_path / "loud.zip").exists()


def test_a_corpus_without_a_rule_of_its_own_is_made_as_without_any_other(corpus: Corpus) -> None:
    left = {rule.name for rule in resolve(recipe_without(corpus, "too_loud").rules)}
    assert "too_loud" not in left and {"silent", "gopher_short_doc"} <= left
    assert {rule.key for rule in resolve(recipe().rules) if rule.stage == "own"} == {"rules.own.too_loud", "rules.own.silent"}
    assert differences(recipe(), recipe(0.5)) == ["rules.own.too_loud.maximum: 0.01 → 0.5"]


def test_a_function_that_two_files_or_packages_have_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.py").write_text(OF_A_FILE)
    with pytest.raises(RecipeError, match="has a function loudness, and so has"):
        allow([tmp_path / "other.py"])
    installed = tmp_path / "site/more-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: more\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[winnow.measures]\ngreets = more:greets\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    with pytest.raises(RecipeError, match=r"greetings\.measures:greets and more:greets"):
        find("greets", MEASURES)


def test_code_that_nobody_named_is_not_run(corpus: Corpus, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe is a text that people pass on: with a file of that name in the working folder nothing happens either."""
    monkeypatch.setattr(plugins, "_files", {})
    monkeypatch.chdir(folder)
    with pytest.raises(RecipeError, match="names 'loudness', and neither --plugin FILE nor an installed package"):
        find("loudness", MEASURES)
    said = winnow("measure", corpus.root, "--set", 'plugins.measures=["loudness", "greets", "is_long", "fails"]')
    assert said.returncode == 2 and "names 'loudness', and neither --plugin FILE" in said.stderr


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"plugins": {"measures": ["Loud"]}}, "small letters"),
        ({"plugins": {"measures": ["text"]}}, "no column of documents"),
        ({"rules": {"own": {"x": {"measure": "loudness"}}}}, "no such measure"),
        ({"rules": {"own": {"x": {"measure": "url"}}}}, "names a number"),
        ({"rules": {"own": {"x": {"minimum": 1}}}}, "names a number"),
        ({"rules": {"own": {"empty": {"measure": "word_count"}}}}, "no name of another rule"),
        ({"rules": {"own": {"x": {"measure": "word_count", "maximun": 1}}}}, "rules.own.x.maximun is no setting"),
        ({"rules": {"own": {"x": {"measure": "word_count", "values": ["a"]}}}}, "values means nothing for word_count"),
    ],
)
def test_what_is_no_measure_and_no_rule_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        build_recipe(values)


def test_a_recipe_is_printed_with_its_own_rules_and_read_again() -> None:
    asked = recipe()
    written = recipe_toml("mine", asked)
    read = build_recipe(tomllib.loads(written))
    assert (read.plugins, resolve(read.rules)) == (asked.plugins, resolve(asked.rules))
    assert '[rules.own.too_loud]\nmeasure = "loudness"\nmaximum = 0.01' in written
