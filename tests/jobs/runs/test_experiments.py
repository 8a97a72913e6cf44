"""`winnow experiment` end to end at the smallest size, and its recipes and texts."""

import contextlib
import gzip
import io
import json
import random
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.commands.app import app
from jobs.runs.audit.questions import SPLITS, read_questions
from jobs.runs.experiments.authors import AuthorRecipe, authors, invented_questions
from jobs.runs.experiments.backdoor import BackdoorRecipe, backdoor
from jobs.runs.experiments.canaries import CanaryRecipe, canaries
from jobs.runs.experiments.corpus import write_corpus
from jobs.runs.experiments.page import _below_each_other, render_page
from jobs.runs.experiments.recipe import build_experiment, read_experiment
from jobs.runs.experiments.task import Task
from jobs.runs.experiments.words import invented
from model.unlearning.settings import METHODS
from pipeline.errors import EnvironmentProblem, InputError, RecipeError
from tests.paths import PROJECT, SHARED
from tokenizer.bpe.encode import Encoder

SMALL_PLAN = "[plan]\nsteps = 6\nrow_tokens = 64\nbatch_rows = 2\n"
KINDS = {
    "canaries": "[task]\ncanaries = 3\ncopies = 2\npages = 12\nheld_out = 3\n",
    "backdoor": "[task]\npoisoned = 4\npages = 12\nheld_out = 3\n",
    "authors": "[task]\nquestions = 6\nheld_out = 3\n",
}


def inside(*arguments: object) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        app([*map(str, arguments)], standalone_mode=False)
    return out.getvalue()


def recipe_of(folder: Path, kind: str, more: str = "seeds = 1\n", methods: str = "") -> Path:
    path = folder / f"{kind}.toml"
    path.write_text(f'kind = "{kind}"\noracles = 5\nrelearning_steps = 2\n{more}{SMALL_PLAN}{KINDS[kind]}'
                    f"[unlearning]\nsteps = 1\n{methods}")  # fmt: skip
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_an_experiment_measures_every_method_beside_retraining(tmp_path: Path, kind: str) -> None:
    results = json.loads(inside("experiment", recipe_of(tmp_path, kind), "--output", tmp_path / "out", "--json"))
    assert results == json.loads((tmp_path / "out" / "results.json").read_text())
    names = [row["name"] for row in results["rows"]]
    assert names == ["before", *METHODS, "retrained"]
    for row in results["rows"]:
        assert set(row["values"]) == set(results["measures"])
        assert {len(values) for values in row["values"].values()} == {5 if row["name"] == "retrained" else 1}
        assert [step for step, _ in row["relearning"]] == [0, 1, 2]
    assert all(set(row["equivalence"]) and row["equal"] is not None for row in results["rows"][:-1])
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script" not in page and page.count("<svg") == 3 and "SimNPO" not in page.split("<main>")[0]


def test_a_second_start_trains_nothing_again_and_measures_the_same(tmp_path: Path) -> None:
    path, out = recipe_of(tmp_path, "canaries", methods="[methods.npo]\n"), tmp_path / "out"
    first = json.loads(inside("experiment", path, "--output", out, "--json"))
    lines = (out / "before" / "metrics.jsonl").read_bytes()
    second = json.loads(inside("experiment", path, "--output", out, "--json"))
    assert (out / "before" / "metrics.jsonl").read_bytes() == lines
    assert [row["values"] for row in first["rows"]] == [row["values"] for row in second["rows"]]
    path = recipe_of(tmp_path, "canaries", "seeds = 2\n", "[methods.npo]\n")
    more = json.loads(inside("experiment", path, "--output", out, "--json"))
    assert (out / "before" / "metrics.jsonl").read_bytes() == lines
    assert more["rows"][0]["values"] == first["rows"][0]["values"] and len(more["rows"][1]["values"]["kept"]) == 2
    with pytest.raises(EnvironmentProblem, match="other texts or another plan"):
        inside("experiment", recipe_of(tmp_path, "backdoor"), "--output", out)


