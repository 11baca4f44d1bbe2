"""People as they are printed, and where a person finds what was said about them."""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

EVIDENCE = 12  # the latest positions that an entry cites


class Person(NamedTuple):
    """A row of `person` with its addresses, sorted."""

    id: int
    key: str
    name: str
    promoted: bool
    first_ms: int | None
    addresses: list[str]

    def shown(self) -> dict[str, Any]:
        return {"id": self.key, "name": self.name, "addresses": self.addresses}

    def fine(self, alert: str) -> str:
        """The command line that takes this alert away and no other."""
        return f"amity fine {alert} {shlex.quote(self.addresses[0] if self.addresses else self.key)}"


def read_people(conn: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Person]:
    """Of these ids, those that are people: no list, room or robot."""
    wanted = (json.dumps(list(ids)),)
    people = {
        row[0]: Person(row[0], row[1], row[2], bool(row[3]), row[4], [])
        for row in conn.execute(
            "SELECT id, key, name, promoted, first_ms FROM person "
            "WHERE kind = 'person' AND id IN (SELECT value FROM json_each(?))",
            wanted,
        )
    }
    rows = conn.execute("SELECT person, address FROM address WHERE person IN (SELECT value FROM json_each(?))", wanted)
    for person, address in rows.fetchall():
        if person in people:
            people[person].addresses.append(address)
    for one in people.values():
        one.addresses.sort()
    return people


def latest_positions(conn: sqlite3.Connection, person: int, since_ms: int, until_ms: int) -> list[int]:
    """Log positions of the last interactions in `(since_ms, until_ms]`, oldest first."""
    rows = conn.execute(
        "SELECT DISTINCT position FROM (SELECT position, at_ms FROM touch "
        "WHERE person = ? AND at_ms > ? AND at_ms <= ? ORDER BY at_ms DESC LIMIT ?)",
        (person, since_ms, until_ms, EVIDENCE),
    )
    return sorted(position for (position,) in rows)


def days(number: float) -> str:
    """`1 day`, `14 days`."""
    rounded = round(number)
    return f"{rounded} day" if rounded == 1 else f"{rounded} days"


def hours(minutes: float) -> str:
    """`45 min`, `2.4 h`."""
    return f"{minutes:.0f} min" if minutes < 60 else f"{minutes / 60:.1f} h"  # noqa: PLR2004  an hour
