"""Token shards on disk: the layout that llm.c and modded-nanogpt read.

256 × int32 header (magic, version, number of tokens, zeros), then the tokens: uint16, or uint32 where the vocabulary exceeds
65,535, under the magic and version that llm.c uses for its Llama 3 data. Little-endian throughout.

Each document is `<|endoftext|>` and its tokens, as in llm.c's FineWeb shards: a model that begins a page has seen that it
begins. A span covers the document's own tokens only. `shards.json` beside the shards says what they are.

Training shards come first, then those that an epoch reads last, then those held out for validation (tokenizer/shards/splits.py).
The shards of a split are equal to within one document: n = ceil(tokens / shard_tokens) of them, and shard i holds the documents
that begin from token i·tokens/n of the split on. Where documents are small beside a shard that is well within 1 %, and there is
no short last one.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any, BinaryIO

import numpy as np

from pipeline.errors import CorpusError, RecipeError
from pipeline.hashing import stream_sha256
from pipeline.settings import setting
from tokenizer.shards.splits import LATE, READ_AS, TRAIN, VALIDATION, check_read_last_hosts, check_split, signed_hashes

HEADER_BYTES = 1024
_MAGIC = {"uint16": (20240520, 1), "uint32": (20240801, 7)}
MANIFEST = "shards.json"
FORMAT = 2  # another number is refused, in both directions
PLANNED = (TRAIN, LATE, VALIDATION)  # the splits that a corpus is cut into


@dataclass(frozen=True, kw_only=True)
class ShardSettings:
    """How tokens are cut into files, and which of them are kept from training."""

    shard_tokens: int = setting(
        100_000_000, "tokens of a shard, at most a document more: each split is cut into equal ones", "llm.c, FineWeb shards"
    )
    seed: int = setting(0, "another seed gives another order of the documents and holds out others")
    validation_share: float = setting(0.02, "hosts or pages held out for validation; 0 holds out nothing")
    validation_unit: str = setting("auto", "what is held out as a whole: host, page, or auto: host where there are 1,000 of them")
    read_last_hosts: tuple[str, ...] = setting(
        (),
        "hosts whose pages, and those of all hosts below them, an epoch reads last: to take one out again costs a run less",
        formerly="late_hosts",
    )

    def __post_init__(self) -> None:
        check_split(self.validation_share, self.validation_unit)
        check_read_last_hosts(self.read_last_hosts)
        if not 1 <= self.shard_tokens <= 2_000_000_000:
            raise RecipeError(f"shard_tokens is {self.shard_tokens}: from 1 to 2,000,000,000 (the header has 32 bits)")


@dataclass(frozen=True)
class ShardFile:
    """One row of shards.json."""

    file: str
    tokens: int  # <|endoftext|> included
    documents: int
    bytes: int
    sha256: str
    split: str = TRAIN  # or another of tokenizer/shards/splits.py


@dataclass(frozen=True)
class ShardManifest:
    """shards.json."""

    format: int
    dtype: str  # uint16 or uint32
    vocabulary_size: int
    end_of_text: int  # id that precedes each document
    removed: int  # id that stands where a document was taken out
    tokenizer_sha256: str  # of tokenizer.json
    seed: int
    shard_tokens: int  # setting; a shard holds all of a document that begins in it, so it may hold some more
    tokens: int
    documents: int
    shards: tuple[ShardFile, ...]
    validation_share: float = 0  # setting
    validation_unit: str = "page"  # what was held out as a whole, page or host

    def to_json(self) -> str:
        """With a checksum of all the rest, so that a flipped bit of this file shows too."""
        content = asdict(self)
        return json.dumps(content | {"checksum": _checksum(content)}, indent=2) + "\n"

    @property
    def fingerprint(self) -> str:
        """Of every shard, and of all that decides what a run reads of them."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def of_split(self, split: str) -> tuple[ShardFile, ...]:
        return tuple(shard for shard in self.shards if shard.split == split)

    def read_as(self, split: str) -> list[int]:
        """Numbers of the shards that a reader of `train` or `validation` reads, in order: training ends with the late ones."""
        return [number for number, shard in enumerate(self.shards) if shard.split in READ_AS[split]]


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_manifest(text: str) -> ShardManifest:
    """shards.json as written by `ShardManifest.to_json`; raises CorpusError where a character of it is another."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise CorpusError(
                f"{MANIFEST} has format {content['format']} and this winnow reads format {FORMAT} alone: "
                "`winnow shard CORPUS` writes the shards anew, or use the winnow that wrote them"
            )
        del content["checksum"]
        shards = tuple(ShardFile(**row) for row in content.pop("shards"))
        manifest = ShardManifest(**content, shards=shards)
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{MANIFEST} cannot be read ({error!r}): write the shards again") from error
    if manifest.to_json() != text:
        raise CorpusError(f"{MANIFEST} is not as it was written, its checksum differs: write the shards again")
    return manifest


def shard_name(number: int) -> str:
    return f"shard-{number:05d}.bin"


@dataclass(frozen=True)
class SplitPlan:
    """The shards of one split, before they are written."""

    name: str
    first_shard: int
    shards: int
    tokens: int  # <|endoftext|> included

    def shard_of(self, token: int) -> int:
        """The shard of a document that begins at this token of the split."""
        return self.first_shard + token * self.shards // self.tokens


def plan_splits(tokens: Sequence[int], shard_tokens: int) -> tuple[SplitPlan, ...]:
    """The shards of PLANNED, one split after another, for so many tokens of each. A split without tokens has none."""
    shards = [-(-of_split // shard_tokens) for of_split in tokens]
    first = accumulate(shards, initial=0)
    return tuple(map(SplitPlan, PLANNED, first, shards, tokens))


def header(dtype: str, tokens: int) -> bytes:
    """The 1,024 bytes before the tokens."""
    fields = np.zeros(HEADER_BYTES // 4, "<i4")
    fields[0], fields[1] = _MAGIC[dtype]
    fields[2] = tokens
    return fields.tobytes()


class ShardWriter:
    """Writes documents to a seekable binary file as they come; nothing but the current one is held in memory."""

    def __init__(self, file: BinaryIO, dtype: str, end_of_text: int) -> None:
        self.tokens = self.documents = 0
        self._file, self._dtype = file, dtype
        self._separator = np.array([end_of_text], np.dtype(dtype).newbyteorder("<")).tobytes()
        file.write(bytes(HEADER_BYTES))

    def add(self, ids: bytes | memoryview) -> int:
        """Appends a document whose ids are little-endian in the shard's type; the index of its first own token."""
        self._file.write(self._separator)
        self._file.write(ids)
        start = self.tokens + 1
        self.tokens += 1 + len(ids) // len(self._separator)
        self.documents += 1
        return start

    def close(self, name: str, split: str = TRAIN) -> ShardFile:
        """Writes the header, reads the file back for its hash and leaves it open at its end."""
        self._file.seek(0)
        self._file.write(header(self._dtype, self.tokens))
        self._file.seek(0)
        size = HEADER_BYTES + self.tokens * len(self._separator)
        return ShardFile(name, self.tokens, self.documents, size, stream_sha256(self._file), split)


