"""What passed between the owner and each person, counted: the facts under reciprocity, care and ties."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from projections.attribution import MEANINGFUL
from projections.cadence import median
from projections.intervals import DAY_MS
from projections.mailtime import COMPOSE_WPM, WRITE_CAP_S, WRITE_FLOOR_S
from projections.reciprocity import Initiative, initiative

FEW = 3  # recipients of a mail that is meant for me, not for everybody
MAIL_DAYS = 730.0  # (ours) who cares, and who is written to in vain, is told from the last two years


class Exchange(NamedTuple):
    """In the owner's mail and calendar; the first part over all time until now, the second of the last two years.

    `asked`: my mails to at most three people that could be answered; `answered`: those that were. `their_asked`,
    `i_answered`: the same the other way.
    """

    mine: int  # initiations (F7)
    theirs: int
    sent: int
    met: int  # shared meetings of at most 18 others
    first_ms: int
    last_ms: int | None  # of qualifying contacts
    contacts: int  # qualifying ones
    small: int  # of these, with at most two others
    recent_mine: int
    recent_theirs: int  # without mails to many
    asked: int = 0
    answered: int = 0
    their_asked: int = 0
    i_answered: int = 0
    my_seconds: float = 0.0  # of writing to them, and theirs to me, by the same measure
    their_seconds: float = 0.0
    usual_answer_ms: float | None = None  # the median of theirs

    @property
    def initiative(self) -> Initiative:
        return initiative(self.mine, self.theirs)


_COUNTS = f"""
SELECT person, sum(opened = 'mine'), sum(opened = 'theirs'), sum(kind = 'out'),
    sum(kind = 'meeting' AND n <= {MEANINGFUL}), min(at_ms), max(CASE WHEN qualifying THEN at_ms END),
    sum(qualifying), sum(qualifying AND n <= 2),
    sum(opened = 'mine' AND at_ms > :since),
    sum(opened = 'theirs' AND at_ms > :since AND (kind <> 'in' OR n <= {FEW}))
FROM touch WHERE at_ms <= :as_of {{only}} GROUP BY person"""

# What could be answered: what opens something or asks something, and what was answered anyway; a closing word is none.
_MAILS = f"""
WITH answer AS MATERIALIZED (
    SELECT DISTINCT t.person AS person, m.answers AS item FROM touch t JOIN message m ON m.id = t.item
    WHERE t.kind = 'in' AND t.reply_ms IS NOT NULL AND t.at_ms > :since AND t.at_ms <= :as_of {{only}}),
mail AS (
    SELECT t.person AS person, t.kind AS kind, t.qualifying AS qualifying, t.n AS n,
        a.item AS answer, m.answered_ms AS answered_ms, m.to_me AS to_me,
        NOT m.closer AND (m.asks OR t.opened <> '') AS expects,
        min(max(60.0 * m.words / {COMPOSE_WPM}, {WRITE_FLOOR_S}), {WRITE_CAP_S}) / max(t.n, 1) AS seconds
    FROM touch t JOIN message m ON m.id = t.item LEFT JOIN answer a ON a.person = t.person AND a.item = t.item
    WHERE t.kind IN ('in', 'out') AND t.at_ms > :since AND t.at_ms <= :as_of {{only}})
SELECT person,
    sum(kind = 'out' AND qualifying AND (expects OR answer IS NOT NULL)),
    sum(kind = 'out' AND qualifying AND answer IS NOT NULL),
    sum(kind = 'in' AND to_me AND n <= {FEW} AND expects),
    sum(kind = 'in' AND to_me AND n <= {FEW} AND expects AND coalesce(answered_ms <= :as_of, 0)),
    total(CASE kind WHEN 'out' THEN seconds END), total(CASE kind WHEN 'in' THEN seconds END)
FROM mail GROUP BY person"""

_ANSWER_TIMES = """
SELECT t.person, group_concat(t.reply_ms) FROM touch t
WHERE t.kind = 'in' AND t.reply_ms IS NOT NULL AND t.at_ms > :since AND t.at_ms <= :as_of {only} GROUP BY t.person"""


def read_exchanges(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int] | None = None) -> dict[int, Exchange]:
    """By person: everybody with an interaction, or `only` these."""
    since = as_of_ms - round(MAIL_DAYS * DAY_MS)
    about = {"as_of": as_of_ms, "since": since, "only": json.dumps(None if only is None else list(only))}

    def rows(query: str, person: str = "t.person") -> sqlite3.Cursor:
        condition = "" if only is None else f"AND {person} IN (SELECT value FROM json_each(:only))"
        return conn.execute(query.format(only=condition), about)

    usual = {person: median([int(part) for part in times.split(",")]) for person, times in rows(_ANSWER_TIMES)}
    mails = {row[0]: row[1:] for row in rows(_MAILS)}
    nothing = (0, 0, 0, 0, 0.0, 0.0)
    counted = rows(_COUNTS, "person").fetchall()
    return {row[0]: Exchange._make((*row[1:], *mails.get(row[0], nothing), usual.get(row[0]))) for row in counted}
