"""`winnow export RUN --format hf`: weights and tokenizer in one folder that `transformers` loads."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from jobs.export.record import RECORD, check_replaceable
from jobs.runs.record import need_torch
from pipeline.errors import EnvironmentProblem, WinnowError

NOTED = "exports.json"  # in RUN: so that a takedown finds them all


def export_run(run: Path, folder: Path) -> int:
    """Fills a folder beside `folder`, which takes its place; an earlier export there goes, anything else is left alone.

    Returns the step that was exported.
    """
    need_torch()
    from jobs.runs.loaded import load_model
    from jobs.runs.record import tokenizer_of
    from model.export_hf import export_hf

    folder = folder.resolve()
    check_replaceable(folder)
    model, record, step = load_model(run)
    tokenizer = tokenizer_of(record)
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
    aside = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        export_hf(model, aside, context=record.train_plan.row_tokens, end_of_text=record.end_of_text)
        (aside / "tokenizer.json").write_text(tokenizer, "utf-8")
        (aside / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
        (aside / RECORD).write_text(json.dumps({"format": "hf", "run": str(run.resolve()), "step": step}, indent=2) + "\n")
        _note(run, folder)
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    except OSError as error:
        raise EnvironmentProblem(
            f"export to {folder} failed: {error.strerror or error}; name a folder that can be written"
        ) from error
    return step


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
        export_run(run, folder)
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
