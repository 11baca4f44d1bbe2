"""The goals of a period: minutes beside targets, key people in touch, and what displaced time of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

from amity import grammar, resolve
from amity.period import Period
from amity.queries.spent import DIGITS, WITHIN, bounds
from amity.session import Session
from projections import alignment
from projections.schema import BROADCAST, UNASSIGNED

WEEKS_BEFORE = 4  # what "usual" is compared with
MINUTE_MS = 60_000


def minutes_by_goal(session: Session, period: Period) -> dict[str, float]:
    """Clock minutes of every goal that has any."""
    sql = f"SELECT goal, sum(minutes) FROM ledger WHERE {WITHIN} GROUP BY 1"
    return dict(session.views.execute(sql, bounds(session, period)).fetchall())


def before(period: Period, weeks: int = WEEKS_BEFORE) -> Period:
    """The four weeks that end where the period begins."""
    return Period(period.since - 7 * weeks, period.since, f"{weeks} weeks before")


def available_days(session: Session, since: int, until: int) -> tuple[int, int]:
    """(working days that were not taken off, working days) of local days [since, until)."""
    hours = grammar.hours(session.rules.get("hours", "Mon-Fri 09:00-17:30"))
    work = {day for day in range(since, until) if date.fromordinal(day).weekday() in hours}
    sql = "SELECT day FROM daily WHERE day_off = 1 AND day >= ? AND day < ?"
    off = {row[0] for row in session.views.execute(sql, (since, until))}
    return len(work - off), len(work)


def goals(session: Session, period: Period, available: int, states: dict[int, str]) -> list[dict[str, Any]]:
    """One entry per goal of the settings in their order, then `unassigned`. `states`: person.id -> state (F6)."""
    now = minutes_by_goal(session, period)
    usual = minutes_by_goal(session, before(period)) if period.is_week else {}
    found = []
    for goal in session.rules.get("goals", ()):
        slug, weekly = goal["slug"], goal.get("weekly_minutes")
        entry = _entry(slug, now, usual if period.is_week else None)
        entry["target_minutes"] = (
            None if weekly is None else round(alignment.scaled_target(weekly, available), DIGITS)
        )
        entry["solo"] = bool(goal.get("solo"))
        entry |= _key_people(session, goal, states)
        if entry["solo"]:
            entry |= displaced(session, period, slug)
        found.append(entry)
    known = {goal["goal"] for goal in found} | {UNASSIGNED}
    others = [
        *sorted(set(now) - known),
        UNASSIGNED,
    ]  # a mark may name a goal that the settings no longer have
    before_them = usual if period.is_week else None
    return found + [
        _entry(slug, now, before_them) | {"target_minutes": None, "solo": False} for slug in others
    ]


def _entry(slug: str, now: dict[str, float], usual: dict[str, float] | None) -> dict[str, Any]:
    average = None if usual is None else round(usual.get(slug, 0.0) / WEEKS_BEFORE, DIGITS)
    return {"goal": slug, "minutes": round(now.get(slug, 0.0), DIGITS), "average_minutes": average}


def _key_people(session: Session, goal: dict[str, Any], states: dict[int, str]) -> dict[str, Any]:
    """Who of the goal's key people is in touch: state ok or due."""
    addresses = json.dumps([address.lower() for address in goal.get("people", {})])
    sql = (
        "SELECT DISTINCT person FROM address WHERE person > 0 AND address IN (SELECT value FROM json_each(?))"
    )
    people = [row[0] for row in session.views.execute(sql, (addresses,))]
    if not people:
        return {"key_people": 0, "in_touch": 0, "out_of_touch": []}
    touched, everybody = alignment.coverage([states.get(number, "ok") for number in people])
    names = resolve.everybody(session.views, people)
    lost = sorted(names[number].name for number in people if states.get(number, "ok") not in {"ok", "due"})
    return {"key_people": everybody, "in_touch": touched, "out_of_touch": lost}


