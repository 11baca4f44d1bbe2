"""What takes days off a silence, or keeps it from being a flag (F6.4): absences, snoozes, waits, booked meetings."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from projections.intervals import Span, clip, union, union_ms
from projections.judgements.wants import snoozes


class Pauses:
    """How much of a silence does not count. A snooze and a wait are asked apart: they have names of their own."""

    def __init__(self, conn: sqlite3.Connection, as_of_ms: int) -> None:
        self.as_of_ms = as_of_ms
        self.theirs: dict[int, list[Span]] = {}
        rows = conn.execute("SELECT person, since_ms, until_ms FROM absence WHERE since_ms <= ?", (as_of_ms,))
        for person, since, until in rows:
            self.theirs.setdefault(person, []).append((since, min(until, as_of_ms)))
        self.mine = union(self.theirs.pop(0, ()))
        self._ends = [end for _, end in self.mine]
        self._after = [*accumulate((end - start for start, end in reversed(self.mine)), initial=0)]
        self.snoozed = snoozes(conn, as_of_ms)

    def paused_ms(self, person: int, since_ms: int, more: Sequence[Span] = ()) -> int:
        """Of the time since then; the owner's own days away are summed up beforehand, since they concern everybody."""
        own = [*self.theirs.get(person, ()), *more]
        if own:
            return union_ms(clip([*self.mine, *own], since_ms, self.as_of_ms))
        first = bisect_right(self._ends, since_ms)
        if first == len(self.mine):
            return 0
        started = self.mine[first][0]
        return self._after[len(self.mine) - first] - max(0, since_ms - started)

    def is_snoozed(self, person: int) -> bool:
        return any(start <= self.as_of_ms < end for start, end in self.snoozed.get(person, ()))


def booked_meetings(conn: sqlite3.Connection, as_of_ms: int) -> dict[int, int]:
    """person.id -> start of the next qualifying meeting; qualifying leaves out series of more than three."""
    rows = conn.execute(
        # the plus leads SQLite to the few that are to come, not through everybody's past
        "SELECT person, min(at_ms) FROM touch WHERE at_ms > ? AND kind = 'meeting' AND qualifying = 1 GROUP BY +person",
        (as_of_ms,),
    )
    return dict(rows.fetchall())


_WAITING = """
SELECT one.value, (
    SELECT min(t.at_ms) FROM touch t JOIN message m ON m.id = t.item
    WHERE t.person = one.value AND t.at_ms <= :as_of AND t.at_ms > coalesce((
        SELECT b.at_ms FROM touch b WHERE b.person = one.value AND b.at_ms <= :as_of AND b.kind <> 'out'
        ORDER BY b.at_ms DESC LIMIT 1), -9e18)
    AND t.kind = 'out' AND t.qualifying AND NOT m.closer
    AND (m.asks OR NOT EXISTS (
        SELECT 1 FROM touch b WHERE b.person = t.person AND b.at_ms <= :as_of AND b.item <> t.item))
    AND EXISTS (SELECT 1 FROM address a JOIN member p ON p.address_id = a.id AND p.circle = m.circle AND p.is_to
        WHERE a.person = t.person))
FROM json_each(:persons) one"""


def waiting_since(conn: sqlite3.Connection, persons: Iterable[int], as_of_ms: int) -> dict[int, int]:
    """Since when the turn is theirs: the first of my last mails, with nothing of theirs after, that expects an answer.

    It does when it went to them (To, at most three people), asks something or was the only contact ever, and is no
    closer: who writes on without asking does not wait for an answer to the first mail.
    """
    rows = conn.execute(_WAITING, {"persons": json.dumps(list(persons)), "as_of": as_of_ms})
    return {person: since_ms for person, since_ms in rows if since_ms is not None}
