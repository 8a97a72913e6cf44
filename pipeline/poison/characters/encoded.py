"""Text in disguise that is readable again after decoding: base64, hex, Morse, rot13, spelled-out letters and their kin.

A passage counts where a decoder makes text of it that a person could have written, and it is judged as text that no reader sees:
an order to a model is severe in any encoding, any sentence is severe where nobody encodes for a technical reason.
"""

import base64
import binascii
import functools
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import pyarrow as pa
import re2

from pipeline.arrays import flatten
from pipeline.poison.characters.ciphers import CIPHERS, braille_text, leet_text, morse_text, nato_text, tell_tales
from pipeline.poison.findings import Finding, excerpt
from pipeline.poison.words import hidden, sentences
from pipeline.poison.words.instructions import MAX_TEXT_BYTES

ENCODED = "encoded"
MAX_HITS = 12  # of one encoding, in one field of a page
MAX_ENCODED = 20_000  # characters of a passage that are decoded
MIN_WORDS = 3  # of what is called a sentence
MIN_LETTERS = 0.7  # letters and blanks among its characters
MIN_FIRST_LOGIT = -2.8  # of either first model of pipeline/poison/words/sentences.py: an order or a request
MAX_PASSAGES, MAX_TELL_TALES = 2000, 5000
NEAR_TELL_TALES = 80  # bytes between two, and before the first and behind the last
MIN_TELL_TALES, MIN_TELL_TALE_SHARE = 2, 0.15
MAX_SHOWN = 1000
MIN_ASCII85_SIGNS = 4
MAX_RISING = 0.7  # of neighbouring letters in the order of the alphabet; text has half
MIN_PLAIN_WORDS = 5  # of a sentence that is no order, where programs encode too


