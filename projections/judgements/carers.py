"""Who cares about the owner, and whom the owner owes, as it is told (F7): facts, not a score."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from projections.care import EVENTS_NEEDED, cares, owed, speed_percentile
from projections.care import care as care_mean
from projections.intervals import DAY_MS
from projections.judgements.exchanges import Recent, read_recent, written_to_or_met
from projections.judgements.persons import Person, latest_positions, read_people
from projections.reciprocity import share
from projections.rules import Rules

HOUR_MS = DAY_MS // 24


class _Carer(NamedTuple):
    person: Person
    recent: Recent
    mean: float


def _carers(conn: sqlite3.Connection, as_of_ms: int) -> list[_Carer]:
    """Everybody on the care list, best first; who only writes and was never written to or met is not on it."""
    everybody = read_recent(conn, as_of_ms)
    speeds = sorted(one.usual_answer_ms for one in everybody.values() if one.usual_answer_ms is not None)
    means: dict[int, float] = {}
    for person, one in everybody.items():
        openings = one.mine + one.theirs
        if openings + one.asked < EVENTS_NEEDED:
            continue
        speed = speed_percentile(one.usual_answer_ms, speeds)
        mean = care_mean(one.theirs, openings, one.answered, one.asked, speed)
        if cares(mean, openings + one.asked):
            means[person] = mean
    people = read_people(conn, written_to_or_met(conn, as_of_ms, means))
    found = [_Carer(person, everybody[person.id], means[person.id]) for person in people.values()]
    return sorted(found, key=lambda carer: (-carer.mean, carer.person.key))


def _row(conn: sqlite3.Connection, carer: _Carer, as_of_ms: int, state: str, why: str) -> dict[str, Any]:
    one = carer.recent
    usual = one.usual_answer_ms
    return {
        "person": carer.person.shown(),
        "state": state,
        "why": why,
        "evidence": latest_positions(conn, carer.person.id, 0, as_of_ms),
        "opened": one.theirs,
        "openings": one.mine + one.theirs,
        "answered": one.answered,
        "asked": one.asked,
        "usual_answer_hours": None if usual is None else round(usual / HOUR_MS, 1),
    }


def _facts(one: Recent) -> str:
    opened = f"opened {one.theirs} of {one.mine + one.theirs} conversations"
    return f"{opened} and answered {one.answered} of {one.asked} of your mails, in your mail and calendar"


def care(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> list[dict[str, Any]]:
    """Who began, answered, and answered fast in the last two years: five events or more, a mean of 0.6; best first."""
    del rules  # nobody is preferred by a setting
    return _caring(conn, _carers(conn, as_of_ms), as_of_ms)


def owe(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> list[dict[str, Any]]:
    """Who cares and gets less back: of the writing time between us and of the beginnings, mine are below theirs."""
    del rules
    return _owing(conn, _carers(conn, as_of_ms), as_of_ms)


def care_and_owe(conn: sqlite3.Connection, as_of_ms: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Both lists at the price of one: the mails are counted once."""
    carers = _carers(conn, as_of_ms)
    return _caring(conn, carers, as_of_ms), _owing(conn, carers, as_of_ms)


def _caring(conn: sqlite3.Connection, carers: list[_Carer], as_of_ms: int) -> list[dict[str, Any]]:
    return [_row(conn, carer, as_of_ms, "cares", _facts(carer.recent)) for carer in carers]


def _owing(conn: sqlite3.Connection, carers: list[_Carer], as_of_ms: int) -> list[dict[str, Any]]:
    rows = []
    for carer in carers:
        one = carer.recent
        if not owed(one.my_seconds, one.their_seconds, share(one.mine, one.theirs)):
            continue
        why = f"{_facts(one)}; you opened {one.mine} and answered {one.i_answered} of {one.their_asked}"
        row = _row(conn, carer, as_of_ms, "owe", why)
        row |= {"their_asked": one.their_asked, "i_answered": one.i_answered}
        row |= {"my_minutes": round(one.my_seconds / 60, 1), "their_minutes": round(one.their_seconds / 60, 1)}
        rows.append(row)
    return rows
