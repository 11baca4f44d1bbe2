"""What goals ask of people: start kits, updates due, hours without a goal, and budgets."""

from __future__ import annotations

import json
from typing import Any

from amity import resolve
from amity.period import day_start, iso, local_day
from amity.queries import judged
from amity.queries.ahead import max_minutes, monday_of
from amity.queries.goals import available_days, goal_of, goals, weeks_of
from amity.queries.spent import DIGITS
from amity.queries.tiers import tier_of
from amity.queries.today import cut
from amity.session import Session
from projections.judgements.booked import week_minutes
from projections.schema import NOBODY

Rows = list[dict[str, Any]]
WEEKS = 4  # as over-investment counts (F10)


def orphans(session: Session) -> Rows:
    """People with more than two hours in four weeks for no goal, who have no place of their own yet."""
    from projections.judgements import orphans as found  # noqa: PLC0415  each command pays for its own formula

    return found.orphans(session.views, judged.rules_of(session), session.as_of_ms)


def updates(session: Session, weeks: float | None = None, only: str = "") -> Rows:
    """Key people who have long had no mail of mine about their goal."""
    from projections.judgements import updates as due  # noqa: PLC0415  each command pays for its own formula

    rules = judged.rules_of(session)
    rows = due.updates_due(session.views, rules, session.as_of_ms, due.WEEKS if weeks is None else weeks, only)
    for row in rows:
        last = row.pop("last_ms")
        row["last"] = None if last is None else iso(last, session.zone)
    return rows


def plan(session: Session, topic: str) -> Rows:
    """The start kit of a goal, by its own words, or of a topic that is no goal yet."""
    from amity.queries import searching  # noqa: PLC0415  only words need the index of words
    from projections.judgements import startkit  # noqa: PLC0415  each command pays for its own formula

    goal = next((one for one in session.rules.get("goals", ()) if one["slug"] == topic), None)
    spoken = topic if goal is None else " ".join([_words(topic), *map(_words, goal.get("match", ()))])
    (hits,) = searching.find(session, [spoken])
    rules = judged.rules_of(session)
    return startkit.start_kit(session.views, rules, hits, session.as_of_ms, topic if goal else "") if hits else []


def _words(rule: str) -> str:
    from projections.goals import CALENDAR, LABEL  # noqa: PLC0415  each command pays for its own formula

    for prefix in (LABEL, CALENDAR):
        rule = rule[len(prefix) :] if rule.lower().startswith(prefix) else rule
    return rule.replace("-", " ").replace("_", " ")


def show(session: Session, slug: str) -> dict[str, Any]:
    """The document of `amity goal show`: this week, the quarter, its people, and who is due an update."""
    goal, monday = goal_of(session, slug), monday_of(session)
    week = session.period("this-week")
    cut(session, week)
    available, _ = available_days(session, monday, monday + 7)
    entry = next(one for one in goals(session, week, available, session) if one["goal"] == slug)
    return entry | {
        "weight": goal.get("weight", 0.0),
        "match": list(goal.get("match", ())),
        "public": bool(goal.get("public")),
        "weeks": weeks_of(session, slug),
        "people": _people(session, slug),
        "updates": updates(session, only=slug),
    }


def _people(session: Session, slug: str) -> Rows:
    """Attributed minutes of the last four weeks for one goal, by person."""
    since_ms = session.as_of_ms - WEEKS * 7 * 86_400_000
    rows = session.views.execute(
        "SELECT person, sum(minutes) FROM ledger WHERE goal = ? AND day >= ? AND at_ms > ? AND at_ms <= ?"
        " AND from_ms <= ? AND +person > 0 GROUP BY +person",
        (slug, local_day(since_ms, session.zone), since_ms, session.as_of_ms, session.as_of_ms),
    ).fetchall()
    names = resolve.everybody(session.views, [person for person, _ in rows])
    found = [{"person": resolve.shape(names[person]), "minutes": round(minutes, DIGITS)} for person, minutes in rows]
    return sorted(found, key=lambda one: (-one["minutes"], one["person"]["id"]))