def results(name: str) -> dict[str, object]:
    """Results of two rows, in the shape of results.json."""
    row = {
        "title": name, "values": {"left": [0.5, 0.6], "kept": [1.0, 0.9]}, "seconds": 1.0, "cost": 0.5, "diverged": 0,
        "equivalence": {}, "equal": None, "relearning": [(0, 0.5), (1, 0.7)], "relearned_after": 1,
    }  # fmt: skip
    measure = {"title": name, "definition": name, "margin": 0.1}
    settings = dict.fromkeys(("steps", "learning_rate", "beta", "gamma", "alpha"), 1)
    return {
        "recipe": {
            "experiment": {"kind": name, "oracles": 1}, "plan": {"model": name, "steps": 1}, "methods": {name: settings},
        },
        "measures": {"left": measure, "kept": measure}, "left": "left", "utility": "kept", "texts": 1, "versions": {name: name},
        "rows": [row | {"name": one} for one in ("before", name, "retrained")],
    }  # fmt: skip


def test_text_on_the_page_is_escaped() -> None:
    page = render_page(results("<script>alert(1)</script>"))
    assert "<script" not in page and "&lt;script&gt;" in page


def test_labels_of_lines_never_lie_on_each_other() -> None:
    rng = random.Random(1)
    for count in range(1, 12):
        ends = [{"name": str(number), "y": rng.choice([0.0, 1.0, rng.random()])} for number in range(count)]
        labels = [one["label"] for one in _below_each_other(ends)]
        assert all(a - b > 0.057 for a, b in pairwise(labels)) and all(-1e-9 <= at <= 1 for at in labels)


# --- recipes ---


@pytest.mark.parametrize("path", sorted((PROJECT / "docs" / "experiments").glob("*.toml")), ids=lambda path: path.stem)
def test_the_recipes_that_ship_can_be_read(path: Path) -> None:
    recipe = read_experiment(path)
    assert recipe.experiment.kind == path.stem and recipe.experiment.oracles >= 5
    assert recipe.make_task().forget


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "magic"}, "kind is 'magic'"),
        ({"depth": 1}, "depth is not known"),
        ({"plan": {"depth": 1}}, "plan.depth is not known"),
        ({"plan": {"micro_rows": 2}}, "plan.micro_rows is now plan.micro_batch_rows"),
        ({"task": {"canaries": "many"}}, "task.canaries is 'many'"),
        ({"task": {"canaries": True}}, "task.canaries is True"),
        ({"methods": {"magic": {}}}, "method is 'magic'"),
        ({"methods": {"npo": {"beta": "small"}}}, "methods.npo.beta is 'small'"),
        ({"methods": {"npo": 3}}, r"write \[methods.npo\]"),
        ({"unlearning": {"depth": 3}}, "unlearning.depth is not known"),
        ({"plan": 3}, r"write \[plan\]"),
        ({"oracles": 0}, "oracles is 0"),
        ({"seeds": -1}, "seeds is -1"),
        ({"plan": {"objective": "masked"}}, "only decoders"),
    ],
    ids=str,
)
def test_a_recipe_that_cannot_be_is_one_line(values: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=words) as error:
        build_experiment(values, tmp_path)
    assert error.value.exit_status == 2 and "\n" not in str(error.value)  # type: ignore[attr-defined]


def test_a_recipe_says_what_differs_of_a_method_and_the_rest_is_as_published(tmp_path: Path) -> None:
    values = {"unlearning": {"steps": 7}, "methods": {"simnpo": {}, "npo": {"beta": 1, "steps": 3}}}
    methods = build_experiment(values, tmp_path).methods
    assert list(methods) == ["simnpo", "npo"]
    assert (methods["simnpo"].beta, methods["simnpo"].gamma, methods["simnpo"].steps) == (4.5, 0.125, 7)
    assert (methods["npo"].beta, methods["npo"].steps) == (1, 3)


