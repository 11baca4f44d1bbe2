"""What passed between the owner and each person, counted: the facts under reciprocity, care and ties."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from projections.attribution import MEANINGFUL
from projections.cadence import median
from projections.mailtime import COMPOSE_WPM, WRITE_CAP_S, WRITE_FLOOR_S
from projections.reciprocity import Initiative, initiative


class Exchange(NamedTuple):
    """Over all time until now, in the owner's mail and calendar.

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
    asked: int = 0
    answered: int = 0
    their_asked: int = 0
    i_answered: int = 0
    usual_answer_ms: float | None = None  # the median of theirs
    my_seconds: float = 0.0  # of writing to them, and theirs to me, by the same measure
    their_seconds: float = 0.0

    @property
    def initiative(self) -> Initiative:
        return initiative(self.mine, self.theirs)


_COUNTS = f"""
SELECT person, sum(opened = 'mine'), sum(opened = 'theirs'), sum(kind = 'out'),
    sum(kind = 'meeting' AND n <= {MEANINGFUL}), min(at_ms), max(CASE WHEN qualifying THEN at_ms END),
    sum(qualifying), sum(qualifying AND n <= 2)
FROM touch WHERE at_ms <= :as_of {{only}} GROUP BY person"""

# My mails that open something or ask something, and those that they answered anyway; a closing word is none.
_ASKED = """
WITH answer AS (
    SELECT DISTINCT t.person AS person, m.answers AS item FROM touch t JOIN message m ON m.id = t.item
    WHERE t.kind = 'in' AND m.answers <> 0 AND t.at_ms <= :as_of {only})
SELECT t.person, count(*), count(a.item) FROM touch t
JOIN message m ON m.id = t.item LEFT JOIN answer a ON a.person = t.person AND a.item = t.item
WHERE t.kind = 'out' AND t.qualifying = 1 AND t.at_ms <= :as_of {only}
AND (a.item IS NOT NULL OR (NOT m.closer AND (m.asks OR t.opened = 'mine')))
GROUP BY t.person"""

_THEY_ASKED = """
SELECT t.person, count(*), sum(coalesce(m.answered_ms <= :as_of, 0)) FROM touch t JOIN message m ON m.id = t.item
WHERE t.kind = 'in' AND m.to_me = 1 AND t.at_ms <= :as_of {only} AND NOT m.closer AND (m.asks OR t.opened = 'theirs')
GROUP BY t.person"""

_ANSWER_TIMES = """
SELECT person, group_concat(reply_ms) FROM touch
WHERE kind = 'in' AND reply_ms IS NOT NULL AND at_ms <= :as_of {only} GROUP BY person"""

_WRITING = f"""
SELECT t.person, t.kind, sum(min(max(60.0 * m.words / {COMPOSE_WPM}, {WRITE_FLOOR_S}), {WRITE_CAP_S}) / max(t.n, 1))
FROM touch t JOIN message m ON m.id = t.item
WHERE t.kind IN ('in', 'out') AND t.at_ms <= :as_of {{only}} GROUP BY t.person, t.kind"""


def read_exchanges(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int] | None = None) -> dict[int, Exchange]:
    """By person: everybody with an interaction, or `only` these."""
    about = {"as_of": as_of_ms, "only": json.dumps(None if only is None else list(only))}

    def rows(query: str, person: str = "person") -> sqlite3.Cursor:
        condition = "" if only is None else f"AND {person} IN (SELECT value FROM json_each(:only))"
        return conn.execute(query.format(only=condition), about)

    found = {row[0]: Exchange(*row[1:]) for row in rows(_COUNTS)}
    for person, asked, answered in rows(_ASKED, "t.person"):
        found[person] = found[person]._replace(asked=asked, answered=answered)
    for person, asked, answered in rows(_THEY_ASKED, "t.person"):
        found[person] = found[person]._replace(their_asked=asked, i_answered=answered)
    for person, times in rows(_ANSWER_TIMES):
        found[person] = found[person]._replace(usual_answer_ms=median([int(part) for part in times.split(",")]))
    for person, kind, seconds in rows(_WRITING, "t.person"):
        side = "my_seconds" if kind == "out" else "their_seconds"
        found[person] = found[person]._replace(**{side: seconds})
    return found
