"""Which lists decide over addresses. None ships: docs/content.md says where people get them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline.errors import RecipeError
from pipeline.settings import check_settings, setting

BLOCKED = "blocked:"  # before a list's name, the rule that a page breaks: blocked:adult
GENERIC = ("domains", "urls", "expressions", "hosts", "list")  # names of files that say less than their folder's does
FOLDER_FILES = {"domains": "lists", "urls": "lists", "expressions": "patterns"}  # of a category as UT1 has it -> how it is read
MAX_LISTS = 254  # one byte of an entry says whose it is


@dataclass(frozen=True, kw_only=True)
class BlockSettings:
    """Lists of addresses whose pages are dropped, as `blocked:NAME`; a list is called as its file is, or its folder."""

    lists: tuple[str, ...] = setting(
        (),
        "files or URLs (plain, gzip, zstd, bz2, xz) of hosts, domains and addresses: a name a line, hosts format, EasyList's "
        "rules of whole domains; or folders with domains, urls, expressions",
        content="list",
    )
    words: tuple[str, ...] = setting(
        (), "files with a word or phrase a line, sought between other signs of a URL", content="list"
    )
    patterns: tuple[str, ...] = setting((), "files with a pattern of RE2 a line, sought in a URL in any case", content="list")
    allow: tuple[str, ...] = setting(
        (), "files as those of `lists`: what they name is let pass, whichever list has it", content="list"
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "blocked.")
        names = self.names
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise RecipeError(f"blocked: two lists are called {repeated[0]!r}, and a name is a reason: rename one of the files")
        if len(names) > MAX_LISTS:
            raise RecipeError(f"blocked: {len(names)} lists, and at most {MAX_LISTS} are told apart: join some of them")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the lists that block, in the order of the recipe: the first that has a page is its reason."""
        return tuple(name_of(path) for path in (*self.lists, *self.words, *self.patterns))

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that their pages break."""
        return tuple(BLOCKED + name for name in self.names)


def name_of(path: str) -> str:
    """ "lists/adult/domains.gz" -> adult, "https://lists.example/oisd_small.txt" -> oisd_small"""
    parts = PurePosixPath(path.partition("://")[2] or path).parts
    names = [part.partition(".")[0].strip("_") or part for part in reversed(parts)]
    return next((name for name in names if name not in GENERIC), names[0])


def sources(path: str, kind: str, files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(file, how it is read) of one entry of a setting: itself; of a folder with these files those that UT1 has in a category."""
    if not files:
        yield path, kind
    for name in files:
        stem = name.partition(".")[0]
        if kind == "lists" and stem in FOLDER_FILES:
            yield f"{path.rstrip('/')}/{name}", FOLDER_FILES[stem]
