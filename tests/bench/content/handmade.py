"""Texts written by hand with personal data in them, as pages have it, and without; nothing here is anybody's.

⟦kind|…⟧ is a true span. The first word is the page's language.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MARK = re.compile(r"⟦(\w+)\|([^⟧]*)⟧")
LINES = """
en Write to ⟦email|margaret.holt@btinternet.com⟧, or ring her on ⟦phone|+44 20 7946 0018⟧ after six.
en Contact: ⟦email|Sales@Big-Machines.co.uk⟧. We answer within a day.
en Bob (⟦email|bob_77@mail.ru⟧) and Eve <⟦email|eve+list@gmail.com⟧> were the only ones who signed.
en Mail the form to ⟦email|forms@city.gov⟧.Please use black ink.
de Die Liste ⟦email|haus-und-hof@lists.verein.de⟧-Mailingliste hat elf Leser, <⟦email|pekka@iki.fi⟧> schreibt am meisten.
en Use user@example.com in your tests, and never root@localhost.
en Clone it with git clone git@github.com:someone/something.git and run make.
en The decorator @property turns a method into an attribute; see also @staticmethod.
de Rückfragen an ⟦email|h.mueller@t-online.de⟧ oder Tel. ⟦phone|030 / 227 32152⟧ (Frau Weber).
de Fax: ⟦phone|(0221) 4710-123⟧
de Die Bestellnummer 0302273215 bitte immer angeben.
fr Appelez-nous au téléphone : ⟦phone|01 42 68 53 00⟧, du lundi au vendredi.
fr Le train 01 42 68 part à 7 h 05.
es Llame al teléfono ⟦phone|91 330 28 00⟧ para reservar.
it Per informazioni: tel. ⟦phone|06 6988 4676⟧.
ja お問い合わせは電話 ⟦phone|03-3581-0101⟧ まで。
ru Телефон: ⟦phone|+7 495 697-03-49⟧, звонить после обеда.
en Call (⟦phone|(212) 736-5000⟧) to book a room, or see room 212 yourself.
en Toll-free: ⟦phone|1-800-275-8777⟧ is answered by a machine.
en Call us at ⟦phone|212-736-5000⟧ today.
en Between 1914-1918 and 1939-1945 the village lost 212 men; 736 came back in 5000 days.
en The kernel 5.10.0.28 replaced 5.10.0-27 in version 85.14.132.117 of nothing.
en Three failed logins came from ⟦ip_address|85.214.132.117⟧ and one from 192.168.0.14.
en Ping to ⟦ip_address|2a01:4f8:c0c:1234::2⟧ took 12 ms, to ::1 none.
en The network 203.0.113.0/24 is for documentation, and 127.0.0.1 is home.
en Section 4.12.3.1 explains the clock; at 12:34:56 it strikes.
de Überweisen Sie auf ⟦iban|DE02 1203 0000 0000 2020 51⟧, BIC BYLADEM1001.
en IBAN ⟦iban|GB33BUKB20201555555555⟧ belongs to the club.
nl Ons nummer is ⟦iban|NL02 ABNA 0123 4567 89⟧ ten name van de vereniging.
en The account GB34 BUKB 2020 1555 5555 55 was mistyped.
en Paid with ⟦card|4916 6734 7572 5015⟧ on Monday.
en My card number is ⟦card|5425233430109903⟧ and it is lost.
en Serial 5425233430109903 is engraved on the lid.
en Parcel 4916 6734 7572 5016 is on its way.
pt O CPF dele é ⟦national_id|111.444.777-35⟧ e o RG foi perdido.
pl PESEL: ⟦national_id|44051401359⟧, urodzony w Łodzi.
es Doña Ana, con DNI ⟦national_id|12345678Z⟧, firma aquí.
it Codice fiscale ⟦national_id|MRTMTT91D08F205J⟧, residente a Milano.
fr N° SS : ⟦national_id|2 55 08 14 168 025 38⟧
zh 身份证号码是 ⟦national_id|11010519491231002X⟧ 。
en Her NHS number is ⟦national_id|943 476 5919⟧.
en His SSN was ⟦national_id|536-90-4399⟧ and he told everybody.
en Part 536-90-4399 fits the older mowers.
fi Henkilötunnus ⟦national_id|131052-308T⟧ on esimerkki.
sv Personnummer: ⟦national_id|811228-9874⟧
en Between 44051401359 and 44051401360 lies nothing.
en The commit 3f786850e387550fdab836ed7e6dc881de23001b fixed it.
en Released 2024-05-01 as ISBN 978-3-16-148410-0 and DOI 10.1000/182.
en UUID 123e4567-e89b-12d3-a456-426614174000 names the disk.
en Set AWS_ACCESS_KEY_ID to AKIAIOSFODNN7EXAMPLE before you start.
en Connect with postgres://app:⟦secret|r7Gk2mQ9⟧@db.internal.net:5432/main and hope.
en Connect with postgres://user:password@host:5432/db as the manual says.
en api_key = "⟦secret|q8Zr3Lw0Yt7Bn5Kx2Vd9Hs4M⟧"
en password = "correct_horse_battery_staple"
en Pi is 3.14159265358979, and e 2.71828182845905.
en Population: 1,234,567 (2011), 1,345,678 (2021).
en Tel Aviv has 460613 people, and phone boxes were 2019 in number.
"""


class Text(NamedTuple):
    language: str
    text: str
    spans: list[tuple[str, int, int]]


def texts() -> Iterator[Text]:
    for line in LINES.strip().splitlines():
        language, _, marked = line.partition(" ")
        yield Text(language, *unmarked(marked))


def unmarked(marked: str) -> tuple[str, list[tuple[str, int, int]]]:
    """The text as a page has it, and its spans."""
    plain, spans, position = "", [], 0
    for mark in MARK.finditer(marked):
        plain += marked[position : mark.start()]
        spans.append((mark.group(1), len(plain), len(plain) + len(mark.group(2))))
        plain += mark.group(2)
        position = mark.end()
    return plain + marked[position:], spans
