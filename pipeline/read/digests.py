"""Digests as WARC headers write them: `sha1:` and base32 or hexadecimal, of several algorithms."""

import hashlib

ALGORITHMS = {"sha1", "sha256", "sha512", "md5", "sha224", "sha384", "blake2b", "blake2s"}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BASE32 = frozenset(_LETTERS)
_AS_DIGITS = str.maketrans(_LETTERS, "0123456789ABCDEFGHIJKLMNOPQRSTUV")  # as int() reads numbers to base 32


class Digest:
    """A digest that a header names and the bytes that it is compared with, which may come in parts."""

    def __init__(self, written: str) -> None:
        algorithm, colon, value = written.partition(":")
        algorithm = algorithm.strip().lower().replace("-", "")
        known = bool(colon) and algorithm in ALGORITHMS
        self._garbled = len(written.split()) > 1  # no digest has a gap
        self._value = value.strip()
        self._hash = hashlib.new(algorithm, usedforsecurity=False) if known else None

    def update(self, data: bytes) -> None:
        if self._hash is not None:
            self._hash.update(data)

    def agrees(self) -> bool | None:
        """Whether it is the digest of all bytes so far; None where it names no algorithm known here.

        What nobody can have written as a digest is none of these bytes: the record is not as it was written.
        """
        if self._hash is None:
            return False if self._garbled else None
        return _is(self._value, self._hash.digest())


def agrees(written: str, *candidates: bytes) -> bool | None:
    """Whether `written` is the digest of one of the candidates; None where it names no algorithm known here.

    "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b"" -> True
    """
    answers = [_agrees(written, data) for data in candidates]
    return None if None in answers else any(answers)


def _agrees(written: str, data: bytes) -> bool | None:
    digest = Digest(written)
    digest.update(data)
    return digest.agrees()


def _is(value: str, digest: bytes) -> bool:
    """Whether `value` writes `digest`, in hexadecimal or base32; Python's own base32 takes longer than the digest."""
    value = value.rstrip("=").upper()
    if len(value) == 2 * len(digest):
        return value.lower() == digest.hex()
    bits = 8 * len(digest)
    if len(value) != -(-bits // 5) or not BASE32.issuperset(value):
        return False
    return int(value.translate(_AS_DIGITS), 32) == int.from_bytes(digest, "big") << (-bits % 5)


def sha256_of(data: bytes) -> str:
    """Digest in the form of a WARC header."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
