"""How the people who asked were answered: the answered-humans rate and the ledger of a stretch of time (L3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from projections.judgements.requests import Requests, Row
from projections.latency import MOST_DAYS
from projections.requests import NOTHING, OPEN


class Answered(NamedTuple):
    """Of what was asked since an instant. `people`, `people_answered`: who asked, and who waits for nothing any more.

    `due`: requests older than five working days or settled; `in_time`: of these, settled within five working days.
    `median_hours`: of working time until the owner's answer, over two years, unanswered ones included.
    """

    people: int
    people_answered: int
    due: int
    in_time: int
    states: dict[str, int]
    median_hours: float

    @property
    def share(self) -> float | None:
        return self.in_time / self.due if self.due else None


def answered(found: Requests, rows: Iterable[Row], since_ms: int) -> Answered:
    """Of the requests to the owner at or after `since_ms`; what asks nothing any more does not count."""
    asked = [row for row in rows if row.since_ms >= since_ms and row.state != NOTHING]
    everybody = {row.person for row in asked}
    open_people = {row.person for row in asked if row.state == OPEN}
    most = MOST_DAYS * found.clock.day_ms
    due = in_time = 0
    for row in asked:
        until = found.as_of_ms if row.closed_ms is None else row.closed_ms
        waited = found.effective_ms(row.person, row.since_ms, until)
        settled = row.state != OPEN
        soon = settled and (row.closed_ms is None or waited <= most)
        due += settled or waited > most
        in_time += soon
    return Answered(
        len(everybody),
        len(everybody - open_people),
        due,
        in_time,
        dict(sorted(Counter(row.state for row in asked).items())),
        round(found.everybody(to_me=True).median_ms / 3_600_000, 2),
    )
