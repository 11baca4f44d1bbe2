"""`people`: every address and name ever seen, each in exactly one entry."""

from __future__ import annotations

import json
from typing import Any

from amity.period import iso, local_day
from amity.session import Session
from projections.keyed import bare
from projections.schema import NOBODY

MYSELF = "me"  # the id of the one entry that holds the owner's own addresses
_COUNTS = """
    SELECT address.person, 1, count(*), min(at_ms), max(at_ms) FROM message JOIN address ON address.id = message.sender
    WHERE address.person > 0 AND at_ms <= :now AND direction = 'in' {only} GROUP BY 1
    UNION ALL
    SELECT address.person, 0, count(DISTINCT message.id), min(at_ms), max(at_ms)
    FROM member JOIN address ON address.id = member.address_id JOIN message ON message.circle = member.circle
    WHERE address.person > 0 AND at_ms <= :now AND direction = 'out' {only} GROUP BY 1
"""
_MEETINGS = """
    SELECT address.person, count(DISTINCT occurrence.id), min(start_ms), max(start_ms)
    FROM attendance JOIN address ON address.id = attendance.address_id
    JOIN occurrence ON occurrence.id = attendance.occurrence
    WHERE address.person > 0 AND occurrence.counted = 1 AND takes_part = 1 AND start_ms <= :now {only} GROUP BY 1
"""


def people(session: Session, *, everyone: bool, one: int | None = None) -> list[dict[str, Any]]:
    """The entries of `amity people`; with `everyone` also those never promoted, and the owner's own; or of `one` id."""
    only = "" if everyone else "WHERE promoted = 1"
    only = only if one is None else f"WHERE id = {one:d}"
    rows = session.views.execute(
        "SELECT id, key, name, kind, first_ms, last_ms, messages_in, messages_out, meetings, promoted, why"
        f" FROM person {only}"
    ).fetchall()
    addresses, names = _addresses(session, one), _names(session, one)
    moved = _moved(session)
    earlier = _counts(session, moved if one is None else {one} & ({one} if moved is None else moved))
    found = []
    for number, key, name, kind, first, last, messages_in, messages_out, meetings, promoted, why in rows:
        counts = (first, last, messages_in, messages_out, meetings)
        if moved is None or number in moved:
            counts = earlier.get(number, (None, None, 0, 0, 0))
            if not (counts[2] or counts[3] or counts[4] or everyone):
                continue
        found.append(_entry(session, (key, name, kind), names.get(number, [name]), addresses.get(number, []), counts)
                     | {"promoted": bool(promoted), "why": json.loads(why)})  # fmt: skip
    found.sort(key=lambda one: (-one["messages_in"] - one["messages_out"] - one["meetings"], one["id"]))
    if everyone and one is None and addresses.get(NOBODY):
        mine = names.get(NOBODY, [])
        shown = mine[0] if mine else MYSELF
        found.append(
            _entry(session, (MYSELF, shown, "person"), mine, addresses[NOBODY], (None, None, 0, 0, 0))
            | {"promoted": False, "why": ["your own addresses"]}
        )
    return found


def _entry(
    session: Session,
    who: tuple[str, str, str],
    names: list[str],
    addresses: list[str],
    counts: tuple[Any, ...],
) -> dict[str, Any]:
    first, last, messages_in, messages_out, meetings = counts
    return {
        "id": who[0], "name": who[1], "names": names, "addresses": addresses, "kind": who[2],
        "first": iso(first, session.zone) if first is not None else None,
        "last": iso(last, session.zone) if last is not None else None,
        "messages_in": messages_in, "messages_out": messages_out, "meetings": meetings,
    }  # fmt: skip


def _addresses(session: Session, one: int | None) -> dict[int, list[str]]:
    found: dict[int, dict[str, None]] = {}
    for person, address in session.views.execute(
        "SELECT person, address FROM address WHERE ?1 IS NULL OR person = ?1 ORDER BY person, address", (one,)
    ):
        found.setdefault(person, {})[bare(address)] = None
    return {person: list(names) for person, names in found.items()}


def _names(session: Session, one: int | None) -> dict[int, list[str]]:
    """Every name seen with any address of a person, the most frequent first."""
    found: dict[int, list[str]] = {}
    for person, name in session.views.execute(
        "SELECT address.person, alias.name FROM alias JOIN address ON address.id = alias.address_id"
        " WHERE alias.name != '' AND (?1 IS NULL OR address.person = ?1) GROUP BY 1, 2 ORDER BY 1, sum(n) DESC, 2",
        (one,),
    ):
        found.setdefault(person, []).append(name)
    return found


def _moved(session: Session) -> set[int] | None:
    """Whose stored counts do not hold at the session's now: they know every mail, and meetings until the last fold.

    None: mail is dated later than now, so that nobody's hold.
    """
    sql = "SELECT EXISTS (SELECT 1 FROM message WHERE day >= :today AND at_ms > :now)"
    about = {"now": session.as_of_ms, "today": local_day(session.as_of_ms, session.zone)}
    if session.views.execute(sql, about).fetchone()[0]:
        return None
    folded = session.views.execute("SELECT value FROM meta WHERE key = 'now_ms'").fetchone()
    since = min(session.as_of_ms, int(folded[0]) if folded else session.as_of_ms)
    met = session.views.execute(
        "SELECT DISTINCT address.person FROM occurrence JOIN attendance ON attendance.occurrence = occurrence.id"
        " JOIN address ON address.id = attendance.address_id WHERE occurrence.day >= ? AND start_ms >= ?",
        (local_day(since, session.zone), since),
    )
    return {row[0] for row in met}


def _counts(session: Session, only: set[int] | None) -> dict[int, tuple[Any, ...]]:
    """person.id -> (first_ms, last_ms, messages in, messages out, meetings) until the session's now; None: of all."""
    condition = "" if only is None else "AND address.person IN (SELECT value FROM json_each(:only))"
    found: dict[int, list[Any]] = {}

    def add(person: int, place: int, count: int, first: int | None, last: int | None) -> None:
        row = found.setdefault(person, [None, None, 0, 0, 0])
        row[place] = count
        row[0] = min(when for when in (row[0], first, last) if when is not None)
        row[1] = max(when for when in (row[1], last, first) if when is not None)

    bound = {"now": session.as_of_ms, "only": json.dumps(sorted(only or ()))}
    for person, incoming, count, first, last in session.views.execute(_COUNTS.format(only=condition), bound):
        add(person, 2 if incoming else 3, count, first, last)
    for person, count, first, last in session.views.execute(_MEETINGS.format(only=condition), bound):
        add(person, 4, count, first, last)
    return {person: tuple(row) for person, row in found.items()}
