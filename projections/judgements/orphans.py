"""Orphan hours (L1): people with more than two hours in four weeks for no goal, who have no place of their own yet."""

from __future__ import annotations

import shlex
import sqlite3
from typing import Any

from projections.intervals import DAY_MS, earliest_day
from projections.judgements.persons import Person, hours, latest_positions, read_people
from projections.judgements.wants import read_wants
from projections.overinvestment import ORPHAN_MINUTES, WEEKS
from projections.rules import Rules

WEEK_MS = 7 * DAY_MS
ASKED_WEEKS = 12  # a question that stood in a report of the last quarter is not asked there again

_MINUTES = """
SELECT person, (:as_of - at_ms) / 604800000 AS week, sum(minutes) FROM ledger
WHERE day >= :day AND at_ms > :since AND at_ms <= :as_of AND from_ms <= :as_of AND person > 0 AND goal = 'unassigned'
GROUP BY +person, week"""


def orphans(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> list[dict[str, Any]]:
    """Most time without a goal first. `asked`: a report of the last quarter would have asked already.

    Whoever is key to a goal, protected, or has a budget has their place: time for its own sake needs no reason.
    Keys: person, minutes (of four weeks, for no goal), asked, why, choices (command lines), evidence.
    """
    wants = read_wants(conn, rules)
    placed = {*wants.goals, *wants.protected, *wants.max_week}
    spent: dict[int, list[float]] = {}
    weeks = WEEKS + ASKED_WEEKS
    about = {"as_of": as_of_ms, "since": as_of_ms - weeks * WEEK_MS, "day": earliest_day(as_of_ms - weeks * WEEK_MS)}
    for person, week, minutes in conn.execute(_MINUTES, about):
        if person not in placed:
            spent.setdefault(person, [0.0] * weeks)[week] = minutes
    asking = {person for person, each in spent.items() if sum(each[:WEEKS]) > ORPHAN_MINUTES}
    rows = [
        _row(one, spent[one.id]) | {"evidence": latest_positions(conn, one.id, as_of_ms - WEEKS * WEEK_MS, as_of_ms)}
        for one in read_people(conn, sorted(asking)).values()
    ]
    return sorted(rows, key=lambda row: (-row["minutes"], row["person"]["id"]))


def _row(person: Person, weekly: list[float]) -> dict[str, Any]:
    minutes = sum(weekly[:WEEKS])
    earlier = (sum(weekly[back : back + WEEKS]) for back in range(1, ASKED_WEEKS + 1))
    name = shlex.quote(person.addresses[0] if person.addresses else person.key)
    return {
        "person": person.shown(),
        "minutes": round(minutes, 2),
        "asked": any(before > ORPHAN_MINUTES for before in earlier),
        "why": f"{hours(minutes)} in four weeks served no goal, and no budget or word of yours says more",
        "choices": [f"amity place {name} {choice}" for choice in ("goal=G", "own-sake", "max=1h/week")],
    }
