"""To whom the owner reaches out in vain, as it is told (lessons, L2)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from projections.intervals import DAY_MS
from projections.judgements.exchanges import MAIL_DAYS, Recent, read_exchanges, read_recent
from projections.judgements.persons import Person, hours, latest_positions, read_people
from projections.judgements.wants import Wants, read_wants
from projections.reciprocity import is_chasing, is_unheard
from projections.rules import Rules

_SPENT = """
SELECT total(l.minutes) FROM ledger l JOIN message m ON m.id = l.item AND m.direction = 'out'
WHERE l.person = :person AND l.channel = 'mail' AND l.at_ms > :since AND l.at_ms <= :as_of"""


def minutes_reaching(conn: sqlite3.Connection, person: int, as_of_ms: int) -> float:
    """Of writing to them in the last two years, as `time` counts it."""
    since = as_of_ms - round(MAIL_DAYS * DAY_MS)
    row = conn.execute(_SPENT, {"person": person, "since": since, "as_of": as_of_ms}).fetchone()
    return float(row[0])


def sentence(name: str, minutes: float, lately: Recent) -> str:
    """How it is told: time and counts, in words that blame nobody."""
    return f"you spent {hours(minutes)} reaching for {name}; {lately.answered} of {lately.asked} answered"


def chased(
    conn: sqlite3.Connection, wants: Wants, as_of_ms: int, only: Iterable[int] | None = None
) -> dict[int, dict[str, Any]]:
    """By person.id, everybody or of `only` these: the owner begins, too few are answered, and no goal asks for it."""
    recent = read_recent(conn, as_of_ms, only)
    latest = {person: one for person, one in recent.items() if is_unheard(one.answered, one.asked)}
    exchanges = read_exchanges(conn, as_of_ms, latest)
    found = [
        person
        for person, one in exchanges.items()
        if is_chasing(one.initiative, latest[person].answered, latest[person].asked, has_goal=person in wants.goals)
    ]
    return {one.id: _row(conn, one, latest[one.id], as_of_ms) for one in read_people(conn, found).values()}


def chasing(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> list[dict[str, Any]]:
    """The most time first. `asked` and `answered` are of the last two years."""
    rows = chased(conn, read_wants(conn, rules), as_of_ms).values()
    return sorted(rows, key=lambda row: (-row["minutes"], row["person"]["id"]))


def _row(conn: sqlite3.Connection, person: Person, lately: Recent, as_of_ms: int) -> dict[str, Any]:
    minutes, since = minutes_reaching(conn, person.id, as_of_ms), as_of_ms - round(MAIL_DAYS * DAY_MS)
    return {
        "person": person.shown(),
        "state": "chasing",
        "why": sentence(person.name, minutes, lately),
        "evidence": latest_positions(conn, person.id, since, as_of_ms),
        "minutes": round(minutes, 2),
        "asked": lately.asked,
        "answered": lately.answered,
    }
