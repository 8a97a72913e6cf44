"""`winnow audit` on runs that know their documents by heart, and on oracles that never saw some."""

import contextlib
import io
import json
import random
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jobs.commands.app import app
from jobs.runs.audit.audit_rows import broken
from jobs.runs.audit.questions import FORGET, REAL_AUTHORS, SPLITS, Question, ask, by_split, read_questions
from jobs.runs.audit.sampled_documents import SplitDocuments, matched, sampled
from jobs.runs.experiments.corpus import Document, write_corpus, write_without
from jobs.runs.generate_text import LoadedRun, load_run
from jobs.runs.train.train_model import train_run
from model.audit.documents import AuditSettings
from model.network.inputs import MicroBatch
from model.texts import Text, laid_out
from model.training.parallel import Team
from model.training.plan import plan_of
from pipeline.errors import BrokenPromise, UsageError, WinnowError
from tokenizer.bpe.encode import Encoder
from tokenizer.shards.loader import LoaderSettings, open_loader, read_shards

SECRETS = [f"page-{number}" for number in range(3)]


def texts(count: int, seed: int) -> list[str]:
    """Random words: what is not learned by heart cannot be guessed."""
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghij", k=3)) for _ in range(40)]
    return [" ".join(random.Random(100 * seed + number).choices(words, k=14)) for number in range(count)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "corpus"
    train = [Document(f"page-{number}", text) for number, text in enumerate(texts(16, 1))]
    write_corpus(folder, train, [Document(f"held-{number}", text) for number, text in enumerate(texts(10, 2))], 300)
    return folder


def train(corpus: Path, run: Path, steps: int, seed: int = 0) -> Path:
    plan = plan_of("tiny", steps=steps, row_tokens=64, batch_rows=4, threads=1, seed=seed, decay_share=0.5, evaluate_every=1000)
    for _ in train_run(corpus, run, plan, Team(), workers=0):
        pass
    return run


@pytest.fixture(scope="module")
def run(corpus: Path) -> Path:
    return train(corpus, corpus.parent / "run", 120)


def inside(*arguments: object) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        app([*map(str, arguments)], standalone_mode=False)
    return out.getvalue()


def rows_of(audit: dict[str, object]) -> dict[tuple[str, str], dict[str, object]]:
    return {(row["of"], row["measure"]): row for row in audit["rows"]}  # type: ignore[attr-defined, index]


def test_documents_learned_by_heart_are_extracted_and_distinguished_from_others(run: Path) -> None:
    audit = json.loads(inside("audit", run, "--json"))
    rows = rows_of(audit)
    assert audit["documents"] == {"training documents": 10, "held-out documents": 10} and audit["step"] == 120
    assert rows["training documents", "extraction strength"]["value"] > 0.4
    attack = rows["training documents", "AUROC, min_k"]
    assert 0.9 < attack["low"] <= attack["value"] <= attack["high"] <= 1  # type: ignore[operator]
    assert all(row["definition"] for row in audit["rows"])
    assert audit["equivalent"] is None and audit["oracles"] == []


def test_the_table_names_the_published_definitions(run: Path) -> None:
    printed = inside("audit", run, "--documents", 4)
    assert "(Zhang et al." in printed and "extraction" in printed and "oracles" not in printed


def test_the_same_seed_gives_the_same_audit_and_another_other_documents(run: Path) -> None:
    assert inside("audit", run, "--json", "--documents", 4) == inside("audit", run, "--json", "--documents", 4)
    assert inside("audit", run, "--json", "--documents", 4) != inside("audit", run, "--json", "--documents", 4, "--seed", 1)


def forgotten(corpus: Path) -> Path:
    """The texts of three pages as JSONL."""
    path = corpus.parent / "forgotten.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts(16, 1)[:3]))
    return path


@pytest.fixture(scope="module")
def oracles(corpus: Path) -> list[Path]:
    """Five short runs on the corpus without three of its pages."""
    write_without(corpus, corpus.parent / "without", SECRETS)
    return [train(corpus.parent / "without", corpus.parent / f"oracle-{seed}", 60, seed) for seed in range(5)]


def test_a_run_that_saw_what_its_oracles_did_not_breaks_the_promise(corpus: Path, run: Path, oracles: list[Path]) -> None:
    options = [part for oracle in oracles for part in ("--oracle", oracle)]
    with contextlib.redirect_stdout(io.StringIO()) as out, pytest.raises(BrokenPromise, match="not equivalent to its oracles"):
        app([*map(str, ["audit", run, "--json", "--texts", forgotten(corpus), *options])], standalone_mode=False)
    audit = json.loads(out.getvalue())
    rows = rows_of(audit)
    memory = rows["given texts", "extraction strength"]
    assert memory["equivalent"] is False and memory["value"] > memory["oracles"] + 0.3  # type: ignore[operator]
    assert rows["given texts", "PrivLeak"]["value"] < -50  # type: ignore[operator]
    assert rows["training documents", "exact memorisation"]["oracles"] > 0.2  # type: ignore[operator]
    assert "exact memorisation of given texts" in broken(audit)


def test_an_oracle_is_equivalent_to_itself_and_few_oracles_decide_nothing(corpus: Path, run: Path, oracles: list[Path]) -> None:
    itself = json.loads(inside("audit", oracles[0], "--json", "--oracle", oracles[0]))
    assert itself["equivalent"] is True and itself["identical_to"] == [str(oracles[0])]
    audit = json.loads(inside("audit", run, "--json", "--oracle", oracles[0], "--texts", forgotten(corpus)))
    assert audit["equivalent"] is None
    row = rows_of(audit)["given texts", "exact memorisation"]
    assert row["equivalent"] is None and row["value"] > row["oracles"] + 0.3  # type: ignore[operator]


def test_the_reference_attack_needs_a_reference(run: Path, oracles: list[Path]) -> None:
    rows = rows_of(json.loads(inside("audit", run, "--json", "--documents", 4, "--reference", oracles[0])))
    assert ("training documents", "AUROC, reference") in rows
    assert ("training documents", "AUROC, reference") not in rows_of(json.loads(inside("audit", run, "--json", "--documents", 4)))


def test_questions_and_relearning_are_held_against_oracles(corpus: Path, run: Path, oracles: list[Path], tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    splits = [(split, number) for split in SPLITS for number in range(6)]
    lines = [{"split": split, "question": f"{split} {number}", "answer": f"{split} is {number}"} for split, number in splits]
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines))
    options = ["--questions", questions, "--texts", forgotten(corpus), "--relearn", 15, "--oracle", oracles[0]]
    rows = rows_of(json.loads(inside("audit", run, "--json", "--documents", 4, *options)))
    relearned, before = rows["given texts", "relearned in 15 steps"], rows["given texts", "extraction strength"]
    assert relearned["value"] >= before["value"] and relearned["oracles"] > before["oracles"]  # type: ignore[operator]
    assert rows["questions", "log10 forget quality"]["value"] <= 0  # type: ignore[operator]
    assert 0 <= rows["questions", "model utility"]["value"] <= 1  # type: ignore[operator]
    assert before["low"] <= before["value"] <= before["high"]  # type: ignore[operator]


