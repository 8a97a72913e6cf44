"""What counts as a benchmark's item on a page, and what becomes of the page."""

from dataclasses import dataclass
from typing import Literal

from pipeline.errors import RecipeError
from pipeline.settings import check_settings, setting

CONTAMINATION = "contamination"  # findings.attack


@dataclass(frozen=True, kw_only=True)
class ContaminationSettings:
    """Benchmarks that no page may hold. None ships: name the files that your model will be judged on."""

    benchmarks: tuple[str, ...] = setting(
        (), "files of JSON lines (plain, gzip, zstd, bz2, xz), an item a line; none: nothing is looked for", content="file"
    )
    fields: tuple[str, ...] = setting(
        (), "names of the fields whose strings are looked for; none: all but those that docs/content-lists.md has", "winnow"
    )
    action: Literal["drop", "cut", "label"] = setting(
        "drop", "what an item does: its page is dropped as contaminated, its span is cut, or it is only reported", "GPT-3, C"
    )
    ngram_words: int = setting(
        13, "words that have to follow each other as they do in the item", "GPT-3, C: 13; datatrove: 12", minimum=8, maximum=50
    )
    short_ngram_words: int = setting(
        8,
        "the same for strings too short for the longer n-gram: all of theirs have to match; shorter strings are not looked for",
        "GPT-3, C: 8",
        minimum=4,
        maximum=50,
    )
    min_share: float = setting(
        0.2,
        "of a string's words, those that matching n-grams cover on one place of the page, for it to count as given away",
        "winnow: docs/content.md has recall and false hits at others",
        above=0,
        maximum=1,
    )
    max_strings: int = setting(
        10,
        "an n-gram of more strings than this belongs to no item: instructions, answer formats, licences",
        "GPT-3, C",
        minimum=1,
    )
    max_findings_per_page: int = setting(100, "further findings of a page are not written", "bounds the table", minimum=1)

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "contamination.")
