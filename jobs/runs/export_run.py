"""`winnow export RUN --format hf`: weights and tokenizer in one folder that `transformers` loads."""

import json
import shutil
from pathlib import Path

from jobs.runs.commands import need_torch


def export_run(run: Path, folder: Path) -> int:
    """Writes config, weights and tokenizer beside `folder` and renames; the step that was exported."""
    need_torch()
    from jobs.runs.folder import load_model
    from model.export_hf import export_hf

    model, record, step = load_model(run)
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    export_hf(model, aside, context=record.train_plan.row_tokens, end_of_text=record.end_of_text)
    shutil.copyfile(Path(record.corpus, "tokenizer", "tokenizer.json"), aside / "tokenizer.json")
    told = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
    (aside / "tokenizer_config.json").write_text(json.dumps(told, indent=2) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
    return step
