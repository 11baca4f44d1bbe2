"""Whether past invitations were seldom answered: what `attendance = "auto"` hangs on (F1). Standard library only."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

RSVP_RATE = 0.5  # below it, an unanswered invitation of one or two others counts


def seldom_answered(db: sqlite3.Connection, now_ms: int) -> bool:
    """Of the invitations to what began before `now_ms`, fewer than half were answered; a series is one invitation."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    sql = "SELECT count(*), coalesce(sum(answered), 0) FROM invitation WHERE start < ?"
    invited, answered = db.execute(sql, (now,)).fetchone()
    return bool(answered < RSVP_RATE * invited)
