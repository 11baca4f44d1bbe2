"""The goals of a period: minutes beside targets, key people in touch, weeks below the target, updates due."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from amity import grammar, resolve
from amity.period import Period, day_start, local_day, week_name
from amity.queries.displaced import displaced
from amity.queries.spent import DIGITS, WITHIN, bounds, shape_of
from amity.queries.today import cut
from amity.session import Session
from events.errors import UsageError
from projections import alignment
from projections.schema import BROADCAST, NOBODY, UNASSIGNED

WEEKS_BEFORE = 4  # what "usual" is compared with
WEEKS_TOLD = 13  # of a goal's own past: a quarter
NO_RHYTHM_DAYS = 45  # (ours) half as long again as the month of the 15-layer (F6): the end of `due`


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


def goals(session: Session, period: Period, available: int, end: Session) -> list[dict[str, Any]]:
    """One entry per goal of the settings in their order, then `unassigned`; people are judged at `end`'s now."""
    now = minutes_by_goal(session, period)
    usual = minutes_by_goal(session, before(period)) if period.is_week else None
    key = _KeyPeople(end)
    weeks = _Weeks(end, period)
    found = []
    for goal in session.rules.get("goals", ()):
        slug, weekly = goal["slug"], goal.get("weekly_minutes")
        entry = _entry(slug, now, usual)
        entry["target_minutes"] = None if weekly is None else round(alignment.scaled_target(weekly, available), DIGITS)
        entry["solo"] = bool(goal.get("solo"))
        entry |= key.of(goal) | weeks.below(slug, weekly)
        if entry["solo"]:
            entry |= displaced(session, period, slug) | {"kept_minutes": entry["minutes"]}
        found.append(entry)
    known = {goal["goal"] for goal in found} | {UNASSIGNED}
    others = [*sorted(set(now) - known), UNASSIGNED]  # a mark may name a goal that the settings no longer have
    return found + [_entry(slug, now, usual) | {"target_minutes": None, "solo": False} for slug in others]


def listed(session: Session, period: Period) -> list[dict[str, Any]]:
    """The document of `amity goals`: the entries of the report, with what they are told from."""
    cut(session, period)
    available, _ = available_days(session, period.since, period.until)
    end = session._replace(as_of_ms=min(session.as_of_ms, day_start(period.until, session.zone) - 1))
    entries = goals(session, period, available, end)
    return [one | {"evidence": _evidence(end, one["goal"])} for one in entries]


def goal_of(session: Session, slug: str) -> dict[str, Any]:
    """A goal of the settings. Raises UsageError with those there are."""
    there = {goal["slug"]: goal for goal in session.rules.get("goals", ())}
    if slug not in there:
        raise UsageError(f'There is no goal "{slug}" in amity.toml; there are: {", ".join(there) or "none"}.')
    found: dict[str, Any] = there[slug]
    return found


def _entry(slug: str, now: dict[str, float], usual: dict[str, float] | None) -> dict[str, Any]:
    average = None if usual is None else round(usual.get(slug, 0.0) / WEEKS_BEFORE, DIGITS)
    return {"goal": slug, "minutes": round(now.get(slug, 0.0), DIGITS), "average_minutes": average}


def _evidence(session: Session, slug: str, most: int = 12) -> list[int]:
    """Log positions of the newest things that served a goal."""
    rows = session.views.execute(
        "SELECT DISTINCT channel, item, at_ms FROM ledger WHERE goal = ? AND day <= ? AND at_ms <= ? AND from_ms <= ?"
        " ORDER BY day DESC, at_ms DESC LIMIT ?",
        (slug, local_day(session.as_of_ms, session.zone), session.as_of_ms, session.as_of_ms, most),
    ).fetchall()
    table = {"mail": "message", "note": "note"}
    column = {"note": "id"}
    return sorted(
        {
            row[0]
            for channel, item, _ in rows
            for row in session.views.execute(
                f"SELECT {column.get(channel, 'position')} FROM {table.get(channel, 'occurrence')} WHERE id = ?",
                (item,),
            )
        }
    )


