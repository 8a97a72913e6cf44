"""How inputs are dealt out, how patient reading is with a store, where Common Crawl's files lie. No value here decides a row."""

from dataclasses import dataclass

from pipeline.errors import RecipeError
from pipeline.settings import check_settings, setting


@dataclass(frozen=True, kw_only=True)
class SourceSettings:
    """Waiting grows from `first_wait_seconds`, doubled each time and drawn at random below that, up to `most_wait_seconds`."""

    attempts: int = setting(6, "how often the same bytes are asked for before an input counts as unreadable", minimum=1)
    first_wait_seconds: float = setting(0.5, "before the second attempt; a server's Retry-After counts too", minimum=0)
    most_wait_seconds: float = setting(60.0, "between two attempts", minimum=0)
    timeout_seconds: float = setting(60.0, "for a connection, and for the next bytes of an answer", above=0)
    connections: int = setting(4, "inputs that are looked at at once before the work begins", minimum=1, maximum=64)
    crawl_host: str = setting("https://data.commoncrawl.org/", "what cc:NAME and lists of paths stand below", "commoncrawl.org")

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "sources.")
        if "://" not in self.crawl_host:
            raise RecipeError(f"sources.crawl_host is {self.crawl_host!r}: a URL is needed, as https://data.commoncrawl.org/")


@dataclass(frozen=True, kw_only=True)
class DealSettings:
    """How inputs are dealt out to tasks. No row depends on it, so changing it makes nothing anew."""

    split_bytes: int = setting(128 << 20, "of a file that a task reads at a time, where it can be split", minimum=1)

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "ingest.")
