"""Personal data that nobody has, and what only looks like it: made by a seed, in sentences, each with the spans that are true.

Numbers are drawn from their forms and kept when `python-stdnum`, the peer, calls them valid; for what it does not know our own
check decides. Near misses are wrong in what tells the kind: a check digit, a range, a date, a reserved name, a placeholder;
or they are another thing of the same shape, as versions, ISBNs, hashes, timestamps and order numbers are.
"""

import importlib
import ipaddress
import random
import string
import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import phonenumbers
import re2
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from pipeline.personal.accounts import IBAN_LENGTHS, ISSUERS
from pipeline.personal.identities import IDENTITIES, Identity, plain
from pipeline.personal.secrets import SERVICES
from tests.bench.content.sampler import drawn

PEERS = {
    "argentina": "ar.cuit",
    "australia": "au.tfn",
    "austria": "at.vnr",
    "belgium": "be.nn",
    "brazil": "br.cpf",
    "bulgaria": "bg.egn",
    "canada": "ca.sin",
    "chile": "cl.rut",
    "china": "cn.ric",
    "croatia": "hr.oib",
    "czechia": "cz.rc",
    "denmark": "dk.cpr",
    "dominican_republic": "do.cedula",
    "ecuador": "ec.ci",
    "estonia": "ee.ik",
    "finland": "fi.hetu",
    "france": "fr.nir",
    "germany": "de.idnr",
    "greece": "gr.amka",
    "greece_taxes": "gr.vat",
    "iceland": "is_.kennitala",
    "india": "in_.aadhaar",
    "ireland": "ie.pps",
    "israel": "il.idnr",
    "italy": "it.codicefiscale",
    "japan": "jp.in_",
    "korea": "kr.rrn",
    "latvia": "lv.pvn",
    "mexico": "mx.curp",
    "netherlands": "nl.bsn",
    "norway": "no.fodselsnummer",
    "poland": "pl.pesel",
    "portugal": "pt.nif",
    "romania": "ro.cnp",
    "russia_taxes": "ru.inn",
    "serbia": "si.emso",
    "south_africa": "za.idnr",
    "spain": "es.nif",
    "sweden": "se.personnummer",
    "switzerland": "ch.ssn",
    "thailand": "th.pin",
    "turkey": "tr.tckimlik",
    "ukraine": "ua.rntrc",
    "united_kingdom": "gb.nhs",
    "united_states": "us.ssn",
}
MARKED = ("finland", "sweden", "korea", "czechia")  # a mark is part of what the peer reads
NAMES = "anna joao li.wei m-schulz o_brien kate99 sven.berg x.y fatima_zahra j.r.doe info press+news".split()
DOMAINS = "gmail.com web.de uni-koeln.de ox.ac.uk yandex.ru qq.com free.fr libero.it uol.com.br naver.com wp.pl kth.se".split()
REGIONS = {"en": "US", "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "pt": "BR", "nl": "NL", "pl": "PL", "ja": "JP", "sv": "SE"}
ANNOUNCING = {
    "en": "phone",
    "de": "Tel.",
    "fr": "Tél.",
    "es": "Teléfono",
    "it": "Tel.",
    "pt": "Telefone",
    "nl": "Telefoon",
    "pl": "tel.",
    "ja": "電話番号",
    "sv": "Telefon",
}
AROUND = (
    ("The garden opens at nine; ", " is what the sign at the gate says."),
    ("Wer mehr wissen will: ", ", so steht es im Heft."),
    ("Écrit au dos du livre : ", " et rien d'autre."),
    ("Según el cartel, ", " y nada más."),
    ("看板上写着 ", " 就这些。"),
    ("(", ")"),
    ("name;value\nx;", "\ny;none"),
)


class Case(NamedTuple):
    """A text and the one span that is true, or none."""

    kind: str
    what: str
    text: str
    start: int
    end: int  # = start: nothing is there
    language: str = "en"


def cases(per_kind: int, seed: int = 0) -> Iterator[Case]:
    """For each kind as many that hold and as many that only look so."""
    for kind, (valid, near) in MAKERS.items():
        rng = random.Random(f"{kind} {seed}")
        for number in range(per_kind):
            what, before, value, language = valid(rng, number)
            yield _placed(kind, what, before, value, language, rng)
            lead, value = near(rng, number)
            case = _placed(kind, "near miss", lead, value, "en", rng)
            yield case._replace(end=case.start)


def _placed(kind: str, what: str, before: str, value: str, language: str, rng: random.Random) -> Case:
    opening, closing = rng.choice(AROUND)
    head = opening + before
    return Case(kind, what, head + value + closing, len(head), len(head) + len(value), language)


Valid = tuple[str, str, str, str]  # what, words before it, the value, language
Near = tuple[str, str]


def email(rng: random.Random, number: int) -> Valid:
    return "e-mail address", "", f"{rng.choice(NAMES)}{rng.choice(['', '7', '.x'])}@{rng.choice(DOMAINS)}", "en"


def near_email(rng: random.Random, number: int) -> Near:
    name = rng.choice(NAMES)
    looks = (
        f"{name}@example.com",
        f"{name}@localhost",
        f"{name}@host.example",
        f"git@github.com:{name}/tool.git",
        f"@{name}",
        f"{name}@2x.png",
        f"stalls at market dot com, row {len(name)}",
        f"{name}@[host]",
        f"a@{rng.randint(10, 99)}",
        f"{name}@tty1.service",
        f"{name}@mail.test",
    )
    return "", looks[number % len(looks)]


def phone(rng: random.Random, number: int) -> Valid:
    language, region = rng.choice(list(REGIONS.items()))
    found = _phone_of(region, rng)
    if number % 2:
        return region, "", phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL), language
    shown = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.NATIONAL)
    return region, f"{ANNOUNCING[language]}: ", shown, language