def plain_nats(loaded: LoadedRun, prompt: str, rest: str) -> float:
    """Mean -log p of the rest's tokens, by the whole table of logits."""
    given, said = (loaded.encoder.encode(pa.array([text])).ids.tolist() for text in (prompt, rest))
    tokens = [loaded.record.end_of_text, *given, *said]
    batch = MicroBatch.of(laid_out([Text(np.array(tokens, np.int32))]), torch.device("cpu"))
    with torch.no_grad():
        logs = loaded.model.logits(loaded.model.states(batch).states_NE).log_softmax(-1)
    return -float(np.mean([logs[len(given) + n, token] for n, token in enumerate(said)]))


def test_paraphrases_and_wrong_answers_that_are_given_count_as_openunlearning_counts_them(run: Path) -> None:
    asked = {
        split: [
            Question(
                split, f"{split} {n}", f"abc {n}", None if split == REAL_AUTHORS else f"{n} abc", (f"dd {n}", "ee ff", f"{n}")
            )
            for n in range(2)  # too few to have wrong answers of each other
        ]
        for split in SPLITS
    }
    loaded = load_run(run)
    found = ask(
        loaded.model, loaded.encoder, by_split([one for some in asked.values() for one in some], "here"), AuditSettings(), 0
    )
    ratios = {}
    for split, questions in asked.items():
        nats = [
            [plain_nats(loaded, q.prompt, f" {rest}") for rest in (q.paraphrased_answer or q.answer, *q.perturbed_answer)]
            for q in questions
        ]
        ratios[split] = [np.exp(right - np.mean(wrong)) for right, *wrong in nats]  # (prod p_wrong)^(1/n) / p_paraphrased
    assert found.truth_ratios == pytest.approx(ratios[FORGET], rel=1e-4)
    assert found.values["truth_ratio"] == pytest.approx(np.mean([min(one, 1 / one) for one in ratios[FORGET]]), rel=1e-4)
    bare = {split: [one._replace(paraphrased_answer=None) for one in questions] for split, questions in asked.items()}
    assert ask(loaded.model, loaded.encoder, bare, AuditSettings(), 0).truth_ratios != pytest.approx(ratios[FORGET], rel=1e-3)