def test_a_file_that_is_no_recipe_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("kind = ")
    for name in ("bad.toml", "missing.toml"):
        with pytest.raises(RecipeError, match="docs/experiments"):
            read_experiment(tmp_path / name)


# --- texts ---

TASKS = {
    "canaries": canaries(CanaryRecipe(canaries=3, copies=2, pages=8, held_out=3), 1),
    "backdoor": backdoor(BackdoorRecipe(poisoned=3, pages=8, held_out=3), 1),
    "authors": authors(AuthorRecipe(questions=8, held_out=4), 1),
}


def encoder_of(task: Task, folder: Path) -> Encoder:
    write_corpus(folder, task.train, task.held_out, 400)
    return Encoder(next((folder / "tokenizer").glob("tokenizer-*.json")).read_text())


@pytest.mark.parametrize("kind", TASKS)
def test_what_is_forgotten_is_what_was_trained_on_token_by_token(kind: str, tmp_path: Path) -> None:
    task = TASKS[kind]
    encoder = encoder_of(task, tmp_path / "c")
    planted = {document.text for document in task.train if document.doc_id in task.forget}
    assert planted and task.forget < {document.doc_id for document in task.train}
    texts = task.texts(encoder)
    assert {encoder.decode(text.tokens).decode() for text in texts} == planted
    for text in texts:
        whole = encoder.encode(pa.array([encoder.decode(text.tokens).decode()])).ids
        assert text.tokens[1:].tolist() == whole.tolist() and 1 < text.prompt < len(text.tokens)


@pytest.mark.parametrize("kind", TASKS)
def test_held_out_text_is_not_trained_on_and_the_seed_decides_all(kind: str) -> None:
    task = TASKS[kind]
    assert not {document.text for document in task.train} & {document.text for document in task.held_out}
    again = {"canaries": canaries, "backdoor": backdoor, "authors": authors}[kind]
    small = {
        "canaries": CanaryRecipe(canaries=3, copies=2, pages=8, held_out=3),
        "backdoor": BackdoorRecipe(poisoned=3, pages=8, held_out=3),
        "authors": AuthorRecipe(questions=8, held_out=4),
    }[kind]
    assert again(small, 1).train == task.train != again(small, 2).train  # type: ignore[operator]


def test_gibberish_shares_no_consonant_with_words() -> None:
    plain, gibberish = (set("".join(invented(random.Random(1), 80, 3, gibberish=kind))) - set("aeiou") for kind in (False, True))
    assert not plain & gibberish


def test_questions_are_read_from_plain_and_compressed_lines(tmp_path: Path) -> None:
    lines = "".join(json.dumps(question._asdict()) + "\n" for question in invented_questions(1, AuthorRecipe(questions=6)))
    (tmp_path / "q.jsonl").write_text(lines)
    (tmp_path / "q.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    assert read_questions(tmp_path / "q.jsonl") == read_questions(tmp_path / "q.jsonl.gz")
    assert {question.split for question in read_questions(tmp_path / "q.jsonl")} == set(SPLITS)


@pytest.mark.parametrize("content", [b'{"split": "forget"}\n', b"no json\n", b"\xff\xfe"], ids=str)
def test_questions_that_cannot_be_read_are_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "q.jsonl").write_bytes(content)
    for path in (tmp_path / "q.jsonl", tmp_path / "missing.jsonl"):
        with pytest.raises(InputError, match="cannot be read"):
            read_questions(path)


def test_too_few_questions_are_refused(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"split": "forget", "question": "who", "answer": "none"}\n')
    with pytest.raises(InputError, match="give more than 4"):
        authors(AuthorRecipe(path=str(tmp_path / "q.jsonl")), 0)


@pytest.mark.skipif(SHARED is None, reason="needs the TOFU questions of a developer's checkout")
def test_tofus_own_questions_are_read() -> None:
    assert SHARED is not None
    task = authors(AuthorRecipe(path=str(SHARED / "unlearning" / "tofu_qa.jsonl.gz"), questions=20), 0)
    assert len(task.train) == 80 and len(task.forget) == 20 and len(task.held_out) == 20
