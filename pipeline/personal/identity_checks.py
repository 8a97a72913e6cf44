"""Whether a number of a person is one that its country can have given: its date, its check digits.

Each takes the number without marks and spaces, in upper case, of the length and kinds of characters that its form says.
"""

from pipeline.personal.check_digits import LETTERS, digits, ean, is_date, luhn, mod_11_2, mod_11_10, verhoeff, weighted

_ITALIAN = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)  # 0 or A, 1 or B, …
_ODD = dict(zip(LETTERS, (*_ITALIAN[:10], *_ITALIAN), strict=True))
_EVEN = dict(zip(LETTERS, (*range(10), *range(26)), strict=True))
_CURP = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def _two_digit_date(text: str) -> bool:
    return is_date(int(text[:2]), int(text[2:4]), int(text[4:6]))


def _is_one_digit(text: str) -> bool:
    return len(set(text)) == 1


def argentina(text: str) -> bool:
    return "09987654321"[weighted(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11] == text[-1]


def australia(text: str) -> bool:
    return weighted(text, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def austria(text: str) -> bool:
    weights = (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)
    return weighted(text, weights) % 11 == int(text[3]) and is_date(int(text[8:]), int(text[6:8]), int(text[4:6]))


def belgium(text: str) -> bool:
    base, check = text[:9], int(text[9:])
    return check in (97 - int(base) % 97, 97 - int("2" + base) % 97) and int(text[2:4]) <= 12 and int(text[4:6]) <= 31


def brazil(text: str) -> bool:
    first = 11 - weighted(text, range(10, 1, -1)) % 11
    second = 11 - weighted(text, range(11, 1, -1)) % 11
    return not _is_one_digit(text) and [one if one < 10 else 0 for one in (first, second)] == digits(text[9:])


def bulgaria(text: str) -> bool:
    month = int(text[2:4]) % 20 if int(text[2:4]) < 60 else 0
    check = weighted(text, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10
    return check == int(text[-1]) and is_date(int(text[:2]), month, int(text[4:6]))


def canada(text: str) -> bool:
    return text[0] not in "08" and luhn(text)


def chile(text: str) -> bool:
    body, factors = text[:-1], (2, 3, 4, 5, 6, 7)
    total = sum(int(one) * factors[place % 6] for place, one in enumerate(reversed(body)))
    return "0123456789K"[(11 - total % 11) % 11] == text[-1]


def china(text: str) -> bool:
    return mod_11_2(text) and is_date(int(text[6:10]), int(text[10:12]), int(text[12:14]))


def croatia(text: str) -> bool:
    """With or without the country's letters."""
    return mod_11_10(text.removeprefix("HR"))


def czechia(text: str) -> bool:
    """And Slovakia: nine digits, and a tenth that makes all of it a multiple of 11."""
    month = int(text[2:4]) % 50
    dated = is_date(int(text[:2]), month - 20 if month > 20 else month, int(text[4:6]))
    return dated and int(text[:9]) % 11 % 10 == int(text[-1])


def denmark(text: str) -> bool:
    """Its check digit is given up since 2007: a date, and no row of equal digits."""
    return is_date(int(text[4:6]), int(text[2:4]), int(text[:2])) and text[6:] != "0000"


def dominican_republic(text: str) -> bool:
    return luhn(text) and not _is_one_digit(text)


def ecuador(text: str) -> bool:
    return (1 <= int(text[:2]) <= 24 or text[:2] == "30") and int(text[2]) < 6 and luhn(text)


def estonia(text: str) -> bool:
    """And Lithuania."""
    check = weighted(text, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    check = weighted(text, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10 if check == 10 else check
    return check == int(text[-1]) and _two_digit_date(text[1:7])


def finland(text: str) -> bool:
    dated = is_date(int(text[4:6]), int(text[2:4]), int(text[:2]))
    return dated and _HETU[int(text[:6] + text[-4:-1]) % 31] == text[-1]


def france(text: str) -> bool:
    body = text[:13].replace("2A", "19").replace("2B", "18") if text[5:7] in ("2A", "2B") else text[:13]
    return body.isdigit() and 97 - int(body) % 97 == int(text[13:])


def germany(text: str) -> bool:
    repeats = [text[:10].count(one) for one in set(text[:10])]
    return text[0] != "0" and sorted(repeats)[-1] in (2, 3) and sum(one > 1 for one in repeats) == 1 and mod_11_10(text)


def greece(text: str) -> bool:
    return luhn(text) and is_date(int(text[4:6]), int(text[2:4]), int(text[:2]))


def greece_taxes(text: str) -> bool:
    total = sum(int(one) << (8 - place) for place, one in enumerate(text[:8]))
    return not _is_one_digit(text) and total % 11 % 10 == int(text[-1])


def hong_kong(text: str) -> bool:
    letters = text[: len(text) - 7]
    values = [36, *(ord(one) - 55 for one in letters)][-2:]
    total = sum(factor * one for factor, one in zip((9, 8), values, strict=True)) + weighted(
        text[len(letters) :], range(7, 1, -1)
    )
    return "0123456789A"[(11 - total % 11) % 11] == text[-1]


def hungary(text: str) -> bool:
    """Of social insurance (TAJ)."""
    return weighted(text, (3, 7, 3, 7, 3, 7, 3, 7)) % 10 == int(text[-1]) and not _is_one_digit(text)


def iceland(text: str) -> bool:
    dated = is_date(int(text[4:6]), int(text[2:4]), int(text[:2]))
    return dated and weighted(text, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0 and text[-1] in "089"


def india(text: str) -> bool:
    return text[0] not in "01" and verhoeff(text) and text != text[::-1]


def ireland(text: str) -> bool:
    extra = 9 * (ord(text[8]) - 64) if len(text) == 9 and text[8] != "W" else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[(weighted(text, range(8, 1, -1)) + extra) % 23] == text[7]


def israel(text: str) -> bool:
    """Nine digits; a nought at the beginning may be left out."""
    return luhn(text) and int(text) > 0


def italy(text: str) -> bool:
    total = sum((_EVEN if place % 2 else _ODD)[one] for place, one in enumerate(text[:15]))
    return 1 <= int(text[9:11]) % 40 <= 31 and chr(65 + total % 26) == text[15]


def japan(text: str) -> bool:
    rest = weighted(text, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(text[-1]) and not _is_one_digit(text)


def latvia(text: str) -> bool:
    """Numbers since 2017 begin with 32 and have neither date nor check digit."""
    if text[:2] == "32":
        return True
    check = (1101 - weighted(text, (1, 6, 3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return check == int(text[-1]) and is_date(int(text[4:6]), int(text[2:4]), int(text[:2]))


def korea(text: str) -> bool:
    check = (11 - weighted(text, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10
    return check == int(text[-1]) and _two_digit_date(text)


def mexico(text: str) -> bool:
    total = sum(_CURP.index(one) * (18 - place) for place, one in enumerate(text[:17]))
    return (10 - total % 10) % 10 == int(text[17])


def netherlands(text: str) -> bool:
    return weighted(text, range(9, 1, -1)) % 11 == int(text[-1]) and int(text) > 0


def norway(text: str) -> bool:
    first = (11 - weighted(text, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11) % 11
    second = (11 - weighted(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    dated = is_date(int(text[4:6]), int(text[2:4]), int(text[:2]) % 40)
    return dated and [first, second] == digits(text[9:])


def poland(text: str) -> bool:
    dated = is_date(int(text[:2]), int(text[2:4]) % 20, int(text[4:6]))
    return dated and weighted(text, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def portugal(text: str) -> bool:
    check = 11 - weighted(text, range(9, 1, -1)) % 11
    return (check if check < 10 else 0) == int(text[-1])


def romania(text: str) -> bool:
    return weighted(text, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11 % 10 == int(text[-1]) and _two_digit_date(text[1:7])


def russia(text: str) -> bool:
    """SNILS."""
    return weighted(text, range(9, 0, -1)) % 101 % 100 == int(text[9:])


def russia_taxes(text: str) -> bool:
    """INN of a person."""
    first = weighted(text, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    return [first, weighted(text, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10] == digits(text[10:])


def serbia(text: str) -> bool:
    """And the other states that gave JMBG or EMŠO."""
    check = (11 - weighted(text, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    return check == int(text[-1]) and is_date(int(text[4:7]), int(text[2:4]), int(text[:2]))


def singapore(text: str) -> bool:
    total = weighted(text[1:], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(text[0], 0)
    if text[0] == "M":
        return "XWUTRQPNJLK"[10 - total % 11] == text[-1]
    return ("JZIHGFEDCBA" if text[0] in "ST" else "XWUTRQPNMLK")[total % 11] == text[-1]


def south_africa(text: str) -> bool:
    return luhn(text) and text[10] in "01" and _two_digit_date(text)


def spain(text: str) -> bool:
    """DNI, and NIE whose first letter stands for a digit."""
    body = text[:-1].translate(str.maketrans("XYZ", "012"))
    return _DNI[int(body) % 23] == text[-1]


def sweden(text: str) -> bool:
    return luhn(text[-10:]) and is_date(int(text[-10:-8]), int(text[-8:-6]), int(text[-6:-4]))


def switzerland(text: str) -> bool:
    return ean(text)


def taiwan(text: str) -> bool:
    code = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(text[0])
    return (code // 10 + 9 * (code % 10) + weighted(text[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def thailand(text: str) -> bool:
    return (11 - weighted(text, range(13, 1, -1)) % 11) % 10 == int(text[-1])


def turkey(text: str) -> bool:
    found = digits(text)
    tenth = (7 * sum(found[0:9:2]) - sum(found[1:8:2])) % 10
    return [tenth, sum(found[:10]) % 10] == found[9:]


def ukraine(text: str) -> bool:
    return weighted(text, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10 == int(text[-1])


def united_kingdom(text: str) -> bool:
    """Of the National Health Service."""
    check = 11 - weighted(text, range(10, 1, -1)) % 11
    return check != 10 and check % 11 == int(text[-1])


def united_kingdom_insurance(text: str) -> bool:
    """National Insurance has no check digit: some pairs of letters are never given."""
    return text[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def united_states(text: str) -> bool:
    """Social security numbers have no check digit, only numbers that are never given."""
    area = int(text[:3])
    return (
        area not in (0, 666)
        and area < 900
        and text[3:5] != "00"
        and text[5:] != "0000"
        and text not in ("078051120", "219099999")
    )