class Encoding(NamedTuple):
    """`technical`: programs write it too, so only an order or request in it is severe."""

    name: str
    pattern: str
    decode: Callable[[str], str]
    technical: bool


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        try:
            return raw.decode("utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        except UnicodeDecodeError:
            return ""


def _base64(run: str) -> str:
    body = "".join(run.split()).rstrip("=").replace("-", "+").replace("_", "/")
    body = body[: len(body) - (len(body) % 4 == 1)]
    return _utf8(base64.b64decode(body + "=" * (-len(body) % 4)))


def _base32(run: str) -> str:
    body = "".join(run.split()).rstrip("=")
    return _utf8(base64.b32decode(body + "=" * (-len(body) % 8)))


def _hex(run: str) -> str:
    digits = "".join(one for one in run.lower().replace("0x", " ").replace("\\x", " ") if one in "0123456789abcdef")
    return _utf8(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _binary(run: str) -> str:
    groups = run.replace(",", " ").split()
    if len(groups) < 4:
        bits = "".join(groups)
        groups = [bits[at : at + 8] for at in range(0, len(bits) // 8 * 8, 8)]
    return _utf8(bytes(int(one, 2) for one in groups if len(one) in (7, 8)))


def _numbers(run: str) -> str:
    values = [int(one) for one in run.replace(",", " ").replace("\\", " ").replace("-", " ").split()]
    octal = all(value < 178 and set(str(value)) <= set("01234567") for value in values)
    if octal and sum(value > 130 for value in values) > len(values) / 4:
        values = [int(str(value), 8) for value in values]
    return _utf8(bytes(values)) if max(values) < 256 else ""


def _ascii85(run: str) -> str:
    body = run.strip()
    if body.startswith("<~"):
        return _utf8(base64.a85decode(body.removeprefix("<~").removesuffix("~>")))
    if len(set(body) & set("!\"#$%&'()*+,;<>?@^{|}~`")) < MIN_ASCII85_SIGNS:  # a path or a name
        return ""
    for decoder in (base64.a85decode, base64.b85decode):
        try:
            text = _utf8(decoder(body))
        except ValueError:
            continue
        if is_sentence(text):
            return text
    return ""


def _entities(run: str) -> str:
    parts = [one.strip("&#") for one in run.split(";") if one.strip()]
    values = [int(one[1:], 16) if one[:1] in "xX" else int(one) for one in parts]
    return "".join(chr(value) for value in values if 0 < value < 0x110000 and not 0xD800 <= value < 0xE000)


def _escapes(run: str) -> str:
    parts = [one.strip("{}uU+ ") for one in run.replace("U+", "\\u").replace("\\U", "\\u").split("\\u") if one.strip("{} ")]
    values = [int(one, 16) for one in parts]
    return "".join(chr(value) for value in values if 0 < value < 0x110000 and not 0xD800 <= value < 0xE000)


def _quoted(run: str) -> str:
    return _utf8(binascii.a2b_qp(run.encode()))


def _uuencoded(run: str) -> str:
    lines = [line for line in run.strip().splitlines() if line and not line.startswith(("begin", "end"))]
    return _utf8(b"".join(binascii.a2b_uu(line) for line in lines))


def _plain_letters(run: str) -> str:
    """Compatibility forms as ordinary letters, without accents in heaps: 𝐢𝐠𝐧, ｉｇｎ, ⓘ, i̷̛g̶̈."""
    boxed = {
        **{0x1F130 + number: 65 + number for number in range(26)},
        **{0x1F150 + number: 65 + number for number in range(26)},
        **{0x1F170 + number: 65 + number for number in range(26)},
        **{0x1F1E6 + number: 65 + number for number in range(26)},
    }
    folded = unicodedata.normalize("NFKD", run.translate(boxed))
    return "".join(one for one in folded if not unicodedata.combining(one))


def _spelled(run: str) -> str:
    """Letters set apart by one same sign; any other sign stands between words. Alphabets and indexes are no text."""
    parts: list[tuple[str, str]] = []
    for one in run:
        if one.isalnum():
            parts.append((one, ""))
        elif parts:
            parts[-1] = (parts[-1][0], parts[-1][1] + one)
    usual = Counter(gap for _, gap in parts).most_common(1)[0][0]
    letters = "".join(letter for letter, _ in parts).lower()
    if sum(one < other for one, other in pairwise(letters)) > MAX_RISING * len(letters):
        return ""
    return "".join(letter if gap == usual else letter + " " for letter, gap in parts)


def _percent(run: str) -> str:
    return _utf8(unquote_to_bytes(run.replace("+", " ")))


BINARY = ("base64", "base32", "hex", "ascii85")
COMMON = ("base64", "hex", "ascii85", "uuencode", "leet")  # addresses and names of files look so; the others, on few pages, are
# sought all at once
ENCODINGS = (
    Encoding("base64", "(?:[A-Za-z0-9+/_-]{40,76}\\s?\\n)*[A-Za-z0-9+/_-]{18,}={0,2}", _base64, True),
    Encoding("base32", "[A-Z2-7]{24,}={0,6}", _base32, True),
    Encoding("hex", "(?:(?:0x|\\\\x)?[0-9A-Fa-f]{2}[ ,:-]{0,2}){12,}", _hex, True),
    Encoding("binary", "(?:[01]{7,8}[ ,]{0,2}){8,}", _binary, False),
    Encoding("numbers", "(?:\\\\?\\d{2,3}[ ,-]{1,2}){11,}\\\\?\\d{2,3}", _numbers, False),
    Encoding("ascii85", "<~[!-u\\s]{20,}~>|[!-~]{25,}", _ascii85, True),
    Encoding("entities", "(?:&#[xX]?[0-9A-Fa-f]{2,6};\\s?){8,}", _entities, False),
    Encoding("escapes", "(?:(?:\\\\[uU]|U\\+)\\{?[0-9A-Fa-f]{4,8}\\}?\\s?){8,}", _escapes, False),
    Encoding("quoted_printable", "(?:=[0-9A-F]{2}){10,}", _quoted, False),
    Encoding("uuencode", "(?:begin [0-7]{3} [^\\n]{0,40}\\n)?(?:[!-M][!-`]{16,80}\\n)*[!-M][!-`]{16,80}", _uuencoded, True),
    Encoding("percent", "[^\\s\\\"'<>]{0,200}(?:%[0-9A-Fa-f]{2}[^\\s\\\"'<>%]{0,24}){4,}", _percent, True),
    Encoding(
        "letter_forms",
        r"(?:[\x{1D400}-\x{1D7FF}\x{FF21}-\x{FF5A}\x{24B6}-\x{24E9}\x{1F110}-\x{1F189}\x{1F1E6}-\x{1F1FF}"
        r"\x{2100}-\x{2134}\x{1D00}-\x{1D2B}][\s\p{P}]{0,3}){10,}",
        _plain_letters,
        technical=False,
    ),
    Encoding(
        "zalgo",
        r"(?:[A-Za-z][\x{300}-\x{36F}\x{483}-\x{489}\x{1AB0}-\x{1AFF}\x{20D0}-\x{20F0}]{2,}[\s\p{P}]{0,3}){5,}",
        _plain_letters,
        technical=False,
    ),
    Encoding("spelled", "(?:\\pL[ .*_|/-]{1,3}){11,}\\pL", _spelled, False),
    Encoding("morse", "(?:[.·•−–_-]{1,6}[ /|]{1,3}){10,}[.·•−–_-]{1,6}", morse_text, False),
    Encoding("braille", "[\\x{2800}-\\x{28FF}][\\x{2800}-\\x{28FF} ]{9,}", braille_text, False),
    Encoding(
        "nato",
        r"(?i)(?:\b(?:alf?pha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|"
        r"november|oscar|papa|quebec|romeo|sierra|tango|uniform|victor|whiskey|x-?ray|yankee|zulu|space|stop)\b[\s,.|/-]{0,3}){10,}",
        nato_text,
        technical=False,
    ),
    Encoding(
        "leet",
        r"(?:[^\s]*(?:[A-Za-z][0134578@$!|+]|[0134578@$!|+][A-Za-z])[^\s]*\s+(?:[A-Za-z0-9@$!|+]{1,3}\s+){0,2}){2,}"
        r"[^\s]*",
        leet_text,
        technical=True,
    ),
)


@functools.cache
def _patterns() -> tuple[tuple[Encoding, "re2._Regexp"], ...]:
    return tuple((one, _compiled(one.pattern)) for one in ENCODINGS)


@functools.cache
def _any_uncommon() -> "re2._Regexp":
    return _compiled("|".join(f"(?:{one.pattern})" for one in ENCODINGS if one.name not in COMMON))


def _compiled(pattern: str) -> "re2._Regexp":
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    return re2.compile(pattern, options)


@functools.cache
def _tell_tales() -> tuple["re2._Regexp", dict[str, tuple[int, ...]]]:
    """One pattern for what every cipher makes of common words, and which cipher each of them tells of."""
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 256 << 20
    words = tell_tales()
    return re2.compile(r"\b(?:" + "|".join(sorted(words)) + r")\b", options), words


def findings(row: int, field: str, raw: bytes) -> list[Finding]:
    """Passages of one field that say something after decoding."""
    raw = raw[:MAX_TEXT_BYTES]
    found: list[Finding] = []
    text = ""
    for encoding, start, end in passages(raw):
        decoded = decoded_text(encoding, raw[start : min(end, start + MAX_ENCODED)].decode("utf-8", "ignore"))
        severity, reason = verdict(encoding, decoded) if decoded else ("", "")
        if not severity or sum(one.rule == "encoded_" + encoding.name for one in found) == MAX_HITS:
            continue
        text = text or raw.decode("utf-8", "ignore")
        begin = len(raw[:start].decode("utf-8", "ignore"))
        stop = begin + len(raw[start:end].decode("utf-8", "ignore"))
        shown = excerpt(text, begin, stop, decoded=decoded)
        rule = "encoded_" + encoding.name
        found.append(Finding(row, rule, ENCODED, severity, field, begin, stop, shown, decoded[:MAX_SHOWN], reason))
    return found


def passages(raw: bytes) -> Iterator[tuple[Encoding, int, int]]:
    """(encoding, start, end) in bytes of what may be encoded."""
    uncommon = _any_uncommon().search(raw) is not None
    for encoding, pattern in _patterns():
        if not uncommon and encoding.name not in COMMON:
            continue
        for number, match in enumerate(pattern.finditer(raw)):
            if number == MAX_PASSAGES:
                break
            yield encoding, match.start(), match.end()
    yield from ciphered(raw)


def ciphered(raw: bytes) -> Iterator[tuple[Encoding, int, int]]:
    """Stretches of a line with tell-tales of one cipher close together, and a few words on either side."""
    pattern, words = _tell_tales()
    groups: dict[int, list[int]] = {}  # cipher -> start, end and number of the tell-tales met last
    for number, match in enumerate(pattern.finditer(raw)):
        if number == MAX_TELL_TALES:
            break
        if raw[match.start() - 1 : match.start()] >= b"\x80" or raw[match.end() : match.end() + 1] >= b"\x80":
            continue  # part of a word: RE2 takes only ASCII letters for letters
        for cipher in words[match.group().decode().lower()]:
            group = groups.get(cipher)
            if group and match.start() - group[1] <= NEAR_TELL_TALES and raw.find(b"\n", group[1], match.start()) < 0:
                group[1], group[2] = match.end(), group[2] + 1
                continue
            if group:
                yield from _stretch(raw, cipher, *group)
            groups[cipher] = [match.start(), match.end(), 1]
    for cipher, group in groups.items():
        yield from _stretch(raw, cipher, *group)


def _stretch(raw: bytes, cipher: int, start: int, end: int, count: int) -> Iterator[tuple[Encoding, int, int]]:
    name, undo, _ = CIPHERS[cipher]
    rare = name.startswith("rot") and name != "rot13"
    if count < MIN_TELL_TALES + rare or count < MIN_TELL_TALE_SHARE * len(raw[start:end].split()):
        return
    begin = max(raw.rfind(b"\n", 0, start) + 1, start - NEAR_TELL_TALES)
    line = raw.find(b"\n", end, end + NEAR_TELL_TALES)
    stop = line if line >= 0 else min(len(raw), end + NEAR_TELL_TALES)
    while begin < start and raw[begin] & 0xC0 == 0x80:
        begin += 1
    while stop > end and stop < len(raw) and raw[stop] & 0xC0 == 0x80:
        stop -= 1
    yield Encoding(name, "", undo, technical=False), begin, stop


def decoded_text(encoding: Encoding, run: str) -> str:
    """What the passage says, "" where it says nothing."""
    try:
        text = encoding.decode(run)
    except (ValueError, OverflowError, binascii.Error):
        return ""
    text = "".join(one if one.isprintable() else " " for one in text).strip()
    return text if is_sentence(text) else ""


def is_sentence(text: str) -> bool:
    """Words apart by blanks, nearly all letters; or as many characters of a script that has no blanks."""
    if len(text) < 8:
        return False
    letters = sum(one.isalpha() or one == " " for one in text)
    if letters < MIN_LETTERS * len(text):
        return False
    unspaced = sum("\u3040" <= one <= "\u9fff" or "\u0e00" <= one <= "\u0e7f" for one in text)
    words = [one for one in text.split() if one.strip(".,;:!?\"'()-").isalpha()]
    return unspaced >= 6 or (len(words) >= MIN_WORDS and 2 <= len("".join(words)) / len(words) < 12)


def verdict(encoding: Encoding, decoded: str) -> tuple[str, str]:
    """(severity, reason) of what was decoded; no severity where a technical encoding says nothing in particular."""
    raw = decoded.encode("utf-8", "ignore")
    if any(severity == "severe" for _, severity in hidden.judge_hidden(raw)) or is_asked(raw):
        return "severe", f"an order or request in {encoding.name}"
    if encoding.technical and encoding.name in BINARY and len(decoded.split()) >= MIN_PLAIN_WORDS:
        return "severe", f"a sentence in {encoding.name}"
    if not encoding.technical:
        return "severe", f"a sentence in {encoding.name}, which no program writes"
    return "note", f"a sentence in {encoding.name}"


def is_asked(raw: bytes) -> bool:
    """Does the first model take any sentence of it for an order or a request?"""
    flat = flatten(pa.array([raw], pa.large_binary()))
    features = sentences.candidates(flat, sentences.load().weights).features
    return bool(len(features) and features[:, :2].max() > MIN_FIRST_LOGIT)
