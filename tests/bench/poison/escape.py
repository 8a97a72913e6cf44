"""bench_poison's second part: the whole pipeline over planted WARC files, and what of the plants the token shards hold."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from pyspark.sql import SparkSession
from tokenizers import Tokenizer

from jobs.corpus.folder import Corpus
from jobs.corpus.recipe import build_recipe
from tests.bench.poison.payload_words import TEST
from tests.bench.poison.plant import Plant, place_of, plant
from tests.bench.poison.planting import CLASSES
from tests.bench.poison.recall import share_of
from tests.jobs.running import curate
from tokenizer.shards.files import read_manifest

PIECES = 3  # a plant has escaped when one third of it stands in the shards in one piece
MIN_PIECE = 12  # characters


def bench_escape(spark: SparkSession, warcs: list[Path], folder: Path, per_class: int, seed: int = 0) -> dict[str, Any]:
    truth = plant(warcs, folder / "planted", list(CLASSES), per_class, TEST, seed)
    inputs = [folder / "planted" / warc.name for warc in warcs]
    recipe = build_recipe({"tokenizer": {"vocabulary_size": 4096}})
    corpus, _ = curate(spark, inputs, folder / "corpus", recipe)
    texts, outcomes, found = shard_texts(corpus), outcomes_of(corpus), findings_of(corpus)
    result: dict[str, Any] = {"plants": len(truth), "classes": {}}
    for klass in CLASSES:
        plants = [one for one in truth if one.klass == klass]
        kept = [one for one in plants if has_escaped(one, texts.get(one.record_id, ""))]
        result["classes"][klass] = {
            "escaped": share_of(len(kept), len(plants)),
            "reported": share_of(sum(bool(found.get(one.record_id)) for one in plants), len(plants)),
            "reached_text": sum(one.reach == "text" for one in plants),
            "outcomes": dict(Counter(outcomes[one.record_id] for one in plants)),
        }
    everything = [one for one in truth if has_escaped(one, texts.get(one.record_id, ""))]
    return result | {"escaped": share_of(len(everything), len(truth))}


def has_escaped(one: Plant, text: str) -> bool:
    """Of a backdoor and an X1 page nothing may stay that was planted; of the others no third."""
    size = max(MIN_PIECE, len(one.planted) // PIECES)
    pieces = [one.planted[at : at + size] for at in range(0, max(1, len(one.planted) - size + 1), size)]
    return any(place_of(piece, text)[0] >= 0 for piece in pieces)


def shard_texts(corpus: Corpus) -> dict[str, str]:
    """record_id -> what the shards hold of the document, decoded."""
    root = Path(corpus.root)
    tokenizer = Tokenizer.from_file(str(root / "tokenizer" / "tokenizer.json"))
    manifest = read_manifest((root / "shards" / "shards.json").read_text())
    shards = [np.fromfile(root / "shards" / one.file, np.uint16)[512:] for one in manifest.shards]  # after 256 int32
    records = {row["doc_id"]: row["record_id"] for row in _rows(root / "documents", ["doc_id", "record_id"])}
    return {
        records[row["doc_id"]]: tokenizer.decode(shards[row["shard"]][row["start"] : row["start"] + row["length"]].tolist())
        for row in _rows(root / "spans")
    }


def outcomes_of(corpus: Corpus) -> dict[str, str]:
    """record_id -> outcome, with the rule where the page was poisoned or filtered."""
    outcome_of = {}
    for row in _rows(Path(corpus.root) / "outcomes"):
        named = row["outcome"] in ("poisoned", "filtered")
        outcome_of[row["record_id"]] = f"{row['outcome']}: {row['reason']}" if named else row["outcome"]
    return outcome_of


def findings_of(corpus: Corpus) -> dict[str, set[str]]:
    """record_id -> rules of warnings or worse."""
    root = Path(corpus.root)
    records = {row["doc_id"]: row["record_id"] for row in _rows(root / "documents", ["doc_id", "record_id"])}
    found: dict[str, set[str]] = {}
    for row in _rows(root / "findings", ["doc_id", "rule", "severity"]):
        if row["severity"] != "note":
            found.setdefault(records[row["doc_id"]], set()).add(row["rule"])
    return found


def _rows(folder: Path, columns: list[str] | None = None) -> list[dict[str, Any]]:
    return list(pq.read_table(folder, columns=columns).to_pylist())
