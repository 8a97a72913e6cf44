"""Phone numbers: with a country's code, in North America's brackets, or after a word that announces one. All have to be valid.

What is valid the numbering plans of `phonenumbers` say. It is handed digits of a bounded match, never the page: its own patterns
are Python's. Words are read in the page's language, whose countries' plans a number without code is held against.
"""

import functools
from collections.abc import Iterator

import phonenumbers

from pipeline.personal.spans import BORDER, Span, after_word, compiled, stands_alone

WITH_CODE = r"\+\d{1,3}[\d ().\-/\x{a0}]{5,20}\d"
BRACKETED = r"\(\d{3}\) ?\d{3}[\-. ]\d{4}\b"
HYPHENED = r"\b\d{3}-\d{3}-\d{4}\b"
ANNOUNCED = r"\(?\d[\d ().\-/\x{a0}]{5,20}\d"
WORDS = (
    r"tele?ph?on\w*|téléphone|teléfonos?|telefon[es]?s?|telefoon|tel|tél|tlf|fones?|phones?|mobile|mobil\w*|mob|"
    r"cell(?:ular)?|celular|cellulare|portable|móvil|movil|handy|gsm|fax|télécopie|faks|call|dial|ring|whatsapp|viber|sms|hotline|"
    r"helpline|toll[ \-]?free|freephone|"
    r"puh(?:elin)?|тел|телефоны?|факс|моб|τηλ|τηλέφωνο|φαξ|电话|電話|電話番号|手机|手機|传真|傳真|fax番号|携帯|전화|전화번호|휴대폰|팩스|"
    r"هاتف|تلفن|جوال|فاکس|फ़ोन|फोन|मोबाइल|โทร|โทรศัพท์|טלפון|נייד|điện thoại|đt"
)
ANNOUNCES = rf"(?i)(?:^|{BORDER})(?:{WORDS})(?:{BORDER}[^\d\n]{{0,20}}|[^\pL\d]*)\(?$"
NO_NUMBER = r"isbn|issn|doi|order|id|version|serial|patent|case|invoice"
MIN_DIGITS, MAX_DIGITS = 7, 15  # E.164
MAX_TRIED = 3  # a match may have run into the next number, group by group

REGIONS = {
    "en": "US GB CA AU IE NZ IN ZA", "de": "DE AT CH", "fr": "FR BE CH CA", "es": "ES MX AR CO CL PE", "it": "IT CH",
    "pt": "BR PT", "nl": "NL BE", "pl": "PL", "ru": "RU BY KZ UA", "uk": "UA", "be": "BY", "cs": "CZ", "sk": "SK", "sl": "SI",
    "hr": "HR BA", "sr": "RS", "bs": "BA", "bg": "BG", "mk": "MK", "ro": "RO MD", "hu": "HU", "el": "GR CY", "tr": "TR",
    "sv": "SE FI", "da": "DK", "no": "NO", "nb": "NO", "nn": "NO",
    "fi": "FI", "et": "EE", "lv": "LV", "lt": "LT", "is": "IS", "ja": "JP", "ko": "KR",
    "zh": "CN TW HK", "vi": "VN", "th": "TH", "id": "ID", "ms": "MY SG", "hi": "IN", "bn": "BD IN", "ta": "IN LK", "te": "IN",
    "mr": "IN", "ur": "PK", "fa": "IR", "ar": "EG SA AE MA DZ", "he": "IL", "ca": "ES", "eu": "ES", "gl": "ES", "sq": "AL",
    "ka": "GE", "hy": "AM", "az": "AZ", "kk": "KZ", "sw": "KE TZ", "af": "ZA", "tl": "PH",
}  # fmt: skip


def phones(raw: bytes, language: str | None) -> Iterator[Span]:
    for match in compiled(WITH_CODE).finditer(raw):
        if raw[max(0, match.start() - 1) : match.start()] not in (b"+", b"-", b"_") and not _follows_digit(raw, match.start()):
            yield from _longest(raw, match.start(), match.end(), "", ())
    for pattern in (BRACKETED, HYPHENED):
        for match in compiled(pattern).finditer(raw):
            if _is_free(raw, match.start(), match.end()):
                yield from _longest(raw, match.start(), match.end(), "", ("US",))
    for match in compiled(ANNOUNCED).finditer(raw):
        before = raw[max(0, match.start() - 48) : match.start()]
        if compiled(ANNOUNCES).search(before) and _is_free(raw, match.start(), match.end()):
            yield from _longest(raw, match.start(), match.end(), "00", _regions(language))


def _regions(language: str | None) -> tuple[str, ...]:
    return tuple(REGIONS.get(language or "en", "US").split())


def _follows_digit(raw: bytes, start: int) -> bool:
    return raw[max(0, start - 1) : start].isalnum()


def _is_free(raw: bytes, start: int, end: int) -> bool:
    return stands_alone(raw, start, end, b"./-:_@=+") and not after_word(raw, start, NO_NUMBER, 16)


def _longest(raw: bytes, start: int, end: int, abroad: str, regions: tuple[str, ...]) -> Iterator[Span]:
    """The longest valid number that begins at `start`, cut back group by group."""
    for _ in range(MAX_TRIED):
        text = raw[start:end].decode().replace("(0)", "")
        number = "".join(one for one in text if one.isascii() and one.isdigit())
        if not MIN_DIGITS <= len(number) <= MAX_DIGITS + 2:
            return
        if text.startswith("+") or (abroad and number.startswith(abroad)):
            region = _region_of("+" + number.removeprefix(abroad), None)
        else:
            region = next((one for one in regions if _region_of(number, one)), "")
        if region and not raw[end : end + 1].isalnum():
            yield Span("phone", region, start, end)
            return
        end = start + _last_gap(raw[start:end])


def _last_gap(matched: bytes) -> int:
    """Bytes before the last group of digits and what parts it from the one before."""
    return len(matched.rstrip(b"0123456789").rstrip(b" ().-/\xc2\xa0"))


@functools.lru_cache(maxsize=1 << 14)
def _region_of(number: str, region: str | None) -> str:
    """Country of a valid number, "" where it is none."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.region_code_for_number(parsed) or "international"
