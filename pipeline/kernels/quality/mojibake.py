"""Characters that are the bytes of others: UTF-8 that somebody read as windows-1252 or latin-1 ("Ã©" for "é", "â€™" for "’")."""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.characters import decode

ROW, START, END, FIRST_BYTE, WEIGHT, LINE_IS_CLEAN = range(6)  # columns of what is found; START and END in code points
COLUMNS = 6
LOST_BLANK = -1  # WEIGHT of a lone Â or Ã before a blank: its second byte was a no-break space, which reading made a blank
CERTAIN = 3  # WEIGHT of what begins with "â€", or with "â\x80" as latin-1 has it

_SPECIALS = [(ord(bytes([byte]).decode("cp1252", "ignore") or "\0"), byte) for byte in range(0x80, 0xA0)]
_WIDE = 0x2200 - 0x150  # code points from U+0150 on that windows-1252 has bytes for
BYTE_OF = np.zeros(_WIDE, np.uint8)
for _point, _byte in _SPECIALS:
    if _point:
        BYTE_OF[_point - 0x150] = _byte

# What may stand behind an accented letter in good text: closing marks, dashes, ellipses; and, behind ß, signs of notes.
_ENDS = np.zeros(256, np.bool_)
_ENDS[[0x82, 0x84, 0x85, 0x8B, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0x9B, 0xA0, 0xAB, 0xB4, 0xBB]] = True
_NOTES = np.zeros(256, np.bool_)
_NOTES[[0x86, 0x87, 0x99, 0xA7, 0xA9, 0xAA, 0xAE, 0xB0, 0xB2, 0xB3, 0xB9, 0xBA]] = True


@part
def _byte_of(point: int) -> int:
    """The byte that a reader of windows-1252 or latin-1 made this character of; 0 for any other, and for ASCII."""
    if point < 0x80:
        return 0
    if point < 0x100:
        return point
    return BYTE_OF[point - 0x150] if 0x150 <= point < 0x2200 else 0


@part
def _is_valid_second(lead: int, byte: int) -> bool:
    """Neither overlong, nor a surrogate, nor beyond Unicode (RFC 3629)."""
    if lead == 0xE0:
        return byte >= 0xA0
    if lead == 0xED:
        return byte < 0xA0
    if lead == 0xF0:
        return byte >= 0x90
    return lead != 0xF4 or byte < 0x90


@part
def _sequence(data: np.ndarray, at: int, end: int) -> tuple[int, int, int]:
    """(characters, bytes, weight) of the sequence that begins at `at`; no characters where none does."""
    point, size = decode(data, at, end)
    lead = _byte_of(point)
    if not 0xC2 <= lead <= 0xF4:
        return 0, size, 0
    wanted = 1 if lead < 0xE0 else 2 if lead < 0xF0 else 3
    i = at + size
    doubtful = 0
    is_dash_or_quote = False
    for k in range(wanted):
        if i >= end:
            return 0, size, 0
        point, more = decode(data, i, end)
        byte = _byte_of(point)
        if not 0x80 <= byte < 0xC0 or (k == 0 and not _is_valid_second(lead, byte)):
            return 0, size, 0
        is_dash_or_quote = is_dash_or_quote or (k == 0 and lead == 0xE2 and byte == 0x80)
        is_written = point >= 0xA0  # latin-1 leaves control characters where windows-1252 leaves quotation marks
        doubtful += is_written and (_ENDS[byte] or (lead > 0xC3 and _NOTES[byte]))
        i += more
    weight = 0 if doubtful == wanted else min(wanted, 2)
    return wanted + 1, i - at, CERTAIN if is_dash_or_quote else weight


@kernel
def find_sequences(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """int64 [sequences, COLUMNS], by row and place: what reads as the UTF-8 of one character, and how much it weighs.

    0: may be good text ("É»"), 1: two characters, 2: three or four, CERTAIN. A line is clean if all in it beyond ASCII is such.
    """
    room = 0
    for i in range(offsets[0], offsets[-1]):
        room += data[i] == 0xC3  # all leads, U+00C2 to U+00F4, begin with it
    found = np.empty((room, COLUMNS), np.int64)
    count = 0
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        chars = 0
        line = count
        clean = True
        while at < end:
            if data[at] < 0x80:
                if data[at] == 10:
                    found[line:count, LINE_IS_CLEAN] = clean
                    line = count
                    clean = True
                at += 1
                chars += 1
                continue
            taken, size, weight = _sequence(data, at, end)
            after = at + size
            if taken == 0:
                taken = 1
                lost = size == 2 and data[at] == 0xC3 and (data[at + 1] == 0x82 or data[at + 1] == 0x83)  # Â, Ã
                if not lost or (after < end and data[after] != 32 and data[after] != 10):
                    clean = False
                    at = after
                    chars += 1
                    continue
                weight = LOST_BLANK
            found[count, ROW] = row
            found[count, START] = chars
            found[count, END] = chars + taken
            found[count, FIRST_BYTE] = at
            found[count, WEIGHT] = weight
            count += 1
            at = after
            chars += taken
        found[line:count, LINE_IS_CLEAN] = clean
    return found[:count]