class _KeyPeople:
    """Who of the goals' key people is in touch, found for all goals at once."""

    def __init__(self, session: Session) -> None:
        spelled = [address.lower() for goal in session.rules.get("goals", ()) for address in goal.get("people", {})]
        rows = session.views.execute(
            "SELECT address, person FROM address WHERE person > 0 AND address IN (SELECT value FROM json_each(?))",
            (json.dumps(spelled),),
        )
        self.person: dict[str, int] = dict(rows.fetchall())
        numbers = sorted(set(self.person.values()))
        self.state = _states(session, numbers)
        self.names = resolve.everybody(session.views, numbers)

    def of(self, goal: dict[str, Any]) -> dict[str, Any]:
        """Somebody whom neither mail nor calendar has ever shown is out of touch, and named by address."""
        spelled = dict.fromkeys(address.lower() for address in goal.get("people", {}))
        people = list(dict.fromkeys(self.person[address] for address in spelled if address in self.person))
        unseen = [address for address in spelled if address not in self.person]
        touched, everybody = alignment.coverage([*(self.state[one] for one in people), *("unseen" for _ in unseen)])
        lost = [self.names[one].name for one in people if self.state[one] not in alignment.IN_TOUCH]
        return {"key_people": everybody, "in_touch": touched, "out_of_touch": sorted([*lost, *unseen])}


def _states(session: Session, people: list[int]) -> dict[int, str]:
    """person.id -> the word of F6; without a rhythm, ok while the last contact is not longer ago than a month's due."""
    if not people:
        return {}
    from amity.queries.judged import rules_of  # noqa: PLC0415  the formula, only where somebody is key to a goal
    from projections.judgements.silence import silences  # noqa: PLC0415  likewise
    from projections.judgements.wants import read_wants  # noqa: PLC0415  likewise

    views, now = session.views, session.as_of_ms
    wants = read_wants(views, rules_of(session))
    found = {one.person: one.state for one in silences(views, wants, now, people, silent=True)}
    sql = "SELECT 1 FROM touch WHERE person = ? AND qualifying = 1 AND at_ms <= ? AND at_ms > ? LIMIT 1"
    since = now - NO_RHYTHM_DAYS * 86_400_000
    silent = [one for one in people if one not in found and not views.execute(sql, (one, now, since)).fetchone()]
    found |= {one.person: one.state for one in silences(views, wants, now, silent)} if silent else {}
    return {one: found.get(one, "silent" if one in silent else "ok") for one in people}


class _Weeks:
    """The whole weeks before the end of a period, or before now, in which a target could be missed."""

    def __init__(self, session: Session, period: Period) -> None:
        until = min(period.until, local_day(session.as_of_ms + 1, session.zone))  # now may be the week's last instant
        self.until = until - date.fromordinal(until).weekday()
        first = session.views.execute("SELECT min(day) FROM daily").fetchone()[0]
        earliest = self.until if first is None else first + (-date.fromordinal(first).weekday()) % 7
        self.mondays = [monday for monday in range(self.until - 7 * WEEKS_TOLD, self.until, 7) if monday >= earliest]
        self.days = {monday: available_days(session, monday, monday + 7)[0] for monday in self.mondays}
        self.minutes: dict[tuple[str, int], float] = {}
        if self.mondays:
            bound = bounds(session, Period(self.mondays[0], self.until, ""))
            sql = f"SELECT goal, day - (day - 1) % 7, sum(minutes) FROM ledger WHERE {WITHIN} GROUP BY 1, 2"
            self.minutes = {(goal, week): value for goal, week, value in session.views.execute(sql, bound)}

    def of(self, slug: str) -> list[tuple[int, float, int]]:
        """(Monday, minutes, available days) of each, oldest first."""
        return [(monday, self.minutes.get((slug, monday), 0.0), self.days[monday]) for monday in self.mondays]

    def below(self, slug: str, weekly: float | None) -> dict[str, Any]:
        """How many weeks running the target was missed, weeks without a working day left out."""
        if weekly is None:
            return {"weeks_below": 0, "neglected": False}
        weeks = [(minutes, weekly, float(days)) for _, minutes, days in self.of(slug)]
        return {"weeks_below": alignment.weeks_below(weeks), "neglected": alignment.is_neglected(weeks)}


