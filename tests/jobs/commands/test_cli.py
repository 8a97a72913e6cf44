"""Bad input gets one clear line and loses nothing: exit 2, no traceback, no half-made corpus."""

import contextlib
import gzip
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyspark.sql import SparkSession
from typer.main import get_command

from jobs.commands.app import app
from jobs.commands.run_stages import naming_what_is_needed
from jobs.commands.shown import failures
from jobs.commands.shown.failures import as_winnow_error
from jobs.corpus.files.opening import open_input
from jobs.corpus.folder import open_corpus
from jobs.corpus.inputs import list_inputs
from jobs.corpus.stages import NAMES
from jobs.stages import stage
from pipeline.errors import EnvironmentProblem, InputError, RecipeError
from tests.crawls import Crawl, write_crawl
from tests.jobs.report.report_corpus import make_corpus
from tests.jobs.running import SMALL_TOML, WINNOW, winnow
from tests.jobs.stored import files, table


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crawl(tmp_path_factory.mktemp("crawl"), files=1, pages=6)[0][0]


def refused(result: subprocess.CompletedProcess[str], *words: str, status: int = 2) -> None:
    """One line on stderr that starts with the program's name and holds every one of `words`."""
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    assert lines[-1].startswith("winnow: ") and sum(line.startswith("winnow: ") for line in lines) == 1, result.stderr
    for word in words:
        assert word in lines[-1]


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("[tokeniser]\nvocabulary_size = 600\n", ("unknown key tokeniser", "tokenizer")),
        ('[shards]\nlate_hosts = ["a.example"]\n', ("shards.late_hosts is now shards.read_last_hosts",)),
        ('[provenance]\nlate_edits = "cut"\n', ("provenance.late_edits is now provenance.edited_text",)),
        ("[tokenizer]\nvocab = 600\n", ("unknown key tokenizer.vocab", "vocabulary_size")),
        ('[tokenizer]\nvocabulary_size = "600"\n', ("tokenizer.vocabulary_size = '600'",)),
        ("[rules.gopher_short_doc]\nminimum = 60\nmaximum = 50\n", ("gopher_short_doc", "60", "50")),
        ('[rules.gopher_short_doc]\nminimum = "many"\n', ("gopher_short_doc", "many")),
        ("[rules.no_such_rule]\nminimum = 1\n", ("no_such_rule",)),
        ("not toml at all\n", ("not valid TOML",)),
    ],
)
def test_a_wrong_recipe_is_named_by_its_key(crawl: Path, tmp_path: Path, recipe: str, words: tuple[str, ...]) -> None:
    (tmp_path / "recipe.toml").write_text(recipe)
    result = winnow("curate", crawl, "--output", tmp_path / "C", "--recipe", tmp_path / "recipe.toml")
    refused(result, *words)
    assert not (tmp_path / "C").exists()


def test_a_missing_recipe_is_named_by_the_process_that_people_start(crawl: Path, tmp_path: Path) -> None:
    command = [*WINNOW, "curate", crawl, "--output", tmp_path / "C", "--recipe", tmp_path / "none.toml"]
    refused(subprocess.run(command, capture_output=True, text=True, check=False), "none.toml", "cannot be read")


def test_an_input_that_is_not_there_stops_before_anything_runs(crawl: Path, tmp_path: Path) -> None:
    refused(winnow("curate", crawl, tmp_path / "none.warc.gz", "--output", tmp_path / "C"), "none.warc.gz", "does not exist")
    assert not (tmp_path / "C").exists()


def test_a_folder_without_inputs_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(winnow("curate", tmp_path / "empty", "--output", tmp_path / "C"), "empty", "holds no input")


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.warc.gz", b"PK\x03\x04 a zip"), ("a.warc", b"<html>"), ("a.jsonl.gz", b"<html>"), ("a.parquet", b"PAR?")],
)
def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    refused(winnow("curate", tmp_path / name, "--output", tmp_path / "C"), name, "--skip-bad-inputs")


def test_arc_files_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "old.warc.gz").write_bytes(
        gzip.compress(b"filedesc://IAH.arc 0.0.0.0 20080430204825 text/plain 1301\n1 1 InternetArchive\n")
    )
    refused(winnow("curate", tmp_path / "old.warc.gz", "--output", tmp_path / "C"), "ARC")


