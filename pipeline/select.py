"""How many of the documents that nothing drops are kept."""

from dataclasses import dataclass

from pipeline.errors import RecipeError
from pipeline.settings import check_settings, setting

MAX_PER_HOST = "max_per_host"  # the reason of an outcome `sampled`


@dataclass(frozen=True, kw_only=True)
class SelectSettings:
    """A bound to what one host gives."""

    max_per_host: int | None = setting(
        None,
        "pages of a host that are kept, chosen as of copies: the longest text, then the earliest; further ones are `sampled`",
        "none: no bound",
        minimum=1,
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "select.")
