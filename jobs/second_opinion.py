"""The run that a recipe names as `scan.second_opinion`: what it is, known before anything starts, and its judgement.

Torch is loaded where the judgement is asked for, and only where a run is named.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

from jobs.corpus import sources_sha256
from jobs.runs.record import newest_weights_sha256, read_run, read_tokenizer_json
from pipeline.poison.backdoor import Opinion

RUNS = Path(__file__).resolve().parent / "runs"


def opinion_sha256(run: str) -> str | None:
    """Of the weights, the tokenizer and the code that judges; null without a run. UsageError where the folder is no run."""
    if not run:
        return None
    tokenizer = hashlib.sha256(read_tokenizer_json(read_run(Path(run)).corpus).encode()).hexdigest()
    decides = [newest_weights_sha256(Path(run)), tokenizer, sources_sha256(RUNS, [RUNS / "word_order.py"])]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


@cache
def load_opinion(run: str) -> Opinion | None:
    """Loaded once per process; null without a run."""
    if not run:
        return None
    from jobs.runs.word_order import load_order_judge

    return load_order_judge(Path(run)).worth
