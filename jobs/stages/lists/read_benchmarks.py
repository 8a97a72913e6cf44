"""The benchmarks that a recipe names, read from JSON lines into the index that each worker looks pages up in."""

import io
import json
import lzma
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import zstandard
from fsspec.compression import compr
from fsspec.core import get_compression

from jobs.corpus.sources.open_source import open_source
from pipeline.contamination.index import Index, build_index, table_of
from pipeline.contamination.items import strings
from pipeline.contamination.settings import ContaminationSettings
from pipeline.errors import InputError, RecipeError

MAX_LINE_BYTES = 16 << 20
NOT_INFLATED = (zlib.error, lzma.LZMAError, zstandard.ZstdError)


def read_benchmarks(settings: ContaminationSettings) -> Index | None:
    """None where the recipe names none. Raises RecipeError for a line that cannot be read: half a list would let items by."""
    if not settings.benchmarks:
        return None
    rows = [row for path in settings.benchmarks for row in _rows(path, settings.fields)]
    index = build_index(table_of(rows), settings)
    if not len(index.strings):
        raise RecipeError(
            f"contamination.benchmarks: no string in {', '.join(settings.benchmarks)} has {settings.short_ngram_words} words "
            "to be looked for; name its fields in contamination.fields"
        )
    return index


def _rows(path: str, fields: tuple[str, ...]) -> Iterator[tuple[str, int, str, str]]:
    name = PurePosixPath(path).name.partition(".jsonl")[0]
    for number, item in _items(path):
        for field, text in strings(item, fields):
            yield name, number, field, text.encode("utf-8", "replace").decode()  # no half surrogates


def _items(path: str) -> Iterator[tuple[int, Any]]:
    try:
        with open_source(path).stream as stored:
            unpacked = compr[get_compression(path, "infer")](stored, mode="rb")
            lines = io.BufferedReader(unpacked)
            number = 0
            while line := lines.readline(MAX_LINE_BYTES):
                number += 1
                if line.strip():
                    yield number, _parsed(line, path, number)
    except (OSError, EOFError, ValueError, InputError, *NOT_INFLATED) as error:
        raise RecipeError(f"contamination.benchmarks: {path} cannot be read ({error}); check the path") from error


def _parsed(line: bytes, path: str, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecipeError(
            f"contamination.benchmarks: {path}:{number} is no JSON ({str(error)[:80]}); give an item a line"
        ) from error
