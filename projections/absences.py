"""Absences: mine from out-of-office entries, others' from their automatic replies; they pause a relation's rhythm."""

from __future__ import annotations

from projections.counting import AWAY_MS
from projections.intervals import union
from projections.projection import Projection

_MINE = "SELECT start_ms, end_ms, position FROM occurrence WHERE away ORDER BY start_ms"
_THEIRS = """
INSERT INTO absence
SELECT a.person, m.at_ms, min(m.at_ms + {week}, coalesce((
    SELECT min(t.at_ms) FROM touch t WHERE t.person = a.person AND t.at_ms > m.at_ms AND t.kind = 'in'
    ), m.at_ms + {week})), m.position
FROM message m JOIN address a ON a.id = m.sender
WHERE m.kind = 'out_of_office' AND m.direction = 'in' AND m.at_ms IS NOT NULL AND a.person <> 0
ORDER BY a.person, m.at_ms, m.id"""


class Absences(Projection):
    """`absence`; there are few, so that all are written anew."""

    name = "absences"
    after = ("touches", "meetings", "identity")
    indices = "CREATE INDEX message_away ON message(sender) WHERE kind = 'out_of_office';\n"

    def settle(self) -> None:
        db = self.store.db
        db.execute("DELETE FROM absence")
        rows = db.execute(_MINE).fetchall()
        for since, until in union((start, end) for start, end, _ in rows):
            position = min(position for start, _, position in rows if since <= start < until)
            db.execute("INSERT INTO absence VALUES (0, ?, ?, ?)", (since, until, position))
        db.execute(_THEIRS.format(week=AWAY_MS))


PROJECTION = Absences