def wanted(session: Session, monday: int) -> list[tuple[str, float, set[int]]]:
    """(goal, minutes that are missing of this week's target, its key people); what is booked counts as done.

    The tables themselves are asked: a session may have cut its day at now.
    """
    available, _ = available_days(session, monday, monday + 7)
    done = dict(
        session.views.execute(
            "SELECT goal, sum(minutes) FROM main.ledger WHERE day >= ? AND day < ?"
            " AND (at_ms <= ? OR channel IN ('meeting', 'solo')) GROUP BY 1",
            (monday, monday + 7, session.as_of_ms),
        ).fetchall()
    )
    key = _KeyPeople(session)
    return [
        (
            goal["slug"],
            alignment.scaled_target(goal["weekly_minutes"], available) - done.get(goal["slug"], 0.0),
            {key.person[one.lower()] for one in goal.get("people", {}) if one.lower() in key.person},
        )
        for goal in session.rules.get("goals", ())
        if goal.get("weekly_minutes") is not None
    ]


def matrix(session: Session, period: Period) -> dict[str, Any]:
    """The document of `amity goals --matrix`: attributed minutes, a row each person, a column each goal.

    The rows add up to the columns, and both to what `time` calls attributed. Broadcasts are nobody's: they stand aside.
    """
    cut(session, period)
    rows = session.views.execute(
        f"SELECT person, goal, sum(minutes) FROM ledger WHERE person != {NOBODY} AND {WITHIN} GROUP BY 1, 2",
        bounds(session, period),
    ).fetchall()
    by_person: dict[int, dict[str, float]] = {}
    for person, goal, minutes in rows:
        by_person.setdefault(person, {})[goal] = minutes
    broadcast = by_person.pop(BROADCAST, {})
    names = resolve.everybody(session.views, list(by_person))
    slugs = [goal["slug"] for goal in session.rules.get("goals", ()) if not goal.get("solo")]
    extra = sorted({goal for goals in by_person.values() for goal in goals} - {*slugs, UNASSIGNED})
    columns = [*slugs, *extra, UNASSIGNED]
    listed = [
        {
            "person": resolve.shape(names[number]),
            "goals": {goal: round(goals[goal], DIGITS) for goal in columns if goal in goals},
            "minutes": round(sum(goals.values()), DIGITS),
        }
        for number, goals in by_person.items()
    ]
    return {
        "period": shape_of(session, period),
        "rows": sorted(listed, key=lambda row: (-row["minutes"], row["person"]["id"])),
        "columns": {goal: round(sum(one.get(goal, 0.0) for one in by_person.values()), DIGITS) for goal in columns},
        "attributed_minutes": round(sum(sum(one.values()) for one in by_person.values()), DIGITS),
        "broadcast": {goal: round(minutes, DIGITS) for goal, minutes in sorted(broadcast.items())},
    }


def weeks_of(session: Session, slug: str) -> list[dict[str, Any]]:
    """The whole weeks of a quarter: minutes and scaled target of one goal, oldest first."""
    today = local_day(session.as_of_ms, session.zone)
    weekly = goal_of(session, slug).get("weekly_minutes")
    return [
        {
            "week": week_name(monday),
            "minutes": round(minutes, DIGITS),
            "target_minutes": None if weekly is None else round(alignment.scaled_target(weekly, days), DIGITS),
            "available_days": days,
        }
        for monday, minutes, days in _Weeks(session, Period(today, today + 7, "")).of(slug)
    ]
