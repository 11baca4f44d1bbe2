"""Touches: each person's interactions in order of time, and who opened each exchange (F7)."""

from __future__ import annotations

from projections.projection import Projection

QUIET_MS = 7 * 86_400_000  # after so long without a word, whoever speaks first begins anew (F7)

# `starts` is what the thing itself says: a mail that answers nothing, a meeting that was newly made.
_TOUCHES = f"""
INSERT INTO touch
SELECT person, at_ms, item, kind, n, qualifying,
    CASE WHEN kind NOT IN ('in', 'out') THEN starts
         WHEN starts <> '' OR before IS NULL OR at_ms - before >= {QUIET_MS}
         THEN CASE kind WHEN 'in' THEN 'theirs' ELSE 'mine' END ELSE '' END,
    reply_ms, position
FROM (SELECT *, lag(at_ms) OVER (PARTITION BY person ORDER BY at_ms, item, kind) AS before FROM encounter {{among}})
ORDER BY person, at_ms, item, kind"""


class Touches(Projection):
    """`touch`."""

    name = "touches"
    after = ("ledger",)
    late_indices = "CREATE INDEX touch_meeting ON touch(at_ms, person) WHERE kind = 'meeting' AND qualifying = 1;\n"

    def settle(self) -> None:
        if self.store.fresh:
            self.store.db.execute(_TOUCHES.format(among=""))
            return
        among = "person IN (SELECT value FROM json_each(?))"
        self.store.select_in(f"DELETE FROM touch WHERE {among}", self.store.dirty_persons)
        self.store.select_in(_TOUCHES.format(among=f"WHERE {among}"), self.store.dirty_persons)


PROJECTION = Touches
