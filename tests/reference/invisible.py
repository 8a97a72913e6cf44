"""Slow obvious twin of pipeline/kernels/invisible.py: works on a str, one character at a time, and looks names up in sets."""

import re

ZERO_WIDTH = {
    0x200B,
    0x200C,
    0x200D,
    *range(0x2060, 0x2066),
    0x034F,
    0x180E,
    *range(0x206A, 0x2070),
    0x17B4,
    0x17B5,
    0xFFF9,
    0xFFFA,
    0xFFFB,
}
MARKS = {0x200E, 0x200F, 0x061C}
OVERRIDES = {0x202D, 0x202E}
EMBEDDINGS = {0x202A, 0x202B, 0x202C, 0x2066, 0x2067, 0x2068, 0x2069}
SELECTORS = {*range(0xFE00, 0xFE10), 0x180B, 0x180C, 0x180D, 0x180F, *range(0xE0100, 0xE01F0)}
TAGS = set(range(0xE0000, 0xE0080))
CLASSES = [set(), ZERO_WIDTH, {0xAD}, SELECTORS, TAGS, MARKS, EMBEDDINGS, OVERRIDES, {0xFEFF}]  # by the kernel's numbers
RUN, TAG_RUN, SELECTOR_RUN, OVERRIDE, INTERLEAVED, SCATTERED = range(6)
FLAG = re.compile("(?<=\U0001f3f4)[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb00-\ufdff]")


def class_of(character: str) -> int:
    return next((number for number, members in enumerate(CLASSES) if ord(character) in members), 0)


def inside(character: str, *ranges: tuple[int, int]) -> bool:
    return bool(character) and any(low <= ord(character) <= high for low, high in ranges)


def joining(c: str) -> bool:
    return inside(
        c,
        (0x600, 0x8FF),
        (0x900, 0xDFF),
        (0xF00, 0x109F),
        (0x1780, 0x18AF),
        (0x1900, 0x1CFF),
        (0xA800, 0xABFF),
        (0xFB50, 0xFDFF),
        (0xFE70, 0xFEFC),
        (0x10A00, 0x11FFF),
        (0x1E900, 0x1E95F),
    )


def unspaced(c: str) -> bool:
    return inside(c, (0xE00, 0x109F), (0x1780, 0x17FF), (0x1950, 0x1AAF), (0x1B00, 0x1C4F), (0xA980, 0xAADF))


def pictograph(c: str) -> bool:
    punctuation, signs = ((0x2010, 0x2027), (0x2030, 0x205E)), ((0xA9, 0xA9), (0xAE, 0xAE))
    return inside(c, *punctuation, *signs, (0x2070, 0x2BFF), (0x3000, 0x303F), (0x3200, 0x32FF), (0x1F000, 0x1FAFF))


def ideograph(c: str) -> bool:
    return inside(c, (0x2E80, 0x2FDF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


def wanted(before: str, character: str, after: str) -> bool:
    """Whether the neighbours, "" at either end, explain the invisible character between them."""
    point = ord(character)
    if point in SELECTORS:
        if point in (0xFE0E, 0xFE0F):
            return pictograph(before) or (before != "" and before in "0123456789#*")
        if 0x180B <= point <= 0x180F:
            return inside(before, (0x1800, 0x18AF))
        if ideograph(before):
            return point <= 0xFE02 or point >= 0xE0100
        others = inside(
            before, (0x30, 0x30), (0x1000, 0x109F), (0xA840, 0xA87F), (0xAA60, 0xAA7F), (0xFF00, 0xFFEF), (0x10AC0, 0x10AFF)
        )
        return point <= 0xFE02 and (pictograph(before) or others)
    if character == "\u200d" and (pictograph(before) or before == "\ufe0f"):
        return pictograph(after)
    if character in "\u200c\u200d":
        return joining(before) or (joining(after) and (before == "" or ord(before) < 0x80 or before == "\xa0"))
    if character == "\u200b":
        return unspaced(before) or unspaced(after)
    if 0x2061 <= point <= 0x2064:
        return all(one > " " and class_of(one) == 0 for one in (before, after))
    if point == 0x180E:
        return inside(before, (0x1800, 0x18AF))
    return point in (0x17B4, 0x17B5) and inside(before, (0x1780, 0x17FF))


def written(character: str) -> bool:
    return character > " " and character not in "\xa0\u3000\u3164" and not "\u2000" <= character <= "\u200a"


def find_in_row(row: int, text: str) -> tuple[list[list[int]], list[list[int]], int]:
    """(removals, suspects, right-to-left letters), as the kernel's tables."""
    flags = {position for match in FLAG.finditer(text) for position in range(*match.span())}
    stretches: list[list[int]] = []
    position = 0
    while position < len(text):
        start = position
        while (
            position < len(text)
            and class_of(text[position])
            and position not in flags
            and not wanted(text[position - 1] if position else "", text[position], text[position + 1 : position + 2])
        ):
            position += 1
        if position > start:
            stretches.append([start, position])
        else:
            position += 1
    removals = [[row, start, end, class_of(text[start])] for start, end in stretches]
    suspects, singles, chain = [], set(), []
    count = 0
    for start, end in stretches:
        classes = [class_of(one) for one in text[start:end]]
        kind = (
            TAG_RUN
            if 4 in classes
            else SELECTOR_RUN
            if classes.count(3) >= 2
            else OVERRIDE
            if 7 in classes
            else RUN
            if len(classes) >= 8 and len(set(text[start:end])) > 1
            else None
        )
        if kind is not None:
            suspects.append([row, start, end, kind])
        after_letter = start > 0 and written(text[start - 1])
        if after_letter and classes[0] != 2:
            count += 1
            singles.add(ord(text[start]) & 31)
        if end - start == 1 and start > 0 and text[start - 1] == " " and chain and start == chain[-1] + 1:
            chain[-1] = end
            continue
        if end - start > 1 or not after_letter:
            chain = []
            continue
        if not chain or start != chain[-1] + 1:
            chain = [start - 1]
        chain.append(end)
        if len(chain) == 5:
            suspects.append([row, chain[0], end, INTERLEAVED])
            open_chain = suspects[-1]
        elif len(chain) > 5:
            open_chain[2] = end
    if count >= 16 and len(singles) > 1:
        suspects.append([row, 0, len(text), SCATTERED])
    return removals, suspects, sum(1 for one in text if RIGHT_TO_LEFT.match(one) and class_of(one) == 0)
