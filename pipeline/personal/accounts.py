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
GAP = r"[ \-./]{0,2}"
GAPS = " -./"
IBAN = rf"\b[A-Z]{{2}}\d{{2}}(?:{GAP}[A-Z0-9]){{11,30}}"
# After its name small letters are those of an account, too, and it may be joined to it.
NAMED_IBAN = rf"(?i)iban(?:[ \-]?(?:number|no|nr|code|is))?[^\pL\pN]{{0,6}}([a-z]{{2}}{GAP}\d{GAP}\d(?:{GAP}[a-z0-9]){{11,30}})"
GROUPED_CARD = r"\b(?:\d{4}(?:[ \-.]|  )\d{4}(?:[ \-.]|  )\d{4}(?:[ \-.]|  )\d{4}(?:[ \-]\d{3})?|\d{4}[ \-.]\d{6}[ \-.]\d{4,5})\b"
NAMED_CARD = r"\b\d(?:[ \-.]{0,2}\d){12,18}\b"
PLAIN_CARD = r"\b\d{13,19}\b"
MAX_TRIED = 4  # a match may have run into the next number, group by group
# What is said behind a card: its date, its code, or the fields of a list of stolen ones.
FOLLOWS_CARD = r"(?i)^[^\pL\d\n]{0,4}(?:exp|valid|cvv|cvc|cid\b|\d{1,2}[/|]\d{2,4}\b)"
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
    named = [match.span(1) for match in compiled(NAMED_IBAN).finditer(raw)]
    for start, end in named:
        size = _iban_size(raw[start:end].decode().upper())
        if size and not raw[start + size : start + size + 1].isalnum():
            yield _iban(raw, start, size)
    position = 0
    while match := compiled(IBAN).search(raw, position):
        size = _iban_size(match.group().decode())
        holds = size > 0 and stands_alone(raw, match.start(), match.start() + size, b"_/=")
        if holds:
            yield _iban(raw, match.start(), size)
        position = match.start() + (size if holds else 1)  # what is none may have run into one


def _iban(raw: bytes, start: int, size: int) -> Span:
    return Span("iban", raw[start : start + 2].decode().upper(), start, start + size)


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
    """Numbers in the groups that cards show; others only where a word before or behind says what they are."""
    for match in compiled(GROUPED_CARD).finditer(raw):
        gaps = {one for one in match.group().decode() if not one.isdigit()}
        if len(gaps) == 1:
            yield from _card(raw, match.start(), match.end())
    for match in compiled(PLAIN_CARD).finditer(raw):
        if compiled(FOLLOWS_CARD).search(raw[match.end() : match.end() + 16]):
            yield from _card(raw, match.start(), match.end())
    for match in compiled(NAMED_CARD).finditer(raw):
        if after_word(raw, match.start(), CARD_WORDS):
            yield from _longest_card(raw, match.start(), match.end())


def _longest_card(raw: bytes, start: int, end: int) -> Iterator[Span]:
    for _ in range(MAX_TRIED):
        found = list(_card(raw, start, end))
        if found or end <= start:
            yield from found
            return
        end = start + len(raw[start:end].rstrip(b"0123456789").rstrip(b" -."))


def _card(raw: bytes, start: int, end: int) -> Iterator[Span]:
    number = "".join(filter(str.isdigit, raw[start:end].decode()))
    issuer = issuer_of(number)
    longer = raw[max(0, start - 2) : start - 1].isdigit() or raw[end + 1 : end + 2].isdigit()  # a group of a longer row
    of_a_list = raw[end : end + 1] == b"|"  # number|month|year|code
    if issuer and (of_a_list or not longer) and number not in TEST_CARDS and luhn(number) and stands_alone(raw, start, end):
        yield Span("card", issuer, start, end)


def issuer_of(number: str) -> str:
    """Whose card has this number, "" where nobody's."""
    for issuer, first, last, lengths in ISSUERS:
        if len(number) in lengths and first <= number[: len(first)] <= last:
            return issuer
    return ""