def displaced(session: Session, period: Period, slug: str) -> dict[str, Any]:
    """What of the blocks kept for a solo goal went to meetings, and to whom: minutes that were planned twice.

    Where several meetings lie on one stretch of a block they share it, and each gives its part to the people in it.
    """
    blocks = session.views.execute(
        "SELECT start_ms, end_ms FROM occurrence WHERE goal = ? AND n = 0 AND all_day = 0 AND day >= ? AND day < ?"
        " AND start_ms <= ? AND reason NOT IN ('cancelled', 'declined')",
        (slug, period.since, period.until, session.as_of_ms),
    ).fetchall()
    lost: dict[int, float] = {}
    for start, end in blocks:
        meetings = session.views.execute(
            "SELECT id, max(start_ms, ?1), min(end_ms, ?2) FROM occurrence"
            " WHERE n > 0 AND clock > 0 AND start_ms < ?2 AND end_ms > ?1 AND start_ms <= ?3",
            (start, end, session.as_of_ms),
        ).fetchall()
        for item, minutes in _shared(meetings).items():
            lost[item] = lost.get(item, 0.0) + minutes
    people = _people_of(session, lost)
    names = resolve.everybody(session.views, sorted(people))
    by = [
        {"person": resolve.shape(names[number]), "minutes": round(minutes, DIGITS)}
        for number, minutes in people.items()
    ]
    return {
        "displaced_minutes": round(sum(lost.values()), DIGITS),
        "displaced_by": sorted(by, key=lambda one: (-float(str(one["minutes"])), str(one["person"]))),
    }


def _shared(meetings: list[tuple[int, int, int]]) -> dict[int, float]:
    """Minutes of each [start, end) when overlapping ones share equally."""
    edges = sorted({edge for _, start, end in meetings for edge in (start, end)})
    found: dict[int, float] = {}
    for left, right in pairwise(edges):
        here = [item for item, start, end in meetings if start <= left and right <= end]
        for item in here:
            found[item] = found.get(item, 0.0) + (right - left) / MINUTE_MS / len(here)
    return found


def _people_of(session: Session, minutes: dict[int, float]) -> dict[int, float]:
    """The minutes of meetings given to the people in them, in the proportions of the ledger."""
    found: dict[int, float] = {}
    for item, lost in minutes.items():
        rows = session.views.execute(
            "SELECT person, sum(minutes) FROM ledger WHERE item = ? AND channel = 'meeting' GROUP BY 1",
            (item,),
        ).fetchall()
        whole = sum(row[1] for row in rows)
        for person, part in rows or [(BROADCAST, 1.0)]:
            found[person] = found.get(person, 0.0) + lost * (part / whole if whole else 1.0)
    return found


def verdict(session: Session, period: Period, totals: dict[str, float]) -> dict[str, Any]:
    """The first lines: how much, how much of it on goals, how near to the plan, how much started by others."""
    now = minutes_by_goal(session, period)
    weights = {goal["slug"]: goal.get("weight", 0.0) for goal in session.rules.get("goals", ())}
    whole = sum(weights.values())
    planned = {slug: weight / whole for slug, weight in weights.items() if weight} if whole else {}
    found: dict[str, Any] = {
        "tracked_minutes": totals["clock_minutes"],
        "people_minutes": round(totals["meeting_minutes"] + totals["mail_minutes"], DIGITS),
        "on_goals": _share(alignment.alignment, now) if weights else None,
        "plan_fit": round(alignment.fit(planned, now), 4) if planned and sum(now.values()) else None,
        "reactive": _reactive(session, period, totals["clock_minutes"]),
        "average_minutes": None,
        "on_goals_average": None,
    }
    if period.is_week:
        usual = minutes_by_goal(session, before(period))
        found["average_minutes"] = round(sum(usual.values()) / WEEKS_BEFORE, DIGITS)
        found["on_goals_average"] = _share(alignment.alignment, usual) if weights else None
    return found


def _share(of: Callable[[dict[str, float]], float], minutes: dict[str, float]) -> float | None:
    return round(of(minutes), 4) if sum(minutes.values()) else None


def _reactive(session: Session, period: Period, clock: float) -> float | None:
    """Started by others and for no goal, as a share of all time."""
    sql = f"""
        SELECT total(ledger.minutes) FROM ledger
        LEFT JOIN occurrence ON ledger.channel = 'meeting' AND occurrence.id = ledger.item
        LEFT JOIN message ON ledger.channel = 'mail' AND message.id = ledger.item
        WHERE ledger.goal = '{UNASSIGNED}'
          AND (occurrence.mine = 0 OR occurrence.booked = 1 OR message.direction = 'in')
          AND ledger.day >= :since AND ledger.day < :until AND ledger.at_ms <= :now AND ledger.from_ms <= :now
    """
    found = session.views.execute(sql, bounds(session, period)).fetchone()[0]
    return round(alignment.reactive_share(found, clock), 4) if clock else None
