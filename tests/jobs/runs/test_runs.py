"""Training runs as people start, kill, resume, sample and measure them."""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.commands.app import app
from jobs.corpus.files.readers import RUN, Reader, register
from jobs.corpus.folder import open_corpus
from jobs.corpus.recipe import build_recipe
from jobs.corpus.shards import shards_of, store_shards
from jobs.corpus.views import connect
from jobs.inspect.index import Opened
from jobs.inspect.runs import runs_that_read
from jobs.report.store import Store
from jobs.runs.reads import reads_of
from jobs.runs.record import read_run
from pipeline.errors import WinnowError
from tests.crawls import write_crawl
from tests.jobs.running import SMALL, WINNOW, change_run, curate
from tests.jobs.stored import files, put, table
from tokenizer.shards.loader import open_loader

PLAN = ["--steps", "240", "--set", "row_tokens=32", "--set", "batch_rows=4", "--set", "threads=1", "--set", "save_every=20"]
PLAN += ["--evaluate-every", "80"]


@pytest.fixture(scope="module")
def corpus(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    files, _ = write_crawl(folder / "crawl", files=2, pages=30)
    recipe = build_recipe({**SMALL, "shards": {"validation_share": 0.2, "validation_unit": "page"}})
    curate(spark, files, folder / "corpus", recipe)
    return folder / "corpus"


@pytest.fixture(scope="module")
def run(corpus: Path) -> Path:
    """A finished run."""
    folder = corpus.parent / "run"
    inside("train", corpus, "--output", folder, *PLAN)
    return folder


def inside(*arguments: object) -> str:
    """What a winnow command prints, run in this process; errors come out as they are raised."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        app([*map(str, arguments)], standalone_mode=False)
    return out.getvalue()


def hashes(run: Path) -> tuple[str, str]:
    """sha256 of weights and optimizer after the last step."""
    state = json.loads((run / "step-0000240" / "state.json").read_text())
    return state["model_sha256"], state["optimizer_sha256"]


def test_a_run_tells_what_it_is_and_how_it_went(run: Path) -> None:
    record = json.loads((run / "run.json").read_text())
    assert record["plan"]["steps"] == 240 and record["shards"] and record["versions"]["torch"]
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 241))
    looks = [line["validation_loss"] for line in lines if line["validation_loss"] is not None]
    assert len(looks) == 3 and looks[-1] < looks[0]
    assert list((run / "events").iterdir())
    assert "<script" not in (run / "report.html").read_text()
    state = json.loads((run / "step-0000240" / "state.json").read_text())
    assert state["position"] == 240 * 4 and state["shards"] == record["shards"]


def test_killing_at_any_moment_and_resuming_gives_the_same_bits(corpus: Path, run: Path, tmp_path: Path) -> None:
    rng = random.Random(1)
    other = tmp_path / "run"
    command = [*WINNOW, "train", str(corpus), "--output", str(other), *PLAN, "--evaluate-every", "80", "--workers"]
    kills = 0
    while kills < 3:
        process = subprocess.Popen([*command, str(1 + kills)], stderr=subprocess.DEVNULL, start_new_session=True)
        begun = _lines(other)
        wanted = rng.randrange(5, 60)
        while process.poll() is None and _lines(other) < begun + wanted and _lines(other) < 235:
            time.sleep(0.01)
        if process.poll() is not None:
            break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
    assert kills > 0
    assert subprocess.run([*command, "4"], capture_output=True, check=False).returncode == 0
    assert hashes(other) == hashes(run)
    steps = [json.loads(line)["step"] for line in (other / "metrics.jsonl").read_text().splitlines()]
    assert steps == list(range(1, 241))


def _lines(run: Path) -> int:
    try:
        return (run / "metrics.jsonl").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def refused(*arguments: object, words: tuple[str, ...]) -> None:
    """One line that says what is wrong (tests/jobs/commands/test_cli.py sees to what `main` makes of it)."""
    with pytest.raises(WinnowError) as error:
        inside(*arguments)
    assert error.value.exit_status == 2
    assert "\n" not in str(error.value) and all(word in str(error.value) for word in words), error.value


def test_a_run_is_not_resumed_with_another_plan(corpus: Path, run: Path) -> None:
    refused("train", corpus, "--output", run, *PLAN, "--seed", 9, words=("seed = 0, not 9", "leave it out"))


def other_shards(corpus: Path) -> None:
    """Has the corpus be one of the same tokens and another seed; the shards of before go."""
    manifest = replace(shards_of(open_corpus(str(corpus))), seed=99)
    put(corpus, stored={"shards": store_shards(str(corpus), manifest)[0]})


def test_a_run_is_not_resumed_on_another_corpus(corpus: Path, run: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus, tmp_path / "corpus")
    other_shards(tmp_path / "corpus")
    refused("train", tmp_path / "corpus", "--output", run, *PLAN, words=("fingerprint", "a corpus has changed"))


def test_a_run_is_not_resumed_by_other_code(corpus: Path, run: Path, tmp_path: Path) -> None:
    other = tmp_path / "run"
    other.mkdir()
    record = json.loads((run / "run.json").read_text())
    # which orders the rows that training reads
    change_run(run, other, code=record["code"] | {"tokenizer/shards/splits.py": "0123"})
    refused("train", corpus, "--output", other, *PLAN, words=("code.tokenizer/shards/splits.py = 0123",))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["train", "nowhere", "--output", "x"], ["nowhere", "winnow curate"]),
        (["train", "CORPUS", "--output", "x", "--model", "huge"], ["huge", "tiny"]),
        (["train", "CORPUS", "--output", "x", "--set", "depth=3"], ["depth=3"]),
        (["train", "CORPUS", "--output", "x", "--set", "clip=much"], ["clip"]),
        (["train", "CORPUS", "--output", "x", "--set", "micro_rows=4"], ["micro_rows is now micro_batch_rows"]),
        (["train", "CORPUS", "--output", "x", "--look-every", "4"], ["--look-every is now --evaluate-every"]),
        (["generate", "nowhere"], ["not a run"]),
        (["generate", "RUN", "--step", "7"], ["no checkpoint of step 7"]),
        (["generate", "RUN", "--prompt", "word " * 400], ["shorten"]),
        (["evaluate", "RUN", "--choices", "missing.jsonl"], ["missing.jsonl"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_bad_input_gets_one_line(corpus: Path, run: Path, tmp_path: Path, command: list[str], words: list[str]) -> None:
    places = {"CORPUS": str(corpus), "RUN": str(run), "x": str(tmp_path / "x"), "nowhere": str(tmp_path / "nowhere")}
    refused(*(places.get(part, part) for part in command), words=tuple(words))


def test_a_run_speaks_and_the_same_seed_says_the_same(run: Path) -> None:
    said = [inside("generate", run, "--prompt", "The", "--max-tokens", 12, "--seed", seed) for seed in (1, 1, 2)]
    assert said[0] == said[1] != said[2] and said[0].strip()


def test_explain_names_the_steps_that_read_a_page_and_the_checkpoints_that_saw_it(corpus: Path, run: Path) -> None:
    loader = open_loader(str(corpus), read_run(run).train_plan.loader)
    steps = range(240)
    read_by = {step: {span.doc_id for row in loader.rows_of_step(step).tolist() for span in loader.spans(row)} for step in steps}
    doc_id = min(read_by[3])
    [explained] = json.loads(inside("explain", corpus, doc_id, "--run", run, "--json"))
    assert {read["step"] for read in explained["reads"]["steps"]} == {step for step in steps if doc_id in read_by[step]}
    assert explained["reads"]["affected_checkpoints"] == [220, 240]
    assert "read by" in inside("explain", corpus, doc_id, "--run", run)


def test_several_answers_say_how_far_they_agree(run: Path) -> None:
    generated = json.loads(
        inside("generate", run, "--prompt", "The", "--max-tokens", 4, "--samples", 3, "--temperature", 0, "--json")
    )
    assert len(generated["samples"]) == 3 and generated["agreement"]["most_common"] == 3


def test_held_out_text_is_measured_by_language_and_host(run: Path) -> None:
    evaluated = json.loads(inside("evaluate", run, "--json"))
    assert evaluated["all"]["documents"] > 0
    for group in ("language", "host"):
        assert sum(cost["bytes"] for cost in evaluated[group].values()) == evaluated["all"]["bytes"]
    assert 0 < evaluated["all"]["bits_per_byte"] < 8


def test_multiple_choice_finds_the_likelier_answer(run: Path, tmp_path: Path) -> None:
    questions = tmp_path / "choices.jsonl"
    questions.write_text(json.dumps({"context": "The", "choices": [" the", "\x01\x02\x03\x04"], "answer": 0}) + "\n")
    evaluated = json.loads(inside("evaluate", run, "--choices", questions, "--json"))
    assert evaluated == evaluated | {"questions": 1, "accuracy": 1.0, "too_long": 0, "shots": 0}


def test_transformers_speaks_a_run(run: Path, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="pip install transformers")
    inside("export", run, "--format", "hf", "--output", tmp_path / "hf")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "hf")
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "hf")
    ids = tokenizer("The", return_tensors="pt")["input_ids"]
    theirs = model.generate(ids, max_new_tokens=10, do_sample=False)[0, ids.shape[1] :]
    ours = inside("generate", run, "--prompt", "The", "--max-tokens", 10, "--temperature", 0)
    assert tokenizer.decode(theirs, skip_special_tokens=True).strip() == ours.strip()


def test_an_export_replaces_an_export_and_nothing_else(run: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.tex").write_text("years of work")
    refused("export", run, "--format", "hf", "--output", mine, words=("no export of winnow",))
    assert (mine / "thesis.tex").read_text() == "years of work"
    for _ in range(2):
        inside("export", run, "--format", "hf", "--output", tmp_path / "hf")
    assert json.loads((tmp_path / "hf" / "export.json").read_text())["step"] == 240


def test_a_run_is_not_resumed_on_another_device_or_by_another_number_of_processes(
    corpus: Path, run: Path, tmp_path: Path
) -> None:
    for name, value in (("device", "NVIDIA H200"), ("processes", 8)):
        other = tmp_path / name
        other.mkdir()
        change_run(run, other, **{name: value})
        refused("train", corpus, "--output", other, *PLAN, words=(f"{name} = {value}",))


def test_a_run_that_cannot_be_written_is_one_line(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused("train", corpus, "--output", tmp_path / "file", *PLAN, words=("another --output",))


def test_explain_refuses_a_run_on_another_corpus(corpus: Path, run: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus, tmp_path / "corpus", ignore=shutil.ignore_patterns("readers"))
    other_shards(tmp_path / "corpus")
    doc_id = open_loader(str(corpus), read_run(run).train_plan.loader).spans(0)[0].doc_id
    refused("explain", tmp_path / "corpus", doc_id, "--run", run, words=("no longer has the shards", "was trained on"))


def test_what_a_run_read_is_told_by_its_own_shards_though_the_corpus_has_others(corpus: Path, run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "corpus"
    shutil.copytree(corpus, copy)  # with the run on record, so its shards stay
    doc_id = open_loader(str(corpus), read_run(run).train_plan.loader).spans(0)[0].doc_id
    spans = [row for row in table(open_corpus(str(corpus)), "spans") if row["doc_id"] == doc_id]
    expected = reads_of(str(corpus), run, [doc_id], spans)
    other_shards(copy)
    moved = [row | {"start": row["start"] + 7} for row in spans]
    assert reads_of(str(copy), run, [doc_id], moved) == expected and expected["steps"]


def test_the_view_tells_of_every_run_on_record_what_it_read(corpus: Path, run: Path) -> None:
    opened_corpus = open_corpus(str(corpus))
    doc_id = open_loader(str(corpus), read_run(run).train_plan.loader).spans(0)[0].doc_id
    spans = [row for row in table(opened_corpus, "spans") if row["doc_id"] == doc_id]
    gone = Reader(RUN, str(corpus / "no-such-run"))
    register(str(corpus), gone)
    try:
        with connect(opened_corpus) as database:
            told = runs_that_read(Opened(opened_corpus, Store(database, frozenset(), ())), doc_id)
    finally:
        [record] = [one for one in (corpus / "readers").glob("run-*.json") if "no-such-run" in one.read_text()]
        record.unlink()
    by_run = {one["run"]: one for one in told}
    assert by_run[str(run)] == reads_of(str(corpus), run, [doc_id], spans) and by_run[str(run)]["steps"]
    assert "no-such-run" in by_run[gone.folder]["problem"]


def test_a_corpus_without_its_tokenizer_is_one_line(corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus, tmp_path / "corpus")
    [lost] = files(open_corpus(str(tmp_path / "corpus")), "tokenizer")
    lost.unlink()
    refused("train", tmp_path / "corpus", "--output", tmp_path / "run", *PLAN, words=(f"{lost.name} cannot be read",))


def test_ablation_finds_no_difference_where_there_is_none(corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus, tmp_path / "copy")
    rows = json.loads(
        inside(
            "ablate", corpus, tmp_path / "copy", "--output", tmp_path / "runs", "--seeds", 2, "--steps", 8, "--json",
            "--set", "row_tokens=32", "--set", "batch_rows=4", "--set", "threads=1",
        )
    )  # fmt: skip
    assert [row["corpus"] for row in rows] == ["corpus", "copy"]
    assert rows[0]["documents"] == rows[1]["documents"] > 0
    assert all(row["low"] < row["bits_per_byte"] < row["high"] for row in rows)
    assert rows[1]["against_first"] == 0


def test_ablation_needs_pages_that_all_hold_out(corpus: Path, tmp_path: Path) -> None:
    refused("ablate", corpus, "--output", tmp_path / "runs", words=("two or more",))
