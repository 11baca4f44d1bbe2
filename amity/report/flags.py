"""Which people the report names: few, and nobody twice unless it got worse; and what could be done about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from amity.queries import judged
from amity.session import Session
from projections.decay import suggested_minutes

NEGLECTED_MAX, OVER_MAX, MOVES_MAX = 7, 3, 3
LISTED = NEGLECTED_MAX + 20  # (ours) of the silent at length; `amity neglected` lists all
WORSE = 0.5  # of the usual distance (F6): below it a week-old flag is not repeated
WEEK_MS = 7 * 24 * 3600 * 1000
FLAGS = {"overdue", "dormant"}

if TYPE_CHECKING:
    from projections.judgements.silence import Silence

Entries = list[dict[str, Any]]


def neglected(session: Session, silent: Sequence[Silence]) -> tuple[Entries, list[Silence]]:
    """(at most seven flags, those told last week that did not grow by half the usual distance since)."""
    flagged = [one for one in silent if one.state in FLAGS]
    earlier = judged.silences(_week_ago(session), [one.person for one in flagged]) if flagged else []
    told = {one.person: _ratio(one) for one in earlier if one.state in FLAGS}
    new = [one for one in flagged if _is_news(_ratio(one), told.get(one.person))]
    fresh = {one.person for one in new}
    shown = judged.told(session, new[:NEGLECTED_MAX])
    return _with_goals(session, shown), [one for one in flagged if one.person not in fresh]


def over(session: Session, entries: Entries) -> tuple[Entries, Entries]:
    """(at most three, those told last week that did not get worse by half of what is allowed since)."""
    flagged = [one for one in entries if one["state"] == "over"]
    told = judged.over_ratios(_week_ago(session)) if flagged else {}
    new = [one for one in flagged if _is_news(one["ratio"], told.get(one["person"]["id"]))]
    return _with_goals(session, new[:OVER_MAX]), [one for one in flagged if one not in new]


def unsettled_silences(session: Session, end: Session, silent: Sequence[Silence]) -> list[Silence]:
    """Without those that the owner answered since the period ended: an alert that is answered is told no more."""
    settled = judged.settled(session, "neglected", end.as_of_ms)
    return [one for one in silent if one.person not in settled]


def unsettled(session: Session, end: Session, alert: str, entries: Entries) -> Entries:
    """The same of entries as they are printed."""
    settled = judged.settled(session, alert, end.as_of_ms)
    sql = "SELECT key FROM person WHERE id IN (SELECT value FROM json_each(?))"
    keys = {key for (key,) in session.views.execute(sql, (json.dumps(sorted(settled)),))} if settled else set()
    return [one for one in entries if one["person"]["id"] not in keys]


def _week_ago(session: Session) -> Session:
    return session._replace(as_of_ms=session.as_of_ms - WEEK_MS)


def _ratio(one: Silence) -> float:
    return round(one.now.r, 3)  # as it is told


def _is_news(ratio: float, told: float | None) -> bool:
    return told is None or ratio >= told + WORSE


def _with_goals(session: Session, entries: Entries) -> Entries:
    goals = key_to(session) if entries else {}
    return [one | {"key_to": goals.get(one["person"]["id"], [])} for one in entries]


def key_to(session: Session) -> dict[str, list[str]]:
    """person.key -> the goals that name one of their addresses."""
    found: dict[str, list[str]] = {}
    for goal in session.rules.get("goals", ()):
        addresses = json.dumps([address.lower() for address in goal.get("people", {})])
        rows = session.views.execute(
            "SELECT DISTINCT person.key FROM address JOIN person ON person.id = address.person"
            " WHERE address IN (SELECT value FROM json_each(?))",
            (addresses,),
        )
        for (key,) in rows.fetchall():
            found.setdefault(key, []).append(goal["slug"])
    return found


def moves(session: Session, report: dict[str, Any]) -> list[dict[str, Any]]:
    """At most three things to do, each from a flag of this report."""
    found = [
        {"move": f"Book {one['person']['name']}, {suggested_minutes(one['ratio'])} min", "person": one["person"],
         "why": f"{one['elapsed_days']:.0f} d since, usually every {one['usual_days']:.0f} d"}
        for one in report["neglected"][:2]
    ]  # fmt: skip
    found += [_less(session, one) for one in report["over_invested"][:1]]
    found += [
        {"move": f"Keep {_hours(one['target_minutes'] - one['minutes'])} for {one['goal']}", "person": None,
         "why": f"{_hours(one['minutes'])} of {_hours(one['target_minutes'])}"}
        for one in sorted(report["goals"], key=lambda one: (one["target_minutes"] or 0) - one["minutes"], reverse=True)
        if one["target_minutes"] and one["minutes"] < one["target_minutes"] / 2
    ]  # fmt: skip
    return found[:MOVES_MAX]


def _less(session: Session, one: dict[str, Any]) -> dict[str, Any]:
    """Halve the recurring meeting that takes most, where there is one; else keep to what was wanted."""
    name = one["person"]["name"]
    row = session.views.execute(
        "SELECT title, private, count(*), sum(ledger.minutes) FROM ledger"
        " JOIN occurrence ON occurrence.id = ledger.item JOIN person ON person.id = ledger.person"
        " WHERE person.key = ? AND channel = 'meeting' AND recurring = 1 AND at_ms <= ? AND at_ms > ?"
        " GROUP BY uid ORDER BY 4 DESC, 1 LIMIT 1",
        (one["person"]["id"], session.as_of_ms, session.as_of_ms - 4 * WEEK_MS),
    ).fetchone()
    if row is not None and row[2] > 1:
        title = "a private meeting" if row[1] else f'"{row[0]}"'
        move = f"Halve {title} with {name}, frees {_hours(row[3] / 2 / 4)} a week"
    else:
        move = (
            f"Keep {name} to {_hours(one['max_minutes'])} in four weeks"
            if one["max_minutes"]
            else f"Spend less on {name}"
        )
    return {"move": move, "person": one["person"], "why": one["why"]}


def _hours(minutes: float) -> str:
    return f"{minutes / 60:.1f} h"
