"""Phone numbers: with a country's code, in North America's brackets, or after a word that announces one. All have to be valid.

What is valid the numbering plans of `phonenumbers` say. It is handed digits of a bounded match, never the page: its own patterns
are Python's. Words are read in the page's language, whose countries' plans a number without code is held against.
"""

import functools
from collections.abc import Iterator

import phonenumbers

from pipeline.personal.spans import BORDER, Span, after_word, bytes_before, compiled, stands_alone

WITH_CODE = r"(?:\(\+\d{1,3}\)|\+\d{1,3})[\d ().\-/]{5,20}\d"
ANNOUNCED = r"\(?\d[\d ().\-/]{5,20}\d"
# What is written so is a number to call, where it is valid; by the language of the page, "" for all.
WRITTEN = (
    ("", "US", r"(?:\b1[\-. ])?\(\d{3}\) ?\d{3}[\-. ]\d{4}\b"),
    ("", "US", r"\b(?:1-)?\d{3}-\d{3}-\d{4}\b"),
    ("", "US", r"\b(?:1\.)?\d{3}\.\d{3}\.\d{4}\b"),
    ("", "RU", r"\b8[ \-]?\(\d{3,5}\)[ \-]?\d{1,3}[ \-]\d{2}[ \-]\d{2}\b"),
    ("fr", "FR", r"\b0[1-9](?:[ .]\d{2}){4}\b"),
    ("pt", "BR", r"\(\d{2}\) ?9?\d{4}-\d{4}\b"),
)
ANY_WRITTEN = "|".join(pattern for _, _, pattern in WRITTEN)
# A word that announces a number, a few others between them.
WORDS = (
    r"t[eé]l[eé](?:ph|f)[oóò]+n\pL*|telefon\pL*|телефон\pL*|tele?ph|tels?|tél|tlf|tlfno|tfno|t[eé]lf|telp|telepon|puh(?:elin)?|"
    r"phones?|fones?|phn|rufnummer|durchwahl|mobile|mobil\pL*|mobiel\pL*|mob|cell(?:ular[ei]?|s)?|celular(?:es)?|cellulare|portable|"
    r"móvil(?:es)?|movil|telem[óo]ve(?:l|is)|handy\pL*|gsm|matkapuhelin|komórka|fax\pL*|telefax|télécopie|faks|call|dial|whatsapp|"
    r"viber|sms|hotline|helpline|toll[ \-]?free|freephone|llam(?:e|ar|ad|en)|ligue|appel(?:ez|er)|chiam(?:a|ate)|anruf\pL*|"
    r"zadzwoń|тел|факс|моб|мобильн\pL*|звоните|τηλ|τηλέφων\pL*|κινητό|φαξ|电话|電話|電話番号|联系电话|聯絡電話|手机|手機|手机号|传真|傳真|"
    r"热线|熱線|fax番号|携帯|携帯電話|전화|전화번호|휴대폰|휴대전화|핸드폰|연락처|팩스|هاتف|الهاتف|تليفون|موبايل|تلفن|جوال|فاکس|فاكس|"
    r"موبایل|फ़ोन|फोन|मोबाइल|दूरभाष|โทร|โทรศัพท์|มือถือ|טלפון|נייד|פקס|điện thoại|đt|sđt"
)
# What says much else counts with a mark behind it and nothing between: "T: 020 …", "HP: 0812 …".
SHORT = (
    r"(?:[tmpfchw]|ph|hp|wa|ruf|fon|kom|cep|cel|טל|κιν|ring|text|contact[oe]?|contato|kontakt|num(?:ber|éro|ero)) ?:|"
    r"(?:t|ph|cel|kom|fon|κιν)\."
)
SIGNS = r"[☎☏✆📞📱📲]"
ANNOUNCES = (
    rf"(?i){BORDER}(?:(?:{WORDS})(?:{BORDER}[^\d\n]{{0,20}}|[^\pL\d]*)|(?:{SHORT})[^\pL\d\n]{{0,4}})\(?$|"
    rf"{SIGNS}[^\pL\d\n]{{0,8}}$"
)
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
        if raw[max(0, match.start() - 1) : match.start()] not in (b"+", b"-", b"_") and not _follows_word(raw, match.start()):
            yield from _longest(raw, match.start(), match.end(), "", ())
    for spoken, region, pattern in WRITTEN if compiled(ANY_WRITTEN).search(raw) else ():
        if spoken in ("", language):
            for match in compiled(pattern).finditer(raw):
                if _is_free(raw, match.start(), match.end()):
                    yield from _longest(raw, match.start(), match.end(), "", (region,))
    for match in compiled(ANNOUNCED).finditer(raw):
        if compiled(ANNOUNCES).search(bytes_before(raw, match.start(), 48)) and _is_announced(raw, match.start(), match.end()):
            yield from _longest(raw, match.start(), match.end(), "00", _regions(language))


def _regions(language: str | None) -> tuple[str, ...]:
    return tuple(REGIONS.get(language or "en", "US").split())


def _follows_word(raw: bytes, start: int) -> bool:
    return raw[max(0, start - 1) : start].isalnum()


def _is_announced(raw: bytes, start: int, end: int) -> bool:
    """Whether it is no part of a longer number. A word may touch it with its mark: "tel:030"."""
    before = raw[max(0, start - 2) : start]
    longer = before[:1].isdigit() and len(before) == 2 and before[1:] in (b".", b"/", b"-", b":", b"_", b"@", b"=", b"+")
    if longer or before[-1:].isalnum() or before[-1:] == b"_":
        return False
    near = raw[max(0, start - 16) : start].replace(b":", b" ")
    return _is_free(near + raw[start : end + 2], len(near), len(near) + end - start)


def _is_free(raw: bytes, start: int, end: int) -> bool:
    return stands_alone(raw, start, end, b"./-:_@=+") and not after_word(raw, start, NO_NUMBER, 16)


def _longest(raw: bytes, start: int, end: int, abroad: str, regions: tuple[str, ...]) -> Iterator[Span]:
    """The longest valid number that begins at `start`, cut back group by group."""
    for _ in range(MAX_TRIED):
        text = raw[start:end].decode().replace("(0)", "")
        number = "".join(one for one in text if one.isascii() and one.isdigit())
        if not MIN_DIGITS <= len(number) <= MAX_DIGITS + 2:
            return
        if text.startswith(("+", "(+")) or (abroad and number.startswith(abroad)):
            region = _region_of("+" + number.removeprefix(abroad), None)
        else:
            region = next((one for one in regions if _region_of(number, one)), "")
        if region and not raw[end : end + 1].isalnum():
            yield Span("phone", region, start, end)
            return
        end = start + _last_gap(raw[start:end])


def _last_gap(matched: bytes) -> int:
    """Bytes before the last group of digits and what parts it from the one before."""
    return len(matched.rstrip(b"0123456789").rstrip(b" ().-/"))


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
