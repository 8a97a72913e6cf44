"""Files that hold a word, phrase or name a line, streamed; and those of words that pages are measured by."""

import codecs
import io
import lzma
import zlib
from collections.abc import Iterator

import fsspec
import zstandard

from jobs.corpus.files.opening import listed_files
from pipeline.errors import RecipeError
from pipeline.quality.safety import SafetyLists, SafetySettings, build_lists, language_of

MAX_LINE_BYTES = 4096  # of a longer line nothing is read
TOO_LONG = "<a line that is too long>"
NOT_INFLATED = (zlib.error, lzma.LZMAError, zstandard.ZstdError)
TAR_MARK = (257, b"ustar")  # where, and which
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".zip", ".7z")
LONGEST_CODE = 3  # letters of a language
NO_LISTS = ("readme", "license", "licence", "users", "usage")


def list_lines(path: str, setting: str) -> Iterator[str]:
    """Lines of a file, packed or not. Bounded in memory, whatever the file: a line that is too long is one that says nothing."""
    try:
        with fsspec.open(path, "rb", compression="infer") as stream:
            lines = io.BufferedReader(stream, 1 << 20)
            _begin(lines, path)
            while line := lines.readline(MAX_LINE_BYTES):
                if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                    _skip_rest(lines)
                    yield TOO_LONG
                else:
                    yield from line.decode("utf-8", "replace").rstrip("\r\n").split("\r")  # alone it ends a line, too
    except (OSError, EOFError, ValueError, *NOT_INFLATED) as error:
        raise RecipeError(f"{setting}: {path} cannot be read ({error}); check the path") from error


def _begin(lines: io.BufferedReader, path: str) -> None:
    """Passes over a mark of UTF-8, and refuses what would be read as if it were text."""
    head = lines.peek(TAR_MARK[0] + 8)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("it is UTF-16: save it as UTF-8")
    if path.endswith(ARCHIVES) or head[TAR_MARK[0] :].startswith(TAR_MARK[1]):
        raise ValueError("it is an archive: unpack it, and name the folder")
    if head.startswith(codecs.BOM_UTF8):
        lines.read(len(codecs.BOM_UTF8))


def _skip_rest(lines: io.BufferedReader) -> None:
    while (more := lines.readline(1 << 16)) and not more.endswith(b"\n"):
        pass


def read_safety_lists(settings: SafetySettings) -> SafetyLists | None:
    """None where the recipe names none. Several files of one language are one list."""
    phrases: dict[str, list[str]] = {}
    for path in settings.lists:
        for file in [f"{path.rstrip('/')}/{name}" for name in listed_files(path)] or [path]:
            language = language_of(file)
            if len(language) <= LONGEST_CODE and language.isalpha():
                found = [line for line in list_lines(file, "safety.lists") if line.strip() and line != TOO_LONG]
                phrases.setdefault(language, []).extend(found)
            elif language not in NO_LISTS:
                raise RecipeError(
                    f"safety.lists: {file} is not called by a language, such as en or de.txt, which says whose it is"
                )
    if settings.lists and not any(phrases.values()):
        raise RecipeError(f"safety.lists: no word in {', '.join(settings.lists)}; check the paths")
    return build_lists(phrases) if phrases else None
