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
en Write to ⟦email|jo.doe [at] gmail [dot] com⟧ or to ⟦email|press(at)city-hall.gov⟧.
en My e-mail is ⟦email|kate at firm dot co dot uk⟧, all small letters.
en Reach me: ⟦email|j_hale@outlook[.]com⟧; the stalls at market dot six are closed.
en We met at noon dot com was young then, and look at amazon dot com as it was.
fr Courriel : ⟦email|jean.petit arobase free point fr⟧.
de Kontakt: ⟦email|jörg@müller-bau.de⟧ oder ⟦email|post [ät] uni-bonn.de⟧
ru Почта: ⟦email|почта@пример.рф⟧
zh 邮箱⟦email|lihua@163.com⟧。
ja メール：⟦email|ｔａｒｏ＠ｎｉｆｔｙ．ｃｏｍ⟧
en He parks @ the mill, and pays 3 @ 2.50 each.
en Clone https://dev:⟦secret|hunter42x⟧@git.firm.com/a.git, and never https://user:password@host.com.
en ⟦phone|212.736.5000⟧, ⟦phone|1-212-736-5000⟧ and ⟦phone|1 (212) 736-5000⟧ are one hotel's.
en T: ⟦phone|020 7219 3000⟧ M: ⟦phone|07911 123456⟧
en ☎ ⟦phone|020 7219 3000⟧ and 📞 ⟦phone|020 7219 4272⟧
en Dial ⟦phone|+1–212–736–5000⟧, as the card has it.
de Telefonnummer: ⟦phone|0171 2345678⟧, Rufnummer ⟦phone|030 22732152⟧
fr Joignez-nous au ⟦phone|01 42 68 53 00⟧ avant midi.
fr Les tomes 01 42 68 53 sont perdus.
es Teléfono: ⟦phone|(+34) 91 330 28 00⟧; Tfno: ⟦phone|91 330 28 01⟧
it Telefono: ⟦phone|06-6988.4676⟧
pt Ligue para ⟦phone|(11) 91234-5678⟧ ou Telemóvel ⟦phone|912 345 678⟧.
nl Telefoonnummer: ⟦phone|06 12345678⟧
ru Звоните: ⟦phone|8 (495) 697-03-49⟧
ja ＴＥＬ　⟦phone|０３－３５８１－０１０１⟧
ja 電話：⟦phone|03（3581）0101⟧
zh 电话：⟦phone|０１０－６２７５１２３４⟧
ko 연락처 ⟦phone|010-1234-5678⟧
ar هاتف: ⟦phone|٠٢٢٧٩٥٤٥٢١⟧
fa تلفن: ⟦phone|۰۲۱۶۱۱۱۳۳۳۳⟧
tr Cep: ⟦phone|0532 123 45 67⟧
he טל: ⟦phone|02-675-3333⟧
id HP: ⟦phone|0812-3456-7890⟧
en The HP 1234567890 prints on both sides, model 212.736.50.
en The network 85.214.0.0/15 holds ⟦ip_address|85.214.132.117⟧/15, which is a host.
en nameserver ⟦ip_address|8.8.4.4⟧ answers; chapter 8.8.4.4 does not.
en The worm came from ⟦ip_address|85[.]214[.]132[.]117⟧.
en Route ⟦ip_address|2001:4860:4860::8888⟧/64 is up, 2001:4860::/32 is all of it.
en iban: ⟦iban|de89 3704 0044 0532 0130 00⟧, or IBAN ⟦iban|DE89.3704.0044.0532.0130.00⟧
en IBAN ⟦iban|DE89  3704  0044  0532  0130  00⟧, with two blanks; order PO12 3456 ⟦iban|GB82 WEST 1234 5698 7654 32⟧
en ⟦card|4916673475725015⟧|01|2025|123 was on that list, and ⟦card|4916.6734.7572.5015⟧ on this one.
en Card number: ⟦card|4916  6734  7572  5015⟧, or ⟦card|4916 67347572 5015⟧ as she wrote it.
ja カード番号 ⟦card|４９１６６７３４７５７２５０１５⟧
en ⟦card|4916673475725015⟧ exp 01/25
es DNI: ⟦national_id|12.345.678-Z⟧ y dni ⟦national_id|12345678z⟧
pt CPF nº ⟦national_id|111 444 777 35⟧
nl BSN: ⟦national_id|1112.22.333⟧
it codice ⟦national_id|mrtmtt91d08f205j⟧
en SSN: ⟦national_id|536904399⟧, and Social Security Number ⟦national_id|536 90 4399⟧.
en National Insurance number: ⟦national_id|AB 12 34 56 C⟧
zh 身份证号 ⟦national_id|110105 19491231 002X⟧
ko 주민등록번호 ⟦national_id|9001011234568⟧
ru СНИЛС ⟦national_id|11223344595⟧, ИНН ⟦national_id|500100732259⟧
da CPR-nr. ⟦national_id|211062-5629⟧
hu TAJ szám ⟦national_id|111 111 110⟧
en HKID ⟦national_id|G123456(A)⟧
en API_KEY=⟦secret|q8Zr3Lw0Yt7Bn5Kx2Vd9Hs4M⟧
en Authorization: Bearer ⟦secret|q8Zr3Lw0Yt7Bn5Kx2Vd9Hs4MpQ⟧
en It reads __⟦secret|ghp_q8Zr3Lw0Yt7Bn5Kx2Vd9Hs4MpQ6Rj1CfGw0T⟧__ in bold.
en curl -u admin:⟦secret|r7Gk2mQ9x⟧ https://wiki.firm.com
en API_KEY=your_api_key_goes_here_please and secret=process.env.SECRET_KEY_BASE_2.
en redis://:⟦secret|r7Gk2mQ9⟧@cache.firm.com:6379
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
