"""PERIOD: `2026-W38`, `2026-09`, `2026`, `2026-09-01..2026-10-01`, `this-week`, `last-week`, `all`; and instants.

Days are proleptic ordinals (`date.toordinal()`) of local days in the owner's zone; periods are half-open.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from events.errors import UsageError

FIRST_DAY, LAST_DAY = date(1970, 1, 1).toordinal(), date(9000, 1, 1).toordinal()
_HELP = "write 2026-W38, 2026-09, 2026, 2026-09-01..2026-10-01, this-week, last-week or all"


class Period(NamedTuple):
    """Local days [since, until); `name` as it is printed again."""

    since: int
    until: int
    name: str

    @property
    def is_week(self) -> bool:
        return self.until - self.since == 7 and date.fromordinal(self.since).weekday() == 0  # noqa: PLR2004  days


def parse(text: str, zone: ZoneInfo, now_ms: int) -> Period:
    """The period that a person wrote. Raises UsageError with what would be right."""
    today = local_day(now_ms, zone)
    monday = today - date.fromordinal(today).weekday()
    if text == "this-week":
        return Period(monday, monday + 7, week_name(monday))
    if text == "last-week":
        return Period(monday - 7, monday, week_name(monday - 7))
    if text == "all":
        return Period(FIRST_DAY, LAST_DAY, "all")
    try:
        return _calendar(text)
    except (ValueError, OverflowError):
        raise UsageError(f'"{text}" is no period: {_HELP}.') from None


def _calendar(text: str) -> Period:
    if match := re.fullmatch(r"(\d{4})-?[Ww](\d{1,2})", text):
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1).toordinal()
        return Period(monday, monday + 7, week_name(monday))
    if match := re.fullmatch(r"(\d{4})(?:-(\d{2}))?", text):
        year, month = int(match[1]), int(match[2] or 1)
        after = date(year + 1, 1, 1) if not match[2] or month == 12 else date(year, month + 1, 1)  # noqa: PLR2004  December
        return Period(date(year, month, 1).toordinal(), after.toordinal(), text)
    first, dots, last = text.partition("..")
    since = date.fromisoformat(first).toordinal()
    until = date.fromisoformat(last).toordinal() if dots else since + 1
    if until <= since:
        raise ValueError(text)
    return Period(since, until, text)


def local_day(ms: int, zone: ZoneInfo) -> int:
    """The ordinal of the local day in which an instant lies."""
    return moment(ms, zone).toordinal()


def moment(ms: int, zone: ZoneInfo) -> datetime:
    """An instant as a local time, exact to the millisecond."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).astimezone(zone)


def day_start(day: int, zone: ZoneInfo) -> int:
    """The instant, in ms, at which a local day begins (after a gap at midnight: the first minute there is)."""
    local = datetime.combine(date.fromordinal(day), time(), zone)
    return round((local.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def iso(ms: int, zone: ZoneInfo) -> str:
    """ISO 8601 with offset, to the second."""
    return moment(ms, zone).isoformat(timespec="seconds")


def iso_day(day: int, zone: ZoneInfo) -> str:
    return iso(day_start(day, zone), zone)


def day_name(day: int) -> str:
    return date.fromordinal(day).isoformat()


def week_name(day: int) -> str:
    year, week, _ = date.fromordinal(day).isocalendar()
    return f"{year}-W{week:02d}"


def instant(text: str, zone: ZoneInfo) -> int:
    """`--as-of`: an ISO date or time in ms; without an offset in the owner's zone. A date alone is its first instant.

    Raises UsageError with what would be right.
    """
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        found = datetime.min  # noqa: DTZ901  refused below, with whatever else no calendar prints
    if not FIRST_DAY <= found.toordinal() < LAST_DAY:
        raise UsageError(f'"{text}" is no time: write 2026-09-20 or 2026-09-20T18:00:00+03:00.')
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return day_start(found.toordinal(), zone)
    local = found if found.tzinfo else found.replace(tzinfo=zone)
    return round((local - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
