"""Digests as WARC headers write them: `sha1:` and base32 or hexadecimal, of several algorithms."""

import base64
import hashlib

ALGORITHMS = {"sha1", "sha256", "sha512", "md5", "sha224", "sha384", "blake2b", "blake2s"}


def agrees(written: str, *candidates: bytes) -> bool | None:
    """Whether `written` is the digest of one of the candidates; None where it names no algorithm known here.

    "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b"" -> True
    """
    algorithm, colon, value = written.partition(":")
    algorithm = algorithm.strip().lower().replace("-", "")
    if not colon or algorithm not in ALGORITHMS:
        return None
    value = value.strip()
    return any(_is(value, hashlib.new(algorithm, data, usedforsecurity=False).digest()) for data in candidates)


def _is(value: str, digest: bytes) -> bool:
    return value.lower() == digest.hex() or value.upper().rstrip("=") == base64.b32encode(digest).decode().rstrip("=")


def sha256_of(data: bytes) -> str:
    """Digest in the form of a WARC header."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