def _phone_of(region: str, rng: random.Random) -> Any:
    example = phonenumbers.example_number(region)
    shown = str(example.national_number)
    while True:
        found = phonenumbers.PhoneNumber()
        found.merge_from(example)
        found.national_number = int(shown[:-6] + "".join(rng.choice(string.digits) for _ in range(6)))
        if phonenumbers.is_valid_number(found):
            return found


def near_phone(rng: random.Random, number: int) -> Near:
    n = rng.randint(1000000, 9999999)
    looks = (
        ("", f"2019-{n % 12 + 1:02}-0{n % 9 + 1} 10:{n % 50 + 10}"),
        ("", f"+{n % 9 + 1} points"),
        ("ISBN ", f"978-3-16-{n % 1000000:06}-0"),
        ("order ", f"{n}-{n % 97}"),
        ("", f"+999 {n}"),
        ("", f"{n}"),
        ("lot ", f"{n % 1000:03} {n % 10000:04}"),
        ("", f"(555) 0{n % 100}-{n % 10000:04}"),
        ("", f"1{n % 10} {n % 1000:03} {n // 7 % 1000:03} km"),
        ("", f"+1 000 {n % 1000:03} {n % 10000:04}"),
        ("", f"{n / 1e4:.4f} {n / 3e3:.4f}"),
    )
    return looks[number % len(looks)]


def ip_address(rng: random.Random, number: int) -> Valid:
    while True:
        bits = 32 if number % 3 else 128
        value = rng.getrandbits(bits) if bits == 32 else (0x2 << 124) | rng.getrandbits(124)
        address = ipaddress.ip_address(value) if bits == 32 else ipaddress.IPv6Address(value)
        if address.is_global and not address.is_multicast and value & 255 not in (0, 255):
            return f"IPv{4 if bits == 32 else 6}", "", str(address), "en"


def near_ip_address(rng: random.Random, number: int) -> Near:
    a, b = rng.randint(0, 31), rng.randint(0, 31)
    looks = (
        ("", f"192.168.{a}.{b + 33}"),
        ("", f"10.{a + 40}.{b}.7"),
        ("version ", f"{a + 40}.{b}.99.3"),
        ("", f"{a}.{b}.{a}.{b}"),
        ("", f"300.{a}.{b}.77"),
        ("", f"fe80::{a + 10:x}{b + 10:x}:1"),
        ("", f"1{a + 10}:{b + 10}:22"),
        ("", "2001:db8::1:2:3"),
        ("", f"{a}.{b + 60}.{a}.{b}.9"),
        ("", f"203.{a}.{b + 50}.0/24"),
        ("", f"std::vector::{a + 10}"),
        ("", f"255.255.{a}.{b}"),
        ("", f"172.16.{a}.{b + 64}"),
    )
    return looks[number % len(looks)]


def iban(rng: random.Random, number: int) -> Valid:
    country = sorted(IBAN_LENGTHS)[number % len(IBAN_LENGTHS)]
    account = "".join(rng.choice(string.digits) for _ in range(IBAN_LENGTHS[country] - 4))
    whole = country + mod_97_10.calc_check_digits(account + country) + account
    spaced = " ".join(whole[place : place + 4] for place in range(0, len(whole), 4))
    return country, "", spaced if rng.random() < 0.6 else whole, "en"


def near_iban(rng: random.Random, number: int) -> Near:
    good = iban(rng, number)[2]
    place = rng.choice([at for at, one in enumerate(good) if one.isdigit() and at > 3])
    wrong = good[:place] + str((int(good[place]) + rng.randint(1, 8)) % 10) + good[place + 1 :]
    return "", (wrong, good[:-1], "ZZ" + good[2:], f"AB{rng.randint(10, 99)}CD{rng.randint(10**13, 10**14)}")[number % 4]


