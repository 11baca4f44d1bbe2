"""Recurrence rules (RFC 5545, 3.3.10): what an RRULE value says. `projections.rrule_walls` says when that is."""

from __future__ import annotations

from typing import NamedTuple

YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY = range(7)
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Rule(NamedTuple):
    """A parsed RRULE. Empty sets do not restrict. `weekdays` holds (nth, weekday), nth 0 for every; Monday is 0."""

    freq: int
    interval: int = 1
    instances: int | None = None  # COUNT
    until: str = ""  # as written: `20260901`, `20260901T100000` or `20260901T100000Z`
    week_start: int = 0
    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    hours: frozenset[int] = frozenset()
    minutes: frozenset[int] = frozenset()
    seconds: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()


def parse(value: str) -> Rule:
    """The rule in an RRULE value; unknown parts are passed over. ValueError, with a reason, where it means nothing."""
    parts = dict(part.partition("=")[::2] for part in value.replace("\\", "").upper().replace(" ", "").split(";"))
    if parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError(f"FREQ={parts.get('FREQ', '')[:20]} is no frequency")
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise ValueError(f"the calendar {parts['RSCALE'][:20]} is not supported")
    first = parts.get("WKST", "MO")
    return Rule(
        freq=_FREQUENCIES.index(parts["FREQ"]),
        interval=max(int(parts.get("INTERVAL", "1")), 1),
        instances=max(int(parts.get("COUNT") or 0), 0) or None,
        until=parts.get("UNTIL", ""),
        week_start=_WEEKDAYS.index(first) if first in _WEEKDAYS else 0,
        months=_numbers(parts, "BYMONTH", 1, 12),
        weeks=_signed(parts, "BYWEEKNO", 53),
        year_days=_signed(parts, "BYYEARDAY", 366),
        month_days=_signed(parts, "BYMONTHDAY", 31),
        weekdays=frozenset(_weekday(text) for text in parts.get("BYDAY", "").split(",") if text),
        hours=_numbers(parts, "BYHOUR", 0, 23),
        minutes=_numbers(parts, "BYMINUTE", 0, 59),
        seconds=_numbers(parts, "BYSECOND", 0, 59),
        positions=_signed(parts, "BYSETPOS", 100_000),
    )


def _numbers(parts: dict[str, str], name: str, low: int, high: int) -> frozenset[int]:
    numbers = frozenset(int(text) for text in parts.get(name, "").split(",") if text)
    kept = frozenset(number for number in numbers if low <= number <= high)
    if numbers and not kept:
        raise ValueError(f"{name}={parts[name][:40]} names nothing that exists")
    return kept


def _signed(parts: dict[str, str], name: str, limit: int) -> frozenset[int]:
    return _numbers(parts, name, -limit, limit) - {0}


def _weekday(text: str) -> tuple[int, int]:
    nth, name = text[:-2], text[-2:]
    if name not in _WEEKDAYS:
        raise ValueError(f"BYDAY={text[:10]} is no day of the week")
    return int(nth) if nth else 0, _WEEKDAYS.index(name)