def read_shard(path: str) -> np.ndarray:
    """The tokens of a shard, memory-mapped; read-only."""
    with open(path, "rb") as file:  # noqa: PTH123 - a string, as Spark and fsspec give it
        fields = np.frombuffer(file.read(HEADER_BYTES), "<i4")
        size = file.seek(0, 2)
    if fields.size != HEADER_BYTES // 4:
        raise CorpusError(f"{path} is {size} bytes long, shorter than a shard's header: write the shards again")
    dtype = next((name for name, magic in _MAGIC.items() if magic == (fields[0], fields[1])), None)
    if dtype is None:
        raise CorpusError(f"{path} begins with {fields[0]}, {fields[1]}: not a shard of a known kind")
    width = np.dtype(dtype).itemsize
    if size != HEADER_BYTES + int(fields[2]) * width:
        raise CorpusError(f"{path} says {fields[2]} tokens but has {(size - HEADER_BYTES) / width:g}: write the shards again")
    if not fields[2]:
        return np.zeros(0, dtype)
    return np.memmap(path, dtype=np.dtype(dtype).newbyteorder("<"), mode="r", offset=HEADER_BYTES, shape=(int(fields[2]),))


def order_of(doc_ids: Iterable[str], seed: int) -> list[int]:
    """Where each document stands among all: the first eight bytes of BLAKE2b of "seed:doc_id", big-endian and signed.

    Shards hold documents in ascending order of this number, then of doc_id.
    """
    return signed_hashes(doc_ids, str(seed))
