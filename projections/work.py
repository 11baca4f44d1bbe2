"""What the minutes of a day are computed with, loaded once a run: people, goals, words; and what comes out."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import msgspec

from events.vocabulary import MeetingMarked
from projections.goals import GoalBook, compile_goals
from projections.placements import PLACED, decided, read_decisions
from projections.rules import Goal, Rules
from projections.schema import UNASSIGNED

Entry = tuple[int, int, int, str, int, int, str, float, float]
"""A row of `ledger`: day, at_ms, from_ms, channel, item, person, goal, minutes, face."""


Thing = tuple[str, int, int, int]
"""What minutes are entered for: channel, item, at_ms, from_ms."""


Encounter = tuple[int, int, int, int, str, int, int, str, int, int]
"""A row of `encounter`, an interaction with one person before it is set among the others: person, day, at_ms, item,
kind, n, qualifying (1 or 0), starts, reply_ms (NO_REPLY: none), position."""
NO_REPLY = 2**62


class Sums(msgspec.Struct):
    """A row of `daily`, in minutes, found beside the ledger's rows and not from them."""

    meeting: float = 0.0
    mail: float = 0.0
    solo: float = 0.0
    broadcast: float = 0.0
    multitasking: float = 0.0
    conflict: float = 0.0
    ooo: float = 0.0
    note: float = 0.0
    day_off: bool = False


class Day(msgspec.Struct):
    """All that was computed of one local day; `span` is [start_ms, end_ms), cut where the present cuts it."""

    day: int
    span: tuple[int, int]
    sums: Sums
    entries: dict[tuple[str, int, int, str], Entry] = {}
    encounters: dict[tuple[int, int, str], Encounter] = {}
    occurrences: list[tuple[object, ...]] = []  # counted, reason, clock, goal, goal_source, id
    messages: list[tuple[object, ...]] = []  # counted, reason, minutes, multitasking, goal, id

    def spend(self, thing: Thing, person: int, shares: Mapping[str, float], minutes: float, face: float = 0.0) -> None:
        """Enter minutes of one thing with one person, divided by goals."""
        channel, item, at_ms, from_ms = thing
        if not minutes:
            return
        for goal, part in shares.items():
            key = (channel, item, person, goal)
            old = self.entries.get(key)
            before, seen = (old[7], old[8]) if old else (0.0, 0.0)
            entry = (self.day, at_ms, from_ms, channel, item, person, goal)
            self.entries[key] = (*entry, before + minutes * part, seen + face * part)


class Work(msgspec.Struct, frozen=True):
    """The knowledge that all days share. `person` and `kind` are by `address.id`."""

    db: sqlite3.Connection
    rules: Rules
    zone: ZoneInfo
    book: GoalBook
    person: dict[int, int]
    kind: dict[int, str]
    marks: dict[int, str]  # log position -> the goal that the owner named; "ignore" for what does not count


NO_GOAL: Mapping[str, float] = {UNASSIGNED: 1.0}


def open_work(db: sqlite3.Connection, rules: Rules) -> Work:
    """Load what days are computed with."""
    person: dict[int, int] = {}
    kind: dict[int, str] = {}
    by_name: dict[str, int] = {}
    sql = "SELECT a.id, address, person, coalesce(kind, 'person') FROM address a LEFT JOIN person p ON p.id = a.person"
    for id_, address, one, what in db.execute(sql):
        person[id_], kind[id_] = one, what
        by_name[address] = one
    book = compile_goals(_goals(db, rules), lambda address: by_name.get(address, 0))
    return Work(db, rules, rules.zone(), book, person, kind, _marks(db))


def _goals(db: sqlite3.Connection, rules: Rules) -> tuple[Goal, ...]:
    """Those of the settings, with whom the owner placed in them since."""
    decisions = [(wire, said) for wire, said in read_decisions(db) if wire == PLACED]
    if not decisions:
        return rules.goals
    return msgspec.convert(decided(msgspec.to_builtins(rules), decisions), Rules).goals


def _marks(db: sqlite3.Connection) -> dict[int, str]:
    sql = "SELECT payload FROM decision WHERE type = ? AND undone_by = 0 ORDER BY at_ms, position"
    found: dict[int, str] = {}
    for (payload,) in db.execute(sql, (MeetingMarked.wire,)):
        mark = msgspec.json.decode(payload, type=MeetingMarked)
        if mark.word.startswith("goal=") or mark.word in ("ignore", "attended"):
            found[mark.position] = mark.word
    return found
