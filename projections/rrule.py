"""Recurrence rules (RFC 5545, 3.3.10) over wall time, in a counted number of steps.

Written here and not taken from dateutil, because a rule from somebody else's file must not take the processor:
`FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30` keeps dateutil busy without ever giving an instance at which one could stop it.
A step is one period or one candidate day, so that the same rule gives the same answer on every machine.

Days are counted from 1970-01-01; a *wall* is a day and a time of day in seconds (`events.clocks`).
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

DAY = 86_400
YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY = range(7)
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNIT = {HOURLY: 3600, MINUTELY: 60, SECONDLY: 1}
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_DAY, _LAST_DAY = date.min.toordinal() - _EPOCH, date.max.toordinal() - _EPOCH


class BudgetSpentError(Exception):
    """The rule wants more steps than a series may take."""


class Budget:
    """The steps that one series may still take."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise BudgetSpentError


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


def walls(
    rule: Rule, start: int, stop: int, budget: Budget, *, timed: bool = True, begin: int | None = None
) -> Iterator[int]:
    """The walls of a rule in [start, stop), ascending; UNTIL and COUNT are the caller's.

    `begin` skips the periods before it, where nobody counts them. An all-day rule (`timed` False) knows no times.
    BudgetSpentError when the steps are used up.
    """
    begin = start if begin is None else max(begin, start)
    if rule.freq > DAILY:
        source = _by_time(rule, start, stop, begin, budget)
    else:
        days = _periods(rule, start // DAY, stop // DAY, begin // DAY, budget)
        source = _times_of_days(rule, days, _times(rule, start, timed=timed), budget)
    for wall in source:
        if wall >= stop:
            return
        if wall >= start:
            yield wall


def _times(rule: Rule, start: int, *, timed: bool) -> list[int]:
    """The times of day in seconds, ascending; what the rule leaves open is taken from its start."""
    if not timed:
        return [0]
    second = start % DAY
    return sorted(
        hour * 3600 + minute * 60 + sec
        for hour in rule.hours or {second // 3600}
        for minute in rule.minutes or {second // 60 % 60}
        for sec in rule.seconds or {second % 60}
    )


def _times_of_days(rule: Rule, periods: Iterator[list[int]], times: list[int], budget: Budget) -> Iterator[int]:
    for days in periods:
        budget.spend(1 + len(days))
        if not rule.positions:
            yield from (day * DAY + time for day in days for time in times)
            continue
        size = len(days) * len(times)
        at = sorted({position - 1 if position > 0 else size + position for position in rule.positions})
        budget.spend(len(at))
        yield from (days[i // len(times)] * DAY + times[i % len(times)] for i in at if 0 <= i < size)


def _periods(rule: Rule, start: int, stop: int, begin: int, budget: Budget) -> Iterator[list[int]]:
    """The candidate days of each period from that of `start`, ascending within each; none that ends before `begin`."""
    first, at = date.fromordinal(start + _EPOCH), date.fromordinal(begin + _EPOCH)
    if rule.freq == YEARLY:
        return _years(rule, first, at, stop)
    if rule.freq == MONTHLY:
        return _months(rule, first, at, stop)
    return _weeks(rule, first, begin, stop, budget) if rule.freq == WEEKLY else _days(rule, start, begin, stop)


def _months(rule: Rule, first: date, at: date, stop: int) -> Iterator[list[int]]:
    month = first.year * 12 + first.month - 1
    month += (at.year * 12 + at.month - 1 - month) // rule.interval * rule.interval
    while _day(month // 12, month % 12 + 1, 1) <= stop:
        inside = not rule.months or month % 12 + 1 in rule.months
        yield _month_days(rule, month // 12, month % 12 + 1, first.day) if inside else []
        month += rule.interval


def _weeks(rule: Rule, first: date, begin: int, stop: int, budget: Budget) -> Iterator[list[int]]:
    names = {name for _, name in rule.weekdays}
    if not (names or rule.month_days or rule.year_days):
        names = {first.weekday()}
    base = first.toordinal() - _EPOCH - (first.weekday() - rule.week_start) % 7
    length = 7 * rule.interval
    for week in range(base + (begin - base) // length * length, min(stop, _LAST_DAY - 7) + 1, length):
        budget.spend(7)
        yield [day for day in range(week, week + 7) if day >= _FIRST_DAY and _fits(rule, day, names)]


def _days(rule: Rule, start: int, begin: int, stop: int) -> Iterator[list[int]]:
    names = {name for _, name in rule.weekdays}
    for day in range(start + (begin - start) // rule.interval * rule.interval, stop + 1, rule.interval):
        yield [day] if _fits(rule, day, names) else []


def _fits(rule: Rule, day: int, names: set[int]) -> bool:
    """Whether BYMONTH, BYMONTHDAY, BYYEARDAY and the weekdays let a day pass."""
    if names and (day + 3) % 7 not in names:  # 1970-01-01 was a Thursday
        return False
    if not (rule.months or rule.month_days or rule.year_days):
        return True
    at = date.fromordinal(day + _EPOCH)
    if rule.months and at.month not in rule.months:
        return False
    if rule.month_days and not _is_month_day(rule, at):
        return False
    return not rule.year_days or _is_year_day(rule, at)


def _is_month_day(rule: Rule, at: date) -> bool:
    return at.day in rule.month_days or at.day - monthrange(at.year, at.month)[1] - 1 in rule.month_days


def _is_year_day(rule: Rule, at: date) -> bool:
    nth = at.timetuple().tm_yday
    return nth in rule.year_days or nth - _day(at.year + 1, 1, 1) + _day(at.year, 1, 1) - 1 in rule.year_days


def _years(rule: Rule, first: date, at: date, stop: int) -> Iterator[list[int]]:
    """The candidate days of each year; of each *week year* under BYWEEKNO, whose first week may begin in December."""
    year = _week_year(first, rule.week_start) if rule.weeks else first.year
    year += max(at.year - 1 - year, 0) // rule.interval * rule.interval
    while _day(year, 1, 1) <= stop + 7:
        yield sorted(_week_days(rule, year, first) if rule.weeks else _year_days(rule, year, first))
        year += rule.interval


def _year_days(rule: Rule, year: int, first: date) -> set[int]:
    if rule.year_days:
        length = _day(year + 1, 1, 1) - _day(year, 1, 1)
        nths = {nth if nth > 0 else length + 1 + nth for nth in rule.year_days}
        days = {_day(year, 1, 1) + nth - 1 for nth in nths if 1 <= nth <= length}
        names = {name for _, name in rule.weekdays}
        return {day for day in days if _fits(rule, day, names)}
    if rule.month_days or rule.months:
        # RFC 5545 leaves it open which month BYMONTHDAY alone means; as in libical it is that of the start.
        months = rule.months or (range(1, 13) if rule.weekdays else (first.month,))
        return {day for month in months for day in _month_days(rule, year, month, first.day)}
    if rule.weekdays:
        return _nth_weekdays(rule.weekdays, _day(year, 1, 1), _day(year + 1, 1, 1))
    if first.day > monthrange(year, first.month)[1]:
        return set()
    return {_day(year, first.month, first.day)}


def _month_days(rule: Rule, year: int, month: int, default: int) -> list[int]:
    first, length = _day(year, month, 1), monthrange(year, month)[1]
    if not rule.month_days and not rule.weekdays:
        days = {first + default - 1} if default <= length else set()
    elif rule.month_days:
        nths = {nth if nth > 0 else length + 1 + nth for nth in rule.month_days}
        days = {first + nth - 1 for nth in nths if 1 <= nth <= length}
        if rule.weekdays:
            days &= _nth_weekdays(rule.weekdays, first, first + length)
    else:
        days = _nth_weekdays(rule.weekdays, first, first + length)
    if rule.year_days:
        days = {day for day in days if _is_year_day(rule, date.fromordinal(day + _EPOCH))}
    return sorted(days)


def _nth_weekdays(weekdays: frozenset[tuple[int, int]], first: int, stop: int) -> set[int]:
    """The days in [first, stop) that `2TU`, `-1FR` or plain `MO` name within it."""
    days: set[int] = set()
    for nth, name in weekdays:
        earliest = first + (name - first - 3) % 7
        if nth == 0:
            days.update(range(earliest, stop, 7))
            continue
        day = earliest + 7 * (nth - 1) if nth > 0 else earliest + (stop - 1 - earliest) // 7 * 7 + 7 * (nth + 1)
        if first <= day < stop:
            days.add(day)
    return days


def _week_days(rule: Rule, year: int, first: date) -> set[int]:
    begin, end = _first_week(year, rule.week_start), _first_week(year + 1, rule.week_start)
    weeks = (end - begin) // 7
    numbers = {week if week > 0 else weeks + 1 + week for week in rule.weeks}
    names = {name for _, name in rule.weekdays}
    if not names and not rule.month_days and not rule.year_days:
        names = {first.weekday()}
    days = {begin + 7 * (week - 1) + i for week in numbers if 1 <= week <= weeks for i in range(7)}
    return {day for day in days if _fits(rule, day, names)}


def _first_week(year: int, week_start: int) -> int:
    """The first day of week 1: the first week with at least four days in the year (ISO 8601 for Monday)."""
    fourth = _day(year, 1, 4)
    return fourth - (fourth + 3 - week_start) % 7


def _week_year(at: date, week_start: int) -> int:
    day = at.toordinal() - _EPOCH
    if at.year < date.max.year and day >= _first_week(at.year + 1, week_start):
        return at.year + 1
    return at.year if day >= _first_week(at.year, week_start) else at.year - 1


def _day(year: int, month: int, day: int) -> int:
    if year > date.max.year:
        return _LAST_DAY + 1
    return date(year, month, day).toordinal() - _EPOCH


def _by_time(rule: Rule, start: int, stop: int, begin: int, budget: Budget) -> Iterator[int]:
    """Hours, minutes or seconds, jumping over the days, hours and minutes that the rule excludes."""
    unit = _UNIT[rule.freq]
    step = unit * rule.interval
    base = start // unit * unit
    at = base + max(begin - base, 0) // step * step
    inside = _inside(rule, start)
    names = {name for _, name in rule.weekdays}
    known_day, day_fits = None, False
    while at < stop:
        budget.spend(1)
        if at // DAY != known_day:
            known_day = at // DAY
            day_fits = _fits(rule, known_day, names)
        target = _next_fit(rule, at) if day_fits else (known_day + 1) * DAY
        if target == at:
            budget.spend(len(inside))
            yield from (at + offset for offset in inside)
            target = at + 1
        at = base - (base - target) // step * step


def _inside(rule: Rule, start: int) -> list[int]:
    """The seconds from the begin of an hour, minute or second at which an instance lies."""
    minutes = rule.minutes or {start // 60 % 60} if rule.freq == HOURLY else {0}
    seconds = rule.seconds or {start % 60} if rule.freq in {HOURLY, MINUTELY} else {0}
    offsets = sorted(minute * 60 + second for minute in minutes for second in seconds)
    if not rule.positions:
        return offsets
    size = len(offsets)
    at = {p - 1 if p > 0 else size + p for p in rule.positions}
    return [offset for i, offset in enumerate(offsets) if i in at]


def _next_fit(rule: Rule, at: int) -> int:
    """`at` itself where its hour, minute and second fit, else a later wall before which none fits."""
    for wanted, unit in ((rule.hours, 3600), (rule.minutes, 60), (rule.seconds, 1)):
        if not wanted or unit < _UNIT[rule.freq]:
            continue
        around = at // unit
        size = 24 if unit == 3600 else 60  # noqa: PLR2004  hours of a day; minutes and seconds of the next greater
        value = around % size
        if value in wanted:
            continue
        later = sorted(wanted)
        i = bisect_left(later, value)
        nearest = later[i] if i < len(later) else size
        return (around - value + nearest) * unit
    return at
