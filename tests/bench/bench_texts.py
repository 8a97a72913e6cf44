"""Text of any kind as one Parquet file that every contender of a bench reads alike.

Takes files and folders of .parquet (column `text`), .jsonl (`text`, else all strings of a line) and plain .txt or .en files,
the last three also as .gz. A plain file is cut at empty lines into documents of about DOCUMENT_CHARACTERS, as long as a page.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

DOCUMENT_CHARACTERS = 20_000
GROUP_BYTES = 4 << 20  # of text in a row group: what a reader holds at a time
SCHEMA = pa.schema([("doc_id", pa.string()), ("url", pa.string()), ("language", pa.string()), ("text", pa.string())])
KINDS = {".parquet", ".jsonl", ".txt", ".en"}


def write_texts(inputs: Iterable[Path], target: Path) -> dict[str, Any]:
    """Writes the documents in the order of their files; what was read."""
    files = [file for one in inputs for file in (sorted(one.rglob("*")) if one.is_dir() else [one]) if kind(file) in KINDS]
    if not files:
        raise SystemExit("no text found: name files or folders of .parquet, .jsonl(.gz), .txt(.gz)")
    documents = size = 0
    with pq.ParquetWriter(target, SCHEMA, compression="zstd") as writer:
        for group in groups(text for file in files for text in texts(file)):
            names = [hashlib.md5(f"{documents + place}".encode()).hexdigest() for place in range(len(group))]
            urls = [f"https://host{int(name[:4], 16) % 500}.example/{name}" for name in names]
            writer.write_table(pa.table([names, urls, ["en"] * len(group), group], schema=SCHEMA))
            documents += len(group)
            size += sum(len(text.encode()) for text in group)
    return {"files": len(files), "documents": documents, "bytes": size}


def kind(file: Path) -> str:
    return Path(file.name.removesuffix(".gz")).suffix if file.is_file() else ""


def texts(file: Path) -> Iterator[str]:
    if kind(file) == ".parquet":
        for batch in pq.ParquetFile(file).iter_batches(256, columns=["text"]):
            yield from (text for text in batch.column("text").to_pylist() if text)
        return
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        if kind(file) == ".jsonl":
            yield from (of_line(json.loads(line)) for line in lines if line.strip())
            return
        part: list[str] = []
        for line in lines:
            part.append(line)
            if not line.strip() and sum(map(len, part)) > DOCUMENT_CHARACTERS:
                yield "".join(part)
                part = []
        yield "".join(part)


def of_line(line: dict[str, Any]) -> str:
    return str(line["text"]) if "text" in line else "\n\n".join(value for value in line.values() if isinstance(value, str))


def groups(documents: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for text in documents:
        group.append(text)
        size += len(text)
        if size > GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