def budget(session: Session) -> dict[str, Any]:
    """The document of `amity budget`: whoever has a `max`, and each tier; this week with what is booked, four weeks."""
    monday = monday_of(session)
    cut(session, session.period("this-week"))
    spent = _spent(session)
    week = week_minutes(session.views, monday, monday + 7, session.as_of_ms)
    limited = _limited(session)
    return {
        "week": {"since": iso(day_start(monday, session.zone), session.zone),
                 "until": iso(day_start(monday + 7, session.zone), session.zone)},
        "people": sorted(
            (_row(session, one, spent, week) for one in limited),
            key=lambda row: (-row["week_minutes"], row["person"]["id"]),
        ),
        "tiers": _tiers(session, spent, week),
    }  # fmt: skip


def _limited(session: Session) -> list[resolve.Found]:
    """Whoever has a `max`, each once; whom no mail and no meeting has shown yet, by their address."""
    budgets = session.rules.get("budgets", ())
    spelled = [one["address"].lower() for one in budgets if one.get("max_minutes_week") is not None]
    rows = session.views.execute(
        "SELECT address, person FROM address WHERE person > 0 AND address IN (SELECT value FROM json_each(?))",
        (json.dumps(spelled),),
    )
    person = dict(rows.fetchall())
    seen = resolve.everybody(session.views, sorted(set(person.values())))
    unseen = dict.fromkeys(address for address in spelled if address not in person)
    return [*seen.values(), *(resolve.Found(NOBODY, address, address, (address,)) for address in unseen)]


def _spent(session: Session) -> tuple[dict[int, float], dict[int, float]]:
    """Attributed minutes by person until now: of this week, and of the four times seven days that `over` judges."""
    since_ms = session.as_of_ms - WEEKS * 7 * 86_400_000
    monday_ms = day_start(monday_of(session), session.zone)
    rows = session.views.execute(
        "SELECT person, total(minutes) FILTER (WHERE at_ms >= ?1), total(minutes) FILTER (WHERE at_ms > ?2) FROM ledger"
        " WHERE day >= ?3 AND at_ms <= ?4 AND from_ms <= ?4 AND +person > 0 GROUP BY +person",
        (monday_ms, since_ms, local_day(since_ms, session.zone), session.as_of_ms),
    ).fetchall()
    return {person: week for person, week, _ in rows}, {person: four for person, _, four in rows}


def _row(
    session: Session, person: resolve.Found, spent: tuple[dict[int, float], dict[int, float]], week: dict[int, float]
) -> dict[str, Any]:
    most = max_minutes(session, person)
    now, booked = spent[0].get(person.id, 0.0), week.get(person.id, 0.0)
    return {
        "person": resolve.shape(person),
        "max_minutes": most,
        "week_minutes": round(now, DIGITS),
        "booked_minutes": round(max(0.0, booked - now), DIGITS),
        "left_minutes": None if most is None else round(max(0.0, most - max(booked, now)), DIGITS),
        "four_weeks_minutes": round(spent[1].get(person.id, 0.0), DIGITS),
        "four_weeks_max_minutes": None if most is None else round(WEEKS * most, DIGITS),
    }


def _tiers(session: Session, spent: tuple[dict[int, float], dict[int, float]], week: dict[int, float]) -> Rows:
    people = [row[0] for row in session.views.execute("SELECT id FROM person WHERE kind = 'person'")]
    tiers = tier_of(session.views, session.rules, people)
    found = []
    for tier in session.rules.get("tiers", ()):
        members = [person for person, slug in tiers.items() if slug == tier["slug"]]
        booked = sum(max(0.0, week.get(one, 0.0) - spent[0].get(one, 0.0)) for one in members)
        found.append({
            "tier": tier["slug"],
            "members": len(members),
            "week_minutes": round(sum(spent[0].get(one, 0.0) for one in members), DIGITS),
            "booked_minutes": round(booked, DIGITS),
            "four_weeks_minutes": round(sum(spent[1].get(one, 0.0) for one in members), DIGITS),
        })  # fmt: skip
    return found