def card(rng: random.Random, number: int) -> Valid:
    issuer, first, last, lengths = ISSUERS[number % len(ISSUERS)]
    length = rng.choice([one for one in lengths if one in (14, 15, 16)])
    head = str(rng.randint(int(first), int(last)))
    body = head + "".join(rng.choice(string.digits) for _ in range(length - 1 - len(head)))
    whole = body + luhn.calc_check_digit(body)
    if number % 3 == 0:
        return issuer, rng.choice(["card number ", "Visa ", "Kreditkarte: "]), whole, "en"
    return issuer, "", _grouped(whole, rng.choice(" -")), "en"


def _grouped(whole: str, gap: str) -> str:
    sizes = (4, 6, len(whole) - 10) if len(whole) < 16 else (4, 4, 4, 4)
    places = [sum(sizes[:number]) for number in range(len(sizes) + 1)]
    return gap.join(whole[start:end] for start, end in pairwise(places))


def near_card(rng: random.Random, number: int) -> Near:
    good = "".join(filter(str.isdigit, card(rng, number)[2]))
    wrong = good[:-1] + str((int(good[-1]) + rng.randint(1, 9)) % 10)
    looks = (
        _grouped(wrong, " "),
        _grouped("9" + good[1:], "-"),
        good,
        "4111 1111 1111 1111",
        str(rng.randint(10**15, 10**16 - 1)),
        "0000 0000 0000 0000",
    )
    return ("card ", wrong) if number % 7 == 6 else ("", looks[number % 7 % len(looks)])


def national_id(rng: random.Random, number: int) -> Valid:
    identity = IDENTITIES[number % len(IDENTITIES)]
    while True:
        value = drawn(identity.form, rng)
        if is_valid(identity, value):
            before = f"{drawn(identity.words, rng)} " if identity.words else ""
            return identity.country, before, value, "en"


def is_valid(identity: Identity, value: str) -> bool:
    """By the peer where it knows the country and can tell, and by ours: dates that it does not look at are true here."""
    mine = bool(identity.holds(plain(value)))
    name = identity.holds.__name__
    if not mine or name not in PEERS or name in ("china", "mexico"):  # it wants a county's or a name's list there
        return mine
    peer = importlib.import_module(f"stdnum.{PEERS[name]}")
    return bool(peer.is_valid(value if name in MARKED else plain(value)))


def near_national_id(rng: random.Random, number: int) -> Near:
    identity = IDENTITIES[number % len(IDENTITIES)]
    if identity.words and number % 2:
        while True:
            value = national_id(rng, number)[2]
            if not has_form_of_its_own(value):
                return "no. ", value  # without its name
    while True:
        value = drawn(identity.form, rng)
        if not identity.holds(plain(value)) and not has_form_of_its_own(value):
            return f"{drawn(identity.words, rng)} " if identity.words else "", value


def has_form_of_its_own(value: str) -> bool:
    """Whether another country's number, which needs no name, looks just so and holds."""
    nameless = [one for one in IDENTITIES if not one.words]
    return any(
        re2.search(rf"(?i)\b(?:{one.form})", value) and one.holds(plain(re2.search(rf"(?i)\b(?:{one.form})", value)[0]))
        for one in nameless
    )


def secret(rng: random.Random, number: int) -> Valid:
    service, form = SERVICES[number % len(SERVICES)]
    return service, "key = ", drawn(form, rng), "en"


def near_secret(rng: random.Random, number: int) -> Near:
    hexadecimal = "".join(rng.choice("0123456789abcdef") for _ in range(40))
    looks = (
        ("key = ", "AKIAIOSFODNN7EXAMPLE"),
        ("token ", "ghp_" + "x" * 36),
        ("", hexadecimal),
        ("", "sk_live_your_key_goes_in_here_please"),
        ("", str(uuid.UUID(hexadecimal[:32]))),
        ("", "eyJhbGciOi.eyJzdWIi.short"),
        ("", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"),
        ("", "AIza" + "A" * 35),
        ("token = ", '"get_token_from_the_request_header"'),
        ("", "postgres://user:password@host/db"),
        ("sha256-", hexadecimal),
        ("", "xoxb-your-token-goes-here-please-now"),
    )
    return looks[number % len(looks)]


MAKERS: dict[str, tuple[Callable[[random.Random, int], Valid], Callable[[random.Random, int], Near]]] = {
    "email": (email, near_email),
    "phone": (phone, near_phone),
    "ip_address": (ip_address, near_ip_address),
    "iban": (iban, near_iban),
    "card": (card, near_card),
    "national_id": (national_id, near_national_id),
    "secret": (secret, near_secret),
}
