"""What passed between the owner and each person, counted: the facts under reciprocity, care and ties."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from projections.attribution import MEANINGFUL
from projections.cadence import median
from projections.intervals import DAY_MS
from projections.reciprocity import Initiative, initiative

FEW = 3  # recipients of a mail that is meant for me, not for everybody
MAIL_DAYS = 730.0  # (ours) who cares, and who is written to in vain, is told from the last two years


class Exchange(NamedTuple):
    """In the owner's mail and calendar, over all time until now."""

    mine: int  # initiations (F7)
    theirs: int
    sent: int
    met: int  # shared meetings of at most 18 others
    first_ms: int
    last_ms: int | None  # of qualifying contacts
    contacts: int  # qualifying ones
    small: int  # of these, with at most two others

    @property
    def initiative(self) -> Initiative:
        return initiative(self.mine, self.theirs)


class Recent(NamedTuple):
    """The same of the last two years, and the mails that could be answered.

    `asked`: my mails to at most three people that could be answered; `answered`: those that were.
    """

    mine: int
    theirs: int  # without mails to many
    asked: int = 0
    answered: int = 0
    my_seconds: float = 0.0  # of writing to them, and theirs to me, by the same measure
    their_seconds: float = 0.0
    usual_answer_ms: float | None = None  # the median of theirs


COUNTS = f"""
SELECT person, sum(opened = 'mine'), sum(opened = 'theirs'), sum(kind = 'out'),
    sum(kind = 'meeting' AND n <= {MEANINGFUL}), min(at_ms), max(CASE WHEN qualifying THEN at_ms END),
    sum(qualifying), sum(qualifying AND n <= 2)
FROM touch WHERE at_ms <= :as_of {{only}} GROUP BY person"""
ONLY = "AND person IN (SELECT value FROM json_each(:only))"
_KEPT = """
SELECT person, mine, theirs, sent, met, first_ms, last_ms, contacts, small FROM tally
WHERE newest_ms <= :as_of {only}"""
_LATER = "SELECT person FROM tally WHERE newest_ms > :as_of {only}"

# From each person straight to the last two years: CROSS JOIN keeps SQLite from reading all years of everybody.
# What was answered could be answered, whatever it said.
_RECENT = f"""
SELECT p.id, sum(t.opened = 'mine'), sum(t.opened = 'theirs' AND (t.kind <> 'in' OR n <= {FEW})),
    sum(t.kind = 'out' AND qualifying AND (expects OR coalesce(answered_ms <= :as_of, 0))),
    sum(t.kind = 'out' AND qualifying AND coalesce(answered_ms <= :as_of, 0)),
    total(CASE t.kind WHEN 'out' THEN seconds END), total(CASE t.kind WHEN 'in' THEN seconds END),
    group_concat(CASE t.kind WHEN 'in' THEN reply_ms END)
FROM person p CROSS JOIN touch t ON t.person = p.id AND t.at_ms > :since AND t.at_ms <= :as_of
WHERE p.kind = 'person' {{only}} GROUP BY p.id"""

_BOTH_WAYS = f"""
SELECT value FROM json_each(:only) WHERE EXISTS (SELECT 1 FROM touch
    WHERE person = value AND at_ms <= :as_of AND (kind = 'out' OR (kind = 'meeting' AND n <= {MEANINGFUL})))"""


def _about(as_of_ms: int, only: Iterable[int] | None) -> dict[str, object]:
    since = as_of_ms - round(MAIL_DAYS * DAY_MS)
    return {"as_of": as_of_ms, "since": since, "only": json.dumps(None if only is None else list(only))}


def read_exchanges(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int] | None = None) -> dict[int, Exchange]:
    """By person: everybody with an interaction, or `only` these; counted anew of whom something is later than now."""
    about = _about(as_of_ms, only)
    condition = "" if only is None else ONLY
    found = [*conn.execute(_KEPT.format(only=condition), about)]
    later = [person for (person,) in conn.execute(_LATER.format(only=condition), about)]
    if later:
        found += conn.execute(COUNTS.format(only=ONLY), _about(as_of_ms, later))
    return {person: Exchange._make(counts) for person, *counts in found}


def read_written_to(conn: sqlite3.Connection, as_of_ms: int) -> set[int]:
    """Everybody to whom the owner ever wrote."""
    rows = conn.execute(
        "SELECT person FROM tally WHERE sent > 0 AND (newest_ms <= :as_of OR EXISTS (SELECT 1 FROM touch "
        "WHERE touch.person = tally.person AND kind = 'out' AND at_ms <= :as_of))",
        {"as_of": as_of_ms},
    )
    return {person for (person,) in rows}


def read_recent(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int] | None = None) -> dict[int, Recent]:
    """By person: everybody with an interaction in the last two years (no lists, rooms, robots), or `only` these."""
    condition = "" if only is None else "AND p.id IN (SELECT value FROM json_each(:only))"
    rows = conn.execute(_RECENT.format(only=condition), _about(as_of_ms, only))
    return {person: Recent._make((*counts, _usual(times))) for person, *counts, times in rows}


def _usual(times: str | None) -> float | None:
    return median([int(part) for part in times.split(",")]) if times else None


def written_to_or_met(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int]) -> set[int]:
    """Of these, whom the owner ever wrote to, or met among at most 18 others."""
    return {person for (person,) in conn.execute(_BOTH_WAYS, _about(as_of_ms, only))}
