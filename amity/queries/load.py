"""The load line: how heavy a week was beside one's own twelve weeks before it."""

from __future__ import annotations

from typing import Any

from amity.period import Period, day_start
from amity.queries.ahead import hours_of
from amity.queries.spent import DIGITS
from amity.session import Session
from projections.intervals import Span, clip, subtract
from projections.load import Load, Spent, load, outside
from projections.workhours import working_spans

WEEKS = 12  # of one's own, to compare with
EVIDENCE = 12
_MEETINGS = """
SELECT start_ms, end_ms, clock, position FROM occurrence
WHERE counted = 1 AND n > 0 AND clock > 0 AND day >= ? AND day < ? AND start_ms <= ? ORDER BY start_ms"""
# Mail that came in has no time of reading; a mail of one's own was written when it was sent.
_INSTANTS = """
SELECT at_ms, minutes, position FROM message
WHERE direction = 'out' AND minutes > 0 AND day >= :since AND day < :until AND at_ms <= :now
UNION ALL SELECT at_ms, minutes, id FROM note
WHERE minutes > 0 AND day >= :since AND day < :until AND at_ms <= :now"""
_AWAY = "SELECT start_ms, end_ms FROM occurrence WHERE away AND start_ms < ? AND end_ms > ?"


def of_week(session: Session, period: Period) -> dict[str, Any] | None:
    """Minutes of the week, the median of the (at most twelve) weeks before, and what lay outside; None for no week."""
    if not period.is_week:
        return None
    first = session.views.execute("SELECT min(day) FROM daily").fetchone()[0]
    earliest = max(period.since - 7 * WEEKS, period.since if first is None else first)
    weeks = [monday for monday in range(period.since - 7 * WEEKS, period.since, 7) if monday >= earliest]
    world = _World(session, min([*weeks, period.since]), period.until)
    now, usual = world.load(period.since), [world.load(monday) for monday in weeks]
    return {
        **_shown(now),
        "usual": _shown(Load.usual(usual)) if usual else None,
        "weeks": len(usual),
        "evidence": world.outside(period.since),
    }


def _shown(one: Load) -> dict[str, float]:
    return {f"{name}_minutes": round(minutes, DIGITS) for name, minutes in one._asdict().items()}


class _World:
    """What the weeks of [since, until) held, read at once."""

    def __init__(self, session: Session, since: int, until: int) -> None:
        self.session, self.hours, self.zone = session, hours_of(session), session.zone
        now = session.as_of_ms
        rows = session.views.execute(_MEETINGS, (since - 1, until, now)).fetchall()
        self.meetings = [Spent(start, max(start, min(end, now)), minutes, at) for start, end, minutes, at in rows]
        about = {"since": since, "until": until, "now": now}
        self.instants = [Spent(at, at, minutes, position)
                         for at, minutes, position in session.views.execute(_INSTANTS, about)]  # fmt: skip
        bounds = (day_start(until, self.zone), day_start(since, self.zone))
        self.away: list[Span] = session.views.execute(_AWAY, bounds).fetchall()

    def _week(self, monday: int) -> tuple[list[Spent], list[Span], list[Span]]:
        """What was spent in a week, what crosses its ends cut there; its working hours until now; its meetings."""
        since, until = day_start(monday, self.zone), day_start(monday + 7, self.zone)
        spent = [one for one in self.instants if since <= one.start_ms < until]
        meetings = [one for one in self.meetings if one.start_ms < until and one.end_ms > since]
        for one in meetings:
            for start, end in clip([one[:2]], since, until):
                part = (end - start) / (one.end_ms - one.start_ms)
                spent.append(Spent(start, end, one.minutes * part, one.position))
        last = max(since, min(until, self.session.as_of_ms))
        work = subtract(working_spans(self.hours, self.zone, since, last), self.away)
        return spent, work, [one[:2] for one in meetings]

    def load(self, monday: int) -> Load:
        spent, work, busy = self._week(monday)
        return load(spent, work, busy, self.hours, self.zone)

    def outside(self, monday: int) -> list[int]:
        """Log positions of what lay after hours or on a free day, the last ones."""
        spent, work, _ = self._week(monday)
        late = [one for one in spent if any(outside(one, work, self.hours, self.zone))]
        return sorted({one.position for one in sorted(late)[-EVIDENCE:]})
