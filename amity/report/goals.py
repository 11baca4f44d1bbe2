"""The first lines of the report: how much of a period's time went to goals, and how near to the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from amity.period import Period
from amity.queries.goals import WEEKS_BEFORE, before, minutes_by_goal
from amity.queries.judged import rules_of
from amity.queries.spent import DIGITS, bounds
from amity.session import Session
from projections import alignment
from projections.schema import UNASSIGNED


def verdict(session: Session, period: Period, totals: dict[str, float]) -> dict[str, Any]:
    """The first lines: how much, how much of it on goals, how near to the plan, how much started by others."""
    now = minutes_by_goal(session, period)
    goals = rules_of(session).goals
    planned = alignment.plan(goals)
    found: dict[str, Any] = {
        "tracked_minutes": totals["clock_minutes"],
        "people_minutes": round(totals["meeting_minutes"] + totals["mail_minutes"], DIGITS),
        "on_goals": _share(alignment.alignment, now) if goals else None,
        "plan_fit": round(alignment.fit(planned, now), 4) if planned and sum(now.values()) else None,
        "reactive": _reactive(session, period, totals["clock_minutes"]),
        "average_minutes": None,
        "on_goals_average": None,
    }
    if period.is_week:
        usual = minutes_by_goal(session, before(period))
        found["average_minutes"] = round(sum(usual.values()) / WEEKS_BEFORE, DIGITS)
        found["on_goals_average"] = _share(alignment.alignment, usual) if goals else None
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
