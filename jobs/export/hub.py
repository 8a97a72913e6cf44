"""What an export's folder says of itself to `datasets.load_dataset`: which of its files are rows, and of which split."""

import json
from collections.abc import Mapping
from pathlib import Path

README = "README.md"


def write_readme(folder: Path, form: str, splits: Mapping[str, str]) -> None:
    """Front matter as the Hub reads it, values as JSON, which YAML holds; `splits`: a pattern of files for each."""
    files = [{"split": split, "path": pattern} for split, pattern in splits.items()]
    configs = json.dumps([{"config_name": "default", "data_files": files}])
    text = (
        f"---\nconfigs: {configs}\n---\nAn export of winnow, `--format {form}`: `datasets.load_dataset` reads this folder. "
        "export.json says what it was made from.\n`winnow card` writes a card to publish.\n"
    )
    (folder / README).write_text(text, "utf-8")
