"""datatrove's verdict by preset on every text: JSON lines with `text` in, JSON lines with a reason by preset out (null keeps).

    .venv-bench/bin/python -m tests.bench.quality.peer_verdicts TEXTS.jsonl VERDICTS.jsonl

Runs in the peer's own environment; nothing of the peer is patched.
"""

import json
import sys
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.utils.logging import logger

GOPHER = (GopherRepetitionFilter(), GopherQualityFilter())
PRESETS: dict[str, tuple[BaseFilter, ...]] = {
    "gopher": GOPHER,
    "c4": (C4QualityFilter(),),
    "fineweb": (*GOPHER, C4QualityFilter(filter_no_terminal_punct=False), FineWebQualityFilter()),
}


def reason(text: str, filters: tuple[BaseFilter, ...]) -> str | None:
    document = Document(text=text, id="0")  # C4 rewrites its text, and what follows reads that
    for judge in filters:
        answer = judge.filter(document)
        if answer is not True:
            return answer[1] if isinstance(answer, tuple) else "dropped"
    return None


def main(texts: Path, verdicts: Path) -> None:
    logger.remove()
    with texts.open(encoding="utf-8") as lines, verdicts.open("w", encoding="utf-8") as out:
        for line in lines:
            text = json.loads(line)["text"]
            out.write(json.dumps({name: reason(text, filters) for name, filters in PRESETS.items()}) + "\n")
    print(json.dumps({"done": True}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
