"""Lists as two sorted arrays: the hash of every name, and whose it is. Nine bytes a name, whatever its length.

Two names are taken for one where 8 bytes of their BLAKE2b are the same: with ten million names and a billion hosts that happens
once in two thousand crawls, and nobody can make it happen on purpose.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from pipeline.blocked.lines import PHRASE

NAME_BYTES = 8
ALLOWED = 0  # the number of what is let pass; lists that block are numbered from 1


class Index(NamedTuple):
    """Names of all lists. Shapes: hashes [entries] ascending, lists [entries] ascending among equal hashes."""

    hashes: np.ndarray  # uint64
    lists: np.ndarray  # uint8
    has_addresses: bool  # whether any name goes beyond a host
    longest_phrase: int  # words of the longest name that is a phrase; 0: none is
    patterns: tuple[tuple[str, int], ...]  # of RE2, and their list

    @property
    def bytes(self) -> int:
        return int(self.hashes.nbytes + self.lists.nbytes)


class Names:
    """Names as they come from files: eight bytes are kept of each."""

    def __init__(self) -> None:
        self._hashes: list[np.ndarray] = []
        self._lists: list[np.ndarray] = []
        self.has_addresses, self.longest_phrase = False, 0

    def add(self, names: Iterable[str], number: int) -> int:
        """How many different ones there were, of one list."""
        digests = bytearray()
        for name in names:
            if name.startswith(PHRASE):
                self.longest_phrase = max(self.longest_phrase, name.count(" ") + 1)
            elif "/" in name or "?" in name:
                self.has_addresses = True
            digests += digest(name)
        hashes = np.unique(np.frombuffer(bytes(digests), np.uint64))
        self._hashes.append(hashes)
        self._lists.append(np.full(len(hashes), number, np.uint8))
        return len(hashes)

    def index(self, patterns: tuple[tuple[str, int], ...]) -> Index:
        """Of all that was added, which is let go."""
        hashes = np.concatenate([np.zeros(0, np.uint64), *self._hashes])
        lists = np.concatenate([np.zeros(0, np.uint8), *self._lists])
        self._hashes, self._lists = [], []
        order = np.lexsort((lists, hashes))
        return Index(hashes[order], lists[order], self.has_addresses, self.longest_phrase, patterns)


def digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=NAME_BYTES).digest()


def found(names: list[str], index: Index) -> list[list[int]]:
    """Of each name the lists that have it, ascending."""
    wanted = np.frombuffer(b"".join(map(digest, names)), np.uint64)
    first, last = (np.searchsorted(index.hashes, wanted, side) for side in ("left", "right"))
    none: list[int] = []
    return [
        index.lists[start:end].tolist() if end > start else none for start, end in zip(first.tolist(), last.tolist(), strict=True)
    ]
