"""Check digits, each as its standard has it. All take text of digits (and of letters where it says so) and raise nothing."""

from collections.abc import Sequence

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VERHOEFF = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTED = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


def digits(text: str) -> list[int]:
    return [int(one) for one in text]


def luhn(text: str) -> bool:
    """ISO/IEC 7812: every second digit from the right doubled, its digits added."""
    total = sum(_LUHN[place % 2][digit] for place, digit in enumerate(reversed(digits(text))))
    return total % 10 == 0


_LUHN = (range(10), [sum(divmod(2 * digit, 10)) for digit in range(10)])


def weighted(text: str, weights: Sequence[int]) -> int:
    """Sum of the first digits by their weights."""
    return sum(weight * digit for weight, digit in zip(weights, digits(text[: len(weights)]), strict=True))


def verhoeff(text: str) -> bool:
    """Verhoeff 1969: a product in the dihedral group of the pentagon."""
    product = 0
    for place, digit in enumerate(reversed(digits(text))):
        product = int(_VERHOEFF[product][int(_PERMUTED[place % 8][digit])])
    return product == 0


def mod_11_10(text: str) -> bool:
    """ISO 7064, MOD 11,10."""
    check = 10
    for digit in digits(text[:-1]):
        check = ((check + digit) % 10 or 10) * 2 % 11
    return (check + int(text[-1])) % 10 == 1


def mod_11_2(text: str) -> bool:
    """ISO 7064, MOD 11-2; the last may be X for ten."""
    total = sum(pow(2, len(text) - 1 - place, 11) * (10 if one == "X" else int(one)) for place, one in enumerate(text))
    return total % 11 == 1


def mod_97_10(text: str) -> bool:
    """ISO 7064, MOD 97-10, letters as two digits (A = 10): of an IBAN whose first four characters were put behind the rest."""
    return int("".join(str(LETTERS.index(one)) for one in text)) % 97 == 1


def ean(text: str) -> bool:
    """EAN-13: weights 1 and 3."""
    return sum((1 + 2 * (place % 2)) * digit for place, digit in enumerate(digits(text))) % 10 == 0


def is_date(year: int, month: int, day: int) -> bool:
    lengths = (31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= 12 and 1 <= day <= lengths[month - 1]
