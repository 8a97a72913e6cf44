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
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any, BinaryIO

import numpy as np

from pipeline.blocks import BLOCK_BYTES, StoredFile, block_holds, digests_of, stored_file
from pipeline.errors import CorpusError, RecipeError
from pipeline.settings import setting
from tokenizer.shards.splits import LATE, READ_AS, TRAIN, VALIDATION, check_read_last_hosts, check_split, signed_hashes

HEADER_BYTES = 1024
_MAGIC = {"uint16": (20240520, 1), "uint32": (20240801, 7)}
MANIFEST = "shards.json"
FORMAT = 3  # another number is refused, in both directions
ANEW = "; `winnow shard CORPUS` writes the shards anew"
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
    blocks: str  # CRC-32 of each MiB, eight hexadecimal digits each (pipeline/blocks.py)
    split: str = TRAIN  # or another of tokenizer/shards/splits.py
    spans: StoredFile | None = None  # its rows of the table `spans`, as a file of the corpus


def shard_file(values: dict[str, Any]) -> ShardFile:
    """From the JSON of a ShardFile."""
    return ShardFile(**values | {"spans": stored_file(values["spans"]) if values["spans"] else None})


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
        """Of every shard, and of all that decides what a run reads of them; it names the file of this manifest."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def of_split(self, split: str) -> tuple[ShardFile, ...]:
        return tuple(shard for shard in self.shards if shard.split == split)

    def read_as(self, split: str) -> list[int]:
        """Numbers of the shards that a reader of `train` or `validation` reads, in order: training ends with the late ones."""
        return [number for number, shard in enumerate(self.shards) if shard.split in READ_AS[split]]


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_manifest(text: str, name: str = MANIFEST) -> ShardManifest:
    """shards.json as written by `ShardManifest.to_json`; raises CorpusError, with its `name`, where a character is another."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise CorpusError(
                f"{name} has format {content['format']} and this winnow reads format {FORMAT} alone: "
                "`winnow shard CORPUS` writes the shards anew, or use the winnow that wrote them"
            )
        del content["checksum"]
        shards = tuple(map(shard_file, content.pop("shards")))
        manifest = ShardManifest(**content, shards=shards)
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{name} cannot be read ({error!r}): write the shards again") from error
    if manifest.to_json() != text:
        raise CorpusError(f"{name} is not as it was written, its checksum differs: write the shards again")
    return manifest


def shard_name(number: int) -> str:
    """With HASH where the hash of the content goes (jobs/corpus/files/stored.py)."""
    return f"shard-{number:05d}-HASH.bin"


def tokenizer_name(sha256: str) -> str:
    """The file of the tokenizer with this hash, in the folder of tokenizers; `tokenizer.json` is a copy of the newest."""
    return f"tokenizer-{sha256[:16]}.json"


def manifest_name(fingerprint: str) -> str:
    """The file of the manifest with this fingerprint, in the folder of the shards; `shards.json` is a copy of the newest."""
    return f"shards-{fingerprint[:16]}.json"


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
        """Writes the header, reads the file back for its hashes and leaves it open at its end."""
        self._file.seek(0)
        self._file.write(header(self._dtype, self.tokens))
        self._file.seek(0)
        found = digests_of(self._file)
        return ShardFile(name, self.tokens, self.documents, found.bytes, found.sha256, found.blocks, split)


class ShardTokens:
    """The tokens of a shard, memory-mapped and read-only. No token is handed on before its MiB was found to be as written."""

    def __init__(self, path: str, shard: ShardFile) -> None:
        self._tokens, self._path, self._blocks = map_tokens(path), path, shard.blocks
        if HEADER_BYTES + self._tokens.nbytes != shard.bytes:
            raise CorpusError(f"{path} is not the one that {MANIFEST} describes: it has {len(self._tokens):,} tokens{ANEW}")
        self._bytes = np.memmap(path, np.uint8, "r")
        self._checked = np.zeros(-(-shard.bytes // BLOCK_BYTES), bool)

    def __len__(self) -> int:
        return len(self._tokens)

    @property
    def dtype(self) -> np.dtype:
        return self._tokens.dtype

    def __getitem__(self, place: slice) -> np.ndarray:
        """Consecutive tokens. Raises CorpusError where they are not those that were written."""
        start, stop, _ = place.indices(len(self))
        return self._tokens[self._check(start, stop)]

    def whole(self) -> np.ndarray:
        return self[:]

    def _check(self, start: int, stop: int) -> slice:
        width = self._tokens.itemsize
        first, last = ((HEADER_BYTES + at * width) // BLOCK_BYTES for at in (start, max(start, stop - 1)))
        for number in np.flatnonzero(~self._checked[first : last + 1]) + first if stop > start else ():
            data = self._bytes[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES].data
            if not block_holds(data, int(number), self._blocks):
                raise CorpusError(f"{self._path} is not as it was written: MiB {number} differs{ANEW}")
            self._checked[number] = True
        return slice(start, stop)


def read_shard(folder: str, shard: ShardFile) -> ShardTokens:
    """A shard of the corpus in this local folder. Raises CorpusError where its file is missing or another."""
    path = posixpath.join(folder, "shards", shard.file)
    try:
        return ShardTokens(path, shard)
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror or error}){ANEW}") from error


def map_tokens(path: str) -> np.ndarray:
    """All tokens of a shard as they lie there, unchecked but for the header; memory-mapped, read-only."""
    with open(path, "rb") as file:  # noqa: PTH123 - a string, as Spark and fsspec give it
        head, size = file.read(HEADER_BYTES), file.seek(0, 2)
    if len(head) != HEADER_BYTES:
        raise CorpusError(f"{path} is {size} bytes long, shorter than a shard's header: write the shards again")
    fields = np.frombuffer(head, "<i4")
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
