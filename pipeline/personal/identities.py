"""Numbers that a state gave a person.

Check digits alone let one number in ten or a hundred through: a bare row of digits counts only after its name ("PESEL", "CPF",
"NHS number"); what has a form of its own counts by itself.
"""

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import re2

from pipeline.personal import identity_checks as check
from pipeline.personal.spans import BORDER, Span, after_word, compiled, options, stands_alone

DATE = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"  # month and day
STATES = "AS|BC|BS|CC|CS|CH|CL|CM|DF|DG|GT|GR|HG|JC|MC|MN|MS|NT|NL|OC|PL|QT|QR|SP|SL|SR|TC|TS|TL|VZ|YN|ZS|NE"  # of a CURP
GAP = r"[ .\-/]?"


def spaced(digits: int) -> str:
    """So many digits, in whatever groups people write them: only after a name."""
    return rf"\d(?:{GAP}\d){{{digits - 1}}}"


class Identity(NamedTuple):
    """What one country gives."""

    country: str
    form: str  # RE2; letters in upper case, met in either
    holds: Callable[[str], bool]
    words: str = ""  # RE2, one of which has to stand before it; "": the form says enough


IDENTITIES = (
    Identity("Argentina", r"(?:20|23|24|27)-\d{8}-\d", check.argentina),
    Identity("Argentina", rf"(?:20|23|24|27){GAP}{spaced(9)}", check.argentina, r"cui[lt]"),
    Identity("Australia", spaced(9), check.australia, r"tfn|tax file n\w+"),
    Identity("Austria", rf"[1-9]\d{{3}}{GAP}{spaced(6)}", check.austria, r"svnr|sv-nr|sv-nummer|sozialversicherungs?\w*"),
    Identity("Belgium", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", check.belgium),
    Identity("Belgium", spaced(11), check.belgium, r"rijksregister\w*|numéro national|registre national|nrn|insz|niss|nn"),
    Identity("Brazil", r"\d{3}\.\d{3}\.\d{3}-\d{2}", check.brazil),
    Identity("Brazil", spaced(11), check.brazil, r"cpf"),
    Identity("Bulgaria", spaced(10), check.bulgaria, r"егн|egn"),
    Identity("Canada", spaced(9), check.canada, r"sin|social insurance n\w+|nas|assurance sociale"),
    Identity("Chile", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", check.chile),
    Identity("Chile", rf"\d{{1,2}}{GAP}\d{{3}}{GAP}\d{{3}}{GAP}[\dK]", check.chile, r"ru[tn]"),
    Identity("China", rf"[1-8]\d{{5}}(?:19|20)\d{{2}}{DATE}\d{{3}}[\dX]", check.china),
    Identity("China", rf"[1-8]\d{{5}} ?(?:19|20)\d{{2}}{DATE} ?\d{{3}}[\dX]", check.china, r"身份证|身份證|公民身份"),
    Identity("Croatia", rf"(?:HR)?{spaced(11)}", check.croatia, r"oib"),
    Identity("Czechia", r"\d{6}/\d{4}", check.czechia),
    Identity("Czechia", r"\d{6}[ /]?\d{4}", check.czechia, r"rodn[eé] č[ií]slo|rč"),
    Identity("Ecuador", spaced(10), check.ecuador, r"c[eé]dula"),
    Identity("Dominican Republic", r"\d{3}-?\d{7}-?\d", check.dominican_republic, r"c[eé]dula"),
    Identity("Denmark", r"\d{6}-\d{4}", check.denmark, r"cpr\w*|personnummer"),
    Identity("Estonia", rf"[1-6]{GAP}{spaced(10)}", check.estonia, r"isikukood\w*|asmens kod\w+|personal code"),
    Identity("Finland", r"[0-3]\d[01]\d{3}[+\-A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", check.finland),
    Identity(
        "France", r"[12][ .\-]\d{2}[ .\-](?:0[1-9]|1[0-2])[ .\-](?:\d{2}|2[AB])[ .\-]\d{3}[ .\-]\d{3}[ .\-]?\d{2}", check.france
    ),
    Identity(
        "France",
        rf"[12]{GAP}\d{{2}}{GAP}\d{{2}}{GAP}(?:\d{{2}}|2[AB]){GAP}{spaced(8)}",
        check.france,
        r"nir|s[ée]curit[ée] sociale|insee|n° ?ss",
    ),
    Identity("Germany", spaced(11), check.germany, r"steuer\w*|idnr|tin|identifikationsnummer"),
    Identity("Greece", spaced(11), check.greece, r"αμκα|amka"),
    Identity("Greece", spaced(9), check.greece_taxes, r"αφμ|α\.φ\.μ\.?|afm"),
    Identity("Hong Kong", r"[A-Z]{1,2}\d{6}\([\dA]\)", check.hong_kong),
    Identity("Hungary", spaced(9), check.hungary, r"taj"),
    Identity("Iceland", rf"\d{{6}}{GAP}\d{{4}}", check.iceland, r"kennit\w+|kt"),
    Identity("India", spaced(12), check.india, r"aadha?a?r|uid|uidai|आधार"),
    Identity("Ireland", rf"\d{{7}}{GAP}[A-W][ABHW]?", check.ireland, r"ppsn?"),
    Identity("Israel", rf"\d(?:{GAP}\d){{7,8}}", check.israel, r"ת\.?ז\.?|תעודת זהות|teudat zehut|israeli id"),
    Identity("Italy", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", check.italy),
    Identity("Japan", spaced(12), check.japan, r"マイナンバー|個人番号|my number"),
    Identity("Latvia", r"\d{6}-\d{5}", check.latvia, r"personas kod\w*"),
    Identity("Mexico", rf"[A-Z][AEIOUX][A-Z]{{2}}\d{{2}}{DATE}[HMX](?:{STATES})[B-DF-HJ-NP-TV-Z]{{3}}[A-Z0-9]\d", check.mexico),
    Identity("Netherlands", spaced(9), check.netherlands, r"bsn|burgerservicenummer|sofi-?nummer"),
    Identity("Norway", spaced(11), check.norway, r"f(?:ø|oe|o)dselsn\w+|personn\w+|d-nummer"),
    Identity("Poland", spaced(11), check.poland, r"pesel"),
    Identity("Portugal", rf"[1-9]{GAP}{spaced(8)}", check.portugal, r"nif|contribuinte"),
    Identity("Romania", rf"[1-9]{GAP}{spaced(12)}", check.romania, r"cnp|cod numeric personal"),
    Identity("Russia", r"\d{3}-\d{3}-\d{3}[ \-]\d{2}", check.russia),
    Identity("Russia", spaced(11), check.russia, r"снилс"),
    Identity("Russia", r"\d{12}", check.russia_taxes, r"инн"),
    Identity("Serbia", spaced(13), check.serbia, r"jmbg|јмбг|emšo|emso|матичн\w+"),
    Identity("Singapore", r"[STFGM]\d{7}[A-Z]", check.singapore, r"nric|fin|identity card|ic"),
    Identity("South Africa", spaced(13), check.south_africa, r"id|identity"),
    Identity("South Korea", rf"\d{{2}}{DATE}-[1-8]\d{{6}}", check.korea),
    Identity("South Korea", rf"\d{{2}}{DATE}{GAP}[1-8]\d{{6}}", check.korea, r"주민등록번호|주민번호|외국인등록번호"),
    Identity("Spain", rf"\d{{1,2}}{GAP}\d{{3}}{GAP}\d{{3}}{GAP}[A-HJ-NP-TV-Z]", check.spain, r"dni|nif|documento nacional"),
    Identity("Spain", rf"[XYZ]{GAP}{spaced(7)}{GAP}[A-HJ-NP-TV-Z]", check.spain, r"nie|nif|extranjero"),
    Identity("Sweden", rf"(?:19|20)\d{{2}}{DATE}-\d{{4}}", check.sweden),
    Identity("Sweden", r"(?:\d{2})?\d{6}[+ \-]?\d{4}", check.sweden, r"personn\w+|pers\.?nr|pnr"),
    Identity("Switzerland", r"756\.\d{4}\.\d{4}\.\d{2}", check.switzerland),
    Identity("Switzerland", rf"756{GAP}{spaced(10)}", check.switzerland, r"ahv\w*|avs\w*"),
    Identity("Taiwan", r"[A-Z][1289]\d{8}", check.taiwan, r"身[分份]證\w*|統一編號|national id|id"),
    Identity("Thailand", r"[1-8]-\d{4}-\d{5}-\d{2}-\d", check.thailand),
    Identity("Thailand", rf"[1-8]{GAP}{spaced(12)}", check.thailand, r"ประชาชน|thai id"),
    Identity("Turkey", rf"[1-9]{GAP}{spaced(10)}", check.turkey, r"t\.?c\.?|kimlik\w*|tckn"),
    Identity("Ukraine", spaced(10), check.ukraine, r"рнокпп|ідентифікаційн\w+|іпн"),
    Identity("United Kingdom", spaced(10), check.united_kingdom, r"nhs"),
    Identity(
        "United Kingdom",
        rf"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]{GAP}{spaced(6)}{GAP}[A-D]",
        check.united_kingdom_insurance,
        r"national insurance|ni (?:no|number)|nino",
    ),
    Identity("United States", r"\d{3}-\d{2}-\d{4}", check.united_states, r"ssn|social security"),
    Identity("United States", r"\d{3}[ .]?\d{2}[ .]?\d{4}", check.united_states, r"ssn|social security(?: n\w+)?"),
)
REACH = 40  # bytes before a number that its name may stand in


@functools.cache
def _shapes(named: bool) -> str:
    """The forms of all that need a name, or of all others. Longer ones first: an alternation takes the first that fits."""
    forms = dict.fromkeys(one.form for one in sorted(IDENTITIES, key=lambda one: -len(one.form)) if bool(one.words) == named)
    return rf"(?i)\b(?:{'|'.join(f'(?:{form})' for form in forms)})"


def _as_word(words: str) -> str:
    return rf"(?i)(?:^|{BORDER})(?:{words})(?:{BORDER}|$)"


@functools.cache
def _names() -> re2.Set:
    """The names of all at once: which stand on a page is known after one pass."""
    found = re2.Set.SearchSet(options())
    for one in IDENTITIES:
        found.Add(_as_word(one.words or "^$"))
    found.Compile()
    return found


def national_ids(raw: bytes) -> Iterator[Span]:
    for identity, start, end in _fitting(raw):
        holds = _is_free(raw, start, end) and identity.holds(plain(raw[start:end].decode()))
        if holds and (not identity.words or after_word(raw, start, identity.words, REACH)):
            yield Span("national_id", identity.country, start, end)


def _fitting(raw: bytes) -> Iterator[tuple[Identity, int, int]]:
    """Every stretch that has the form of an identity, with that identity: a page without any is read once or twice."""
    has_form = compiled(_shapes(named=False)).search(raw)
    named = set((compiled(_shapes(named=True)).search(raw) and _names().Match(raw)) or ())
    for number, identity in enumerate(IDENTITIES if has_form or named else ()):
        if not (number in named if identity.words else has_form):
            continue
        for match in compiled(rf"(?i)\b(?:{identity.form})").finditer(raw):
            yield identity, match.start(), match.end()


def plain(number: str) -> str:
    """Without what only makes it easier to read: "123.456.789-09" -> "12345678909"."""
    return "".join(one for one in number.upper() if one.isalnum())


def _is_free(raw: bytes, start: int, end: int) -> bool:
    longer = raw[max(0, start - 2) : start - 1].isdigit() and raw[max(0, start - 1) : start] == b" "
    return not longer and stands_alone(raw, start, end, b"./-:_@=+")
