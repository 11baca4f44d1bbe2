"""Series in Graph's words, and their days (https://learn.microsoft.com/graph/api/resources/recurrencepattern)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, YEARLY, rrule, weekday

Json = dict[str, Any]
_DAYS = {
    "monday": MO, "tuesday": TU, "wednesday": WE, "thursday": TH, "friday": FR, "saturday": SA, "sunday": SU,
}  # fmt: skip
_INDEX = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
NEVER = "0001-01-01"
_LAST = datetime(2200, 1, 1)  # noqa: DTZ001  wall time has no zone


def weekly(*days: str, interval: int = 1, until: date | None = None, count: int = 0) -> Json:
    """monday, tuesday, …; begins with the meeting itself."""
    return _series({"type": "weekly", "interval": interval, "daysOfWeek": list(days)}, until, count)


def daily(*, interval: int = 1, until: date | None = None, count: int = 0) -> Json:
    return _series({"type": "daily", "interval": interval}, until, count)


def monthly(day: str, index: str, *, interval: int = 1, until: date | None = None, count: int = 0) -> Json:
    """The first, …, last monday of a month."""
    pattern = {"type": "relativeMonthly", "interval": interval, "daysOfWeek": [day], "index": index}
    return _series(pattern, until, count)


def _series(pattern: Json, until: date | None, count: int) -> Json:
    whole = {
        "month": 0, "dayOfMonth": 0, "daysOfWeek": [], "firstDayOfWeek": "sunday", "index": "first", **pattern,
    }  # fmt: skip
    return {
        "pattern": whole,
        "range": {
            "type": "endDate" if until else "numbered" if count else "noEnd", "startDate": "",
            "endDate": until.isoformat() if until else NEVER, "recurrenceTimeZone": "", "numberOfOccurrences": count,
        },
    }  # fmt: skip


def days(recurrence: Json, start: datetime, length: timedelta, after: datetime, before: datetime) -> Iterator[datetime]:
    """The starts, in the zone of `start`, of the occurrences that overlap [after, before)."""
    zone = start.tzinfo
    wall = datetime.combine(date.fromisoformat(recurrence["range"]["startDate"]), start.time())
    for day in _rule(recurrence, wall):
        begin = day.replace(tzinfo=zone)
        if begin.astimezone(UTC) >= before.astimezone(UTC):
            return
        if begin.astimezone(UTC) + length > after.astimezone(UTC) or begin == after:
            yield begin


def _rule(recurrence: Json, wall: datetime) -> Iterator[datetime]:
    pattern, span = recurrence["pattern"], recurrence["range"]
    kind: str = pattern["type"]
    named: list[weekday] = [_DAYS[name] for name in pattern.get("daysOfWeek", [])]
    parts: dict[str, Any] = {}
    if kind == "weekly":
        parts = {"byweekday": named, "wkst": _DAYS[pattern["firstDayOfWeek"]]}
    elif kind.startswith("relative"):
        parts = {"byweekday": [day(_INDEX[pattern["index"]]) for day in named]}
    elif kind.startswith("absolute"):
        parts = {"bymonthday": pattern["dayOfMonth"]}
    if kind.endswith("Yearly"):
        parts["bymonth"] = pattern["month"]
    if span["type"] == "numbered":
        parts["count"] = span["numberOfOccurrences"]
    until = datetime.combine(date.fromisoformat(span["endDate"]), time.max) if span["type"] == "endDate" else _LAST
    if "count" not in parts:
        parts["until"] = until
    if kind in ("daily", "weekly"):
        parts["freq"] = DAILY if kind == "daily" else WEEKLY
    else:
        parts["freq"] = MONTHLY if kind.endswith("Monthly") else YEARLY
    yield from rrule(dtstart=wall, interval=pattern["interval"], **parts)
