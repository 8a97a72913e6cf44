"""The splits of a corpus, and which documents each of them gets.

Held out for validation is by a hash of the host, or of the page alone, and by nothing else:

    split hash of a unit = the first eight bytes of BLAKE2b of "validation:seed:unit", big-endian and signed

A document is held out when the split hash of its unit lies in the lowest `validation_share` of all 64-bit numbers. Documents of
one cluster of copies share the largest of their hashes, so they are held out together or not at all. Another corpus with the
same seed gives the same host the same hash.

In a corpus of few documents all hashes can lie on one side. It is split nevertheless wherever two of them differ: the lowest is
always held out and the highest never (`bound_that_splits`). A corpus of one unit has no validation shard.

Of the others, pages of hosts that the recipe names (`read_last_hosts`) are in the split `late`: an epoch of training reads them
after everything else, so that a run has to go back less far to take one of them out again. They are seen together, at the end of
a schedule: what a model learns of them is not quite what it would have learned.
"""

import hashlib
from collections.abc import Iterable

from pipeline.errors import RecipeError

TRAIN, LATE, VALIDATION = "train", "late", "validation"
RESTORED = "restored"  # documents that a takedown brought back: in none of the others before the shards are made anew
SPLITS = (TRAIN, LATE, VALIDATION, RESTORED)  # in the order of their shards
READ_AS = {TRAIN: (TRAIN, LATE), VALIDATION: (VALIDATION,)}  # what a reader of training, or of validation, reads, in order
UNITS = ("auto", "host", "page")
MANY_HOSTS = 1000  # from which `auto` holds out whole hosts: of fewer, a share of some percent is all or nothing
_LOWEST = -(1 << 63)


def signed_hashes(names: Iterable[str], prefix: str) -> list[int]:
    """The first eight bytes of BLAKE2b of "prefix:name", big-endian and signed."""
    digests = (hashlib.blake2b(f"{prefix}:{name}".encode(), digest_size=8).digest() for name in names)
    return [int.from_bytes(digest, "big", signed=True) for digest in digests]


def split_hashes(units: Iterable[str], seed: int) -> list[int]:
    """Of each host or page; evenly spread over 64 bits."""
    return signed_hashes(units, f"validation:{seed}")


def hash_bound(share: float) -> int:
    """Documents with split hashes below this are held out."""
    return _LOWEST + int(share * (1 << 64))


def bound_that_splits(share: float, lowest: int, highest: int) -> int:
    """`hash_bound`, moved so that of documents with these lowest and highest split hashes some are held out and some are not."""
    if share == 0:
        return _LOWEST
    return min(max(hash_bound(share), lowest + 1), highest)


def chosen_unit(unit: str, hosts: int) -> str:
    """host or page, for a corpus of so many hosts."""
    if unit == "auto":
        return "host" if hosts >= MANY_HOSTS else "page"
    return unit


def is_read_last(host: str, read_last_hosts: Iterable[str]) -> bool:
    """Whether a host is one of these, or below one: news.example.org is below example.org."""
    return any(host == name or host.endswith(f".{name}") for name in read_last_hosts)


def check_read_last_hosts(hosts: Iterable[str]) -> None:
    """Raises RecipeError where a name could be no host's."""
    for name in hosts:
        if name != name.lower().strip(". ") or not name or set(name) & set("/:@"):
            raise RecipeError(f"shards.read_last_hosts has {name!r}: a host in lower case, without scheme, port or path")


def check_split(share: float, unit: str) -> None:
    """Raises RecipeError where the recipe asks for no split that can be made."""
    if not 0 <= share <= 0.5:
        raise RecipeError(f"shards.validation_share is {share}: from 0 (nothing is held out) to 0.5")
    if unit not in UNITS:
        raise RecipeError(f"shards.validation_unit is {unit!r}: one of {', '.join(UNITS)}")
