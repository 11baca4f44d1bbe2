"""Stretches of time, half-open `[start, end)` in UTC milliseconds, and what one does with them.

    a      |-----|        |--|
    b          |-----|
    union  |---------|    |--|
    a - b  |---|          |--|

Nothing here changes what it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from functools import lru_cache

Span = tuple[int, int]

DAY_MS = 86_400_000
MINUTE_MS = 60_000
EPOCH_DAY = 719_163  # date(1970, 1, 1).toordinal()


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps: sorted, disjoint, empty spans dropped, touching ones joined."""
    ordered = sorted([span for span in spans if span[0] < span[1]])
    if len(ordered) <= 1:  # most days
        return ordered
    merged: list[Span] = []
    for start, end in ordered:
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def union_ms(spans: Iterable[Span]) -> int:
    """Milliseconds that at least one of the spans covers."""
    return sum(end - start for start, end in union(spans))


def clip(spans: Iterable[Span], since_ms: int, until_ms: int) -> list[Span]:
    """The parts of the spans within `[since_ms, until_ms)`, in the order given; what lies outside is gone."""
    if since_ms >= until_ms:
        return []
    return [
        (max(start, since_ms), min(end, until_ms))
        for start, end in spans
        if start < until_ms and end > since_ms and start < end  # most lie outside
    ]


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """The union of `spans` without the union of `holes`."""
    gaps = union(holes)
    if not gaps:
        return union(spans)
    left: list[Span] = []
    first = 0
    for start, end in union(spans):
        while first < len(gaps) and gaps[first][1] <= start:
            first += 1
        position, at = start, first
        while at < len(gaps) and gaps[at][0] < end:
            if position < gaps[at][0]:
                left.append((position, gaps[at][0]))
            position = max(position, gaps[at][1])
            at += 1
        if position < end:
            left.append((position, end))
    return left


@lru_cache(maxsize=65_536)
def day_start(day: int, zone: tzinfo) -> int:
    """The instant at which local day `day` (proleptic ordinal) begins.

    Where clocks skip midnight the day begins at the change; where midnight comes twice, at the first.
    """
    midnight = datetime.fromordinal(day).replace(tzinfo=zone)
    return round(midnight.timestamp()) * 1000


def day_of(at_ms: int, zone: tzinfo) -> int:
    """The local day (proleptic ordinal) that holds the instant."""
    return datetime.fromtimestamp(at_ms // 1000, zone).toordinal()


def plain_day(day: int, zone: tzinfo) -> Span:
    """All instants of a local day; an empty span where clocks change on it, and its instants may not be one stretch."""
    start_ms, end_ms = day_start(day, zone), day_start(day + 1, zone)
    return (start_ms, end_ms) if end_ms - start_ms == DAY_MS else (0, 0)


def earliest_day(at_ms: int) -> int:
    """A local day (proleptic ordinal) that begins before the instant in every zone: a bound for indexed searches."""
    return at_ms // DAY_MS + EPOCH_DAY - 1


def cut_at_midnights(start_ms: int, end_ms: int, zone: tzinfo) -> Iterator[tuple[int, int, int]]:
    """The pieces `(day, start_ms, end_ms)` of a stretch by local day, in order; nothing for an empty stretch.

    Lengths are exact instants: a day with a clock change has 23 or 25 hours.
    """
    while start_ms < end_ms:
        day = day_of(start_ms, zone)
        until = day + 1
        while day_start(until, zone) <= start_ms:  # a day that a zone skipped, as Samoa did in 2011
            until += 1
        piece_end = min(end_ms, day_start(until, zone))
        yield day, start_ms, piece_end
        start_ms = piece_end
