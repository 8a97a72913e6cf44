"""Dates as crawls and datasets write them, as one instant: microseconds since 1970 in UTC. What is not understood is unknown.

    2026-03-01T10:00:00.123456789Z   2026-03-01T11:00+01:00   2026-03   2026-03-01 10:00:00 UTC      ISO 8601, WARC 1.0 and 1.1
    20260301100000   20260301                                                                        CDX
    Sun, 01 Mar 2026 10:00:00 GMT   Sunday, 01-Mar-26 10:00:00 GMT   Sun Mar  1 10:00:00 2026        HTTP (RFC 9110 5.6.7)
    1772359200   1772359200.5   1772359200000   1772359200000000                                     epochs in s, ms, µs, ns

A date without a zone is UTC, one of less precision its beginning. Days and months in an order that has to be guessed are unknown.
"""

from collections.abc import Sequence
from functools import lru_cache

import re2

MICROSECONDS = 1_000_000
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
ZONES = {
    "z": 0,
    "utc": 0,
    "ut": 0,
    "gmt": 0,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
}
LONGEST = 64
EPOCH_LIMITS = ((10**11, MICROSECONDS), (10**14, 1000), (10**17, 1))  # below so many units: s, ms, µs; else ns

_CLOCK = r"(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
_ZONE = r" ?(z|utc|ut|gmt|[ecmp][sd]t|(?:utc|gmt)?[+-]\d\d(?::?\d\d)?)?(?: ?[\[(][^\])]*[\])])?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
ISO = re2.compile(rf"^(\d{{4}})(?:-(\d\d)(?:-(\d\d)(?:[t ] ?(?:{_CLOCK}|(\d\d)){_ZONE})?)?)?$")
DIGITS = re2.compile(r"^(\d{4})(\d\d)(\d\d)(?:t?(\d\d)(\d\d)(?:(\d\d)(?:[.,](\d+))?)?)?z?$")
RFC = re2.compile(rf"^{_WEEKDAY}(\d\d?)[ -]([a-z]{{3}})[a-z]*[ -](\d{{2}}|\d{{4}}),? {_CLOCK}{_ZONE}$")
ASCTIME = re2.compile(rf"^{_WEEKDAY}([a-z]{{3}})  ?(\d\d?) {_CLOCK}(?: (z|utc|gmt))? (\d{{4}})$")
EPOCH = re2.compile(r"^(-?\d{1,19})(?:\.(\d{1,12}))?$")


@lru_cache(maxsize=1 << 14)
def instant(written: str | None) -> int | None:
    """Microseconds since 1970-01-01T00:00:00Z, None where the date is unknown. Never raises."""
    text = " ".join(written.lower().split()) if written and len(written) <= LONGEST and written.isascii() else ""
    if found := ISO.match(text):
        year, month, day, hour, minute, second, fraction, bare_hour, zone = found.groups()
        return _at(year, month, day, (hour or bare_hour, minute, second, fraction), zone)
    if (found := DIGITS.match(text)) and "1900" <= found[1] < "2200":
        value = _at(found[1], found[2], found[3], found.groups()[3:], None)
        if value is not None:
            return value
    if found := RFC.match(text):
        day, month, year, *clock, zone = found.groups()
        return _at(_whole_year(year), _month(month), day, clock, zone)
    if found := ASCTIME.match(text):
        month, day, *clock, zone, year = found.groups()
        return _at(year, _month(month), day, clock, zone)
    if found := EPOCH.match(text):
        return _of_epoch(int(found[1]), found[2] or "")
    return None


def _of_epoch(count: int, fraction: str) -> int:
    for limit, microseconds in EPOCH_LIMITS:
        if abs(count) < limit:
            part = int(fraction.ljust(6, "0")[:6]) * microseconds // MICROSECONDS
            return count * microseconds + (part if count >= 0 else -part)
    return count // 1000


def _whole_year(year: str) -> str:
    """RFC 850 writes two digits: 69 and less are of this century, as POSIX has it."""
    return year if len(year) == 4 else f"{'20' if year < '69' else '19'}{year}"


def _month(name: str) -> str:
    """ "mar…" -> "3"; "0", which is no month, for what is none."""
    return f"{MONTHS.index(name) + 1}" if name in MONTHS else "0"


def _at(year: str, month: str | None, day: str | None, clock: Sequence[str | None], zone: str | None) -> int | None:
    """The instant of a date's parts as digits; None where there is no such day or time."""
    hour, minute, second = (int(part or 0) for part in clock[:3])
    days = _days(int(year), int(month or 1), int(day or 1))
    if days is None or hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    seconds = days * 86_400 + hour * 3600 + minute * 60 + second - _offset_seconds(zone or "z")
    return seconds * MICROSECONDS + int((clock[3] or "").ljust(6, "0")[:6])


def _days(year: int, month: int, day: int) -> int | None:
    """Days since 1970-01-01 in the Gregorian calendar, for years from 0 to 9999."""
    if not (1 <= month <= 12 and 1 <= day <= MONTH_DAYS[month - 1]):
        return None
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if month == 2 and day == 29 and not is_leap:
        return None
    before = year - 1
    days_before = sum(MONTH_DAYS[: month - 1]) - (month > 2 and not is_leap)
    return before * 365 + before // 4 - before // 100 + before // 400 + days_before + day - 1 - 719_162


def _offset_seconds(zone: str) -> int:
    """ "+02:00" -> 7200, "gmt" -> 0"""
    if zone in ZONES:
        return ZONES[zone] * 3600
    digits = zone.removeprefix("utc").removeprefix("gmt")
    seconds = int(digits[1:3]) * 3600 + int(digits[3:].removeprefix(":") or 0) * 60
    return -seconds if digits[0] == "-" else seconds
