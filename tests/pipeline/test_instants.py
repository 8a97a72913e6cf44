"""Dates of crawls and datasets as instants, beside what the standard library makes of those it can read."""

import datetime
import email.utils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.instants import instant

MARCH = 1_772_359_200_000_000  # 2026-03-01T10:00:00Z


@pytest.mark.parametrize("written", [
    "2026-03-01T10:00:00Z", "2026-03-01T10:00:00", "2026-03-01 10:00:00", "2026-03-01t10:00:00z", "2026-03-01T10:00:00.000Z",
    "2026-03-01T10:00Z", "2026-03-01T10Z", "2026-03-01T12:00:00+02:00", "2026-03-01T12:00:00+0200", "2026-03-01T12:00:00 +02",
    "2026-03-01T04:30:00-05:30", "2026-03-01 10:00:00 UTC", "2026-03-01T11:00:00+01:00[Europe/Berlin]", "2026-03-01T10:00:00,0Z",
    "20260301100000", "20260301T100000Z", "202603011000",
    "Sun, 01 Mar 2026 10:00:00 GMT", "Sun, 1 Mar 2026 12:00:00 +0200", "Sunday, 01-Mar-26 10:00:00 GMT",
    "Sun Mar  1 10:00:00 2026", "Sun Mar 01 10:00:00 UTC 2026", "1 March 2026 10:00 utc", "Sun, 01 Mar 2026 02:00:00 PST",
    "1772359200", "1772359200.0", "1772359200000", "1772359200000000", "1772359200000000000", " 1772359200\n",
    "2026-03-01T09:59:60Z", "2026-03-01T10:00:00+00:00",
])  # fmt: skip
def test_one_instant_in_every_form(written: str) -> None:
    assert instant(written) == MARCH


@pytest.mark.parametrize(("written", "expected"), [
    ("2026", "2026-01-01"), ("2026-03", "2026-03-01"), ("2026-03-01", "2026-03-01"), ("20260301", "2026-03-01"),
    ("2024-02-29T24:00:00Z", "2024-03-01"), ("1969-12-31", "1969-12-31"), ("-86400", "1969-12-31"), ("0", "1970-01-01"),
    ("999999999999", "2001-09-09T01:46:39.999"), ("1.5", "1970-01-01T00:00:01.5"), ("-1.5", "1969-12-31T23:59:58.5"),
    ("2026-03-01T10:00:00.9Z", "2026-03-01T10:00:00.9"), ("2026-03-01T10:00:00.123456789Z", "2026-03-01T10:00:00.123456"),
    ("0001-01-01T00:00:00Z", "0001-01-01"), ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59"),
    ("1772359200500", "2026-03-01T10:00:00.5"),
    ("Fri, 31-Dec-99 23:59:59 GMT", "1999-12-31T23:59:59"), ("10/9", None),
])  # fmt: skip
def test_precision_fractions_and_the_ends_of_time(written: str, expected: str | None) -> None:
    assert instant(written) == (expected and slowly(expected))


def slowly(iso: str) -> int:
    passed = datetime.datetime.fromisoformat(iso).replace(tzinfo=datetime.UTC) - datetime.datetime(
        1970, 1, 1, tzinfo=datetime.UTC
    )
    return passed // datetime.timedelta(microseconds=1)


@pytest.mark.parametrize("written", [
    None, "", " ", "unknown", "yesterday", "03/01/2026", "01.03.2026", "2026-13-01", "2026-02-29", "2026-00-10",
    "2026-03-01T25:00:00Z",
    "2026-03-01T10:60:00Z", "2026-03-01T10:00:00 Mars/Olympus", "Sun, 32 Mar 2026 10:00:00 GMT", "Sun, 01 Foo 2026 10:00:00 GMT",
    "2026-W09", "nan", "inf", "1e9", "٢٠٢٦-03-01", "9" * 20, "2026-03-01T10:00:00Z" + "0" * 60, "\ud800", "2026-03-01T10:00:00+",
])  # fmt: skip
def test_what_is_not_understood_is_unknown(written: str | None) -> None:
    assert instant(written) is None


moments = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2199, 12, 31))
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)))


@given(moments, zones)
def test_the_standard_library_reads_the_same(moment: datetime.datetime, zone: datetime.timezone) -> None:
    here = moment.replace(tzinfo=datetime.UTC)
    expected = slowly(moment.isoformat())
    assert instant(here.astimezone(zone).isoformat()) == expected
    assert instant(moment.isoformat(sep=" ")) == expected
    whole = moment.replace(microsecond=0)
    for written in (
        whole.strftime("%Y%m%d%H%M%S"),
        email.utils.format_datetime(here.replace(microsecond=0), usegmt=True),
        whole.ctime(),
    ):
        assert instant(written) == slowly(whole.isoformat()), written


@given(st.text(max_size=70) | st.text("0123456789-:TZ+., GMTSunMar", max_size=30))
def test_no_text_raises(written: str) -> None:
    found = instant(written)
    assert found is None or abs(found) < 1 << 63
