"""What stands before a card in YAML, as the Hub reads it: https://huggingface.co/docs/hub/datasets-cards.

Values are written as JSON, which YAML holds: nothing in them ends a line or begins a key.
"""

import json
from itertools import pairwise
from typing import Any

from jobs.card.ledger import Ledger
from jobs.corpus.folder import Corpus

MOST_FILES = 200  # named one by one; more are a pattern
_SIZES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")


def front_matter(corpus: Corpus, ledger: Ledger, title: str, licence: str | None) -> str:
    """A block between `---` lines; the licence is "other" where the Hub's list cannot have it."""
    files = [one.file for one in corpus.files("curated")]
    values: dict[str, Any] = {
        "pretty_name": title,
        "language": sorted({row["language"] for row in ledger.all("languages") if _is_code(row["language"])}),
        "license": "other",
        "license_name": licence or "as-each-page-says",
        "task_categories": ["text-generation"],
        "size_categories": [size_category(ledger.one("kept")["documents"])],
        "tags": ["web", "winnow"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": "train", "path": files if len(files) <= MOST_FILES else ["curated/*.parquet"]}],
            }
        ],
    }
    lines = [f"{name}: {json.dumps(value)}" for name, value in values.items() if value not in ([], None)]
    return "\n".join(["---", *lines, "---", ""])


def size_category(documents: int) -> str:
    """`498 -> n<1K`, `10000 -> 10K<n<100K`: the Hub's own names."""
    if documents < 1000:
        return f"n<{_SIZES[0]}"
    for place, (low, high) in enumerate(pairwise(_SIZES)):
        if documents < 1000 * 10 ** (place + 1):
            return f"{low}<n<{high}"
    return f"n>{_SIZES[-1]}"


def _is_code(language: str | None) -> bool:
    """ISO 639-1 or 639-3; what a row of JSON calls its language may be anything."""
    return language is not None and len(language) in (2, 3) and language.isascii() and language.isalpha() and language.islower()
