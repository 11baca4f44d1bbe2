"""Whom the owner has not been in touch with for unusually long, as it is told (F6)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from projections.cadence import is_habit, rank
from projections.judgements.persons import Person, days, read_people
from projections.judgements.silence import Silence, silences
from projections.judgements.unanswered import read_letters
from projections.judgements.wants import Wants, read_wants
from projections.rules import Rules

FLAGS = ("overdue", "dormant")
UNWANTED_IMPORTANCE = 0.5  # (ours) of whom neither goal nor circle nor target names
_SUPPRESSED = {
    "snoozed": "snoozed by you",
    "booked": "a meeting is booked",
    "waiting": "your last mail waits for their answer",
}


def _why(silence: Silence, wants: Wants, wrote: str) -> str:
    usual, now, known = silence.usual, silence.now, silence.gaps
    if usual.explicit:
        rule = f"you want to be in touch every {days(usual.tau)}"
    elif is_habit(known):
        rule = f"usually in touch every {days(usual.tau)}"
    else:
        rule = f"the circle {wants.tier[silence.person]} suggests every {days(usual.tau)}"
    if not silence.contact.positions:
        if wrote:
            return f"{rule}; they wrote on {wrote}, not answered yet, and nothing else stands in your mail and calendar"
        return f"{rule}; no contact in your mail and calendar so far, which reach back {days(now.elapsed)}"
    longer = round(now.p * (len(known) + 1)) - 1
    kept = f", {_SUPPRESSED[silence.state]}" if silence.state in _SUPPRESSED else ""
    beside = f", {longer} of the last {len(known)} gaps as long" if known else ""
    without = f"since the last contact, they wrote on {wrote}, not answered" if wrote else "without contact"
    return f"{rule}; now {days(now.elapsed)} {without}{beside}{kept}"


class _Letter(NamedTuple):
    """The local date of the last mail of theirs that was not answered, "" where there is none, and its position."""

    day: str = ""
    position: int = 0


def _row(silence: Silence, person: Person, wants: Wants, letter: _Letter) -> dict[str, Any]:
    now = silence.now
    return {
        "person": person.shown(),
        "state": silence.state,
        "why": _why(silence, wants, letter.day),
        "evidence": sorted({*silence.contact.evidence(), *filter(None, [letter.position])}),
        "they_wrote": letter.day or None,
        "elapsed_days": round(now.elapsed, 2),
        "usual_days": round(silence.usual.tau, 2),
        "spread_days": round(silence.usual.spread, 2),
        "ratio": round(now.r, 3),
        "z": round(now.z, 3),
        "p": round(now.p, 3),
        "explicit": silence.usual.explicit,
        "level": silence.level,
        "fine": person.fine("neglected"),
    }


def importance(wants: Wants, person: int) -> float:
    """1 for whom a goal, a circle or a target names."""
    return 1.0 if person in wants.configured else UNWANTED_IMPORTANCE


def _order(one: Silence, weight: float, key: str) -> tuple[bool, float, float, str]:
    return one.state not in FLAGS, -rank(one.now.r, weight), -one.now.r, key


def _ranked(conn: sqlite3.Connection, wants: Wants, found: list[Silence]) -> list[Silence]:
    """Of these, those that are listed, flags first, by how much they matter and how long it has been."""
    rows = conn.execute(
        "SELECT id, key, promoted FROM person WHERE kind = 'person' AND id IN (SELECT value FROM json_each(?))",
        (json.dumps([one.person for one in found]),),
    )
    key = {number: key for number, key, promoted in rows if promoted or number in wants.configured}
    keyed = [(one, person) for one in found if (person := one.contact.person) in key]
    ordered = [(_order(one, importance(wants, person), key[person]), one) for one, person in keyed]
    return [one for _, one in sorted(ordered, key=itemgetter(0))]


def told(conn: sqlite3.Connection, rules: Rules, silent: Sequence[Silence], as_of_ms: int) -> list[dict[str, Any]]:
    """The entries of `neglected` for these, in their order. What they wrote and was not answered is no contact (F6)."""
    wants = read_wants(conn, rules)
    people = read_people(conn, [one.person for one in silent])
    since = {one.person: one.contact.last_ms for one in silent if one.state != "ok"}
    letters = {
        person: _Letter(datetime.fromtimestamp(one.at_ms / 1000, rules.zone()).date().isoformat(), one.position)
        for person, one in read_letters(conn, as_of_ms, since).items()
    }
    return [_row(one, people[one.person], wants, letters.get(one.person, _Letter())) for one in silent]


def silent(conn: sqlite3.Connection, rules: Rules, as_of_ms: int, only: Collection[int] | None = None) -> list[Silence]:
    """Of `neglected`, those whose state is not ok, in its order, not yet told: most of them nobody will read."""
    wants = read_wants(conn, rules)
    return _ranked(conn, wants, silences(conn, wants, as_of_ms, only, silent=True))


def neglected(
    conn: sqlite3.Connection, rules: Rules, as_of_ms: int, only: Collection[int] | None = None
) -> list[dict[str, Any]]:
    """Everybody with a rhythm (or `only` these), flags first, by how much they matter and how long it has been.

    States: `overdue` and `dormant` are the flags; `due`, `ok`, `waiting`, `snoozed`, `booked` are not. `level` is what
    an acceptance must store. Nobody is listed without a target, a circle or four gaps of their own.
    """
    wants = read_wants(conn, rules)
    return told(conn, rules, _ranked(conn, wants, silences(conn, wants, as_of_ms, only)), as_of_ms)
