"""What invisible characters spell, where they spell anything: tags as ASCII, variation selectors as bytes, zero-width bits."""

import itertools

MAX_CHARACTERS = 4096  # decoded at most; more says nothing new
MIN_READABLE_SHARE = 0.9


def tags_text(characters: str) -> str:
    """U+E0020 to U+E007E are ASCII in disguise: "\\U000e0048\\U000e0069" -> "Hi"."""
    return "".join(chr(ord(one) - 0xE0000) for one in characters[:MAX_CHARACTERS] if 0xE0020 <= ord(one) <= 0xE007E)


def selectors_text(characters: str) -> str:
    """Variation selectors 1 to 256 as bytes 0 to 255, read as UTF-8 where that holds, else as Latin-1."""
    values = bytes(_selector_byte(ord(one)) for one in characters[:MAX_CHARACTERS] if _selector_byte(ord(one)) >= 0)
    try:
        return values.decode()
    except UnicodeDecodeError:
        return values.decode("latin-1")


def _selector_byte(point: int) -> int:
    if 0xFE00 <= point <= 0xFE0F:
        return point - 0xFE00
    return point - 0xE0100 + 16 if 0xE0100 <= point <= 0xE01EF else -1


def bits_text(characters: str) -> str:
    """Two zero-width symbols as bits (a third between letters), or four as pairs of bits; "" where no reading gives text."""
    run = characters[:MAX_CHARACTERS]
    symbols = sorted(set(run))
    readings: list[str] = []
    if len(symbols) == 2:
        readings = [run]
    elif len(symbols) == 3:
        readings = [" ".join(part for part in run.split(separator) if part) for separator in symbols]
    elif len(symbols) == 4:
        pairs = {symbol: f"{value:02b}" for value, symbol in enumerate(symbols)}
        return _best([_bytes_text("".join(pairs[one] for one in run), 8)])
    candidates = []
    for reading in readings:
        used = sorted(set(reading) - {" "})
        if len(used) > 2:
            continue
        for zero, one in itertools.permutations(used if len(used) == 2 else [used[0], ""]):
            bits = reading.replace(zero, "0") if zero else reading
            bits = bits.replace(one, "1") if one else bits
            candidates += [_words_text(bits)] if " " in bits else [_bytes_text(bits, 8), _bytes_text(bits, 7)]
    return _best(candidates)


def _bytes_text(bits: str, width: int) -> str:
    whole = len(bits) // width * width
    return "".join(chr(int(bits[i : i + width], 2)) for i in range(0, whole, width))


def _words_text(bits: str) -> str:
    return "".join(chr(int(word, 2)) for word in bits.split() if len(word) <= 16)


def _best(candidates: list[str]) -> str:
    readable = [one for one in candidates if is_readable(one)]
    return max(readable, key=lambda one: (readable_share(one), sum(c.isalnum() or c == " " for c in one)), default="")


def readable_share(text: str) -> float:
    """Printable ASCII among the characters: chance gives about a third."""
    return sum(0x20 <= ord(one) < 0x7F for one in text) / len(text) if text else 0.0


def is_readable(text: str) -> bool:
    """Two characters or more that a person could have written."""
    written = readable_share(text) >= MIN_READABLE_SHARE or (text.isprintable() and any(one.isalpha() for one in text))
    return len(text) >= 2 and written
