"""Whom the owner gives more time than they mean to, as it is told (F10): the four weeks that end now."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from projections.intervals import DAY_MS, earliest_day
from projections.judgements.persons import Person, hours, latest_positions, read_people
from projections.judgements.wants import Accepted, Wants, accepted, read_wants
from projections.overinvestment import LEAST_MINUTES, OVER_BUDGET, WEEKS, Spending, Verdict, judge, robust_z
from projections.rules import Rules

WEEK_MS = 7 * DAY_MS
EARLIER_WEEKS = 12  # of a person's own, to tell a spike from a habit
_STATES = ("over", "to-decide", "under")

_MINUTES = """
SELECT person, (:as_of - at_ms) / 604800000 AS week, sum(minutes) FROM ledger
WHERE day >= :day AND at_ms > :since AND at_ms <= :as_of AND from_ms <= :as_of AND channel <> 'solo' {only}
GROUP BY +person, week"""


def weekly(
    conn: sqlite3.Connection, as_of_ms: int, weeks: int, only: list[int] | None = None
) -> dict[int, list[float]]:
    """By person: attributed minutes of each of the last weeks, the newest first; those who are no persons included."""
    since = as_of_ms - weeks * WEEK_MS
    about = {"as_of": as_of_ms, "since": since, "day": earliest_day(since), "only": json.dumps(only)}
    condition = "" if only is None else "AND person IN (SELECT value FROM json_each(:only))"
    found: dict[int, list[float]] = {}
    for person, week, minutes in conn.execute(_MINUTES.format(only=condition), about):
        found.setdefault(person, [0.0] * weeks)[week] = minutes
    return found


def _verdicts(wants: Wants, weekly: dict[int, list[float]]) -> dict[int, tuple[list[float], Verdict]]:
    everybody = [sum(week) for week in zip(*weekly.values(), strict=True)] or [0.0] * WEEKS
    nothing = [0.0] * WEEKS
    found = {}
    for person in {*weekly, *wants.value}:
        minutes = weekly.get(person, nothing)
        if person <= 0 or (person not in wants.value and sum(minutes) < LEAST_MINUTES):
            continue
        verdict = judge(
            Spending(
                minutes,
                everybody,
                wants.value.get(person, 0.0),
                wants.max_week.get(person),
                configured=person in wants.configured,
                protected=person in wants.protected,
                goals_weighted=bool(wants.value),
            )
        )
        if verdict.state:
            found[person] = (minutes, verdict)
    return found


def _is_fine(spent: float, state: str, fine: Accepted | None) -> bool:
    """What the owner accepted stays accepted until it is a fifth more (or, where it is little, a fifth less)."""
    if fine is None:
        return False
    return spent * OVER_BUDGET >= fine.level if state == "under" else spent <= fine.level * OVER_BUDGET


def _why(spent: float, verdict: Verdict, wants: Wants, person: int) -> str:
    took = f"{hours(spent)} in four weeks"
    if verdict.by == "budget":
        planned = hours(wants.max_week[person] * WEEKS)
        return f"{took}, {planned} planned; more than planned in {verdict.weeks} of 4 weeks"
    share = f"{took}, {verdict.time_share:.0%} of your time with people"
    goals = ", ".join(wants.goals.get(person, ()))
    if verdict.state == "to-decide":
        return f"{share}, and no goal, circle or budget says whether that is right"
    return f"{share}; key to {goals}" if goals else f"{share}; key to no goal"


def _row(person: Person, minutes: list[float], verdict: Verdict, wants: Wants) -> dict[str, Any]:
    spent = sum(minutes)
    allowed = wants.max_week.get(person.id)
    return {
        "person": person.shown(),
        "state": verdict.state,
        "why": _why(spent, verdict, wants, person.id),
        "minutes": round(spent, 2),
        "max_minutes": None if allowed is None else round(allowed * WEEKS, 2),
        "ratio": round(verdict.ratio, 3),
        "time_share": round(verdict.time_share, 4),
        "value_share": round(wants.value.get(person.id, 0.0), 4),
        "value_ratio": round(verdict.value_ratio, 3),
        "weeks": verdict.weeks,
        "level": spent,
        "fine": person.fine("over"),
    }


def _listed(conn: sqlite3.Connection, wants: Wants, as_of_ms: int) -> dict[int, tuple[list[float], Verdict]]:
    """By person: minutes of each of the four weeks, and what they say; without what was called fine."""
    fine = accepted(conn, "over", as_of_ms)
    return {
        person: (minutes, verdict)
        for person, (minutes, verdict) in _verdicts(wants, weekly(conn, as_of_ms, WEEKS)).items()
        if not _is_fine(sum(minutes), verdict.state, fine.get(person))
    }


def over_ratios(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> dict[str, float]:
    """Of `over` no more than person.key and `ratio` of the flags."""
    listed = _listed(conn, read_wants(conn, rules), as_of_ms)
    flagged = {person: verdict.ratio for person, (_, verdict) in listed.items() if verdict.state == "over"}
    return {one.key: round(flagged[one.id], 3) for one in read_people(conn, flagged).values()}


def over(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> list[dict[str, Any]]:
    """Who had more of the four weeks before `as_of_ms` than budget or value say; `over` is the flag, first in the list.

    `to-decide`: nothing tells yet what the owner wants there. `under`: of value, and little time. `unusual` is the
    robust z of this week beside the person's twelve earlier ones. `level` is what an acceptance must store.
    """
    wants = read_wants(conn, rules)
    verdicts = _listed(conn, wants, as_of_ms)
    people = read_people(conn, verdicts)
    habit = weekly(conn, as_of_ms, 1 + EARLIER_WEEKS, list(people))
    rows = []
    for one in people.values():
        row = _row(one, *verdicts[one.id], wants)
        now, *before = habit.get(one.id, [0.0] * (1 + EARLIER_WEEKS))
        row["unusual"] = round(robust_z(now, before), 2)
        row["evidence"] = latest_positions(conn, one.id, as_of_ms - WEEKS * WEEK_MS, as_of_ms)
        rows.append(row)
    return sorted(rows, key=lambda row: (_STATES.index(row["state"]), -row["minutes"], row["person"]["id"]))
