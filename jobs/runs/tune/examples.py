"""The examples of a tuning, as its run keeps them: encoded once, named by their hash, and written over where one is taken out.

The run keeps its own table, because the file that they came from may change or go: a tuning that was killed goes on with what it
began with, and one that is trained again without an example has all others.
"""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.runs.tune.chat import asked, encoded, plain
from jobs.runs.tune.rows import Row
from model.post.examples import Example, Learned
from model.post.settings import TuneSettings
from pipeline.errors import CorpusError, EnvironmentProblem, InputError
from tokenizer.bpe.encode import Encoder

_TOKENS, _SCORED = pa.list_(pa.int32()), pa.list_(pa.bool_())
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("tokens", _TOKENS, nullable=False),
        pa.field("scored", _SCORED, nullable=False),
        pa.field("rejected_tokens", _TOKENS),
        pa.field("rejected_scored", _SCORED),
        pa.field("good", pa.bool_()),
        pa.field("answer", pa.string()),
        pa.field("removed", pa.bool_(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Encoded:
    """Examples that fit a row, and how many did not: too long a question to leave room for its answer."""

    examples: list[Example]
    too_long: int


def encode_rows(rows: Iterable[Row], encoder: Encoder, settings: TuneSettings, row_tokens: int) -> Encoded:
    """What is longer than a row is cut at its end; what then has nothing to be learned is left out."""
    examples, too_long = list[Example](), 0
    for row in rows:
        example = _example(row, encoder, settings, row_tokens)
        if example is None:
            too_long += 1
        else:
            examples.append(example)
    if not examples:
        raise InputError(f"no example fits a row of {row_tokens} tokens: shorten them, or tune a run with longer rows")
    return Encoded(examples, too_long)


def _example(row: Row, encoder: Encoder, settings: TuneSettings, row_tokens: int) -> Example | None:
    if settings.writes:
        text = asked(row.text, encoder)
        return Example(row.id, text, answer=row.answer) if len(text.tokens) + settings.answer_tokens <= row_tokens else None
    if settings.method == "classify":
        return Example(row.id, _cut(plain(row.text[0].content, encoder), row_tokens), answer=row.answer)
    last_only = settings.method not in ("sft", "distil")
    text = _cut(encoded(row.text, encoder, last_only=last_only), row_tokens)
    rejected = None if row.rejected is None else _cut(encoded(row.rejected, encoder, last_only=last_only), row_tokens)
    if not text.scored.any() or (rejected is not None and not rejected.scored.any()):
        return None
    return Example(row.id, text, rejected, row.good)


def _cut(text: Learned, row_tokens: int) -> Learned:
    return Learned(text.tokens[:row_tokens], text.scored[:row_tokens])


def without(examples: Sequence[Example], ids: frozenset[str], filler: int) -> list[Example]:
    """The same examples; those that are named keep their place and length, and nothing else."""
    return [_emptied(example, filler) if example.id in ids else example for example in examples]


def _emptied(example: Example, filler: int) -> Example:
    def empty(text: Learned) -> Learned:
        return Learned(np.full_like(text.tokens, filler), np.zeros_like(text.scored))

    rejected = None if example.rejected is None else empty(example.rejected)
    good, answer = None if example.good is None else False, None if example.answer is None else ""
    return Example(example.id, empty(example.text), rejected, good, answer, removed=True)


def write_examples(run: Path, examples: Sequence[Example]) -> dict[str, str]:
    """{"file", "sha256"} of the table in a run's folder; equal examples give an equal file."""
    columns = [
        [example.id for example in examples],
        [example.text.tokens.tolist() for example in examples],
        [example.text.scored.tolist() for example in examples],
        [None if example.rejected is None else example.rejected.tokens.tolist() for example in examples],
        [None if example.rejected is None else example.rejected.scored.tolist() for example in examples],
        [example.good for example in examples],
        [example.answer for example in examples],
        [example.removed for example in examples],
    ]
    table = pa.table([pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", write_page_checksum=True)
    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    name = f"examples-{sha256[:16]}.parquet"
    aside = run / f".{name}.tmp"
    try:
        run.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(buffer.getvalue())
        aside.replace(run / name)
    except OSError as error:
        raise EnvironmentProblem(f"{run / name} cannot be written: {error.strerror or error}; make room and try again") from error
    return {"file": name, "sha256": sha256}


def read_examples(run: Path, stored: dict[str, str]) -> list[Example]:
    """Raises CorpusError where a byte of the table has changed."""
    path = run / stored["file"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror}): without its examples the tuning cannot go on") from error
    if hashlib.sha256(content).hexdigest() != stored["sha256"]:
        raise CorpusError(f"{path} is not as it was written: restore it, or tune anew")
    return [_of_row(row) for row in pq.read_table(io.BytesIO(content)).to_pylist()]


def _of_row(row: dict[str, object]) -> Example:
    def text(prefix: str) -> Learned | None:
        tokens = row[f"{prefix}tokens"]
        return None if tokens is None else Learned(np.array(tokens, np.int32), np.array(row[f"{prefix}scored"], bool))

    good, answer, whole = row["good"], row["answer"], text("")
    assert whole is not None and isinstance(good, bool | None) and isinstance(answer, str | None)
    return Example(str(row["id"]), whole, text("rejected_"), good, answer, removed=row["removed"] is True)
