"""What last week's report would say differently today: only where something about that week was recorded late."""

from __future__ import annotations

from typing import Any

from amity.period import Period, iso, week_name
from amity.queries.goals import minutes_by_goal
from amity.report.flags import WEEK_MS
from amity.session import Session, open_session, position_at

MANY = 50_000  # ours: events; above it, building the earlier views takes longer than anybody waits for a report
NOTICEABLE = 0.5  # minutes: what rounds to the same tenth of an hour was not restated


def restated(session: Session, period: Period) -> tuple[list[dict[str, Any]], str]:
    """`[{"week", "goal", "before_minutes", "after_minutes"}]` of the week before the period; and why it says nothing.

    The log as it stood a week ago against the log as it stands now. A log that was empty then made no report.
    """
    if not period.is_week or session.known_at:
        return [], ""
    last = Period(period.since - 7, period.until - 7, week_name(period.since - 7))
    position = position_at(session.home, session.as_of_ms - WEEK_MS)
    if not position or not _late(session, last, position):
        return [], ""
    if position > MANY:
        why = f"{last.name} may read differently now; see `amity report {last.name} --known-at {position}`."
        return [], why
    after = minutes_by_goal(session, last)
    with open_session(session.home, session.as_of_ms, iso(session.as_of_ms, session.zone), str(position)) as earlier:
        before = minutes_by_goal(earlier, last)
    changed = [
        {"week": last.name, "goal": goal, "before_minutes": round(before.get(goal, 0.0), 1),
         "after_minutes": round(after.get(goal, 0.0), 1)}
        for goal in sorted({*before, *after})
        if abs(before.get(goal, 0.0) - after.get(goal, 0.0)) >= NOTICEABLE
    ]  # fmt: skip
    return changed, ""


def _late(session: Session, week: Period, position: int) -> bool:
    """True where something of that week, or a decision, was recorded after the position."""
    sql = (
        "SELECT EXISTS (SELECT 1 FROM message WHERE position > :p AND day >= :since AND day < :until)"
        " OR EXISTS (SELECT 1 FROM occurrence WHERE position > :p AND day >= :since AND day < :until)"
        " OR EXISTS (SELECT 1 FROM decision WHERE position > :p AND at_ms <= :now"
        "   AND type NOT IN ('person.snoozed.v1', 'person.accepted.v1'))"
    )
    found = session.views.execute(
        sql, {"p": position, "since": week.since, "until": week.until, "now": session.as_of_ms}
    ).fetchone()
    return bool(found[0])
