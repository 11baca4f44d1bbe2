"""Invitations as requests: somebody asks for an hour, and an answer is expected before it begins."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from projections.intervals import DAY_MS, MINUTE_MS, earliest_day

_HIDDEN = "(private)"

# The first occurrence still to come tells of a series; of one that is over, the last. CROSS JOIN: from the days to the
# sightings, not the other way.
_INVITED = """
SELECT o.uid, o.position, title, private, start_ms, end_ms, recurring, answer, a.person, goal,
    json_extract(s.payload, '$.created_ms'), json_extract(s.payload, '$.modified_ms'), s.recorded_ms
FROM occurrence o JOIN address a ON a.id = o.organizer JOIN person p ON p.id = a.person AND p.kind = 'person'
LEFT JOIN meeting_sighting s ON s.uid = o.uid AND s.position = o.position
WHERE o.day >= ? AND o.mine = 0 AND o.reason NOT IN ('not_mine', 'cancelled')
AND answer IN ('accepted', 'tentative', 'needs-action', 'declined', 'attended', 'no-show')
ORDER BY start_ms, o.id"""


class Invitation(NamedTuple):
    """A meeting to which somebody else invited the owner. `minutes`: of one occurrence."""

    uid: str
    person: int
    title: str
    since_ms: int
    start_ms: int
    minutes: float
    recurring: bool
    answer: str
    goal: str
    position: int

    def state(self, as_of_ms: int) -> tuple[str, str, int | None]:
        """(state, why, None: nobody knows when it was answered)."""
        if self.answer in ("accepted", "attended"):
            return "accepted", "you accepted", None
        if self.answer == "declined":
            return "declined", "you declined", None
        if self.answer in ("tentative", "no-show"):
            return "answered", f"you said {self.answer}", None
        if self.start_ms <= as_of_ms:
            return "not-a-request", "it is over, without an answer", None
        return "open", "an invitation without your answer", None


def read_invitations(conn: sqlite3.Connection, as_of_ms: int, days: int) -> list[Invitation]:
    """One of each uid that began at most so many days ago or is to come, in the order of time."""
    found: dict[str, Invitation] = {}
    for row in conn.execute(_INVITED, (earliest_day(as_of_ms - days * DAY_MS),)):
        uid, position, title, private, start, end, recurring, answer, person, goal, created, modified, recorded = row
        since = next((at_ms for at_ms in (created, modified, recorded) if at_ms is not None), start)
        if created is not None and created > as_of_ms:
            continue
        known = found.get(uid)
        if known is not None and known.start_ms > as_of_ms:
            continue
        found[uid] = Invitation(
            uid, person, _HIDDEN if private else title, min(since, start, as_of_ms), start, (end - start) / MINUTE_MS,
            bool(recurring), answer, goal, position,
        )  # fmt: skip
    return list(found.values())
