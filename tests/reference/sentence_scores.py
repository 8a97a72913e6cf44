"""Slow, obvious twins of pipeline/kernels/scores/sentence_scores.py and word_order.py: strings and sets instead of hashes and
tables.
"""

TERMINALS = ".!?。！？؟۔।"
CLOSERS = "\"')]"
TELLING = '?!:"`@[]<>{}=$#/？！'


def segments(text: str, max_bytes: int = 600) -> list[str]:
    """The text cut at line breaks, behind terminals, and where a segment grows too long."""
    out, rest = [], text
    while rest:
        size = first_segment(rest, max_bytes)
        out.append(rest[:size])
        rest = rest[size:]
    return out


def first_segment(text: str, max_bytes: int) -> int:
    used, space, at = 0, -1, 0
    while at < len(text):
        one = text[at]
        width = len(one.encode())
        if used >= max_bytes:
            break
        if one == "\n":
            return at + 1
        if one == " ":
            space = used
        at += 1
        used += width
        if one in ".!?":
            after = at
            while after < len(text) and text[after] in CLOSERS:
                after += 1
            closed = used + after - at
            following = text[after : after + 2]
            if len(following) == 2 and following[0] == " " and closed > 3 and not "a" <= following[1] <= "z":
                return after + 1
        elif one in TERMINALS:
            return at
    if at >= len(text):
        return len(text)
    if space > max_bytes // 2:
        return len(text.encode()[: space + 1].decode())
    return at


def unspaced(one: str) -> bool:
    point = ord(one)
    return (
        0x3005 <= point < 0xA000
        or 0xE00 <= point < 0xF00
        or 0x1000 <= point < 0x10A0
        or 0x1780 <= point < 0x1800
        or 0xF900 <= point < 0xFB00
        or 0x20000 <= point < 0x40000
    )


def joined_mark(one: str) -> bool:
    point = ord(one)
    return 0x300 <= point < 0x370 or (0x590 <= point < 0xE00 and one not in "،؛؟۔।॥")


def words(text: str, folded: "list[int]") -> list[str]:
    """Words in lower case, "0" for numbers, single characters of unspaced scripts, telling marks."""
    out: list[str] = []
    word, number = "", False
    for one in text + " ":
        point = ord(one)
        letter = folded[point] if point < 0x10000 else 0
        if letter > 1 and not unspaced(one):
            if number:
                out.append("0")
                number = False
            word += chr(letter)
            continue
        if letter == 1 or (word and (one in "'’" or joined_mark(one))):
            word += one if joined_mark(one) and letter != 1 and word else ""
            continue
        if word:
            out.append(word)
            word = ""
        digit = "0" <= one <= "9"
        if number and not digit and one not in ".,":
            out.append("0")
            number = False
        if digit:
            number = True
        elif unspaced(one) or one in TELLING:
            out.append(one)
    return out
