"""Whether the owner's own mail is in the records: without it everybody seems out of touch, and nobody answered."""

from __future__ import annotations

import sqlite3

from projections.counting import BOXES
from projections.intervals import DAY_MS, earliest_day

LATELY_DAYS = 28
MANY = 20  # (ours) mails from people in four weeks, and none to anybody
FOREIGN_SHARE, FOREIGN_LEAST = 0.1, 5  # (ours) of what lies in the folders of sent mail, from one address

_LATELY = """
SELECT count(*) FILTER (WHERE direction = 'in' AND kind = '' AND to_me), count(*) FILTER (WHERE direction = 'out')
FROM message WHERE day BETWEEN ? AND ? AND at_ms > ? AND at_ms <= ?"""
_SENT_AS = f"""
SELECT a.address, count(*), sum(count(*)) OVER () FROM message m JOIN address a ON a.id = m.sender
WHERE m.boxes & {BOXES["sent"]} GROUP BY 1 ORDER BY 2 DESC, 1"""


def missing_lately(views: sqlite3.Connection, as_of_ms: int) -> int:
    """How many mails people sent to the owner in the last four weeks, where none of the owner's is there; else 0."""
    since_ms = as_of_ms - LATELY_DAYS * DAY_MS
    about = (earliest_day(since_ms), earliest_day(as_of_ms) + 3, since_ms, as_of_ms)
    received, sent = views.execute(_LATELY, about).fetchone()
    return received if not sent and received >= MANY else 0


def sent_as_another(views: sqlite3.Connection) -> list[tuple[str, int, int]]:
    """(address, its mails, all mails) of who sent much of what lies in folders of sent mail and is not the owner."""
    own = {address for (address,) in views.execute("SELECT address FROM address WHERE mine = 1")}
    return [
        (address, n, of)
        for address, n, of in views.execute(_SENT_AS)
        if address not in own and n >= FOREIGN_LEAST and n >= FOREIGN_SHARE * of
    ]
