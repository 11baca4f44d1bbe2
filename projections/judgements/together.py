"""What the owner and each person did together (F5): mails of a group count for all who stand on them."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from projections.attribution import MEANINGFUL
from projections.counting import SPAM
from projections.intervals import DAY_MS, earliest_day
from projections.judgements.exchanges import MAIL_DAYS
from projections.tie import Bond, decayed, mails_worth, meeting_worth

IN, OUT = 0, -1  # what stands for mails where the size of a meeting stands
# From each person straight to the last two years: CROSS JOIN keeps SQLite from reading all years of everybody.
_DIRECT = f"""
SELECT p.id, (:as_of - t.at_ms) / {DAY_MS} AS age, CASE t.kind WHEN 'in' THEN {IN} WHEN 'out' THEN {OUT} ELSE t.n END,
    count(*)
FROM person p CROSS JOIN touch t ON t.person = p.id AND t.at_ms > :since AND t.at_ms <= :as_of
WHERE p.kind = 'person' AND t.n <= {MEANINGFUL} {{only}} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""

# Mails of others to me and to at most 17 more people, by who they went to.
_GROUPS = f"""
SELECT c.others, a.person, (:as_of - m.at_ms) / {DAY_MS} AS age, count(*)
FROM message m JOIN circle c ON c.id = m.circle JOIN address a ON a.id = m.sender
WHERE {{within}} AND m.at_ms > :since AND m.at_ms <= :as_of AND m.direction = 'in' AND m.kind = '' AND m.to_me
AND m.recipients BETWEEN 1 AND {MEANINGFUL - 1} AND m.boxes & ~{SPAM} GROUP BY m.circle, m.sender, age"""
_TO_THEM = """m.circle IN (SELECT p.circle FROM address o JOIN member p ON p.address_id = o.id
    WHERE o.person IN (SELECT value FROM json_each(:only)))"""
_FROM_THEM = """m.sender IN (SELECT o.id FROM address o
    WHERE o.person IN (SELECT value FROM json_each(:only)))"""
_PEOPLE = "SELECT a.id, p.id FROM address a JOIN person p ON p.id = a.person AND p.kind = 'person' WHERE 1 {only}"
Counts = dict[int, Counter[int]]  # by person: how many by whole days ago


class Together(NamedTuple):
    """By person: the bond; and who stood on a mail with somebody to whom the owner writes."""

    bonds: dict[int, Bond]
    introduced: set[int]


def read_together(
    conn: sqlite3.Connection, as_of_ms: int, written_to: set[int], only: Collection[int] | None = None
) -> Together:
    """Of the last two years, of everybody (no lists, rooms, robots) or of `only` these. `written_to`: by the owner."""
    about = _about(as_of_ms, only)
    shared, introduced = _shared(conn, about, written_to, None if only is None else set(only))
    both = {person: _worth(counts) for person, counts in shared.items()}
    bonds = {
        person: Bond(mails_worth(sent, received), both.pop(person, 0.0), meetings)
        for person, (received, sent, meetings) in _direct(conn, about, only).items()
    }
    return Together(bonds | {person: Bond(0.0, worth) for person, worth in both.items()}, introduced)


def _direct(conn: sqlite3.Connection, about: dict[str, object], only: Collection[int] | None) -> dict[int, list[float]]:
    """By person: what mails of theirs, mails of mine, and meetings are worth, summed in order of age."""
    found: dict[int, list[float]] = {}
    left = _left()
    condition = "" if only is None else "AND p.id IN (SELECT value FROM json_each(:only))"
    for person, age, size, count in conn.execute(_DIRECT.format(only=condition), about):
        sums = found.get(person)
        if sums is None:
            sums = found[person] = [0.0, 0.0, 0.0]
        worth = count * left[age]
        if size == IN:
            sums[0] += worth
        elif size == OUT:
            sums[1] += worth
        else:
            sums[2] += worth * meeting_worth(size)
    return found


def _left() -> list[float]:
    """What is left of a thing, by whole days ago."""
    return [decayed(age) for age in range(round(MAIL_DAYS) + 1)]


def _worth(counts: Counter[int]) -> float:
    """Summed in order of age, so that the sum does not depend on the order of the rows."""
    return sum(count * decayed(age) for age, count in sorted(counts.items()))


def _about(as_of_ms: int, only: Collection[int] | None) -> dict[str, object]:
    since = as_of_ms - round(MAIL_DAYS * DAY_MS)
    listed = json.dumps(None if only is None else list(only))
    return {"as_of": as_of_ms, "since": since, "day": earliest_day(since), "only": listed}


def _shared(
    conn: sqlite3.Connection, about: dict[str, object], written_to: set[int], only: set[int] | None
) -> tuple[Counts, set[int]]:
    """What others wrote to both; and who stood there with somebody in `written_to`."""
    rows = _groups(conn, about, only)
    person_of = _people(conn, [row[0] for row in rows], only)
    shared: Counts = {}
    introduced: set[int] = set()
    members: dict[str, set[int]] = {}
    for others, sender, age, count in rows:
        if others not in members:
            members[others] = {person_of[one] for part in json.loads(others) for one in part if one in person_of}
        group = members[others] | {sender}
        known = group & written_to
        for person in group if only is None else group & only:
            if known - {person}:
                introduced.add(person)
            if person != sender:
                shared.setdefault(person, Counter())[age] += count
    return shared, introduced


def _groups(
    conn: sqlite3.Connection, about: dict[str, object], only: set[int] | None
) -> list[tuple[str, int, int, int]]:
    """(others, person who wrote, whole days ago, how many)."""
    if only is None:
        return conn.execute(_GROUPS.format(within="m.day >= :day"), about).fetchall()
    both = f"{_GROUPS.format(within=_TO_THEM)} UNION {_GROUPS.format(within=_FROM_THEM)}"
    return conn.execute(both, about).fetchall()


def _people(conn: sqlite3.Connection, circles: list[str], only: set[int] | None) -> dict[int, int]:
    """address.id -> person.id of those on these circles; of all where everybody is asked of."""
    if only is None:
        return dict(conn.execute(_PEOPLE.format(only="")).fetchall())
    wanted = {one for others in set(circles) for part in json.loads(others) for one in part}
    among = "AND a.id IN (SELECT value FROM json_each(?))"
    return dict(conn.execute(_PEOPLE.format(only=among), (json.dumps(sorted(wanted)),)).fetchall())
