"""A small life in the tables of the read models, written by hand: days count back from `NOW`."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from projections.intervals import DAY_MS, EPOCH_DAY, MINUTE_MS
from projections.rhythms import write_rhythms
from projections.schema import TABLES, UNASSIGNED
from projections.tallies import write_tallies
from projections.touches import HEARD, MAIL_COLUMNS, MAIL_JOINS

NOW = 1_789_000_000_000
MESSAGE = {"words", "asks", "closer", "answers", "answered_ms", "thread"}


def ago(days: float) -> int:
    return NOW - round(days * DAY_MS)


class World:
    """Rows are put in directly; a table's other columns get an empty value of their type."""

    def __init__(self) -> None:
        self._conn = sqlite3.connect(":memory:")
        self._conn.executescript(TABLES)
        self.items = 0

    @property
    def conn(self) -> sqlite3.Connection:
        """The tables, with those that are computed from others brought up to date."""
        heard = HEARD.format(table="touch", among="")
        key = "e.person, e.at_ms, e.item, e.kind"
        sql = f"WITH heard AS ({heard}) SELECT {MAIL_COLUMNS}, {key} FROM touch e {MAIL_JOINS}"
        put = "UPDATE touch SET seconds=?, expects=?, answered_ms=? WHERE (person, at_ms, item, kind) = (?, ?, ?, ?)"
        self._conn.executemany(put, self._conn.execute(sql).fetchall())
        self._conn.executescript("DELETE FROM rhythm; DELETE FROM tally")
        write_tallies(self._conn)
        write_rhythms(self._conn)
        return self._conn

    def put(self, table: str, **row: Any) -> None:
        columns = self._conn.execute(f"PRAGMA table_info({table})").fetchall()
        empty = {"INTEGER": 0, "REAL": 0.0, "TEXT": ""}
        for _, name, kind, notnull, default, _ in columns:
            if notnull and default is None:
                row.setdefault(name, empty[kind])
        names = ", ".join(row)
        self._conn.execute(f"INSERT INTO {table}({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))

    def person(self, name: str, *, labels: tuple[str, ...] = (), first: float = 700, **more: Any) -> int:
        """A person called `name` with the address name@x.org; the id."""
        number = len(self.conn.execute("SELECT id FROM person").fetchall()) + 1
        row = {"kind": "person", "promoted": 1, "first_ms": ago(first)} | more
        self.put("person", id=number, key=f"p{name}", name=name.title(), labels=json.dumps(labels), **row)
        self.put("address", id=number + 1000, address=f"{name}@x.org", person=number)
        return number

    def touch(self, person: int, days: float, kind: str = "meeting", **more: Any) -> int:
        """An interaction so many days ago, with a message behind it for `in` and `out`; its item."""
        self.items += 1
        message = {key: more.pop(key) for key in MESSAGE & more.keys()}
        row = {"n": 1, "qualifying": 1, "opened": ""} | more
        self.put("touch", person=person, at_ms=ago(days), item=self.items, kind=kind, position=self.items, **row)
        if kind in {"in", "out"}:
            own = dict.fromkeys(("id", "thread", "circle"), self.items)
            self.put("message", **({"at_ms": ago(days), "direction": kind, "to_me": 1} | own | message))
            if kind == "out":
                self.put("member", address_id=person + 1000, circle=self.items, is_to=1)
        return self.items

    def spend(self, person: int, days: float, minutes: float, goal: str = UNASSIGNED, **more: Any) -> None:
        at_ms = ago(days)
        row = {"from_ms": at_ms, "channel": "meeting", "item": self.items} | more
        day = at_ms // DAY_MS + EPOCH_DAY
        self.put("ledger", day=day, at_ms=at_ms, person=person, goal=goal, minutes=minutes, face=minutes, **row)

    def meet(self, person: int, days: float, minutes: float = 60.0, goal: str = UNASSIGNED, **more: Any) -> None:
        self.touch(person, days, **more)
        self.spend(person, days, minutes, goal)

    def away(self, since: float, until: float, person: int = 0) -> None:
        """From so many days ago until so many days ago; the owner's own for person 0."""
        self.put("absence", person=person, since_ms=ago(since), until_ms=ago(until), position=1)

    def decide(self, wire: str, back: float, *names: str, undone: int = 0, **payload: Any) -> None:
        self.items += 1
        payload["addresses"] = [f"{name}@x.org" for name in names]
        row = {"type": wire, "payload": json.dumps(payload), "undone_by": undone}
        self.put("decision", position=self.items, at_ms=ago(back), **row)

    def declined(self, person: int, days: float) -> None:
        """A meeting of two that the other declined."""
        self.items += 1
        start = ago(days)
        day = start // DAY_MS + EPOCH_DAY
        self.put("occurrence", id=self.items, start_ms=start, end_ms=start + 30 * MINUTE_MS, day=day, reason="declined")
        self.put("attendance", occurrence=self.items, address_id=person + 1000, answer="declined")
