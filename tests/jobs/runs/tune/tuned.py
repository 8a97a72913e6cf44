"""A small corpus, a base run on it, and examples to tune it by. No Spark: the corpus is written from documents."""

import json
from pathlib import Path
from typing import Any

from jobs.runs.experiments.corpus import Document, write_corpus
from jobs.runs.train.train_model import train_run
from jobs.runs.tune.begin import Wanted
from jobs.runs.tune.finetune import finetune_run
from model.checkpoint_files import read_state, saved_steps
from model.post.settings import tune_settings
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_of

WORDS = "the page of a crawl says what it says and no more than that User Assistant yes no 0 1 2 3 4 5 6 7 8 9".split()
ROWS = 96


def base_plan(**changes: Any) -> TrainPlan:
    chosen = {"steps": 8, "row_tokens": ROWS, "batch_rows": 4, "threads": 1, "save_every": 4, "keep_every": 4}
    return plan_of(**({"model": "tiny"} | chosen | changes))


def make_base(folder: Path) -> Path:
    """folder/corpus, and folder/base, a run on it."""
    documents = [Document(f"page-{n}", " ".join(WORDS[n % 7 :] * 3)) for n in range(30)]
    write_corpus(folder / "corpus", documents[:24], documents[24:], 300)
    for _ in train_run(folder / "corpus", folder / "base", base_plan(), Team(), workers=0):
        pass
    return folder / "base"


def teacher_beside(base: Path) -> Path:
    """A run of another shape and with longer rows on the corpus of a base; made once."""
    folder = base.parent / "teacher"
    plan = base_plan(model="small", steps=4, micro_batch_rows=4, row_tokens=96)
    for _ in train_run(base.parent / "corpus", folder, plan, Team(), workers=0):
        pass
    return folder


def sft_rows(count: int = 12) -> list[dict[str, Any]]:
    return [{"id": f"e{n}", "prompt": f"page {n % 5}", "response": f"yes {n}"} for n in range(count)]


def pair_rows(count: int = 12) -> list[dict[str, Any]]:
    return [{"id": f"p{n}", "prompt": f"page {n}", "chosen": f"yes {n}", "rejected": f"no more of it {n}"} for n in range(count)]


def judged_rows(count: int = 12) -> list[dict[str, Any]]:
    said = ("yes", "no more")
    return [{"id": f"k{n}", "prompt": f"page {n}", "completion": said[n % 2], "label": n % 2 == 0} for n in range(count)]


def asked_rows(count: int = 6) -> list[dict[str, Any]]:
    return [{"id": f"a{n}", "prompt": f"{n} + 1", "answer": n + 1} for n in range(count)]


def labelled_rows(count: int = 12) -> list[dict[str, Any]]:
    return [
        {"id": f"l{n}", "text": f"{n} {('says', 'crawl')[n % 2]} {n % 5}", "label": ("good", "bad")[n % 2]} for n in range(count)
    ]


ROWS_OF = {
    "sft": sft_rows,
    "classify": labelled_rows,
    "dpo": pair_rows,
    "reward": pair_rows,
    "grpo": asked_rows,
    "distil": sft_rows,
}


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def wanted(parent: Path, data: Path, method: str, steps: int = 6, reward: str | None = None, **changes: Any) -> Wanted:
    settings = tune_settings(method, **({"examples": 4, "group": 4, "answer_tokens": 8} | changes))
    plan = {"steps": steps, "save_every": 2, "keep_every": 2, "threads": 1}
    teacher = teacher_beside(parent) if method == "distil" else None
    return Wanted(parent, None, data, settings, plan, reward or ("arithmetic" if method == "grpo" else None), teacher)


def tuned(run: Path, asked: Wanted | None, until: int | None = None) -> list[Any]:
    return list(finetune_run(run, asked, Team(), until=until))


def hashes(run: Path) -> tuple[str, str]:
    """Of the newest checkpoint's weights and optimizer."""
    state = read_state(run, saved_steps(run)[-1])
    return state.model_sha256, state.optimizer_sha256
