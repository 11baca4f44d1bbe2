"""Who is due an update (L4): a goal's key people who have long had no message of the owner's about it."""

from __future__ import annotations

import sqlite3
from typing import Any

from projections.intervals import DAY_MS
from projections.judgements.pauses import Pauses
from projections.judgements.persons import days, read_people
from projections.judgements.wants import persons_of
from projections.rules import Goal, Rules

WEEKS = 4  # (ours) without a word about the goal

# A mail is about a goal where the goal has it, or the part of it that went to this person.
_LAST = """
SELECT m.at_ms, m.position FROM address a JOIN member p ON p.address_id = a.id JOIN message m ON m.circle = p.circle
WHERE a.person = :person AND m.direction = 'out' AND m.kind = '' AND m.at_ms <= :as_of
AND (m.goal = :goal OR EXISTS (SELECT 1 FROM ledger l WHERE l.day = m.day AND l.channel = 'mail' AND l.item = m.id
    AND l.person = a.person AND l.goal = :goal))
ORDER BY m.at_ms DESC LIMIT 1"""


def updates_due(
    conn: sqlite3.Connection, rules: Rules, as_of_ms: int, weeks: float = WEEKS, only: str = ""
) -> list[dict[str, Any]]:
    """One entry a goal and person, goals in the order of the settings; who was put to rest is left out.

    Keys: goal, person, last_ms (None: never), days (None likewise), why, evidence.
    """
    resting = Pauses(conn, as_of_ms)
    found = []
    for goal in rules.goals:
        if goal.solo or (only and goal.slug != only):
            continue
        people = _key_people(conn, goal)
        names = read_people(conn, people)
        for person in people:
            if person not in names or resting.is_snoozed(person):
                continue
            about = {"person": person, "goal": goal.slug, "as_of": as_of_ms}
            last = conn.execute(_LAST, about).fetchone()
            if last is None or last[0] <= as_of_ms - weeks * 7 * DAY_MS:
                found.append(_row(goal.slug, names[person].shown(), last, as_of_ms))
    return found


def _key_people(conn: sqlite3.Connection, goal: Goal) -> list[int]:
    spelled = [address for address, part in goal.people.items() if part > 0]
    person_of = persons_of(conn, spelled)
    return list(dict.fromkeys(person_of[one.lower()] for one in spelled if one.lower() in person_of))


def _row(goal: str, person: dict[str, Any], last: tuple[int, int] | None, as_of_ms: int) -> dict[str, Any]:
    silent = None if last is None else (as_of_ms - last[0]) / DAY_MS
    told = "no mail of yours so far was" if silent is None else f"{days(silent)} since a mail of yours was"
    return {
        "goal": goal,
        "person": person,
        "last_ms": None if last is None else last[0],
        "days": None if silent is None else round(silent, 2),
        "why": f"{told} about {goal}",
        "evidence": [] if last is None else [last[1]],
    }
