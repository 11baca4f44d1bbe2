"""What is known of who asks, beside the request (L3): each fact with its positions, None where nothing is known."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from projections.intervals import Span, clip, union
from projections.judgements.giving import Side, side
from projections.judgements.requests import Requests, Row
from projections.schema import UNASSIGNED

RECENT = 30  # (ours) of the latest mails and meetings with somebody, where mutual people are looked for
MUTUAL, CITED = 3, 3
SMALL = 18  # others in one mail or meeting: in a larger one nobody has met

_FIRST = "SELECT at_ms, position FROM touch WHERE person = ? AND at_ms <= ? ORDER BY at_ms LIMIT 1"
_RECENT = f"""
WITH recent AS (SELECT item, kind, position FROM touch
    WHERE person = :person AND at_ms <= :as_of AND n BETWEEN 2 AND {SMALL} ORDER BY at_ms DESC LIMIT {RECENT})
SELECT a.person, r.position FROM recent r JOIN message m ON r.kind IN ('in', 'out') AND m.id = r.item
JOIN circle c ON c.id = m.circle JOIN json_each(c.others) side JOIN json_each(side.value) one
JOIN address a ON a.id = one.value
UNION ALL
SELECT a.person, r.position FROM recent r JOIN attendance t ON r.kind = 'meeting' AND t.occurrence = r.item
JOIN address a ON a.id = t.address_id WHERE t.takes_part = 1"""
_WRITING = """
SELECT seconds, position FROM touch WHERE person = ? AND at_ms <= ? AND kind = 'out' AND seconds > 0
ORDER BY at_ms DESC LIMIT 11"""
_BUSY = """
SELECT start_ms, end_ms, position FROM occurrence WHERE day BETWEEN ? AND ? AND end_ms > ? AND start_ms < ?
AND all_day = 0 AND answer IN ('organizer', 'accepted', 'attended') AND reason NOT IN ('cancelled', 'show_as_free')
ORDER BY start_ms, position"""
_GOALS = "SELECT goal FROM message WHERE id = ?"


class Fact(NamedTuple):
    """One thing that is known, and where in the log it is known from."""

    value: float
    evidence: list[int]


class Card(NamedTuple):
    """`first_seen`: ms. `mutual`: person.id, those met most often beside the asker. `cost`, `left`: hours.

    `cost`: of an invitation its length, of a mail what answers to this person usually take to write.
    """

    first_seen: Fact | None
    mutual: list[int]
    mutual_evidence: list[int]
    given: Side
    taken: Side
    cost: Fact | None
    left: Fact
    goals: list[str]


class Cards:
    """Makes cards for the requests of one reading; what holds for all of them is asked once."""

    def __init__(
        self, conn: sqlite3.Connection, found: Requests, week: tuple[int, int, Span], goals: dict[int, list[str]]
    ) -> None:
        """`week`: first and last local day, and the instants, of the owner's week; `goals`: person.id -> key to."""
        self._conn, self._found, self._goals = conn, found, goals
        self._left = _left(conn, found, week)
        people = conn.execute("SELECT id FROM person WHERE kind = 'person' AND promoted = 1")
        self._people = {id_ for (id_,) in people}
        self._of: dict[int, Card] = {}

    def card(self, row: Row) -> Card:
        """What is known of who asks holds for all that they ask."""
        known = self._of.get(row.person)
        if known is None:
            known = self._of[row.person] = self._person(row.person)
        if row.invitation is not None:
            invited = Fact(row.invitation.minutes / 60, [row.invitation.position])
            return known._replace(cost=invited, goals=self._goals_of(row))
        return known._replace(goals=self._goals_of(row))

    def _person(self, person: int) -> Card:
        first = self._conn.execute(_FIRST, (person, self._found.as_of_ms)).fetchone()
        mutual, evidence = self._mutual(person)
        return Card(
            None if first is None else Fact(first[0], [first[1]]),
            mutual,
            evidence,
            side(self._found, person, to_me=True),
            side(self._found, person, to_me=False),
            self._cost(person),
            self._left,
            [],
        )

    def _mutual(self, person: int) -> tuple[list[int], list[int]]:
        seen: Counter[int] = Counter()
        where: dict[int, set[int]] = {}
        about = {"person": person, "as_of": self._found.as_of_ms}
        for other, position in self._conn.execute(_RECENT, about):
            if other != person and other in self._people:
                seen[other] += 1
                where.setdefault(other, set()).add(position)
        best = sorted(seen, key=lambda other: (-seen[other], other))[:MUTUAL]
        return best, sorted({position for other in best for position in sorted(where[other])[-CITED:]})

    def _cost(self, person: int) -> Fact | None:
        """What answers to this person usually take to write."""
        written = self._conn.execute(_WRITING, (person, self._found.as_of_ms)).fetchall()
        if not written:
            return None
        usual = sorted(seconds for seconds, _ in written)[len(written) // 2]
        return Fact(usual / 3600, sorted(position for _, position in written[:CITED]))

    def _goals_of(self, row: Row) -> list[str]:
        if row.invitation is not None:
            own = {row.invitation.goal}
        else:
            mails = row.request.mail_ids() if row.request else ()
            own = {goal for mail in mails for (goal,) in self._conn.execute(_GOALS, (mail,))}
        return sorted(own - {"", UNASSIGNED}) or sorted(self._goals.get(row.person, ()))


def _left(conn: sqlite3.Connection, found: Requests, week: tuple[int, int, Span]) -> Fact:
    """Working hours from now to the end of the week that no meeting takes."""
    first, last, (_, until) = week
    now = found.as_of_ms
    busy = conn.execute(_BUSY, (first - 1, last, now, until)).fetchall()
    taken = union(clip([(start, end) for start, end, _ in busy], now, until))
    return Fact(found.clock.between(now, until, taken) / 3_600_000, sorted({position for *_, position in busy}))


def key_goals(conn: sqlite3.Connection, goals: Iterable[tuple[str, list[str]]]) -> dict[int, list[str]]:
    """person.id -> the goals, of (slug, addresses), that name one of their addresses."""
    found: dict[int, list[str]] = {}
    for slug, addresses in goals:
        rows = conn.execute(
            "SELECT DISTINCT person FROM address WHERE person > 0 AND address IN (SELECT value FROM json_each(?))",
            (json.dumps([address.lower() for address in addresses]),),
        )
        for (person,) in rows.fetchall():
            found.setdefault(person, []).append(slug)
    return found
