"""Touches: each person's interactions in order of time, and who opened each exchange (F7)."""

from __future__ import annotations

from projections.mailtime import COMPOSE_WPM, WRITE_CAP_S, WRITE_FLOOR_S
from projections.projection import Projection

QUIET_MS = 7 * 86_400_000  # after so long without a word, whoever speaks first begins anew (F7)

# What a touch says of its mail, `e` being the touch and `m` the mail: what could be answered is what opens something or
# asks something and is no closing word; `seconds` is the writer's time by one measure for both sides, split.
MAIL_COLUMNS = f"""
min(max(60.0 * m.words / {COMPOSE_WPM}, {WRITE_FLOOR_S}), {WRITE_CAP_S}) / max(e.n, 1) AS seconds,
NOT m.closer AND (m.asks OR e.opened <> '') AND (e.kind = 'out' OR m.to_me) AS expects,
CASE e.kind WHEN 'in' THEN m.answered_ms ELSE h.at_ms END AS answered_ms"""
_MAIL = "LEFT JOIN message m ON e.kind IN ('in', 'out') AND m.id = e.item"
_ANSWER = "LEFT JOIN heard h ON e.kind = 'out' AND h.person = e.person AND h.item = e.item"
MAIL_JOINS = f"{_MAIL} {_ANSWER}"
# When each person first answered each of my mails.
HEARD = """
SELECT one.person AS person, w.answers AS item, min(one.at_ms) AS at_ms
FROM {table} one JOIN message w ON w.id = one.item WHERE one.kind = 'in' AND one.reply_ms IS NOT NULL {among}
GROUP BY one.person, w.answers"""

# `starts` is what the thing itself says: a mail that answers nothing, a meeting that was newly made. Mails are read
# in the order of the encounters, day by day, which is that of their table: person by person takes half as long again.
_TOUCHES = f"""
WITH heard AS MATERIALIZED ({HEARD.format(table="encounter", among="{among}")}),
ordered AS (SELECT e.*, m.words, m.closer, m.asks, m.to_me, m.answered_ms,
        lag(e.at_ms) OVER (PARTITION BY e.person ORDER BY e.at_ms, e.item, e.kind) AS before
    FROM encounter e {_MAIL} WHERE 1 {{among}}),
told AS (SELECT person, at_ms, item, kind, n, qualifying,
    CASE WHEN kind NOT IN ('in', 'out') THEN starts
         WHEN starts <> '' OR before IS NULL OR at_ms - before >= {QUIET_MS}
         THEN CASE kind WHEN 'in' THEN 'theirs' ELSE 'mine' END ELSE '' END AS opened,
    reply_ms, position, words, closer, asks, to_me, answered_ms FROM ordered)
INSERT INTO touch SELECT e.person, e.at_ms, e.item, e.kind, e.n, e.qualifying, e.opened, e.reply_ms, e.position,
    {MAIL_COLUMNS.replace("m.", "e.")} FROM told e {_ANSWER}
ORDER BY e.person, e.at_ms, e.item, e.kind"""


class Touches(Projection):
    """`touch`."""

    name = "touches"
    after = ("ledger",)
    late_indices = "CREATE INDEX touch_meeting ON touch(at_ms, person) WHERE kind = 'meeting' AND qualifying = 1;\n"

    def settle(self) -> None:
        if self.store.fresh:
            self.store.db.execute(_TOUCHES.format(among=""))
            return
        among = "person IN (SELECT value FROM json_each(?1))"
        self.store.select_in(f"DELETE FROM touch WHERE {among}", self.store.dirty_persons)
        self.store.select_in(_TOUCHES.format(among=f"AND {among}"), self.store.dirty_persons)


PROJECTION = Touches
