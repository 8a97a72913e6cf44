"""Slow obvious twin of pipeline/kernels/quality/mojibake.py: bytes that Python's own decoder takes."""

ENDS = "‚„…‹‘’“”–—›\xa0«´»"
NOTES = "†‡™§©ª®°²³¹º"
SPEAKS_OF_ENCODINGS = "utf-8 utf8 unicode mojibake charset encoding iso-8859 windows-125 latin1 latin-1".split()


def byte_of(letter: str) -> bytes:
    """b"" where it is no byte above ASCII."""
    if letter < "\x80":
        return b""
    if letter < "\u0100":
        return letter.encode("latin-1")
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return b""


def sequence_at(text: str, i: int) -> str:
    """The characters from `i` that are the UTF-8 of one beyond ASCII."""
    for size in (2, 3, 4):
        letters = text[i : i + size]
        raw = [byte_of(letter) for letter in letters]
        if len(letters) == size and all(raw):
            try:
                if len(b"".join(raw).decode()) == 1:
                    return letters
            except UnicodeDecodeError:
                continue
    return ""


def weight_of(letters: str) -> int:
    if letters.startswith(("â€", "â\x80")):
        return 3
    ends = ENDS if letters[0] in "ÂÃ" else ENDS + NOTES
    return 0 if all(letter in ends for letter in letters[1:]) else min(len(letters) - 1, 2)


def sequences(text: str) -> list[tuple[int, int, int, bool]]:
    """(start, end, weight, line is clean)"""
    found, line_start = [], 0
    for line in text.split("\n"):
        in_line, clean, i = [], True, 0
        while i < len(line):
            letters = sequence_at(line, i)
            if letters:
                in_line.append((line_start + i, line_start + i + len(letters), weight_of(letters)))
            elif line[i] in "ÂÃ" and line[i + 1 : i + 2] in ("", " "):
                in_line.append((line_start + i, line_start + i + 1, -1))
            elif line[i] >= "\x80":
                clean = False
            i += len(letters) or 1
        found += [(*one, clean) for one in in_line]
        line_start += len(line) + 1
    return found


def left(text: str) -> int:
    """Characters of sequences that weigh something and that no repair covers."""
    found = sequences(text)
    speaks_of_it = any(word in text.lower() for word in SPEAKS_OF_ENCODINGS)
    page = sum(max(weight, 0) for *_, weight, clean in found if clean or weight == 3)
    certain = [not speaks_of_it and (weight == 3 or (clean and page >= 3)) for *_, weight, clean in found]
    return sum(end - start for (start, end, weight, _), sure in zip(found, certain, strict=True) if weight > 0 and not sure)
