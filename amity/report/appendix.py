"""What follows the first screen: the same numbers at length."""

from __future__ import annotations

from typing import Any

from amity import resolve
from amity.period import Period, day_start, iso
from amity.queries.spent import DIGITS, WITHIN, bounds
from amity.session import Session

TOP = 12


def sections(session: Session, period: Period, over: list[dict[str, Any]]) -> dict[str, Any]:
    """Goal by person, all budgets, the shape of meetings, new people."""
    return {
        "goal_by_person": _matrix(session, period),
        "budgets": over,
        "meetings": _meetings(session, period),
        "new_people": _new_people(session, period),
    }


def _matrix(session: Session, period: Period) -> list[dict[str, Any]]:
    """Attributed minutes of the people with most time, by goal."""
    rows = session.views.execute(
        f"SELECT person, goal, sum(minutes) FROM ledger WHERE person != 0 AND {WITHIN} GROUP BY 1, 2",
        bounds(session, period),
    ).fetchall()
    whole: dict[int, float] = {}
    for person, _, minutes in rows:
        whole[person] = whole.get(person, 0.0) + minutes
    names = resolve.everybody(session.views, list(whole))
    top = sorted(whole, key=lambda number: (-round(whole[number], DIGITS), names[number].key))[:TOP]
    return [
        {"person": resolve.shape(names[number]),
         "goals": {goal: round(minutes, DIGITS) for person, goal, minutes in sorted(rows) if person == number}}
        for number in top
    ]  # fmt: skip


def _meetings(session: Session, period: Period) -> dict[str, float]:
    """Hours by size, the recurring part, and what was double-booked."""
    row = session.views.execute(
        "SELECT count(*), total(clock), total(clock) FILTER (WHERE n = 1),"
        " total(clock) FILTER (WHERE n BETWEEN 2 AND 8), total(clock) FILTER (WHERE n > 8),"
        " total(clock) FILTER (WHERE recurring = 1) FROM occurrence"
        " WHERE counted = 1 AND n > 0 AND day >= :since AND day < :until AND start_ms <= :now",
        bounds(session, period),
    ).fetchone()
    conflict = session.views.execute(
        "SELECT total(conflict) FROM daily WHERE day >= ? AND day < ?", (period.since, period.until)
    ).fetchone()[0]
    names = ("meetings", "minutes", "alone_with_one", "small", "large", "recurring")
    return {name: round(value, DIGITS) for name, value in zip(names, row, strict=True)} | {
        "conflict": round(conflict, DIGITS)
    }


def _new_people(session: Session, period: Period) -> list[dict[str, Any]]:
    """People whose first touch lies in the period."""
    since, until = (day_start(day, session.zone) for day in (period.since, period.until))
    rows = session.views.execute(
        "SELECT person, min(at_ms), kind FROM touch WHERE person IN"
        " (SELECT person FROM encounter JOIN tally USING (person) WHERE day >= :first AND day < :last AND person > 0"
        " AND tally.first_ms >= :since) GROUP BY 1"
        " HAVING min(at_ms) >= :since AND min(at_ms) < :until AND min(at_ms) <= :now ORDER BY 2, 1",
        {"first": period.since, "last": period.until, "since": since, "until": until, "now": session.as_of_ms},
    ).fetchall()
    names = resolve.everybody(session.views, [row[0] for row in rows])
    return [
        {"person": resolve.shape(names[number]), "at": iso(at, session.zone), "how": kind}
        for number, at, kind in rows[:TOP]
    ]
