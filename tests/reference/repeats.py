"""What pipeline/duplicates/repeats.py finds, on lists of words. Slow."""

from tests.reference.fingerprints import Word, words

TERMINALS, CLOSERS, BLANKS, UNSPACED = ".!?…。！？؟।", "\"'”’»)]」』", " \t\n\r\u00a0\u3000", "。！？"
Piece = tuple[int, int, tuple[str, ...]]  # start, end, words


def lines(text: str) -> list[Piece]:
    found, start = [], 0
    for line in text.split("\n"):
        found.append(piece(text, start, start + len(line)))
        start += len(line) + 1
    return [one for one in found if one[0] < len(text)]


def piece(text: str, start: int, end: int) -> Piece:
    return start, end, tuple(word.text for word in words(text) if start <= word.start < end)


def sentences(text: str) -> list[Piece]:
    """Those that have a word."""
    borders = [0]
    for at, mark in enumerate(text):
        if mark in TERMINALS:
            after = at + 1
            for _ in range(2):
                after += after < len(text) and text[after] in CLOSERS
            if after >= len(text) or text[after] in BLANKS or mark in UNSPACED:
                borders.append(after)
        if mark == "\n":
            borders.append(at + 1)
    ordered = sorted({one for one in borders if one < len(text)})
    found = [piece(text, start, end) for start, end in zip(ordered, [*ordered[1:], len(text)][: len(ordered)], strict=True)]
    return [one for one in found if one[2]]


def repeated_words(text: str, size: int) -> set[int]:
    """Numbers of the words in a run of `size` that stood earlier without overlapping it."""
    spelled = [word.text for word in words(text)]
    found: set[int] = set()
    for first in range(len(spelled) - size + 1):
        if any(spelled[other : other + size] == spelled[first : first + size] for other in range(first - size + 1)):
            found |= set(range(first, first + size))
    return found


def words_under(text: str, spans: list[tuple[int, int]]) -> set[int]:
    found: list[Word] = words(text)
    return {number for number, word in enumerate(found) for start, end in spans if start <= word.start and word.end <= end}