@pytest.fixture
def on_the_shared_session(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that start Spark find it started, and leave it so."""
    monkeypatch.setattr(stage, "session", lambda *_, **__: contextlib.nullcontext(spark))


@pytest.mark.usefixtures("on_the_shared_session")
def test_nothing_left_names_the_rule_that_took_most(tmp_path: Path) -> None:
    crawl = Crawl()
    for place in range(5):
        crawl.response(f"http://thin.example/{place}", f"<p>Only page number {place}, and very little to read.</p>")
    crawl.write(tmp_path / "thin.warc.gz")
    curate = ("curate", tmp_path / "thin.warc.gz", "--output", tmp_path / "C")
    for _ in range(2):  # made, and as it stands
        refused(winnow(*curate), "no documents are left", "took most", "gopher_short_doc")
        assert "gopher_short_doc" in (tmp_path / "C" / "report.html").read_text()
    assert winnow("explain", tmp_path / "C", "http://thin.example/1").stdout.count("filtered: top_3_gram: ") == 1
    dry = winnow(*curate, "--set", "rules.gopher_short_doc.minimum=3", "--dry-run")
    assert "rules.gopher_short_doc.minimum: 50 → 3" in dry.stderr and "newly passed" in dry.stdout


@pytest.mark.usefixtures("on_the_shared_session")
def test_a_crawl_without_records_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.warc").write_bytes(b"")
    result = winnow("curate", tmp_path / "empty.warc", "--output", tmp_path / "C")
    refused(result, "empty")


@pytest.mark.parametrize("command", ["filter", "verify", "report", "shard"])
def test_a_folder_that_is_no_corpus_is_named(tmp_path: Path, command: str) -> None:
    refused(winnow(command, tmp_path), "not a corpus")


@pytest.mark.parametrize("damage", [b"PAR1 no table PAR1", b""])
def test_a_damaged_table_is_reported_in_one_line_by_commands_that_look(tmp_path: Path, damage: bytes) -> None:
    make_corpus(tmp_path)
    [path] = files(open_corpus(str(tmp_path)), "documents")
    path.write_bytes(damage)
    refused(winnow("explain", tmp_path, "http://example.org/"), path.name, "table documents", "winnow curate")


@pytest.mark.parametrize("made_by", [1, 99])
def test_a_corpus_of_another_format_is_refused_with_what_to_run(crawl: Path, tmp_path: Path, made_by: int) -> None:
    (tmp_path / "corpus.json").write_text(json.dumps({"format": made_by, "stages": {}}))
    refused(winnow("curate", crawl, "--output", tmp_path), f"format {made_by}", "winnow curate INPUT... --output NEW")
    refused(winnow("explain", tmp_path, "http://example.org/"), f"format {made_by}", "winnow curate INPUT... --output NEW")


@pytest.mark.parametrize("made_by", [1, 99])
def test_a_run_of_another_format_is_refused_with_what_to_run(tmp_path: Path, made_by: int) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"format": made_by}))
    refused(winnow("evaluate", tmp_path), f"format {made_by}", "winnow train CORPUS --output NEW")


def test_version_and_short_help_are_there() -> None:
    import importlib.metadata

    assert winnow("--version").stdout == f"winnow {importlib.metadata.version('winnow')}\n"
    assert winnow("-h").stdout == winnow("--help").stdout
    assert winnow("curate", "-h").stdout == winnow("curate", "--help").stdout


def test_an_output_that_cannot_be_written_is_named(crawl: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused(winnow("curate", crawl, "--output", tmp_path / "file" / "C"), "cannot be written")


@pytest.mark.usefixtures("on_the_shared_session")
def test_a_bad_input_can_be_skipped_and_is_recorded(crawl: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.warc.gz").write_bytes(b"not a crawl")
    (tmp_path / "recipe.toml").write_text(SMALL_TOML)
    arguments = ("--output", tmp_path / "C", "--recipe", tmp_path / "recipe.toml")
    result = winnow("ingest", crawl, tmp_path / "bad.warc.gz", *arguments, "--skip-bad-inputs")
    assert result.returncode == 0, result.stderr
    inputs = {Path(row["path"]).name: row for row in table(open_corpus(str(tmp_path / "C")), "files")}
    assert inputs["bad.warc.gz"]["records"] == 0 and "bad.warc.gz" in inputs["bad.warc.gz"]["error"]
    assert inputs[crawl.name]["records"] > 0 and inputs[crawl.name]["error"] is None


@pytest.mark.usefixtures("on_the_shared_session")
def test_what_a_folder_holds_beside_inputs_is_told_and_recorded(crawl: Path, tmp_path: Path) -> None:
    """16 files of 28 were left aside without a word (2026-11)."""
    folder = tmp_path / "crawl"
    folder.mkdir()
    shutil.copy(crawl, folder)
    (folder / "README.md").write_text("# A crawl")
    (tmp_path / "recipe.toml").write_text(SMALL_TOML)
    result = winnow("ingest", folder, "--output", tmp_path / "C", "--recipe", tmp_path / "recipe.toml")
    assert "1 file skipped: README.md; `files` says why of each" in result.stderr
    told = {Path(row["path"]).name: row for row in table(open_corpus(str(tmp_path / "C")), "files")}
    assert "is no WARC file" in told["README.md"]["error"] and told["README.md"]["records"] == 0


def test_a_full_disk_names_what_is_needed_and_what_is_free_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.warc").write_bytes(bytes(1_000_000))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 12_288, 12_288))
    work: Any = SimpleNamespace(corpus=SimpleNamespace(root=str(tmp_path / "C")), inputs=[SimpleNamespace(size=1_000_000)])
    with pytest.raises(EnvironmentProblem) as error, naming_what_is_needed(work):
        raise OSError(28, "No space left on device")
    assert f"12,288 bytes are free in {tmp_path}" in str(error.value) and "about 2,800,000 bytes are needed" in str(error.value)
    with pytest.raises(ZeroDivisionError), naming_what_is_needed(work):
        raise ZeroDivisionError


def test_an_error_that_nobody_foresaw_is_one_line_and_a_file_to_send_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There was a traceback (2026-11)."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    page = "words of a page " * 100

    def broken(*_: object) -> None:
        raise ZeroDivisionError(page)

    monkeypatch.setattr("jobs.corpus.recipe_text.recipe_toml", broken)
    result = winnow("recipe")
    [details] = tmp_path.glob("winnow-*.txt")
    refused(result, "ZeroDivisionError", f"please send in {details}")
    written = details.read_text()
    assert "ZeroDivisionError" in written and "test_cli.py" in written and "in broken" not in written
    assert len(written) < 20_000 and page[: failures.MESSAGE_CHARACTERS + 1] not in written
    assert details.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("a=" + "[" * 50_000, ("nests more than 32 levels",)),
        ("a" + ".a" * 50_000 + "=1", ("nests more than 32 levels",)),
        ("a = " + "{a=" * 5_000 + "1" + "}" * 5_000, ("nests more than 32 levels",)),
        (f"[warc]\nmax_record_bytes = {'9' * 5000}\n", ("not valid TOML", "4300 digits")),
        (f"[warc]\nmax_record_bytes = '{'9' * 5000}'\n", ("warc.max_record_bytes", "…")),
        ("# " + "x" * (1 << 20), ("larger than 1,048,576 bytes",)),
        ("[warc]\nmax_record_bytes = -1\n", ("warc.max_record_bytes is -1", "at least 1")),
        ("[warc]\nmax_record_bytes = 0\n", ("warc.max_record_bytes is 0", "at least 1")),
        ("[rows]\nmax_row_bytes = 0\n", ("rows.max_row_bytes is 0", "at least 1")),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_recipe_of_any_depth_or_size_is_a_recipe_error(tmp_path: Path, recipe: str, words: tuple[str, ...]) -> None:
    (tmp_path / "recipe.toml").write_text(recipe)
    result = winnow("curate", tmp_path / "none", "--output", tmp_path / "C", "--recipe", tmp_path / "recipe.toml")
    refused(result, *words)
    assert len(result.stderr) < 1000


def test_a_name_with_two_colons_is_a_name(crawl: Path, tmp_path: Path) -> None:
    """For fsspec they chain URLs: `a::b.warc` was refused with a ValueError (2026-11)."""
    odd = tmp_path / "a::b"
    odd.mkdir()
    shutil.copy(crawl, odd / "zip::c.warc.gz")
    [listed] = list_inputs([str(odd)], skip_bad=False)
    assert (listed.path, listed.error) == (str(odd / "zip::c.warc.gz"), None)
    with open_input(listed.path) as file:
        assert file.read() == crawl.read_bytes()
    assert [one.path for one in list_inputs([str(odd / "*.warc.gz")], skip_bad=False)] == [listed.path]
    make_corpus(odd / "C::D")
    assert "no record read has this URL" in winnow("explain", odd / "C::D", "http://example.org/").stderr


def test_a_full_disk_is_one_clear_line_wherever_it_shows() -> None:
    full = OSError(28, "No space left on device")
    from_java = RuntimeError("org.apache.spark.SparkException: Job aborted: java.io.IOException: No space left on device")
    for error in (full, from_java):
        assert isinstance(as_winnow_error(error), EnvironmentProblem)
        assert "disk is full" in str(as_winnow_error(error))


def test_an_error_of_ours_in_a_worker_keeps_its_kind_and_its_words() -> None:
    trace = 'Traceback (most recent call last):\n  File "x"\npipeline.errors.InputError: a.warc could not be read\n at java.lang'
    error = as_winnow_error(RuntimeError(trace))
    assert isinstance(error, InputError) and str(error) == "a.warc could not be read"
    assert as_winnow_error(RuntimeError("something nobody foresaw")) is None


def test_the_default_recipe_can_be_read_back() -> None:
    import tomllib

    from typer.testing import CliRunner

    from jobs.corpus.recipe import Recipe, build_recipe

    printed = CliRunner().invoke(app, ["recipe"]).stdout
    assert build_recipe(tomllib.loads(printed)).tokenizer == Recipe().tokenizer
    with pytest.raises(RecipeError):
        build_recipe({"tokenizer": {"nothing": 1}})


def test_every_command_of_the_contract_is_there() -> None:
    names = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert names >= {*NAMES, "sample", "curate", "recipe", "explain", "trace", "verify", "export"}


def test_page_text_cannot_reach_the_terminal_as_control_characters() -> None:
    from jobs.commands.shown.terminal import harmless

    assert harmless("\x1b[2Jgone\u202e[bold]") == "<U+001B>[2Jgone<U+202E>\\[bold]"
    assert harmless("a\ufe01\U000e0101\u2028") == "a<U+FE01><U+E0101><U+2028>"
