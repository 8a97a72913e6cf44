"""spaCy's tokenizer of blank English with regular expressions, as far as pipeline/kernels/quality/english_tokens.py goes."""

import re

from pipeline.kernels import characters
from pipeline.kernels.characters import LETTER, RUN
from pipeline.kernels.quality.english_affixes import (
    ABBREVIATIONS,
    CURRENCY,
    CUT_IN_TWO,
    ICON,
    PUNCTUATION,
    QUOTES,
    UNITS,
    english_rules,
)

WHOLE = frozenset(word for word in ABBREVIATIONS if len(word) <= 8)
DOMAIN_LABELS = r"(?:[A-Za-z0-9\u00a1-\uffff](?:[A-Za-z0-9\u00a1-\uffff_-]*[A-Za-z0-9\u00a1-\uffff])?\.)+"
NUMBERS = r"(?:\d{1,3}\.){3}\d{1,3}"
ADDRESS = re.compile(rf"({DOMAIN_LABELS})([^\W\d_A-Z]{{2,63}})(?::[0-9]{{2,5}})?(?:[/?#].*)?", re.S)
NUMBER = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(?::[0-9]{2,5})?(?:[/?#].*)?", re.S)


def is_letter(character: str) -> bool:
    return characters.class_of(character) in (LETTER, RUN)


def is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def is_lower(character: str) -> bool:
    return is_letter(character) and not "A" <= character <= "Z"


def is_icon(character: str) -> bool:
    return ord(character) < 0x20000 and bool(english_rules().affixes[ord(character)] & ICON)


def special(chunk: str) -> list[str]:
    """The tokens of a chunk that is an exception; none where it is not."""
    if chunk in WHOLE or re.fullmatch(r"[a-z]\.", chunk):
        return [chunk]
    if chunk in CUT_IN_TWO:
        return [chunk[:3], chunk[3:]]
    for ending in ("'ll", "'ve", "'re", "'d", "'m", "n't"):
        body = chunk[: -len(ending)]
        folded = chunk[-len(ending) :].replace("’", "'").lower()
        if folded == ending and body and len(chunk) <= 16 and is_letter(body[-1]):
            return [body, chunk[len(body) :]]
    return []


def prefix(chunk: str) -> int:
    if chunk[0] in "§%=—–" + PUNCTUATION + QUOTES + CURRENCY or is_icon(chunk[0]):
        return 1
    if chunk[0] == "+":
        return int(not (len(chunk) > 1 and is_digit(chunk[1])))
    dots = len(chunk) - len(chunk.lstrip("."))
    return dots if dots > 1 else 0


def suffix(chunk: str) -> int:
    last, before = chunk[-1], chunk[-2:-1]
    if re.search("['’][sS]$", chunk):
        return 2
    if last == ".":
        dots = len(chunk) - len(chunk.rstrip("."))
        if dots > 1 or not before:
            return dots if dots > 1 else 0
        stops = is_digit(before) or is_lower(before) or before in "%²-+" + PUNCTUATION + QUOTES
        return int(stops or bool(re.search(r"[A-Z]{2}\.$", chunk)))
    for size in (4, 3, 2, 1):
        if len(chunk) > size and is_digit(chunk[-size - 1]) and chunk[-size:] in UNITS:
            return size
    if last in "—–" + PUNCTUATION + QUOTES or is_icon(last):
        return 1
    return int(bool(before) and is_digit(before) and (last == "+" or last in CURRENCY))


def is_address(chunk: str) -> bool:
    if "." not in chunk[1:-1]:
        return False
    scheme = re.match(r"([^\W_]|[+._-]){2,}://", chunk)
    named = scheme and all(is_letter(one) or one in "+-._" or is_digit(one) for one in scheme[0][:-3])
    host = chunk[scheme.end() :] if scheme and named else chunk
    host = host[1:].rpartition("@")[2] if "@" in host[1:] else host
    if ADDRESS.fullmatch(host):
        found = ADDRESS.fullmatch(host)
        return found is not None and all(is_lower(one) for one in found[2])
    found = NUMBER.fullmatch(host)
    if not found:
        return False
    first, second, third, fourth = map(int, found.groups())
    private = first in (0, 10, 127) or first > 223 or (first, second) in ((192, 168), (169, 254))
    private |= first == 172 and 16 <= second <= 31
    return max(second, third, fourth) <= 255 and not private


def infix(chunk: str, at: int) -> int:
    one, before, after = chunk[at], chunk[at - 1 : at] if at else "", chunk[at + 1 : at + 2]
    if one == "…" or is_icon(one):
        return 1
    if chunk.startswith("..", at):
        return len(chunk[at:]) - len(chunk[at:].lstrip("."))
    if not before or not after:
        return 0
    if one in "+-*^" and is_digit(before) and (is_digit(after) or after == "-"):
        return 1
    if one == "." and (is_lower(before) or before in QUOTES) and ("A" <= after <= "Z" or after in QUOTES):
        return 1
    if one == "," and is_letter(before) and is_letter(after):
        return 1
    if is_letter(before) or is_digit(before):
        for hyphen in ("---", "--", "-", "——", "—", "–", "~", ":", "<", ">", "=", "/"):
            if chunk.startswith(hyphen, at):
                following = chunk[at + len(hyphen) :][:1]
                return len(hyphen) if following and is_letter(following) else 0
    return 0


def cut_at_infixes(chunk: str) -> list[str]:
    found, begun, at = [], 0, 0
    while at < len(chunk):
        size = infix(chunk, at)
        if size:
            found += [chunk[begun:at], chunk[at : at + size]]
            begun = at + size
        at += size or 1
    return [token for token in (*found, chunk[begun:]) if token]


def chunk_tokens(chunk: str) -> list[str]:
    before: list[str] = []
    behind: list[str] = []
    while chunk and not special(chunk):
        front = prefix(chunk)
        if front and special(chunk[front:]):
            before.append(chunk[:front])
            chunk = chunk[front:]
            break
        back = suffix(chunk[front:]) if chunk[front:] else 0
        if back and special(chunk[:-back]):
            behind.append(chunk[-back:])
            chunk = chunk[:-back]
            break
        if not front and not back:
            break
        if back:
            behind.append(chunk[-back:])
            chunk = chunk[:-back]
        if front:
            before.append(chunk[:front])
            chunk = chunk[front:]
    core = special(chunk) or ([chunk] if chunk and is_address(chunk) else cut_at_infixes(chunk))
    return [*before, *core, *reversed(behind)]


def english_tokens(text: str) -> list[str]:
    return [token for chunk in text.split() for token in chunk_tokens(chunk)]
