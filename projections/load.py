"""How heavy a week was (L9): people-time after hours and on free days, and the longest stretch of work left alone.

Everything is by the owner's walls: what somebody far away booked at their noon is in the owner's evening.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from typing import NamedTuple

from projections.cadence import median
from projections.intervals import MINUTE_MS, Span, clip, cut_at_midnights, day_of, subtract, union_ms
from projections.workhours import Hours


class Spent(NamedTuple):
    """Minutes of people-time in a stretch; a mail or a note takes its minutes at one instant (`start_ms == end_ms`)."""

    start_ms: int
    end_ms: int
    minutes: float
    position: int


class Load(NamedTuple):
    """Minutes of one week."""

    after_hours: float
    weekend: float
    longest_free: float

    @classmethod
    def usual(cls, weeks: Sequence[Load]) -> Load:
        """The median of each; of at least one week."""
        return cls(*(median(list(column)) for column in zip(*weeks, strict=True)))


def outside(spent: Spent, work: Sequence[Span], hours: Hours, zone: tzinfo) -> tuple[float, float]:
    """(minutes after hours, minutes on days without working hours) of one stretch, in proportion to its length."""
    if spent.start_ms >= spent.end_ms:
        if any(start <= spent.start_ms < end for start, end in work):
            return 0.0, 0.0
        works = _is_workday(day_of(spent.start_ms, zone), hours)
        return (spent.minutes, 0.0) if works else (0.0, spent.minutes)
    each = spent.minutes / (spent.end_ms - spent.start_ms)
    late = free = 0.0
    for start, end in subtract([(spent.start_ms, spent.end_ms)], clip(work, spent.start_ms, spent.end_ms)):
        for day, since, until in cut_at_midnights(start, end, zone):
            if _is_workday(day, hours):
                late += (until - since) * each
            else:
                free += (until - since) * each
    return late, free


def _is_workday(day: int, hours: Hours) -> bool:
    return date.fromordinal(day).weekday() in hours


def load(spent: Iterable[Spent], work: Sequence[Span], busy: Iterable[Span], hours: Hours, zone: tzinfo) -> Load:
    """Of one week. `work`: its working hours, sorted, without days off; `busy`: what its meetings take."""
    late = free = 0.0
    for one in spent:
        more = outside(one, work, hours, zone)
        late, free = late + more[0], free + more[1]
    left = subtract(work, busy)
    return Load(late, free, max((union_ms([span]) / MINUTE_MS for span in left), default=0.0))
