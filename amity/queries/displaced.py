"""What of the blocks that were kept for oneself went to meetings, and to whom (L9)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from amity import resolve
from amity.period import Period
from amity.queries.spent import DIGITS
from amity.session import Session
from projections.schema import BROADCAST

MINUTE_MS = 60_000


def displaced(session: Session, period: Period, slug: str) -> dict[str, Any]:
    """What of the blocks kept for a solo goal went to meetings, and to whom: minutes that were planned twice.

    Where several meetings lie on one stretch of a block they share it, and each gives its part to the people in it.
    """
    blocks = session.views.execute(
        "SELECT start_ms, end_ms FROM occurrence WHERE goal = ? AND n = 0 AND all_day = 0 AND day >= ? AND day < ?"
        " AND start_ms <= ? AND reason NOT IN ('cancelled', 'declined')",
        (slug, period.since, period.until, session.as_of_ms),
    ).fetchall()
    lost: dict[int, float] = {}
    for start, end in blocks:
        meetings = session.views.execute(
            "SELECT id, max(start_ms, ?1), min(end_ms, ?2) FROM occurrence"
            " WHERE n > 0 AND clock > 0 AND start_ms < ?2 AND end_ms > ?1 AND start_ms <= ?3",
            (start, end, session.as_of_ms),
        ).fetchall()
        for item, minutes in _shared(meetings).items():
            lost[item] = lost.get(item, 0.0) + minutes
    people = _people_of(session, lost)
    names = resolve.everybody(session.views, sorted(people))
    by = [
        {"person": resolve.shape(names[number]), "minutes": round(minutes, DIGITS)}
        for number, minutes in people.items()
    ]
    return {
        "displaced_minutes": round(sum(lost.values()), DIGITS),
        "displaced_by": sorted(by, key=lambda one: (-float(str(one["minutes"])), str(one["person"]))),
    }


def _shared(meetings: list[tuple[int, int, int]]) -> dict[int, float]:
    """Minutes of each [start, end) when overlapping ones share equally."""
    edges = sorted({edge for _, start, end in meetings for edge in (start, end)})
    found: dict[int, float] = {}
    for left, right in pairwise(edges):
        here = [item for item, start, end in meetings if start <= left and right <= end]
        for item in here:
            found[item] = found.get(item, 0.0) + (right - left) / MINUTE_MS / len(here)
    return found


def _people_of(session: Session, minutes: dict[int, float]) -> dict[int, float]:
    """The minutes of meetings given to the people in them, in the proportions of the ledger."""
    found: dict[int, float] = {}
    for item, lost in minutes.items():
        rows = session.views.execute(
            "SELECT person, sum(minutes) FROM ledger WHERE item = ? AND channel = 'meeting' GROUP BY 1",
            (item,),
        ).fetchall()
        whole = sum(row[1] for row in rows)
        for person, part in rows or [(BROADCAST, 1.0)]:
            found[person] = found.get(person, 0.0) + lost * (part / whole if whole else 1.0)
    return found
