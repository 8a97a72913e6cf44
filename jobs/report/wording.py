"""Numbers and crawl text as the page shows them."""

import pyarrow as pa

from pipeline.invisible import is_invisible
from pipeline.invisible import spelled as spelled_out
from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_urls

THIN_SPACE = "\u202f"


def number(value: float | None) -> str:
    """`1234567 -> 1 234 567` with narrow spaces; fractions keep three significant digits."""
    if value is None:
        return "–"
    if float(value).is_integer():
        return f"{int(value):,}".replace(",", THIN_SPACE)
    return f"{value:,.3g}".replace(",", THIN_SPACE) if abs(value) < 1000 else number(round(value))


def share(part: float | None, whole: float | None) -> str:
    """`part / whole` in percent; never a rounded 0 % or 100 % that is not one."""
    if not whole or part is None:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return f"<0.1{THIN_SPACE}%"
    if 99.9 < percent < 100:
        return f">99.9{THIN_SPACE}%"
    return f"{percent:.1f}{THIN_SPACE}%"


def size(count: float | None) -> str:
    """Bytes in the largest SI unit that leaves at least one before the point: `1536 -> 1.5 kB`."""
    if count is None:
        return "–"
    value = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    digits = 0 if unit == "B" or value >= 100 else 1
    return f"{value:.{digits}f}{THIN_SPACE}{unit}"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f}{THIN_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def visible(text: object, longest: int = 300) -> str:
    """Crawl text on one line with everything invisible spelled out: `a\u202eb -> a<U+202E>b`. Escaping comes after.

    Addresses are shown without e-mail and secrets; excerpts are masked where they are made.
    """
    shown: list[str] = []
    length = 0
    text = masked_urls(pa.array([text]), PersonalSettings())[0].as_py() if isinstance(text, str) and "://" in text else text
    for character in " ".join(str(text or "")[: 4 * longest].split()):
        one = spelled_out(character)
        length += len(one)
        if length > longest:
            return "".join(shown) + "…"
        shown.append(one)
    return "".join(shown)


def token(data: bytes, longest: int = 60) -> str:
    """A token as it stands in the vocabulary: `b" a\\n\\xe6" -> ␣a<U+000A><E6>`, cut after `longest` characters."""
    shown: list[str] = []
    for character in data.decode(errors="surrogateescape")[: longest + 1]:
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:  # a byte that is no part of a whole character
            shown.append(f"<{code - 0xDC00:02X}>")
        elif character == " ":
            shown.append("␣")
        else:
            shown.append(f"<U+{code:04X}>" if is_invisible(character) or character.isspace() else character)
    return "".join(shown) if len(shown) <= longest else "".join(shown[:longest]) + "…"


def spelled(name: str) -> str:
    """A column's name as words: `top_2_gram_share -> top 2-gram share`."""
    words = name.split("_")
    joined = [f"{word}-{after}" if word.isdigit() else word for word, after in zip(words, [*words[1:], ""], strict=True)]
    return " ".join(word for word, before in zip(joined, ["", *words], strict=False) if not before.isdigit())
