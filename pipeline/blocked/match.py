"""URLs against lists: which lists block each, and none where one that lets pass has it."""

import functools
from collections.abc import Iterator

import pyarrow as pa
import re2

from pipeline.blocked.index import ALLOWED, Index, found
from pipeline.blocked.lines import EXCEPTION, PHRASE, UNDER, address, url_words
from pipeline.urls import host, site

MAX_URL_CHARACTERS = 8192  # of a longer URL the rest is not looked at
MAX_HOST_CHARACTERS = 253  # of DNS: what is longer is no host that a list could name a part of
MAX_CUTS = 64  # of an address, at its slashes and at its parameters
PATTERN_BYTES = 256 << 20  # that RE2 may take for the patterns of all lists together


def blocked(urls: pa.Array, index: Index) -> list[tuple[int, int]]:
    """(row, number of the list) of all lists that block, by row and then in the order of the recipe."""
    given = urls.to_pylist()
    of_url = _lists([url for url in dict.fromkeys(given) if url], index)
    return [(row, number) for row, url in enumerate(given) for number in of_url.get(url, ())]


def _lists(urls: list[str], index: Index) -> dict[str, list[int]]:
    """Of the URLs that any list blocks, which do."""
    names = {url: list(_names(url[:MAX_URL_CHARACTERS], index)) for url in urls}
    listed = _found(names, index)
    excepted = _found({url: [EXCEPTION + name for name in names[url]] for url in listed}, index)
    blocking: dict[str, list[int]] = {}
    for url in urls:
        numbers = listed.get(url, set()) - excepted.get(url, set())
        if ALLOWED not in numbers:
            matched = (index.patterns and compiled(index.patterns).Match(url[:MAX_URL_CHARACTERS])) or ()
            numbers |= {index.patterns[place][1] for place in matched}
            blocking |= {url: sorted(numbers)} if numbers else {}
    return blocking


def _names(url: str, index: Index) -> Iterator[str]:
    """All that a list could call it."""
    yield from host_names(host(url))
    yield from address_names(url) if index.has_addresses else ()
    yield from phrases(url, index.longest_phrase)


def _found(names: dict[str, list[str]], index: Index) -> dict[str, set[int]]:
    """Of the URLs with a name that a list has, which lists: one search for all."""
    numbers = iter(found([name for some in names.values() for name in some], index))
    each = {url: {number for _ in some for number in next(numbers)} for url, some in names.items()}
    return {url: lists for url, lists in each.items() if lists}


def host_names(name: str) -> list[str]:
    """What a list may call a host: www.a.example.co.uk -> itself, a.example.co.uk, example.co.uk; with a dot also .co.uk, .uk."""
    if not name or len(name) > MAX_HOST_CHARACTERS:
        return [name] if name else []
    labels = name.split(".")
    parents = [".".join(labels[place:]) for place in range(len(labels))]
    owned = parents[: parents.index(site(name)) + 1] if site(name) in parents else parents[:1]
    return owned + [UNDER + parent for parent in parents]


def address_names(url: str) -> Iterator[str]:
    """The address, cut at its parameters and slashes: a.test/b/c?d&e -> itself, a.test/b/c?d, a.test/b/c, a.test/b."""
    key = address(url) or ""
    path, _, query = key.partition("?")
    if "/" in path or query:
        yield key
    if query:
        yield from (f"{path}?{query[:place]}" for place in reversed(_places("&", query)))
        yield path.rstrip("/")
    yield from (path[:place] for place in reversed(_places("/", path)[1:]))


def _places(mark: str, text: str) -> list[int]:
    return [place for place, character in enumerate(text) if character == mark][: MAX_CUTS + 1]


def phrases(url: str, longest: int) -> Iterator[str]:
    """Every run of up to `longest` words of a URL, as lists name it."""
    words = url_words(url) if longest else []
    for first in range(len(words)):
        for last in range(first + 1, min(first + longest, len(words)) + 1):
            yield PHRASE + " ".join(words[first:last])


@functools.lru_cache(maxsize=2)
def compiled(patterns: tuple[tuple[str, int], ...]) -> re2.Set:
    """Compiled once a process: what RE2 compiles does not travel."""
    made = re2.Set.SearchSet(pattern_options())
    for pattern, _ in patterns:
        made.Add(pattern)
    made.Compile()
    return made


def pattern_options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = False, False, PATTERN_BYTES
    return options
