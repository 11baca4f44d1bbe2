"""Local days computed whole, many of them from one load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from projections.day_mails import Mails
from projections.day_meetings import Meetings
from projections.intervals import day_start
from projections.work import Day, Sums, Work

LOAD = 64  # days loaded together
GAP = 3  # days that are loaded although nobody asked for them
NEVER_MS = 2**62


def compute(work: Work, days: Iterable[int], until_ms: int = NEVER_MS) -> Iterator[Day]:
    """Each of the local `days` (sorted), as of `until_ms`: what is dated at or after it has not happened."""
    for together in _runs(days):
        first, last = together[0], together[-1]
        meetings = Meetings(work, first, last, until_ms)
        mails = Mails(work, first, last, until_ms)
        for number in together:
            span = day_start(number, work.zone), min(day_start(number + 1, work.zone), until_ms)
            day = Day(number, span, Sums())
            if span[0] < span[1]:
                meetings.enter(day)
                mails.enter(day, meetings.held, meetings.away)
            yield day


def _runs(days: Iterable[int]) -> Iterator[list[int]]:
    """Cut into runs that are worth one load."""
    run: list[int] = []
    for day in days:
        if run and (day - run[-1] > GAP or day - run[0] >= LOAD):
            yield run
            run = []
        run.append(day)
    if run:
        yield run
