"""What the owner wants, told by person instead of by address: targets, circles, budgets, goals and accepted alerts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from projections.cadence import layer_days
from projections.intervals import DAY_MS, Span
from projections.overinvestment import value_shares
from projections.rules import Rules, Tier

LABEL = "label:"  # as projections.goals
ACCEPTED, SNOOZED = "person.accepted.v1", "person.snoozed.v1"


class Wants(NamedTuple):
    """The settings by person.id. Days and minutes a week."""

    target: dict[int, float]  # explicit: the person's own `every`, else that of their tier
    tier: dict[int, str]  # the first tier in the file that holds them
    tier_days: dict[int, float]  # its default by size, where it sets no `every`
    max_week: dict[int, float]
    protected: set[int]
    value: dict[int, float]  # share of the goals' value
    goals: dict[int, list[str]]  # key in these
    configured: set[int]  # in a goal, a tier or `[people]`

    @property
    def known(self) -> dict[int, float]:
        """Who has a rhythm however little is known of them: by person, days that it is at least, or two days."""
        return self.tier_days | self.target


def persons_of(conn: sqlite3.Connection, addresses: Iterable[str]) -> dict[str, int]:
    """Address -> person.id, for those that stand for somebody."""
    rows = conn.execute(
        "SELECT address, person FROM address WHERE person > 0 AND address IN (SELECT value FROM json_each(?))",
        (json.dumps([address.lower() for address in addresses]),),
    )
    return dict(rows.fetchall())


def _folded(label: str) -> str:
    from projections.goals import fold  # noqa: PLC0415  5 ms of patterns that only labels are worth

    return fold(label)


def _labelled(conn: sqlite3.Connection) -> dict[str, set[int]]:
    """Folded label -> person.id of those whose contact card has it."""
    found: dict[str, set[int]] = {}
    for person, labels in conn.execute("SELECT id, labels FROM person WHERE labels <> '[]'"):
        for label in json.loads(labels):
            found.setdefault(_folded(label), set()).add(person)
    return found


def _members(tier: Tier, person_of: dict[str, int], labelled: dict[str, set[int]]) -> set[int]:
    members: set[int] = set()
    for member in tier.members:
        if member.lower().startswith(LABEL):
            members |= labelled.get(_folded(member[len(LABEL) :].strip()), set())
        elif person := person_of.get(member.lower()):
            members.add(person)
    return members


def read_wants(conn: sqlite3.Connection, rules: Rules) -> Wants:
    """The settings for the people of this read model; addresses that stand for nobody are left out."""
    spelled = [budget.address for budget in rules.budgets]
    spelled += [address for goal in rules.goals for address in goal.people]
    spelled += [member for tier in rules.tiers for member in tier.members]
    person_of = persons_of(conn, spelled)
    wants = Wants({}, {}, {}, {}, set(), {}, {}, set())
    _read_budgets(wants, rules, person_of)
    labelled = _labelled(conn) if any(name.lower().startswith(LABEL) for name in spelled) else {}
    for tier in rules.tiers:
        members = _members(tier, person_of, labelled)
        for person in members - wants.tier.keys():
            wants.tier[person] = tier.slug
            if tier.every_days is None:
                wants.tier_days[person] = layer_days(len(members))
            else:
                wants.target.setdefault(person, tier.every_days)
    wants.value.update(_read_goals(wants, rules, person_of))
    wants.configured.update(wants.tier, wants.goals)
    return wants


def _read_budgets(wants: Wants, rules: Rules, person_of: dict[str, int]) -> None:
    for budget in rules.budgets:
        if not (person := person_of.get(budget.address.lower())):
            continue
        wants.configured.add(person)
        if budget.every_days is not None:
            wants.target.setdefault(person, budget.every_days)
        if budget.max_minutes_week is not None:
            wants.max_week.setdefault(person, budget.max_minutes_week)
        if budget.protected:
            wants.protected.add(person)


def _read_goals(wants: Wants, rules: Rules, person_of: dict[str, int]) -> dict[int, float]:
    parts: dict[str, dict[int, float]] = {}
    for goal in rules.goals:
        mine = parts.setdefault(goal.slug, {})
        for address, part in goal.people.items():
            if part > 0 and not goal.solo and (person := person_of.get(address.lower())):
                if person not in mine:
                    wants.goals.setdefault(person, []).append(goal.slug)
                mine[person] = mine.get(person, 0.0) + part
    return value_shares(rules.goals, parts)


class Accepted(NamedTuple):
    """The owner said of one person that one alert is fine, up to an observed level."""

    at_ms: int
    level: float


def _decided(conn: sqlite3.Connection, wire: str, as_of_ms: int) -> Iterator[tuple[int, dict[str, object], set[int]]]:
    """(at_ms, payload, persons) of the decisions of one kind that stand, oldest first."""
    rows = conn.execute(
        "SELECT at_ms, payload FROM decision WHERE type = ? AND at_ms <= ? AND undone_by = 0 ORDER BY position",
        (wire, as_of_ms),
    ).fetchall()
    payloads = [(at_ms, json.loads(payload)) for at_ms, payload in rows]
    person_of = persons_of(conn, {address for _, payload in payloads for address in payload["addresses"]})
    for at_ms, payload in payloads:
        yield at_ms, payload, {person_of[one.lower()] for one in payload["addresses"] if one.lower() in person_of}


def accepted(conn: sqlite3.Connection, alert: str, as_of_ms: int) -> dict[int, Accepted]:
    """person.id -> the last acceptance of this alert."""
    return {
        person: Accepted(at_ms, float(str(payload["level"])))
        for at_ms, payload, persons in _decided(conn, ACCEPTED, as_of_ms)
        if payload["alert"] == alert
        for person in persons
    }


def snoozes(conn: sqlite3.Connection, as_of_ms: int) -> dict[int, list[Span]]:
    """person.id -> the spans for which the owner put them to rest."""
    found: dict[int, list[Span]] = {}
    for at_ms, payload, persons in _decided(conn, SNOOZED, as_of_ms):
        until = at_ms + round(float(str(payload["days"])) * DAY_MS)
        for person in persons:
            found.setdefault(person, []).append((at_ms, until))
    return found


def settled(conn: sqlite3.Connection, alert: str, since_ms: int, as_of_ms: int) -> set[int]:
    """person.id of whose alert the owner answered after `since_ms`: called it fine or, a silence, put it to rest."""
    found = {person for person, one in accepted(conn, alert, as_of_ms).items() if one.at_ms > since_ms}
    if alert == "neglected":
        resting = snoozes(conn, as_of_ms).items()
        found |= {one for one, spans in resting if any(since_ms < at <= as_of_ms < until for at, until in spans)}
    return found
