"""The working-hours clock (F8): how much working time lies between two instants, and when so much will have passed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from projections.intervals import Span, clip, day_of, subtract, union

Hours = Mapping[int, tuple[int, int]]
"""Weekday (0 is Monday) -> minutes of the local day [from, until)."""


def _wall(day: int, minute: int, zone: tzinfo) -> int:
    local = datetime.combine(date.fromordinal(day), time(), zone) + timedelta(minutes=minute)
    return round((local.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def working_spans(hours: Hours, zone: tzinfo, since_ms: int, until_ms: int) -> list[Span]:
    """The working hours by the owner's walls within `[since_ms, until_ms)`; on a day of 23 hours they may be fewer."""
    first, last = day_of(since_ms, zone), day_of(until_ms, zone)
    spans = []
    for day in range(first, last + 1):
        held = hours.get(date.fromordinal(day).weekday())
        if held is not None:
            spans.append((_wall(day, held[0], zone), _wall(day, held[1], zone)))
    return clip(spans, since_ms, until_ms)


_LONG_MS = 1 << 62


class WorkingTime:
    """Working time within `[since_ms, until_ms)`, without the days off of `away`; before and after it there is none."""

    def __init__(self, hours: Hours, zone: tzinfo, since_ms: int, until_ms: int, away: Iterable[Span] = ()) -> None:
        self.spans = subtract(working_spans(hours, zone, since_ms, until_ms), away)
        self.until_ms = until_ms
        self._starts = [start for start, _ in self.spans]
        self._before, self._idle = [0], [-_LONG_MS]  # working time until each span ends, and the rest until it begins
        for start, end in self.spans:
            self._idle.append(start - self._before[-1])
            self._before.append(self._before[-1] + end - start)
        length = [until - since for since, until in hours.values()]
        self.day_ms = round(sum(length) / len(length) * 60_000) if length else 0  # of a usual working day

    def before(self, at_ms: int) -> int:
        """Working time before an instant, in ms; that of a stretch is the difference."""
        i = bisect_right(self._starts, at_ms)
        return min(at_ms - self._idle[i], self._before[i])

    def between(self, since_ms: int, until_ms: int, pauses: Sequence[Span] = ()) -> int:
        """Milliseconds of working time in `[since_ms, until_ms)` outside the pauses."""
        whole = self.before(until_ms) - self.before(since_ms)
        if not pauses:
            return whole
        return whole - sum(self.before(end) - self.before(start) for start, end in _within(pauses, since_ms, until_ms))

    def after(self, since_ms: int, work_ms: int, pauses: Sequence[Span] = ()) -> int:
        """The instant by which `work_ms` of working time outside the pauses have passed; at most the clock's end."""
        at_ms, left = since_ms, work_ms
        for start, end in _within(pauses, since_ms, self.until_ms):
            free = self.before(start) - self.before(at_ms)
            if free >= left:
                break
            at_ms, left = end, left - free
        wanted = self.before(at_ms) + left
        if wanted > self._before[-1] or not self.spans:
            return self.until_ms
        i = max(bisect_right(self._before, wanted - 1), 1)
        return self._starts[i - 1] + wanted - self._before[i - 1]


def _within(pauses: Sequence[Span], since_ms: int, until_ms: int) -> list[Span]:
    return union(clip(pauses, since_ms, until_ms)) if pauses else []
