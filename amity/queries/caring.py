"""How much of the time with people goes to those who care (lessons, L7), from the same rows as `amity time`."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from typing import Any

from amity.period import Period, local_day, week_name
from amity.queries import spent
from amity.session import Session
from projections.schema import BROADCAST, NOBODY

WEEKS, RECENT = 12, 4  # of the trend; its last weeks, beside those before


def last_weeks(session: Session) -> Period:
    """The twelve ISO weeks that end with this one."""
    monday = _monday(local_day(session.as_of_ms, session.zone))
    return Period(monday - 7 * (WEEKS - 1), monday + 7, f"{WEEKS} weeks")


def share(session: Session, period: Period, carers: Collection[str]) -> dict[str, Any]:
    """The document of `amity care --share`: `carers` are ids of people, those who care at the session's now.

    `minutes` are the sum of these people's rows of `time --by person`, `attributed_minutes` its total; `weeks` the
    twelve that end with the period's last one that has begun.
    """
    rows = spent.time(session, period, ["person"], "attributed")
    theirs = [row for row in rows["rows"] if row["person"]["id"] in carers]
    people = [{"person": row["person"], "minutes": row["minutes"]} for row in theirs]
    weeks = _weeks(session, period, carers)
    minutes, whole = sum(row["minutes"] for row in theirs), rows["totals"]["attributed_minutes"]
    floor = session.rules.get("care_floor")
    part = _part(minutes, whole)
    return {
        "period": rows["period"],
        "minutes": round(minutes, spent.DIGITS),
        "attributed_minutes": whole,
        "share": part,
        "floor": floor,
        "below_floor": floor is not None and part is not None and part < floor,
        "recent_share": _mean(weeks[-RECENT:]),
        "earlier_share": _mean(weeks[:-RECENT]),
        "weeks": weeks,
        "people": people,
    }


def _weeks(session: Session, period: Period, carers: Collection[str]) -> list[dict[str, Any]]:
    today = local_day(session.as_of_ms, session.zone)
    monday = _monday(min(period.until - 1, today))
    mondays = range(monday - 7 * (WEEKS - 1), monday + 7, 7)
    span = Period(mondays[0], monday + 7, "")
    rows = session.views.execute(
        "SELECT day - (day - 1) % 7, total(minutes), total(minutes) FILTER (WHERE person IN ("
        "SELECT id FROM person WHERE key IN (SELECT value FROM json_each(:carers))))"
        f" FROM ledger WHERE person NOT IN ({NOBODY}, {BROADCAST}) AND {spent.WITHIN} GROUP BY 1",
        spent.bounds(session, span) | {"carers": json.dumps(sorted(carers))},
    )
    found = {day: (whole, theirs) for day, whole, theirs in rows}
    return [_week(day, *found.get(day, (0.0, 0.0))) for day in mondays]


def _week(day: int, whole: float, theirs: float) -> dict[str, Any]:
    return {
        "week": week_name(day),
        "minutes": round(theirs, spent.DIGITS),
        "attributed_minutes": round(whole, spent.DIGITS),
        "share": _part(theirs, whole),
    }


def _part(minutes: float, whole: float) -> float | None:
    return round(minutes / whole, 4) if whole > 0 else None


def _mean(weeks: list[dict[str, Any]]) -> float | None:
    """Of the weeks' minutes together, not of their shares."""
    return _part(sum(week["minutes"] for week in weeks), sum(week["attributed_minutes"] for week in weeks))


def _monday(day: int) -> int:
    return day - date.fromordinal(day).weekday()


def sentence(found: dict[str, Any]) -> str:
    """The share in words, beside the floor and the weeks before."""
    if found["share"] is None:
        return "no time with people in this period"
    of = f"{found['minutes'] / 60:.1f} h of {found['attributed_minutes'] / 60:.1f} h with people ({found['share']:.0%})"
    beside = [of]
    if found["floor"] is not None:
        beside.append(f"{'below' if found['below_floor'] else 'above'} your floor of {found['floor']:.0%}")
    recent, earlier = found["recent_share"], found["earlier_share"]
    if recent is not None and earlier is not None:
        beside.append(f"last {RECENT} weeks {recent:.0%}, the {WEEKS - RECENT} before {earlier:.0%}")
    return "; ".join(beside)
