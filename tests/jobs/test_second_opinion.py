"""A run as a second opinion: order is worth something to it in real text and nothing in shuffled; it decides what is in doubt."""

import json
import random
import shutil
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.recipe import build_recipe
from jobs.runs.word_order import MIN_WORDS, load_order_judge
from jobs.scan_documents import scan_documents
from jobs.second_opinion import load_opinion, opinion_sha256
from pipeline.errors import UsageError
from pipeline.poison.findings import ScanSettings
from tests.crawls import prose, write_crawl
from tests.jobs.running import curate
from tests.jobs.test_runs import inside

PLAN = ["--steps", 120, "--set", "row_tokens=256", "--set", "batch_rows=8", "--set", "micro_rows=8", "--set", "threads=1"]


@pytest.fixture(scope="module")
def corpus(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("opinion")
    files, _ = write_crawl(folder / "crawl", files=2, pages=40)
    shards = {"shard_tokens": 20_000, "validation_share": 0.2, "validation_unit": "page"}
    curate(spark, files, folder / "corpus", build_recipe({"tokenizer": {"vocabulary_size": 700}, "shards": shards}))
    return folder / "corpus"


@pytest.fixture(scope="module")
def run(corpus: Path) -> Path:
    folder = corpus.parent / "run"
    inside("train", corpus, "--output", folder, *PLAN, "--set", "save_every=120")
    return folder


def shuffled(text: str, seed: int = 1) -> str:
    words = text.split()
    return " ".join(random.Random(seed).sample(words, len(words)))


def test_order_is_worth_much_in_unseen_text_and_nothing_in_the_same_words_shuffled(run: Path) -> None:
    judge = load_order_judge(run)
    texts = [prose(f"unseen {number}") for number in range(10)]
    real, fake = ([judge.worth(text) for text in some] for some in (texts, map(shuffled, texts)))
    assert judge.usual > 0.3
    assert all(worth is not None and 0.7 < worth < 1.3 for worth in real), real
    assert all(worth is not None and abs(worth) < 0.2 for worth in fake), fake
    assert real == [judge.worth(text) for text in texts]  # the same text gets the same answer


def test_a_text_of_few_words_is_not_judged(run: Path) -> None:
    judge = load_order_judge(run)
    assert judge.worth("") is None
    assert judge.worth(" ".join(prose("few").split()[: MIN_WORDS - 1])) is None
    assert judge.worth("ab" * 5000 + " " + prose("long")) is not None  # a word longer than a row is passed over


def test_a_run_that_has_learned_no_order_or_is_no_decoder_is_refused(corpus: Path, tmp_path: Path) -> None:
    few = [*PLAN[:1], 1, *PLAN[2:], "--set", "save_every=1"]
    inside("train", corpus, "--output", tmp_path / "untaught", *few)
    with pytest.raises(UsageError, match="cannot judge the order of words: order is worth"):
        load_order_judge(tmp_path / "untaught")
    inside("train", corpus, "--output", tmp_path / "encoder", *few, "--set", "objective=masked")
    with pytest.raises(UsageError, match="no decoder"):
        load_order_judge(tmp_path / "encoder")


def test_the_opinion_is_part_of_what_makes_the_findings(run: Path, tmp_path: Path) -> None:
    assert opinion_sha256("") is None and load_opinion("") is None
    before = opinion_sha256(str(run))
    assert before is not None and before == opinion_sha256(str(run))
    other = shutil.copytree(run, tmp_path / "run")
    state = other / "step-0000120" / "state.json"
    state.write_text(state.read_text().replace(json.loads(state.read_text())["model_sha256"], "0" * 64))
    assert opinion_sha256(str(other)) != before
    with pytest.raises(UsageError, match="is not a run"):
        opinion_sha256(str(tmp_path))


def test_documents_are_scanned_with_it_and_say_so(run: Path, tmp_path: Path) -> None:
    """Words partly out of order behind real text: the run is asked of those in doubt, and its answer stands in the reason."""
    texts = [f"{prose(number, 20)} {partly_shuffled(prose(-number, 30), number / 40)}" for number in range(40)]
    rows = [{"id": number, "text": text} for number, text in enumerate(texts)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = {}
    for opinion in ("", str(run)):
        scan_documents(tmp_path / "in.jsonl", tmp_path / "out.jsonl", ScanSettings(second_opinion=opinion, min_score=0.1))
        found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
        reasons = [one["reason"] for row in found for one in row["findings"] if one["rule"] == "scrambled_text"]
        asked[opinion] = sum("to the model that was asked" in reason for reason in reasons)
    assert asked[""] == 0 < asked[str(run)]


def partly_shuffled(text: str, share: float) -> str:
    words, chance = text.split(), random.Random(5)
    places = chance.sample(range(len(words)), int(share * len(words)))
    moved = dict(zip(places, chance.sample(places, len(places)), strict=True))
    return " ".join(words[moved.get(place, place)] for place in range(len(words)))


def test_a_stage_asks_the_run_and_is_made_again_for_another(corpus: Path, run: Path, spark: SparkSession, tmp_path: Path) -> None:
    files, _ = write_crawl(tmp_path / "crawl", files=1, pages=6)
    recipe = {"tokenizer": {"vocabulary_size": 400}, "scan": {"second_opinion": str(run)}}
    _, first = curate(spark, files, tmp_path / "corpus", build_recipe(recipe))
    _, again = curate(spark, files, tmp_path / "corpus", build_recipe(recipe))
    _, without = curate(spark, files, tmp_path / "corpus", build_recipe({**recipe, "scan": {}}))
    assert "scan" in first and again == [] and "scan" in without
