"""`winnow curate` on an eighth, a quarter, a half and the whole of the input, one core, Spark and all."""

import json
import tempfile
from pathlib import Path
from typing import Any

from fastwarc import ArchiveIterator

from tests.bench.sides import run_winnow

PARTS = (8, 4, 2, 1)


def bench_growth(warcs: list[Path], core: int, parts: tuple[int, ...] = PARTS) -> list[dict[str, Any]]:
    """One row per part: the command's seconds, and each stage's as the manifest has them."""
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as folder:
        run_winnow(
            "curate",
            *_parts(warcs, Path(folder) / "warm", parts[0]),
            "--output",
            Path(folder) / "warm-up",
            "--master",
            "local[1]",
            core=core,
        )
        return [
            _curated(_parts(warcs, Path(folder) / f"input-{part}", part), Path(folder) / f"corpus-{part}", part, core)
            for part in parts
        ]


def _curated(inputs: list[Path], corpus: Path, part: int, core: int) -> dict[str, Any]:
    seconds = run_winnow("curate", *inputs, "--output", corpus, "--master", "local[1]", core=core)
    stages = json.loads((corpus / "corpus.json").read_text())["stages"]
    return {
        "part": part, "records": stages["ingest"]["counts"]["records"], "documents": stages["ingest"]["counts"]["documents"],
        "command_seconds": round(seconds, 2), "stage_seconds": {name: facts["seconds"] for name, facts in stages.items()},
        "peak_memory_bytes": max(facts["peak_memory_bytes"] or 0 for facts in stages.values()),
    }  # fmt: skip


def _parts(warcs: list[Path], folder: Path, part: int) -> list[Path]:
    """The first 1/part of each file's records, cut between two gzip members."""
    folder.mkdir()
    return [_first_records(warc, folder / warc.name, part) for warc in warcs]


def _first_records(warc: Path, target: Path, part: int) -> Path:
    with warc.open("rb") as stream:
        starts = [record.stream_pos for record in ArchiveIterator(stream, parse_http=False)]
    end = starts[len(starts) // part] if part > 1 else warc.stat().st_size
    with warc.open("rb") as stream:
        target.write_bytes(stream.read(end))
    return target
