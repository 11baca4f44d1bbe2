from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity import period
from events.errors import UsageError

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = round(datetime(2026, 9, 16, 22, 30, tzinfo=UTC).timestamp() * 1000)  # Thursday 01:30 in Helsinki


def days(first: str, last: str) -> tuple[int, int]:
    return date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-W38", "2026-09-14", "2026-09-21"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
        ("2026-09", "2026-09-01", "2026-10-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-09-01..2026-10-01", "2026-09-01", "2026-10-01"),
        ("2026-09-01", "2026-09-01", "2026-09-02"),
        ("this-week", "2026-09-14", "2026-09-21"),
        ("last-week", "2026-09-07", "2026-09-14"),
    ],
)
def test_periods(text: str, first: str, last: str) -> None:
    assert period.parse(text, HELSINKI, NOW)[:2] == days(first, last)


@pytest.mark.parametrize(
    "text", ["", "W38", "2026-W60", "2026-13", "2026-09-01..2026-09-01", "yesterday", "2026-02-30"]
)
def test_what_is_no_period_says_what_would_be(text: str) -> None:
    with pytest.raises(UsageError, match="2026-W38"):
        period.parse(text, HELSINKI, NOW)


def test_the_day_is_the_owners() -> None:
    assert period.day_name(period.local_day(NOW, HELSINKI)) == "2026-09-17"
    assert period.day_name(period.local_day(NOW, ZoneInfo("UTC"))) == "2026-09-16"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-09-20", "2026-09-20T00:00:00+03:00"),
        ("2026-09-20T18:00", "2026-09-20T18:00:00+03:00"),
        ("2026-09-20T18:00:00Z", "2026-09-20T21:00:00+03:00"),
        ("2026-09-20T18:00:00-05:00", "2026-09-21T02:00:00+03:00"),
    ],
)
def test_instants(text: str, when: str) -> None:
    assert period.iso(period.instant(text, HELSINKI), HELSINKI) == when


@given(st.integers(date(1950, 1, 1).toordinal(), date(2100, 1, 1).toordinal()),
       st.sampled_from(["Europe/Helsinki", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "UTC"]))  # fmt: skip
def test_days_follow_one_another(day: int, name: str) -> None:
    zone = ZoneInfo(name)
    start, after = period.day_start(day, zone), period.day_start(day + 1, zone)
    assert start <= after <= start + 26 * 3_600_000
    if start < after:  # Samoa had no 30 December 2011
        assert period.local_day(start, zone) == day or period.local_day(after - 1, zone) in {day, day + 1}
