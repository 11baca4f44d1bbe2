"""`explain` and `uncounted`: from every number back to the events behind it."""

from __future__ import annotations

from typing import Any

from amity import resolve
from amity.period import FIRST_DAY, Period, iso
from amity.queries.spent import DIGITS, WITHIN, bounds
from amity.queries.today import cut
from amity.session import Session
from projections.attribution import MEANINGFUL
from projections.mailtime import read_seconds, write_seconds
from projections.schema import UNASSIGNED

PRIVATE = "(private)"
# What counts only because I answered it had not been opened before that, as far as anybody knew.
ANSWERED_LATER = """(direction = 'in' AND counted = 1 AND answered_ms > :now AND NOT EXISTS (
    SELECT 1 FROM ledger WHERE ledger.day = message.day AND ledger.channel = 'mail' AND ledger.item = message.id
    AND ledger.from_ms <= :now))"""
ANSWERED_LATER_REASON = "CASE WHEN kind IN ('list', 'bulk') THEN 'bulk' WHEN seen = 0 THEN 'unread' ELSE 'deleted' END"
MINUTE_MS = 60_000
_ITEMS = """
    SELECT channel, item, min(at_ms), sum(minutes), group_concat(DISTINCT goal)
    FROM ledger WHERE {which} AND {within} GROUP BY channel IN ('mail'), channel = 'note', item ORDER BY 3, 2
"""


def explain(session: Session, text: str, period: Period) -> dict[str, Any]:
    """The document of `amity explain`: a goal by its name, else a person; the items add up to the minutes."""
    cut(session, period)
    goals = {goal["slug"] for goal in session.rules.get("goals", ())} | {UNASSIGNED}
    bound: dict[str, Any] = bounds(session, period)
    about: dict[str, Any]
    if text in goals:
        which, about = "goal = :what", {"goal": text}
        bound["what"] = text
    else:
        person = resolve.person(session.views, text)
        which, about = "person = :what", {"person": resolve.shape(person)}
        bound["what"] = person.id
    rows = session.views.execute(_ITEMS.format(which=which, within=WITHIN), bound).fetchall()
    items = [_item(session, row, whole="goal" in about) for row in rows]
    return {**about, "minutes": round(sum(row[3] for row in rows), DIGITS), "items": items}


def _item(session: Session, row: tuple[Any, ...], *, whole: bool) -> dict[str, Any]:
    channel, item, at_ms, minutes, goals = row
    found = _note(session, item) if channel == "note" else None
    found = found or (_message(session, item, whole=whole) if channel in {"mail", "solo"} else None)
    found = found or _meeting(session, item, whole=whole)
    goal = "" if goals == UNASSIGNED else f" · goal {', '.join(sorted(goals.split(',')))}"
    source = found.pop("source", "")
    return {
        "position": found["position"],
        "kind": found["kind"],
        "at": iso(at_ms, session.zone),
        "title": found["title"],
        "minutes": round(minutes, DIGITS),
        "how": found["how"] + goal + (f" ({source})" if goal and source else ""),
    }


def _meeting(session: Session, item: int, *, whole: bool) -> dict[str, Any]:
    row = session.views.execute(
        "SELECT position, title, private, clock, n, answer, mine, flag, goal_source FROM occurrence WHERE id = ?",
        (item,),
    ).fetchone()
    position, title, private, clock, n, answer, mine, flag, source = row
    said = "you organised" if mine and answer in {"", "organizer"} else answer or "no answer"
    shared = f" ÷ {n}" if 1 < n <= MEANINGFUL and not whole else ""
    return {
        "position": position,
        "kind": "meeting" if n else "solo",
        "title": PRIVATE if private else title,
        "how": f"clock {clock:.4g}{shared}, {said}" + (f" [{flag}]" if flag else ""),
        "source": source,
    }


def _message(session: Session, item: int, *, whole: bool) -> dict[str, Any] | None:
    row = session.views.execute(
        "SELECT position, subject, direction, words, minutes, recipients FROM message WHERE id = ?", (item,)
    ).fetchone()
    if row is None:
        return None
    position, subject, direction, words, minutes, recipients = row
    done = "written" if direction == "out" else "read"
    shared = f" of {recipients} recipients" if direction == "out" and recipients > 1 and not whole else ""
    return {
        "position": position,
        "kind": "mail",
        "title": subject,
        "how": f"{done}, {words} words, {minutes:.3g} min{shared}",
    }


def _note(session: Session, item: int) -> dict[str, Any] | None:
    row = session.views.execute("SELECT text, minutes FROM note WHERE id = ?", (item,)).fetchone()
    return (
        {"position": item, "kind": "note", "title": row[0], "how": f"you noted {row[1]:.4g} min"}
        if row
        else None
    )


def uncounted(session: Session, period: Period) -> list[dict[str, Any]]:
    """Everything seen that earned no minutes, oldest first; `minutes` is what it would have been.

    Mail without a date belongs to no period but `all`, and comes first; its `at` is null.
    """
    bound = bounds(session, period)
    undated = " OR at_ms IS NULL" if period.since == FIRST_DAY else ""
    meetings = session.views.execute(
        "SELECT position, title, private, start_ms, end_ms, all_day, reason, n FROM occurrence"
        " WHERE clock = 0 AND day >= :since AND day < :until AND start_ms <= :now",
        bound,
    ).fetchall()
    found = [
        (start, {
            "position": position, "kind": "meeting" if n else "solo", "title": PRIVATE if private else title,
            "at": iso(start, session.zone),
            "minutes": 0.0 if all_day else round((end - start) / MINUTE_MS, DIGITS), "reason": reason or "outranked",
        })
        for position, title, private, start, end, all_day, reason, n in meetings
    ]  # fmt: skip
    mails = session.views.execute(
        "SELECT position, subject, at_ms, direction, words, multitasking,"
        f" iif({ANSWERED_LATER}, {ANSWERED_LATER_REASON}, reason) FROM message"
        f" WHERE (counted = 0 OR minutes = 0 OR {ANSWERED_LATER})"
        f" AND (day >= :since AND day < :until AND at_ms <= :now{undated})",
        bound,
    ).fetchall()
    found += _unfollowed(session, bound)
    model = session.rules.get("email", "words")
    for position, subject, at, direction, words, multitasking, reason in mails:
        seconds = write_seconds(words, model) if direction == "out" else read_seconds(words, model)
        minutes = multitasking if reason == "multitasking" else seconds / 60
        found.append((at or 0, {
            "position": position, "kind": "mail", "title": subject, "at": None if at is None else iso(at, session.zone),
            "minutes": round(minutes, DIGITS), "reason": reason or "no_time",
        }))  # fmt: skip
    return [item for _, item in sorted(found, key=lambda one: (one[0], one[1]["position"]))]


def _unfollowed(session: Session, bound: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Series that began before the period ends and whose rule asks for more than is followed: minutes unknown."""
    rows = session.views.execute(
        "SELECT position, title, private, start_ms, why FROM unfollowed"
        " WHERE (day IS NULL OR day < :until) AND coalesce(start_ms, 0) <= :now",
        bound,
    )
    return [
        (start or 0, {
            "position": position, "kind": "meeting", "title": PRIVATE if private else title,
            "at": None if start is None else iso(start, session.zone), "minutes": 0.0, "reason": "rule_not_followed",
            "why": why,
        })
        for position, title, private, start, why in rows
    ]  # fmt: skip
