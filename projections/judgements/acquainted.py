"""Who of some people know each other, by the owner's mail and calendar, and whom else each of them knows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from itertools import combinations
from typing import NamedTuple

from projections.attribution import MEANINGFUL
from projections.counting import DRAFT

_EVENTS = f"""
SELECT t.occurrence, a.person, o.start_ms, o.position FROM address a
JOIN attendance t ON t.address_id = a.id JOIN occurrence o ON o.id = t.occurrence
WHERE a.person IN (SELECT value FROM json_each(:only)) AND o.n <= {MEANINGFUL}"""
_CIRCLES = """
SELECT b.circle, a.person FROM address a JOIN member b ON b.address_id = a.id
WHERE a.person IN (SELECT value FROM json_each(?))"""
_ADDRESSES = "SELECT id, person FROM address WHERE person IN (SELECT value FROM json_each(?))"
_MAILS = f"""
SELECT thread, sender, circle, at_ms, position FROM message
WHERE boxes <> {DRAFT} AND at_ms <= :as_of AND (circle IN (SELECT value FROM json_each(:circles))
    OR sender IN (SELECT value FROM json_each(:senders)))"""
_IN_THREADS = f"""
WITH mails AS MATERIALIZED (SELECT sender, circle, recipients FROM message
    WHERE thread IN (SELECT value FROM json_each(:threads)) AND at_ms <= :as_of)
SELECT a.person FROM mails m JOIN address a ON a.id = m.sender WHERE a.person > 0
UNION SELECT a.person FROM (SELECT DISTINCT circle FROM mails WHERE recipients <= {MEANINGFUL}) m
CROSS JOIN circle c ON c.id = m.circle, json_each(c.others) side, json_each(side.value) one
CROSS JOIN address a ON a.id = one.value WHERE a.person > 0"""
_AT_EVENTS = """
SELECT DISTINCT a.person FROM attendance t JOIN address a ON a.id = t.address_id
WHERE t.occurrence IN (SELECT value FROM json_each(:events)) AND a.person > 0"""

Pair = tuple[int, int]  # person.id, the smaller first


class Contact(NamedTuple):
    """Where two people stand together. `between`: one of them wrote it, or it is a meeting; not a mail of others."""

    at_ms: int
    position: int
    between: bool


class Acquainted(NamedTuple):
    """`together`: by pair, where they stand together; `threads`, `events`: by person, what they are part of."""

    together: dict[Pair, list[Contact]]
    threads: dict[int, set[int]]
    events: dict[int, set[int]]


def pair(first: int, second: int) -> Pair:
    return (first, second) if first < second else (second, first)


def read_acquainted(conn: sqlite3.Connection, only: Collection[int], as_of_ms: int) -> Acquainted:
    """Of these people: who was ever on one thread, whatever the direction and cc included, or one event of at most 18.

    Events that were cancelled, declined or are to come count too: who is invited with somebody sees their name.
    """
    asked = json.dumps(sorted(only))
    found = Acquainted({}, {}, {})
    at: dict[int, list[tuple[int, int, int]]] = {}
    for event, person, at_ms, position in conn.execute(_EVENTS, {"only": asked}):
        found.events.setdefault(person, set()).add(event)
        at.setdefault(event, []).append((person, at_ms, position))
    for some in at.values():
        _note(found, {person for person, _, _ in some}, Contact(*some[0][1:], between=True))
    _read_mails(conn, found, asked, as_of_ms)
    return found


def _read_mails(conn: sqlite3.Connection, found: Acquainted, asked: str, as_of_ms: int) -> None:
    circles: dict[int, set[int]] = {}
    for circle, person in conn.execute(_CIRCLES, (asked,)):
        circles.setdefault(circle, set()).add(person)
    senders = dict(conn.execute(_ADDRESSES, (asked,)).fetchall())
    about = {"circles": json.dumps(list(circles)), "senders": json.dumps(list(senders)), "as_of": as_of_ms}
    threads: dict[int, set[int]] = {}
    for thread, sender, circle, at_ms, position in conn.execute(_MAILS, about):
        by = senders.get(sender, 0)
        on = circles.get(circle, set()) | ({by} if by else set())
        for person in on:
            found.threads.setdefault(person, set()).add(thread)
        for other in threads.get(thread, set()) - on:
            for person in on:
                found.together.setdefault(pair(person, other), []).append(Contact(at_ms, position, between=False))
        threads.setdefault(thread, set()).update(on)
        for one, other in combinations(sorted(on), 2):
            contact = Contact(at_ms, position, between=by in (one, other))
            found.together.setdefault((one, other), []).append(contact)


def _note(found: Acquainted, people: Iterable[int], contact: Contact) -> None:
    for two in combinations(sorted(people), 2):
        found.together.setdefault(two, []).append(contact)


def circle_of(conn: sqlite3.Connection, known: Acquainted, person: int, as_of_ms: int) -> set[int]:
    """Whoever else stands on this person's threads, and came to their events; mails to more than 18 left out."""
    about = {
        "threads": json.dumps(sorted(known.threads.get(person, ()))),
        "events": json.dumps(sorted(known.events.get(person, ()))),
        "as_of": as_of_ms,
    }
    others = {other for sql in (_IN_THREADS, _AT_EVENTS) for (other,) in conn.execute(sql, about)}
    return others - {person}
