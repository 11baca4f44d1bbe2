"""What the owner's time to come is taken by: busy stretches, and each person's week with what is booked in it."""

from __future__ import annotations

import sqlite3

from projections.intervals import Span, union

# By what F1 says of an entry. A tentative or unanswered invitation keeps its time: it may still be said yes to, and two
# people at one time are worse than one offer less. Entries of whole days take none, unless they are days off.
_BUSY = ("", "solo", "focus", "gt_8h", "uncertain:tentative", "uncertain:needsAction")
_SPANS = f"""
SELECT start_ms, end_ms FROM occurrence WHERE start_ms < :until AND end_ms > :since
AND (away OR (all_day = 0 AND verdict IN ({", ".join(f"'{one}'" for one in _BUSY)})))"""
# The tables themselves: a session may have cut its day at now, and what is booked later today is asked for here.
_WEEK = """
SELECT person, sum(minutes) FROM main.ledger
WHERE day >= :since AND day < :until AND +person > 0 AND from_ms <= :end AND (at_ms <= :now OR channel = 'meeting')
GROUP BY +person"""


def busy(conn: sqlite3.Connection, since_ms: int, until_ms: int) -> list[Span]:
    """What is taken of `[since_ms, until_ms)`, days off included; disjoint and in order."""
    return union(conn.execute(_SPANS, {"since": since_ms, "until": until_ms}).fetchall())


def week_minutes(conn: sqlite3.Connection, since_day: int, until_day: int, as_of_ms: int) -> dict[int, float]:
    """person.id -> attributed minutes of the local days [since_day, until_day): spent so far, and booked."""
    about = {"since": since_day, "until": until_day, "now": as_of_ms, "end": 2**62}
    return dict(conn.execute(_WEEK, about).fetchall())
