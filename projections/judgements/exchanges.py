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
# Of whom something is later: what was counted, without that.
_LATER = f"""
WITH later AS MATERIALIZED (SELECT person, sum(opened = 'mine') AS mine, sum(opened = 'theirs') AS theirs,
        sum(kind = 'out') AS sent, sum(kind = 'meeting' AND n <= {MEANINGFUL}) AS met,
        sum(qualifying) AS contacts, sum(qualifying AND n <= 2) AS small
    FROM touch WHERE at_ms > :as_of AND person IN (SELECT person FROM tally WHERE newest_ms > :as_of {{only}})
    GROUP BY person)
SELECT k.person, k.mine - l.mine, k.theirs - l.theirs, k.sent - l.sent, k.met - l.met, k.first_ms,
    (SELECT max(at_ms) FROM touch t WHERE t.person = k.person AND t.at_ms <= :as_of AND t.qualifying),
    k.contacts - l.contacts, k.small - l.small
FROM later l JOIN tally k ON k.person = l.person WHERE k.first_ms <= :as_of"""

# From each person straight to the last two years: CROSS JOIN keeps SQLite from reading all years of everybody; FILTER
# passes over most rows. What was answered could be answered, whatever it said.
_RECENT = f"""
SELECT p.id, count(*) FILTER (WHERE t.opened = 'mine'),
    count(*) FILTER (WHERE t.opened = 'theirs' AND (t.kind <> 'in' OR n <= {FEW})),
    count(*) FILTER (WHERE t.kind = 'out' AND qualifying AND (expects OR answered_ms <= :as_of)),
    count(*) FILTER (WHERE t.kind = 'out' AND qualifying AND answered_ms <= :as_of),
    group_concat(reply_ms) FILTER (WHERE t.kind = 'in')
FROM person p CROSS JOIN touch t ON t.person = p.id AND t.at_ms > :since AND t.at_ms <= :as_of
WHERE p.kind = 'person' {{only}} GROUP BY p.id"""

_SECONDS = """
SELECT person, total(seconds) FILTER (WHERE kind = 'out'), total(seconds) FILTER (WHERE kind = 'in') FROM touch
WHERE person IN (SELECT value FROM json_each(:only)) AND at_ms > :since AND at_ms <= :as_of GROUP BY person"""

_BOTH_WAYS = f"""
SELECT value FROM json_each(:only) WHERE EXISTS (SELECT 1 FROM touch
    WHERE person = value AND at_ms <= :as_of AND (kind = 'out' OR (kind = 'meeting' AND n <= {MEANINGFUL})))"""


def _about(as_of_ms: int, only: Iterable[int] | None) -> dict[str, object]:
    since = as_of_ms - round(MAIL_DAYS * DAY_MS)
    return {"as_of": as_of_ms, "since": since, "only": json.dumps(None if only is None else list(only))}


def read_exchanges(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int] | None = None) -> dict[int, Exchange]:
    """By person: everybody with an interaction, or `only` these."""
    about = _about(as_of_ms, only)
    condition = "" if only is None else ONLY
    found = [row for sql in (_KEPT, _LATER) for row in conn.execute(sql.format(only=condition), about)]
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
    return {
        person: Recent(mine, theirs, asked, answered, median([*map(int, times.split(","))]) if times else None)
        for person, mine, theirs, asked, answered, times in rows
    }


def read_seconds(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int]) -> dict[int, tuple[float, float]]:
    """By person: seconds of writing to them in the last two years, and theirs of writing to me, by the same measure."""
    rows = conn.execute(_SECONDS, _about(as_of_ms, only))
    return {person: (mine, theirs) for person, mine, theirs in rows}


def written_to_or_met(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int]) -> set[int]:
    """Of these, whom the owner ever wrote to, or met among at most 18 others."""
    return {person for (person,) in conn.execute(_BOTH_WAYS, _about(as_of_ms, only))}
