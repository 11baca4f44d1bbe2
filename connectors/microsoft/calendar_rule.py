"""A series in Graph's words as an RRULE, and the days on which it takes place. Pure.

https://learn.microsoft.com/graph/api/resources/recurrencepattern and …/recurrencerange
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice

import msgspec

from connectors import ical_values as values

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_POSITIONS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_FREQUENCIES = {
    "daily": "DAILY", "weekly": "WEEKLY", "absolutemonthly": "MONTHLY", "relativemonthly": "MONTHLY",
    "absoluteyearly": "YEARLY", "relativeyearly": "YEARLY",
}  # fmt: skip
_SHORTEST = 28  # days of a month; on a later day Outlook's series take the last one of a month that lacks it
_FEBRUARY, _LONGEST, _MONTHS = 2, 31, 12
_WEEK = timedelta(days=7)


class Pattern(msgspec.Struct, frozen=True, rename="camel"):
    type: str = ""
    interval: int = 1
    month: int = 0
    day_of_month: int = 0
    days_of_week: tuple[str, ...] = ()
    first_day_of_week: str = "sunday"
    index: str = "first"


class Range(msgspec.Struct, frozen=True, rename="camel"):
    """Which of `number_of_occurrences` and `end_date` (a day in the series' zone, inclusive) counts, says `type`."""

    type: str = ""
    end_date: str = ""
    recurrence_time_zone: str = ""
    number_of_occurrences: int = 0


class Recurrence(msgspec.Struct, frozen=True):
    pattern: Pattern = Pattern()
    range: Range = Range()


def is_known(recurrence: Recurrence) -> bool:
    """Whether it says what we understand; else `rule` and `days` mean nothing."""
    pattern, kind = recurrence.pattern, recurrence.pattern.type.lower()
    if kind not in _FREQUENCIES or pattern.interval < 1:
        return False
    if kind.startswith("absolute"):
        return 1 <= pattern.day_of_month <= _LONGEST and (kind != "absoluteyearly" or _has_month(pattern))
    if kind.startswith("relative"):
        named = bool(_weekdays(pattern)) and pattern.index.lower() in _POSITIONS
        return named and (kind != "relativeyearly" or _has_month(pattern))
    return kind != "weekly" or bool(_weekdays(pattern))


def rule(recurrence: Recurrence, start: values.Stamp) -> str:
    """The RRULE of a series that begins at `start`."""
    pattern, span = recurrence.pattern, recurrence.range
    parts = [f"FREQ={_FREQUENCIES[pattern.type.lower()]}"]
    if pattern.interval > 1:
        parts.append(f"INTERVAL={pattern.interval}")
    parts += _by(pattern)
    if span.type == "numbered" and span.number_of_occurrences > 0:
        parts.append(f"COUNT={span.number_of_occurrences}")
    elif (last := _last(span)) is not None:
        parts.append(f"UNTIL={_until(last, start)}")
    return ";".join(parts)


def days(recurrence: Recurrence, first: date, until: date) -> Iterator[date]:
    """The days from `first`, on which it begins, up to `until`, exclusive.

    A `first` that the pattern does not have is not among them, and yet the first that counts (RFC 5545, 3.8.5.3).
    """
    pattern, span = recurrence.pattern, recurrence.range
    last = _last(span) if span.type != "numbered" else None
    stop = until if last is None else min(until, last + timedelta(days=1))
    found = (day for day in _followed(pattern, first, stop) if day >= first)
    if span.type != "numbered" or span.number_of_occurrences < 1:
        yield from found
        return
    begins = next(found, None)
    left = span.number_of_occurrences - 1
    if begins is not None and (begins == first or left):
        yield begins
        yield from islice(found, left if begins == first else left - 1)


def _followed(pattern: Pattern, first: date, stop: date) -> Iterator[date]:
    kind = pattern.type.lower()
    if kind == "daily":
        for number in count(0, pattern.interval):
            day = first + timedelta(days=number)
            if day >= stop:
                return
            yield day
    elif kind == "weekly":
        yield from _weekly(pattern, first, stop)
    else:
        yield from _monthly(pattern, first, stop)


def _weekly(pattern: Pattern, first: date, stop: date) -> Iterator[date]:
    begins = _number(pattern.first_day_of_week, 6)
    week = first - timedelta(days=(first.weekday() - begins) % 7)
    offsets = sorted((day - begins) % 7 for day in _weekdays(pattern))
    while week < stop:
        yield from (day for day in (week + timedelta(days=offset) for offset in offsets) if day < stop)
        week += _WEEK * pattern.interval


def _monthly(pattern: Pattern, first: date, stop: date) -> Iterator[date]:
    yearly = pattern.type.lower().endswith("yearly")
    at = first.year * _MONTHS + (pattern.month if yearly else first.month) - 1
    for month in count(at, pattern.interval * (_MONTHS if yearly else 1)):
        year, number = divmod(month, _MONTHS)
        if date(min(year, 9999), number + 1, 1) >= stop or year > stop.year:
            return
        day = _in_month(pattern, year, number + 1)
        if day is not None and day < stop:
            yield day


def _in_month(pattern: Pattern, year: int, month: int) -> date | None:
    length = monthrange(year, month)[1]
    if pattern.type.lower().startswith("absolute"):
        return date(year, month, min(pattern.day_of_month, length))
    wanted = _weekdays(pattern)
    fitting = [day for day in range(1, length + 1) if date(year, month, day).weekday() in wanted]
    position = _POSITIONS[pattern.index.lower()]
    at = position - 1 if position > 0 else position
    return date(year, month, fitting[at]) if at < len(fitting) else None


def _by(pattern: Pattern) -> list[str]:
    kind, named = pattern.type.lower(), [_DAYS[day][:2].upper() for day in sorted(_weekdays(pattern))]
    parts = [f"BYMONTH={pattern.month}"] if kind.endswith("yearly") else []
    if kind == "weekly":
        return [f"BYDAY={','.join(named)}", f"WKST={_DAYS[_number(pattern.first_day_of_week, 6)][:2].upper()}"]
    if kind.startswith("absolute"):
        return parts + _by_month_day(pattern)
    if kind.startswith("relative"):
        position = _POSITIONS[pattern.index.lower()]
        if len(named) == 1:
            return [*parts, f"BYDAY={position}{named[0]}"]
        return [*parts, f"BYDAY={','.join(named)}", f"BYSETPOS={position}"]
    return []


def _by_month_day(pattern: Pattern) -> list[str]:
    day = pattern.day_of_month
    yearly = pattern.type.lower() == "absoluteyearly"
    if day <= _SHORTEST or (yearly and pattern.month != _FEBRUARY):
        return [f"BYMONTHDAY={day}"]
    if day == _LONGEST:
        return ["BYMONTHDAY=-1"]
    return [f"BYMONTHDAY={','.join(map(str, range(_SHORTEST, day + 1)))}", "BYSETPOS=-1"]


def _until(last: date, start: values.Stamp) -> str:
    """The last instant at which it may begin, as the standard wants it: in UTC where the series has a zone."""
    if start.is_date or not start.zone.name:
        text = last.isoformat() if start.is_date else f"{last}{start.text[10:]}"
    else:
        text = values.in_utc(values.stamp(f"{last}{start.text[10:]}", start.zone)) + "Z"
    return text.replace("-", "").replace(":", "")


def _last(span: Range) -> date | None:
    """The last day; None for a series without end, whose last day is in the year 1."""
    try:
        last = date.fromisoformat(span.end_date[:10])
    except ValueError:
        return None
    return last if last.year > 1 else None


def _weekdays(pattern: Pattern) -> set[int]:
    return {_DAYS.index(name.lower()) for name in pattern.days_of_week if name.lower() in _DAYS}


def _has_month(pattern: Pattern) -> bool:
    return 1 <= pattern.month <= _MONTHS


def _number(name: str, default: int) -> int:
    return _DAYS.index(name.lower()) if name.lower() in _DAYS else default
