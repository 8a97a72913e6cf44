"""SHA-256 of files, a MiB at a time, and of what a JSON file says; 64 bits for texts that only have to be told apart."""

import hashlib
import json
from pathlib import Path
from typing import IO, Any


def file_sha256(path: Path) -> str:
    """Raises OSError, which names the file: a disk that breaks while it is read does not."""
    try:
        with path.open("rb") as file:
            return stream_sha256(file)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def stream_sha256(file: IO[bytes]) -> str:
    """Of what is left of an open file."""
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def text_hash(text: str) -> int:
    """Of 64 bits, signed as Arrow and Spark have them; lone surrogates too."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def checksum_of(values: dict[str, Any]) -> str:
    """SHA-256 of all of them but `checksum`: a flipped bit in a name or a number of a JSON file shows too."""
    rest = {name: value for name, value in values.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def with_checksum(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"checksum": checksum_of(values)}


def without_checksum(values: Any) -> dict[str, Any]:
    """What `with_checksum` was given; raises ValueError where anything is another."""
    if not isinstance(values, dict) or checksum_of(values) != values.get("checksum"):
        raise ValueError("it is not as it was written, its checksum differs")
    return {name: value for name, value in values.items() if name != "checksum"}
