"""`winnow export RUN --format hf`: weights and tokenizer in one folder that `transformers` loads."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from jobs.export.places import RECORD
from jobs.export.record import check_replaceable, failed
from jobs.runs.record import need_torch
from model.checkpoint_files import saved_steps
from pipeline.errors import CorpusError, UsageError, WinnowError
from tokenizer.bpe.special import tokenizer_config

NOTED = "exports.json"  # in RUN: so that a takedown finds them all


def export_run(run: Path, folder: Path, form: str = "hf", step: int | None = None, dtype: str | None = None) -> int:
    """Fills a folder beside `folder`, which takes its place; an earlier export there goes, anything else is left alone.

    Returns the step that was exported. `dtype` is of the weights for transformers: float32, or bfloat16.
    """
    need_torch()
    if dtype not in (None, "float32", "bfloat16") or (dtype and form == "peft"):
        raise UsageError(f"--dtype {dtype}: float32 or bfloat16, and of --format hf; an adapter is written as it was trained")
    folder = folder.resolve()
    check_replaceable(folder)
    aside = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        exported = _adapter(run, aside, step) if form == "peft" else _model(run, aside, step, dtype or "float32")
        told = {"format": form, "run": str(run.resolve()), "step": exported} | ({"dtype": dtype} if dtype else {})
        (aside / RECORD).write_text(json.dumps(told, indent=2) + "\n")
        _note(run, folder)
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    except CorpusError:
        raise
    except OSError as error:
        raise failed(folder, error, sum(path.stat().st_size for path in run.rglob("model.safetensors"))) from error
    return exported


def _model(run: Path, aside: Path, step: int | None, dtype: str) -> int:
    """Weights, with LoRA merged, and the tokenizer; of a tuning with the template of its conversations."""
    from jobs.runs.loaded import load_model
    from jobs.runs.record import began_with, read_run, tokenizer_of
    from jobs.runs.tune.chat import TEMPLATE
    from jobs.runs.tune.tuned_model import plain_model
    from model.export_hf import export_hf

    model, record, chosen = load_model(run, step)
    if record.judges:
        raise UsageError(f"{run} judges texts and writes none: transformers has no such model of this architecture")
    model = plain_model(model, record)
    context = record.train_plan.row_tokens
    talks = any(read_run(folder).tuning is not None for folder in (run, *began_with(run)))
    export_hf(model, aside, context=context, end_of_text=record.end_of_text, dtype=dtype)
    (aside / "tokenizer.json").write_text(tokenizer_of(record), "utf-8")
    (aside / "tokenizer_config.json").write_text(tokenizer_config(context, TEMPLATE if talks else None))
    return chosen


def _adapter(run: Path, aside: Path, step: int | None) -> int:
    """What a tuning trained beside the weights it began with, which `export --format hf` gives of its parent."""
    from jobs.runs.loaded import load_model
    from jobs.runs.record import read_run
    from jobs.runs.tune.tuned_model import settings_of
    from model.export_peft import export_peft

    settings, record = settings_of(read_run(run)), read_run(run)
    assert record.parent is not None
    model, _, chosen = load_model(run, step)
    export_peft(model, settings, aside, base=str(record.parent["run"]))
    return chosen


def export_run_again(run: Path, say: Callable[[str], None]) -> dict[str, list[str]]:
    """Every export of a run whose weights have changed, made anew where it still stands; {"rewritten", "out_of_reach"}."""
    exports: dict[str, list[str]] = {"rewritten": [], "out_of_reach": []}
    for folder in _noted(run):
        record = Path(folder, RECORD)
        is_export = record.is_file() and json.loads(record.read_text()).get("run") == str(run.resolve())
        exports["rewritten" if is_export and _exported(run, Path(folder), say) else "out_of_reach"].append(folder)
    return exports


def _exported(run: Path, folder: Path, say: Callable[[str], None]) -> bool:
    try:
        told = json.loads((folder / RECORD).read_text())
        step = told["step"] if told["step"] in saved_steps(run) else None  # else the newest: a replay keeps some
        export_run(run, folder, told["format"], step, told.get("dtype"))
    except WinnowError as error:
        say(f"{folder} could not be made anew: {error}")
        return False
    return True


def _noted(run: Path) -> list[str]:
    """Folders that the run has been exported to."""
    path = run / NOTED
    return list(json.loads(path.read_text())) if path.exists() else []


def _note(run: Path, folder: Path) -> None:
    folders = sorted({*_noted(run), str(folder)})
    aside = run / f".{NOTED}.tmp"
    aside.write_text(json.dumps(folders, indent=1) + "\n")
    aside.replace(run / NOTED)
