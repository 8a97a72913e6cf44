"""Numbers that a state gave a person.

Check digits alone let one number in ten or a hundred through: a bare row of digits counts only after its name ("PESEL", "CPF",
"NHS number"); what has a form of its own counts by itself.
"""

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.personal import identity_checks as check
from pipeline.personal.spans import BORDER, Span, after_word, compiled, stands_alone

DATE = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"  # month and day
STATES = "AS|BC|BS|CC|CS|CH|CL|CM|DF|DG|GT|GR|HG|JC|MC|MN|MS|NT|NL|OC|PL|QT|QR|SP|SL|SR|TC|TS|TL|VZ|YN|ZS|NE"  # of a CURP
THREES = r"\d{3}[ \-]?\d{3}[ \-]?\d{3}"


class Identity(NamedTuple):
    """What one country gives."""

    country: str
    form: str  # RE2; letters in upper case
    holds: Callable[[str], bool]
    words: str = ""  # RE2, one of which has to stand before it; "": the form says enough


IDENTITIES = (
    Identity("Argentina", r"(?:20|23|24|27)-\d{8}-\d", check.argentina),
    Identity("Argentina", r"(?:20|23|24|27)\d{9}", check.argentina, r"cui[lt]"),
    Identity("Australia", THREES, check.australia, r"tfn|tax file n\w+"),
    Identity("Austria", r"[1-9]\d{3} ?\d{6}", check.austria, r"svnr|sv-nr|sv-nummer|sozialversicherungs?\w*"),
    Identity("Belgium", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", check.belgium),
    Identity("Belgium", r"\d{11}", check.belgium, r"rijksregister\w*|registre national|nrn|insz|niss"),
    Identity("Brazil", r"\d{3}\.\d{3}\.\d{3}-\d{2}", check.brazil),
    Identity("Brazil", r"\d{11}", check.brazil, r"cpf"),
    Identity("Bulgaria", r"\d{10}", check.bulgaria, r"егн|egn"),
    Identity("Canada", THREES, check.canada, r"sin|social insurance n\w+|nas|assurance sociale"),
    Identity("Chile", r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]", check.chile),
    Identity("Chile", r"\d{7,8}-[\dkK]", check.chile, r"ru[tn]"),
    Identity("China", rf"[1-8]\d{{5}}(?:19|20)\d{{2}}{DATE}\d{{3}}[\dX]", check.china),
    Identity("Croatia", r"\d{11}", check.croatia, r"oib"),
    Identity("Czechia", r"\d{6}/\d{4}", check.czechia),
    Identity("Ecuador", r"\d{9}-?\d", check.ecuador, r"c[eé]dula"),
    Identity("Estonia", r"[1-6]\d{10}", check.estonia, r"isikukood\w*|asmens kod\w+|personal code"),
    Identity("Finland", r"[0-3]\d[01]\d{3}[+\-A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", check.finland),
    Identity("France", r"[12] \d{2} (?:0[1-9]|1[0-2]) (?:\d{2}|2[AB]) \d{3} \d{3} ?\d{2}", check.france),
    Identity("France", r"[12]\d{4}(?:\d{2}|2[AB])\d{8}", check.france, r"nir|s[ée]curit[ée] sociale|insee|n° ?ss"),
    Identity("Germany", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", check.germany, r"steuer\w*|idnr|tin"),
    Identity("Greece", r"\d{11}", check.greece, r"αμκα|amka"),
    Identity("Hong Kong", r"[A-Z]{1,2}\d{6}\([\dA]\)", check.hong_kong),
    Identity("Iceland", r"\d{6}-?\d{4}", check.iceland, r"kennit\w+|kt"),
    Identity("India", r"\d{4}[ \-]?\d{4}[ \-]?\d{4}", check.india, r"aadha?ar|uid|uidai|आधार"),
    Identity("Ireland", r"\d{7}[A-W][ABHW]?", check.ireland, r"ppsn?"),
    Identity("Israel", r"\d{9}", check.israel, r"ת\.?ז\.?|תעודת זהות|teudat zehut|israeli id"),
    Identity("Italy", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", check.italy),
    Identity("Japan", r"\d{4}[ \-]?\d{4}[ \-]?\d{4}", check.japan, r"マイナンバー|個人番号|my number"),
    Identity("Mexico", rf"[A-Z][AEIOUX][A-Z]{{2}}\d{{2}}{DATE}[HMX](?:{STATES})[B-DF-HJ-NP-TV-Z]{{3}}[A-Z0-9]\d", check.mexico),
    Identity("Netherlands", r"\d{9}", check.netherlands, r"bsn|burgerservicenummer|sofi-?nummer"),
    Identity("Norway", r"\d{6} ?\d{5}", check.norway, r"f(?:ø|oe|o)dselsn\w+|personn\w+|d-nummer"),
    Identity("Poland", r"\d{11}", check.poland, r"pesel"),
    Identity("Portugal", r"[1-9]\d{2}[ \-]?\d{3}[ \-]?\d{3}", check.portugal, r"nif|contribuinte"),
    Identity("Romania", r"[1-9]\d{12}", check.romania, r"cnp|cod numeric personal"),
    Identity("Russia", r"\d{3}-\d{3}-\d{3}[ \-]\d{2}", check.russia),
    Identity("Serbia", r"\d{13}", check.serbia, r"jmbg|јмбг|emšo|emso|матичн\w+"),
    Identity("Singapore", r"[STFGM]\d{7}[A-Z]", check.singapore, r"nric|fin|identity card|ic"),
    Identity("South Africa", r"\d{13}|\d{6} \d{4} \d{3}", check.south_africa, r"id|identity"),
    Identity("South Korea", rf"\d{{2}}{DATE}-[1-8]\d{{6}}", check.korea),
    Identity("Spain", r"\d{8}-?[A-HJ-NP-TV-Z]", check.spain, r"dni|nif|documento nacional"),
    Identity("Spain", r"[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]", check.spain, r"nie|nif|extranjero"),
    Identity("Sweden", rf"(?:19|20)\d{{2}}{DATE}-\d{{4}}", check.sweden),
    Identity("Sweden", r"(?:\d{2})?\d{6}[+\-]?\d{4}", check.sweden, r"personn\w+|pers\.?nr|pnr"),
    Identity("Switzerland", r"756\.\d{4}\.\d{4}\.\d{2}", check.switzerland),
    Identity("Switzerland", r"756\d{10}", check.switzerland, r"ahv\w*|avs\w*"),
    Identity("Taiwan", r"[A-Z][1289]\d{8}", check.taiwan, r"身[分份]證\w*|統一編號|national id|id"),
    Identity("Thailand", r"[1-8]-\d{4}-\d{5}-\d{2}-\d", check.thailand),
    Identity("Thailand", r"[1-8]\d{12}", check.thailand, r"ประชาชน|thai id"),
    Identity("Turkey", r"[1-9]\d{10}", check.turkey, r"t\.?c\.?|kimlik\w*|tckn"),
    Identity("Ukraine", r"\d{10}", check.ukraine, r"рнокпп|ідентифікаційн\w+|іпн"),
    Identity("United Kingdom", r"\d{3}[ \-]?\d{3}[ \-]?\d{4}", check.united_kingdom, r"nhs"),
    Identity("United States", r"\d{3}-\d{2}-\d{4}", check.united_states, r"ssn|social security"),
)
REACH = 40  # bytes before a number that its name may stand in


@functools.cache
def _shapes() -> str:
    """All forms at once. Longer ones first: an alternation takes the first that fits."""
    forms = dict.fromkeys(one.form for one in sorted(IDENTITIES, key=lambda one: -len(one.form)))
    return rf"\b(?:{'|'.join(f'(?:{form})' for form in forms)})"


def national_ids(raw: bytes) -> Iterator[Span]:
    for identity, start, end in _fitting(raw):
        holds = _is_free(raw, start, end) and identity.holds(plain(raw[start:end].decode()))
        if holds and (not identity.words or after_word(raw, start, identity.words, REACH)):
            yield Span("national_id", identity.country, start, end)


def _fitting(raw: bytes) -> Iterator[tuple[Identity, int, int]]:
    """Every stretch that has the form of an identity, with that identity: a page without any is read once."""
    if not compiled(_shapes()).search(raw):
        return
    for identity in IDENTITIES:
        if identity.words and not compiled(rf"(?i)(?:^|{BORDER})(?:{identity.words})(?:{BORDER}|$)").search(raw):
            continue
        for match in compiled(rf"\b(?:{identity.form})").finditer(raw):
            yield identity, match.start(), match.end()


def plain(number: str) -> str:
    """Without what only makes it easier to read: "123.456.789-09" -> "12345678909"."""
    return "".join(one for one in number.upper() if one.isalnum())


def _is_free(raw: bytes, start: int, end: int) -> bool:
    longer = raw[max(0, start - 2) : start - 1].isdigit() and raw[max(0, start - 1) : start] == b" "
    return not longer and stands_alone(raw, start, end, b"./-:_@=+")
