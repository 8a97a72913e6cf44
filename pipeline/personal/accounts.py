"""Bank accounts (IBAN) and payment cards, told by ranges, lengths and check digits."""

from collections.abc import Iterator

from pipeline.personal.check_digits import luhn, mod_97_10
from pipeline.personal.spans import Span, after_word, compiled, stands_alone

# ISO 13616 registry, release 99: characters of an IBAN by country.
IBAN_LENGTHS = {
    country: int(length)
    for length, countries in (
        ("15", "NO"), ("16", "BE"), ("18", "DK FI FK FO GL NL SD"), ("19", "MK SI"), ("20", "AT BA EE KZ LT LU MN XK"),
        ("21", "CH HR LI LV"), ("22", "BG BH CR DE GB GE IE ME RS VA"), ("23", "AE GI IL IQ OM SO TL"),
        ("24", "AD CZ ES MD PK RO SA SE SK TN VG"), ("25", "LY PT ST"), ("26", "IS TR"),
        ("27", "BI DJ FR GR IT MC MR SM"), ("28", "AL AZ BY CY DO GT HN HU LB NI PL SV"), ("29", "BR EG PS QA UA"),
        ("30", "JO KW MU YE"), ("31", "MT SC"), ("32", "LC"), ("33", "RU"),
    )
    for country in countries.split()
}  # fmt: skip
IBAN = r"\b[A-Z]{2}\d{2}(?:[ \-\x{a0}]?[A-Z0-9]){11,30}"
GAPS = " -\u00a0"
GROUPED_CARD = r"\b(?:\d{4}([ \-])\d{4}[ \-]\d{4}[ \-]\d{4}(?:[ \-]\d{3})?|\d{4}([ \-])\d{6}[ \-]\d{4,5})\b"
PLAIN_CARD = r"\b\d{13,19}\b"
CARD_WORDS = (
    r"(?:credit|debit|bank|payment)?[ \-]?cards?|cc|pan|visa|mastercard|master card|maestro|amex|american express|discover|"
    r"diners|jcb|unionpay|kreditkarten?(?:nummer)?|kartennummer|carte(?: bancaire| de crédit)?|tarjeta|cartão|carta di credito|"
    r"kaart(?:nummer)?|karta|карт[аыу]|卡号|信用卡|銀行卡|银行卡|カード(?:番号)?|카드"
)
# First and last prefix, digits of a number: ISO/IEC 7812 issuers as the networks publish them.
ISSUERS = (
    ("Visa", "4", "4", (13, 16, 19)),
    ("Mastercard", "51", "55", (16,)),
    ("Mastercard", "2221", "2720", (16,)),
    ("American Express", "34", "34", (15,)),
    ("American Express", "37", "37", (15,)),
    ("Discover", "6011", "6011", (16, 19)),
    ("Discover", "644", "659", (16, 19)),
    ("JCB", "3528", "3589", (16, 19)),
    ("Diners Club", "300", "305", (14,)),
    ("Diners Club", "36", "36", (14,)),
    ("Diners Club", "38", "39", (14,)),
    ("UnionPay", "62", "62", (16, 17, 18, 19)),
)
# What payment services publish to be tried with.
TEST_CARDS = frozenset(
    "4111111111111111 4242424242424242 4012888888881881 4222222222222 5555555555554444 5105105105105100 5200828282828210 "
    "378282246310005 371449635398431 378734493671000 6011111111111117 6011000990139424 3530111333300000 3566002020360505 "
    "30569309025904 38520000023237 36227206271667 4000056655665556 5454545454545454 2223003122003222 4000000000000002".split()
)


def ibans(raw: bytes) -> Iterator[Span]:
    for match in compiled(IBAN).finditer(raw):
        text = match.group().decode()
        size = _iban_size(text)
        end = match.start() + len(text[:size].encode())
        if size and stands_alone(raw, match.start(), end, b"_/="):
            yield Span("iban", text[:2], match.start(), end)


def _iban_size(text: str) -> int:
    """Characters of the IBAN that the text begins with, gaps included; 0 where it is none."""
    length = IBAN_LENGTHS.get(text[:2], 0)
    seen = ""
    for place, one in enumerate(text):
        seen += "" if one in GAPS else one
        if length and len(seen) == length:
            return place + 1 if mod_97_10(seen[4:] + seen[:4]) else 0
    return 0


def cards(raw: bytes) -> Iterator[Span]:
    """Numbers in the groups that cards show; others only after a word that says what they are."""
    for match in compiled(GROUPED_CARD).finditer(raw):
        gaps = {one for one in match.group().decode() if not one.isdigit()}
        if len(gaps) == 1:
            yield from _card(raw, match.start(), match.end())
    for match in compiled(PLAIN_CARD).finditer(raw):
        if after_word(raw, match.start(), CARD_WORDS):
            yield from _card(raw, match.start(), match.end())


def _card(raw: bytes, start: int, end: int) -> Iterator[Span]:
    number = "".join(filter(str.isdigit, raw[start:end].decode()))
    issuer = issuer_of(number)
    adjoins = (
        raw[max(0, start - 2) : start - 1].isdigit() or raw[end + 1 : end + 2].isdigit()
    )  # a group of a longer row of groups
    if issuer and not adjoins and number not in TEST_CARDS and luhn(number) and stands_alone(raw, start, end):
        yield Span("card", issuer, start, end)


def issuer_of(number: str) -> str:
    """Whose card has this number, "" where nobody's."""
    for issuer, first, last, lengths in ISSUERS:
        if len(number) in lengths and first <= number[: len(first)] <= last:
            return issuer
    return ""
