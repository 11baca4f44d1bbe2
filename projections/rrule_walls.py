"""The instances of a recurrence rule in wall time, in a counted number of steps.

Written here and not taken from dateutil, because a rule from somebody else's file must not take the processor:
`FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30` keeps dateutil busy without ever giving an instance at which one could stop it.
A step is one period or one candidate day, so that the same rule gives the same answer on every machine.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from events.clocks import DAY
from projections.rrule import DAILY, HOURLY, MINUTELY, SECONDLY, Rule
from projections.rrule_days import Budget, fits, periods

_UNIT = {HOURLY: 3600, MINUTELY: 60, SECONDLY: 1}


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
        days = periods(rule, start // DAY, stop // DAY, begin // DAY, budget)
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


def _times_of_days(rule: Rule, found: Iterator[list[int]], times: list[int], budget: Budget) -> Iterator[int]:
    for days in found:
        budget.spend(1 + len(days))
        if not rule.positions:
            yield from (day * DAY + time for day in days for time in times)
            continue
        size = len(days) * len(times)
        at = sorted({position - 1 if position > 0 else size + position for position in rule.positions})
        budget.spend(len(at))
        yield from (days[i // len(times)] * DAY + times[i % len(times)] for i in at if 0 <= i < size)


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
            day_fits = fits(rule, known_day, names)
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
