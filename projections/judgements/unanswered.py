"""What people wrote to the owner that could be answered, and what of it was (lessons, L7)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from projections.intervals import DAY_MS
from projections.judgements.exchanges import FEW, MAIL_DAYS

# A later mail of mine to them in the same thread answers all that stood before it there.
_HEARD = f"""
SELECT t.person, t.position, coalesce(t.answered_ms <= :as_of, 0) OR EXISTS (
    SELECT 1 FROM message m JOIN message o ON o.thread = m.thread AND o.at_ms > t.at_ms AND o.at_ms <= :as_of
    JOIN touch x ON x.person = t.person AND x.at_ms = o.at_ms AND x.item = o.id AND x.kind = 'out'
    WHERE m.id = t.item)
FROM touch t WHERE t.person IN (SELECT value FROM json_each(:only)) AND t.at_ms > :since AND t.at_ms <= :as_of
AND t.kind = 'in' AND t.n <= {FEW} AND t.expects ORDER BY t.at_ms, t.position"""


class Heard(NamedTuple):
    """Their mails of the last two years to at most three people that could be answered.

    `asked` of them, `answered` of these by me; `open_at` the log positions of the rest, oldest first.
    """

    asked: int
    answered: int
    open_at: list[int]


def read_heard(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int]) -> dict[int, Heard]:
    """By person; who wrote no such mail is left out."""
    about = {"as_of": as_of_ms, "since": as_of_ms - round(MAIL_DAYS * DAY_MS), "only": json.dumps(sorted(only))}
    found: dict[int, list[tuple[int, int]]] = {}
    for person, position, answered in conn.execute(_HEARD, about):
        found.setdefault(person, []).append((position, answered))
    return {
        person: Heard(len(mails), sum(done for _, done in mails), [position for position, done in mails if not done])
        for person, mails in found.items()
    }


_LETTERS = """
SELECT t.person, max(t.at_ms), t.position FROM json_each(:since) one
JOIN touch t ON t.person = one.key + 0 AND t.at_ms > one.value AND t.at_ms <= :as_of
WHERE t.kind = 'in' AND NOT t.qualifying AND coalesce(t.answered_ms > :as_of, 1) GROUP BY t.person"""


class Letter(NamedTuple):
    """The last mail of somebody that the owner has not answered."""

    at_ms: int
    position: int


def read_letters(conn: sqlite3.Connection, as_of_ms: int, since: Mapping[int, int]) -> dict[int, Letter]:
    """By person: the last mail of theirs since then that was not answered; nobody else is in it."""
    about = {"as_of": as_of_ms, "since": json.dumps(since)}
    return {person: Letter(at_ms, position) for person, at_ms, position in conn.execute(_LETTERS, about)}
