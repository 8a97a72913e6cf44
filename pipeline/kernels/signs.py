"""What makes a page worth a closer look for personal data: one pass that says no for most of most pages."""

import numpy as np

from pipeline.kernels.cache import inlined, kernel

AT, DIGITS, DOTS, COLONS, MIXED, TOKEN = 1, 2, 4, 8, 16, 32  # bits of a row's signs
MIN_DIGITS = 6  # with at most MAX_GAP separators between two of them
MAX_GAP = 3
MIN_TOKEN = 16  # letters, digits, "_" and "-", with a letter and a digit
MIN_LETTERS = 24  # the same without a digit
MIN_MIXED = 11  # letters and digits, five of them digits
MIN_MIXED_DIGITS = 5


@inlined
def is_digit(byte):  # type: ignore[no-untyped-def]
    return 0x30 <= byte <= 0x39


@inlined
def is_letter(byte):  # type: ignore[no-untyped-def]
    return 0x41 <= (byte & 0xDF) <= 0x5A


@inlined
def parts_digits(byte):  # type: ignore[no-untyped-def]
    """ " ", "(", ")", "+", "-", ".", "/", and the two bytes of a no-break space."""
    return byte == 0x20 or 0x28 <= byte <= 0x29 or byte == 0x2B or 0x2D <= byte <= 0x2F or byte == 0xC2 or byte == 0xA0


@kernel
def signs(data, offsets):  # type: ignore[no-untyped-def]
    """uint8 [rows].

    AT: "@" or ":/" with something on both sides. DIGITS: six digits close together. DOTS: three dots, each between two
    digits, that only digits part. COLONS: two colons that only hexadecimal digits part. MIXED: a long run of letters and
    digits. TOKEN: a longer one, "_" and "-" included, or five hyphens.
    """
    found = np.zeros(offsets.size - 1, np.uint8)
    for row in range(offsets.size - 1):
        start, end = offsets[row], offsets[row + 1]
        bits = 0
        digits, gap, dots, colons = 0, 0, 0, 0
        run, run_digits, token, token_digits, hyphens = 0, 0, 0, 0, 0
        for at in range(start, end):
            byte = data[at]
            digit, letter = is_digit(byte), is_letter(byte)
            if digit:
                digits, gap = digits + 1, 0
                bits |= DIGITS * (digits >= MIN_DIGITS)
            elif digits and parts_digits(byte) and gap < MAX_GAP:
                gap += 1
            else:
                digits, gap = 0, 0
            if byte == 0x2E:
                dots = dots + 1 if at > start and is_digit(data[at - 1]) else 0
            elif not digit:
                dots = 0
            else:
                bits |= DOTS * (dots >= 3)
            if byte == 0x3A:
                colons += 1
                bits |= COLONS * (colons >= 2)
            elif not digit and not (letter and (byte & 0xDF) <= 0x46):
                colons = 0
            run, run_digits = (run + 1, run_digits + digit) if digit or letter else (0, 0)
            in_token = digit or letter or byte == 0x5F or byte == 0x2D
            token, token_digits = (token + 1, token_digits + digit) if in_token else (0, 0)
            bits |= MIXED * (run >= MIN_MIXED and MIN_MIXED_DIGITS <= run_digits < run)
            hyphens = hyphens + 1 if byte == 0x2D else 0
            bits |= TOKEN * (token >= MIN_LETTERS or (token >= MIN_TOKEN and 0 < token_digits < token) or hyphens == 5)
            if (byte == 0x40 or byte == 0x3A) and start < at < end - 1:
                bits |= AT * (byte == 0x40 or data[at + 1] == 0x2F)
        found[row] = bits
    return found
