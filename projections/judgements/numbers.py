"""The numbers beside a person's name: joint work, tie, initiative, and whether the owner reaches out in vain."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from projections.cadence import episodes
from projections.intervals import DAY_MS, earliest_day
from projections.judgements.chased import chased
from projections.judgements.exchanges import Exchange, read_exchanges, read_written_to
from projections.judgements.silence import usual_days
from projections.judgements.together import read_together
from projections.judgements.wants import read_wants
from projections.reciprocity import initiative
from projections.rules import Rules
from projections.tie import WINDOW_DAYS, WORK_GROUP, WORK_TURNS, Bond, Tie, collaboration, composite, gate

_MEETINGS = f"""
SELECT t.person, t.at_ms FROM touch t
WHERE t.kind = 'meeting' AND t.n <= {WORK_GROUP} AND t.at_ms > :since AND t.at_ms <= :as_of {{only}}
AND (t.person, t.item) IN (SELECT person, item FROM ledger WHERE day >= :day AND channel = 'meeting'
    AND goal <> 'unassigned' AND person > 0)"""

# From each person straight to the last days: CROSS JOIN keeps SQLite from reading all years of everybody.
_THREADS = f"""
SELECT t.person, max(t.at_ms) FROM person p CROSS JOIN touch t ON t.person = p.id JOIN message m ON m.id = t.item
WHERE t.kind IN ('in', 'out') AND t.at_ms > :since AND t.at_ms <= :as_of {{only}}
GROUP BY t.person, m.thread HAVING sum(t.kind = 'in') >= {WORK_TURNS} AND sum(t.kind = 'out') >= {WORK_TURNS}"""

_RECENT = """
SELECT t.person, group_concat(t.at_ms) FROM person p CROSS JOIN touch t ON t.person = p.id
WHERE t.qualifying = 1 AND t.at_ms > :since AND t.at_ms <= :as_of {only} GROUP BY t.person"""


def _work_and_episodes(
    conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int] | None
) -> tuple[dict[int, list[float]], dict[int, int]]:
    """By person: days ago of each piece of joint work, and episodes; both of the last 180 days."""
    since = as_of_ms - round(WINDOW_DAYS * DAY_MS)
    listed = json.dumps(None if only is None else list(only))
    about = {"as_of": as_of_ms, "since": since, "day": earliest_day(since), "only": listed}
    condition = "" if only is None else "AND t.person IN (SELECT value FROM json_each(:only))"
    work: dict[int, list[float]] = {}
    for query in (_MEETINGS, _THREADS):
        for person, at_ms in conn.execute(query.format(only=condition), about):
            work.setdefault(person, []).append((as_of_ms - at_ms) / DAY_MS)
    recent = {
        person: len(episodes(int(part) / DAY_MS for part in times.split(",")))
        for person, times in conn.execute(_RECENT.format(only=condition), about)
    }
    return work, recent


def _closeness(one: Exchange, tau: float, recent: int, as_of_ms: int) -> Tie:
    since = one.first_ms if one.last_ms is None else one.last_ms
    return composite(
        days_since=(as_of_ms - since) / DAY_MS,
        tau=tau,
        episodes=recent,
        b=one.initiative.b,
        small_share=one.small / one.contacts if one.contacts else 0.0,
        tenure_days=(as_of_ms - one.first_ms) / DAY_MS,
    )


def _together(one: Exchange | None, bond: Bond, *, introduced: bool) -> dict[str, Any]:
    """`tie` and its parts, 0 behind the gate."""
    ever_met = introduced or bond.meetings > 0 or (one is not None and one.met > 0)
    strength = gate(bond.strength, ever_sent=one is not None and one.sent > 0, ever_met=ever_met)
    parts = {name: round(part, 1) for name, part in bond.parts().items()}
    return {"tie": round(strength, 3), "tie_parts": parts if strength else {}}


def _shown(one: Exchange, close: Tie, work: list[float]) -> dict[str, Any]:
    who = one.initiative
    closeness = gate(close.total, ever_sent=one.sent > 0, ever_met=one.met > 0)
    joint = collaboration(work, both_initiate=who.mine > 0 and who.theirs > 0, begun=one.sent + one.met)
    return {
        "collaboration": round(joint, 3),
        "closeness": round(closeness, 1),
        "closeness_parts": {name: round(part, 1) for name, part in close._asdict().items()} if closeness else {},
        "initiative": {"mine": who.mine, "theirs": who.theirs, "b": round(who.b, 3), "verdict": who.verdict},
    }


def nobody_numbers() -> dict[str, Any]:
    """Of lists, rooms, robots, and of whom nothing is known."""
    who = initiative(0, 0)._asdict()
    nothing: dict[str, Any] = {"tie": 0.0, "tie_parts": {}, "closeness": 0.0, "closeness_parts": {}}
    return {"collaboration": 0.0, **nothing, "initiative": who, "chasing": False, "chasing_why": ""}


def numbers(
    conn: sqlite3.Connection, rules: Rules, as_of_ms: int, only: Iterable[int] | None = None
) -> dict[int, dict[str, Any]]:
    """By person.id, for all people (no lists, rooms, robots) with an interaction, or `only` these.

    Keys: collaboration, tie (0 behind the gate), tie_parts, closeness (the composite), closeness_parts, initiative
    {mine, theirs, b, verdict}, chasing, chasing_why ("" where it is not so).
    """
    asked = None if only is None else list(only)
    wants = read_wants(conn, rules)
    exchanges = read_exchanges(conn, as_of_ms, asked)
    vain = chased(conn, wants, as_of_ms, asked)
    together = read_together(conn, as_of_ms, read_written_to(conn, as_of_ms), asked)
    work, recent = _work_and_episodes(conn, as_of_ms, asked)
    tau = usual_days(conn, wants, as_of_ms, asked)
    people = {row[0] for row in conn.execute("SELECT id FROM person WHERE kind = 'person'")}
    found = {}
    for person in people & {*exchanges, *together.bonds}:
        one = exchanges.get(person)
        found[person] = (
            nobody_numbers()
            if one is None
            else _shown(
                one,
                _closeness(one, tau.get(person, 0.0), recent.get(person, 0), as_of_ms),
                work.get(person, []),
            )
        )
        bond = together.bonds.get(person, Bond())
        found[person] |= _together(one, bond, introduced=person in together.introduced)
        found[person] |= {"chasing": person in vain, "chasing_why": vain[person].why if person in vain else ""}
    return found


def person_numbers(conn: sqlite3.Connection, rules: Rules, person_id: int, as_of_ms: int) -> dict[str, Any]:
    """`numbers` of one person, all zero where nothing is known."""
    return numbers(conn, rules, as_of_ms, [person_id]).get(person_id) or nobody_numbers()
