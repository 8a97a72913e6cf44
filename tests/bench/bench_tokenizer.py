"""`make bench-tokenizer`: learning, encoding, sharding and loading beside HF tokenizers and tiktoken, on the same text.

    python -m tests.bench.bench_tokenizer [INPUT...] [--sizes 16384 32768 65536] [--output docs/bench-tokenizer.json]

INPUT are files and folders of text of any kind (tests/bench/bench_texts.py); default: ../shared/text where it is, and the
sample crawl's curated pages where `make demo` has been run. Every contender runs in a process of its own, held to one core.
"""

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.bench_texts import write_texts
from tests.bench.sides import machine, run_side
from tests.paths import PROJECT, SHARED

# For every contender alike: memory that is given back goes back to the system, so that the largest size says what was needed.
ALLOCATION = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_MMAP_THRESHOLD_": str(1 << 18)}
SIZES = (16_384, 32_768, 65_536)
LIBRARIES = ("tokenizers", "tiktoken", "numba", "numpy", "pyarrow")
OF_SIZE = ("learn_ours", "learn_hf", "encode_ours", "encode_tiktoken", "encode_hf")
Result = dict[str, Any]


def bench(inputs: list[Path], sizes: list[int], core: int) -> Result:
    os.environ |= ALLOCATION
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as name:
        folder = Path(name)
        texts = folder / "texts.parquet"
        result: Result = {
            "machine": machine(),
            "versions": {library: version(library) for library in LIBRARIES},
            "input": {"names": [one.name for one in inputs]} | write_texts(inputs, texts),
            "sides": [],
        }
        last = sizes[-1]
        whole = ("write_shards", "load") if importlib.util.find_spec("pyspark") else ()
        for side, size in [*((side, size) for size in sizes for side in OF_SIZE), *((side, last) for side in whole)]:
            print(f"running {side} {size}", file=sys.stderr, flush=True)
            result["sides"].append(run_side("tokenizer_sides", side, texts, size, folder, core=core))
        return result


def show(console: Console, result: Result) -> None:
    found, source = result["machine"], result["input"]
    load = f"load before {found['load_before']:.1f}"
    console.print(f"\n{found['processor']}, one core of {found['cores']}; {found['date']}; {load}")
    console.print(f"{source['bytes'] / 1e6:.1f} MB of text in {source['documents']:,} documents; seconds are of the processor")
    for table in (_learning(result), _encoding(result), _sharding(result)):
        if table.rows:
            console.print(table)


def _of(result: Result, name: str) -> dict[int, Result]:
    return {side["size"]: side for side in result["sides"] if side["name"] == name}


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    return table


def _learning(result: Result) -> Table:
    columns = ("vocabulary", "seconds", "HF", "faster", "own memory", "HF", "less", "peak memory", "HF", "same merges")
    table = _table("Learning", *columns)
    theirs = _of(result, "learn_hf")
    for size, one in _of(result, "learn_ours").items():
        own, hf_own = (side["peak_bytes"] - side["floor_bytes"] for side in (one, theirs[size]))
        table.add_row(
            f"{size:,}", f"{one['seconds']:.1f}", f"{theirs[size]['seconds']:.1f}",
            f"{theirs[size]['seconds'] / one['seconds']:.1f} x", _megabytes(own), _megabytes(hf_own),
            f"{hf_own / max(own, 1):.1f} x", _megabytes(one["peak_bytes"]), _megabytes(theirs[size]["peak_bytes"]),
            "yes" if theirs[size]["same_merges"] else "no",
        )  # fmt: skip
    return table


def _encoding(result: Result) -> Table:
    columns = ("vocabulary", "MB/s", "tiktoken", "HF", "x tiktoken", "x HF", "bytes a token", "HF's own vocabulary")
    table = _table("Encoding", *columns)
    tiktoken, theirs = _of(result, "encode_tiktoken"), _of(result, "encode_hf")
    for size, one in _of(result, "encode_ours").items():
        speeds = [side["megabytes_per_second"] for side in (one, tiktoken[size], theirs[size])]
        table.add_row(
            f"{size:,}", *(f"{speed:.1f}" for speed in speeds), f"{speeds[0] / speeds[1]:.1f}", f"{speeds[0] / speeds[2]:.1f}",
            f"{one['bytes_per_token']:.4f}", f"{theirs[size]['bytes_per_token']:.4f}",
        )  # fmt: skip
    return table


def _sharding(result: Result) -> Table:
    table = _table("Shards", "what", "figure")
    for one in _of(result, "write_shards").values():
        table.add_row("text to shards and spans in Spark, one core", f"{one['megabytes_per_second']:.1f} MB/s")
    for one in _of(result, "load").values():
        table.add_row("loader, one process, from page cache", f"{one['tokens_per_second'] / 1e6:.0f} M tokens/s")
        table.add_row(f"padding in rows of {one['row_tokens']}", f"{100 * one['padding_share']:.2f} %")
    return table


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


def _default_inputs() -> list[Path]:
    shared = [SHARED / "text"] if SHARED is not None else []
    return [one for one in (*shared, PROJECT / "demo" / "corpus" / "curated") if one.is_dir()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", type=Path, nargs="*", metavar="INPUT")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--core", type=int, help="the core that everything is held to; default: the last one")
    target = PROJECT / "docs" / "bench-tokenizer.json"
    parser.add_argument("--output", type=Path, default=target, help="where the figures go as JSON")
    options = parser.parse_args()
    inputs = [one.resolve() for one in options.inputs] or _default_inputs()
    core = sorted(os.sched_getaffinity(0))[-1] if options.core is None else options.core
    result = bench(inputs, options.sizes, core)
    show(Console(width=None if sys.stdout.isatty() else 130), result)
    options.output.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
