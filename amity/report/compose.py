"""The weekly report as a value: everything that any format prints, and nothing that depends on when it is printed."""

from __future__ import annotations

from typing import Any

from amity.period import FIRST_DAY, Period, day_start, instant, iso, local_day
from amity.queries import caring, judged, own_mail, spent
from amity.queries import goals as aims
from amity.report import appendix, changes, flags, goals, left_out, obligations, week
from amity.session import Session
from projections.schema import NOBODY

TOLERANCE = 0.01  # minutes; sums of millions of parts differ by less
FIRST_WEEKS = 3


def compose(session: Session, period: Period) -> dict[str, Any]:
    """The document of `amity report`."""
    shape = spent.shape_of(session, period)
    totals = spent.totals(session, period)
    since = (
        local_day(instant(shape["since"], session.zone), session.zone) if period.since == FIRST_DAY else period.since
    )
    until = (
        min(period.until, local_day(session.as_of_ms, session.zone) + 1) if period.since == FIRST_DAY else period.until
    )
    available, work = aims.available_days(session, since, until)
    end = _at_end(session, period)
    silent = judged.silent(end)
    over = judged.over(end)
    giving = judged.giving(end)
    flagged, told = flags.neglected(end, flags.unsettled_silences(session, end, silent))
    unsettled = flags.unsettled(session, end, "over", over)
    too_much, told_of_them = flags.over(end, unsettled)
    restated, untold = changes.restated(session, period)
    notes = _notes(session, totals, period, end)
    report: dict[str, Any] = {
        "period": shape | {"is_week": period.is_week, "available_days": available, "work_days": work},
        "data_until": _data_until(session),
        "totals": totals,
        "verdict": goals.verdict(session, period, totals),
        "goals": aims.goals(session, period, available, end),
        "people": _people(session, period),
        "neglected": flagged,
        "quieter": flags.unsettled(session, end, "fading", judged.fading(end)),
        "over_invested": too_much,
        "told": {
            "neglected": judged.told(end, told[: flags.LISTED]),
            "neglected_more": len(told[flags.LISTED :]),
            "over_invested": told_of_them,
        },
        "to_decide": [one for one in unsettled if one["state"] == "to-decide"],
        **obligations.obligations(end),
        **week.sections(session, period, end),
        "care": giving.care,
        "owe": giving.owe,
        "uncounted": left_out.by_reason(session, period),
        "sources": left_out.sources(session),
        "restated": restated,
        "notes": [*notes, untold] if untold else notes,
    }
    report["moves"] = flags.moves(end, report)
    report["appendix"] = appendix.sections(session, period, over) | {
        "due": judged.told(end, silent[: flags.LISTED]),
        "due_more": len(silent[flags.LISTED :]),
        "quiet": giving.quiet,
        "chasing": judged.chasing(end, flags.LISTED, giving.recent),
        "care_share": caring.share(end, period, {one["person"]["id"] for one in giving.care}),
    }
    return report


def _at_end(session: Session, period: Period) -> Session:
    """Judged at the end of the period, or now, whichever comes first: last month's report does not know this week."""
    last = day_start(period.until, session.zone) - 1
    return session._replace(as_of_ms=min(session.as_of_ms, last))


def _data_until(session: Session) -> str | None:
    """When the newest thing that is known by now happened."""
    today = local_day(session.as_of_ms, session.zone)
    newest = (
        "SELECT at_ms FROM message WHERE day <= :today AND at_ms <= :now ORDER BY day DESC, at_ms DESC LIMIT 1",
        """SELECT start_ms FROM occurrence WHERE day <= :today AND start_ms <= :now AND all_day = 0
           ORDER BY day DESC, start_ms DESC LIMIT 1""",
    )
    about = {"today": today, "now": session.as_of_ms}
    rows = [session.views.execute(sql, about).fetchone() for sql in newest]
    found = max((row[0] for row in rows if row), default=None)
    return None if found is None else iso(found, session.zone)


def _people(session: Session, period: Period) -> list[dict[str, Any]]:
    rows = spent.time(session, period, ["person"], "attributed")["rows"]
    return [{key: row[key] for key in ("person", "minutes", "meeting_minutes", "mail_minutes")} for row in rows]


def _notes(session: Session, totals: dict[str, float], period: Period, end: Session) -> list[str]:
    """What the reader must know to trust the numbers, or not to."""
    found = []
    if not session.rules.get("addresses"):
        found.append(
            "Your own addresses are not known: add them to [me] in amity.toml (`amity doctor` names candidates)."
        )
    if not _adds_up(session, totals, period):
        found.append(
            "The parts do not add up to the whole: do not trust this report; run `amity rebuild`, then report it."
        )
    if unsent := own_mail.missing_lately(session.views, end.as_of_ms):
        found.append(
            f"{unsent} mails came in four weeks and none of yours is in the records: who seems out of touch may not be"
            " (`amity doctor`)."
        )
    first = session.views.execute("SELECT day FROM ledger WHERE person != ? ORDER BY day LIMIT 1", (NOBODY,)).fetchone()
    if (
        first is not None
        and period.since - first[0] < 7 * FIRST_WEEKS
        and not any(one["usual_days"] for one in judged.neglected(end))
    ):
        found.append(
            "First weeks of history: a rhythm needs four gaps between contacts, so nobody is called neglected yet."
        )
    if not session.rules.get("goals"):
        found.append("No goals yet: write [goals.NAME] into amity.toml to see what your time was for.")
    assumed = session.views.execute(
        "SELECT count(*) FROM message WHERE seen = -1 AND direction = 'in' AND counted = 1 AND day >= ? AND day < ?",
        (period.since, period.until),
    ).fetchone()[0]
    if assumed:
        found.append(f"Reading is assumed for {assumed} mails whose source does not say whether they were read.")
    return found


def _adds_up(session: Session, totals: dict[str, float], period: Period) -> bool:
    """Whether the folding found no day whose parts differ from its whole, and the days add up to the totals."""
    troubled = session.views.execute(
        "SELECT count(*) FROM trouble WHERE day >= ? AND day < ?", (period.since, period.until)
    ).fetchone()[0]
    today = local_day(session.as_of_ms, session.zone)
    days = session.views.execute(
        "SELECT total(meeting) + total(mail) + total(solo) FROM daily WHERE day >= ? AND day < ? AND day <= ?",
        (period.since, period.until, today),
    ).fetchone()[0]
    return not troubled and totals["clock_minutes"] <= days + TOLERANCE
