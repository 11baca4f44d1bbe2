"""The days that a recurrence rule picks, period by period: years, months, weeks or single days.

Days are counted from 1970-01-01.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from projections.rrule import MONTHLY, WEEKLY, YEARLY, Rule

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


def periods(rule: Rule, start: int, stop: int, begin: int, budget: Budget) -> Iterator[list[int]]:
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
        yield [day for day in range(week, week + 7) if day >= _FIRST_DAY and fits(rule, day, names)]


def _days(rule: Rule, start: int, begin: int, stop: int) -> Iterator[list[int]]:
    names = {name for _, name in rule.weekdays}
    for day in range(start + (begin - start) // rule.interval * rule.interval, stop + 1, rule.interval):
        yield [day] if fits(rule, day, names) else []


def fits(rule: Rule, day: int, names: set[int]) -> bool:
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
        return {day for day in days if fits(rule, day, names)}
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
    return {day for day in days if fits(rule, day, names)}


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
