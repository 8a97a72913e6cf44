"""`winnow export RUN --format hf`: weights and tokenizer in one folder that `transformers` loads."""

import json
import shutil
from pathlib import Path

from jobs.export_record import RECORD, check_replaceable
from jobs.runs.commands import need_torch
from pipeline.errors import EnvironmentProblem


def export_run(run: Path, folder: Path) -> int:
    """Fills a folder beside `folder`, which takes its place; an earlier export there goes, anything else is left alone.

    Returns the step that was exported.
    """
    need_torch()
    from jobs.runs.folder import load_model, read_tokenizer_json
    from model.export_hf import export_hf

    folder = folder.resolve()
    check_replaceable(folder)
    model, record, step = load_model(run)
    tokenizer = read_tokenizer_json(record.corpus)
    told = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
    aside = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        export_hf(model, aside, context=record.train_plan.row_tokens, end_of_text=record.end_of_text)
        (aside / "tokenizer.json").write_text(tokenizer, "utf-8")
        (aside / "tokenizer_config.json").write_text(json.dumps(told, indent=2) + "\n")
        (aside / RECORD).write_text(json.dumps({"format": "hf", "run": str(run.resolve()), "step": step}, indent=2) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    except OSError as error:
        raise EnvironmentProblem(
            f"export to {folder} failed: {error.strerror or error}; name a folder that can be written"
        ) from error
    return step
