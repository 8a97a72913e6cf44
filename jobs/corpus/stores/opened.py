"""The store of a corpus, by its path or URL."""

from functools import lru_cache

from jobs.corpus.stores.disk import Disk
from jobs.corpus.stores.objects import Objects
from jobs.corpus.stores.s3 import PROTOCOLS, S3
from jobs.corpus.stores.store import Store, is_local


@lru_cache(maxsize=64)
def store_of(root: str) -> Store:
    """Nothing is asked of it yet."""
    if is_local(root):
        return Disk(root)
    return S3(root) if root.partition("://")[0] in PROTOCOLS else Objects(root)