@pytest.mark.parametrize("bad", [{"paraphrased_answer": 3}, {"perturbed_answer": "no"}, {"perturbed_answer": [1]}], ids=str)
def test_given_answers_of_another_kind_are_one_line(tmp_path: Path, bad: dict[str, object]) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps({"split": "forget", "question": "who", "answer": "he"} | bad))
    with pytest.raises(WinnowError, match="paraphrased_answer is no text") as error:
        read_questions(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["RUN", "--relearn", "3"], "name them with --texts"),
        (["RUN", "--questions", "EMPTY"], "0 answers in split forget"),
        (["nowhere"], "is not a run"),
        (["RUN", "--step", "7"], "no checkpoint of step 7"),
        (["RUN", "--oracle", "nowhere"], "is not a run"),
        (["RUN", "--texts", "nowhere.jsonl"], "cannot be read"),
        (["RUN", "--texts", "EMPTY"], "0 texts"),
        (["RUN", "--oracle", "OTHER"], "another tokenizer"),
        (["ALONE"], "raise shards.validation_share"),
    ],
    ids=" ".join,
)
def test_bad_input_gets_one_line(corpus: Path, run: Path, tmp_path: Path, arguments: list[str], words: str) -> None:
    places = {"RUN": run, "EMPTY": tmp_path / "empty.jsonl", "OTHER": tmp_path / "other", "ALONE": tmp_path / "alone"}
    places["EMPTY"].write_text("\n")
    if "OTHER" in arguments:
        write_corpus(tmp_path / "c", [Document("a", "other words " * 20)], [Document("b", "held out " * 20)], 290)
        train(tmp_path / "c", places["OTHER"], 1)
    if "ALONE" in arguments:
        write_corpus(tmp_path / "c", [Document("a", "some words " * 20)], [Document("b", "short")], 290)
        train(tmp_path / "c", places["ALONE"], 1)
    with pytest.raises(WinnowError, match=words) as error:
        inside("audit", *(places.get(argument, argument) for argument in arguments))
    assert error.value.exit_status == 2 and "\n" not in str(error.value)


def test_an_audit_refuses_a_corpus_that_has_changed(corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus, tmp_path / "corpus")
    changed = train(tmp_path / "corpus", tmp_path / "run", 1)
    write_without(corpus, tmp_path / "corpus", ["page-0"])  # the shards of before lie there still, by their own name
    own = json.loads((changed / "run.json").read_text())["corpus_fingerprint"]
    (tmp_path / "corpus" / "shards" / f"shards-{own[:16]}.json").unlink()
    with pytest.raises(UsageError, match="no longer has the shards that"):
        inside("audit", changed)


# --- the documents ---


def test_documents_are_read_as_they_were_written_and_those_taken_out_are_left_out(corpus: Path, tmp_path: Path) -> None:
    write_without(corpus, tmp_path / "without", SECRETS)
    manifest = read_shards(str(tmp_path / "without"))
    documents = SplitDocuments(str(tmp_path / "without"), manifest, "train")
    decode = Encoder(next((corpus / "tokenizer").glob("tokenizer-*.json")).read_text()).decode
    found = [decode(documents.tokens(number)).decode() for number in range(len(documents)) if documents.present(number)]
    assert found == texts(16, 1)[3:]
    drawn = sampled(str(tmp_path / "without"), manifest, 100)
    assert len(drawn.members) == len(drawn.held_out) == 10
    assert {decode(one).decode() for one in drawn.members} <= set(texts(16, 1)[3:])
    assert {decode(one).decode() for one in drawn.held_out} == set(texts(10, 2))


def test_a_corpus_without_documents_keeps_the_places_of_all_others(corpus: Path, tmp_path: Path) -> None:
    write_without(corpus, tmp_path / "without", SECRETS)
    whole, without = (open_loader(str(folder), LoaderSettings(row_tokens=64)) for folder in (corpus, tmp_path / "without"))
    rows = np.arange(whole.rows)
    before, after = whole.load(rows), without.load(rows)
    assert (before.boundaries == after.boundaries).all()
    kept = after.targets != -1
    assert (before.targets[kept] == after.targets[kept]).all()
    assert (after.targets == -1).sum() > (before.targets == -1).sum()
    assert without.rows_of(SECRETS).tolist() == whole.rows_of(SECRETS).tolist()


lengths = st.lists(st.integers(1, 30), min_size=1, max_size=12)


@given(lengths, lengths)
def test_each_document_is_matched_once_and_equal_lengths_find_each_other(members: list[int], others: list[int]) -> None:
    pairs = matched(np.array(members), np.array(others))
    assert len(pairs) == min(len(members), len(others))
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    again = matched(np.array(others), np.array(others))
    assert all(others[a] == others[b] for a, b in again)
