"""How it began with somebody: the first thread or meeting, and the third party on it who introduced them (L5)."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from projections.counting import DRAFT
from projections.intervals import DAY_MS, earliest_day

BEFORE_DAYS = 365  # a mail in which they merely stood is looked for so long before their first own word
OTHERS_MAX = 2  # more others on a mail than this: a group in which one met, and nobody introduced anybody

_FIRST = "SELECT at_ms, kind, item, position FROM touch WHERE person = ? AND at_ms <= ? ORDER BY at_ms, item LIMIT 1"
_MAIL = f"""
SELECT m.id, m.at_ms, m.thread, m.direction, coalesce(s.person, 0), m.circle, m.recipients, m.is_reply, m.answers,
    m.subject, m.position, m.kind, m.to_me
FROM message m LEFT JOIN address s ON s.id = m.sender
WHERE m.day BETWEEN :first AND :last AND m.at_ms <= :until AND m.boxes <> {DRAFT}
AND (m.sender IN (SELECT id FROM address WHERE person = :person)
    OR m.circle IN (SELECT b.circle FROM member b JOIN address a ON a.id = b.address_id WHERE a.person = :person))
ORDER BY m.at_ms, m.id LIMIT 1"""
_ON = """
SELECT p.id, min(side.key) FROM circle c, json_each(c.others) side, json_each(side.value) one
CROSS JOIN address a ON a.id = one.value CROSS JOIN person p ON p.id = a.person AND p.kind = 'person' WHERE c.id = ?
GROUP BY p.id"""  # key 0: on To
_EARLIER = """
SELECT DISTINCT p.id FROM message m JOIN address a ON a.id = m.sender JOIN person p ON p.id = a.person
WHERE m.thread = ? AND m.at_ms < ? AND m.direction = 'in' AND p.kind = 'person' AND m.kind = ''"""
_MEETING = """
SELECT o.title, o.private, o.n, coalesce(a.person, 0) FROM occurrence o LEFT JOIN address a ON a.id = o.organizer
WHERE o.id = ?"""
_KNOWN = "SELECT 1 FROM touch WHERE person = ? AND at_ms < ? LIMIT 1"


class Beginning(NamedTuple):
    """`kind`: mail, meeting, note; `introducer`: person.id, 0 where nobody is seen to have introduced them."""

    at_ms: int
    kind: str
    title: str
    private: bool
    position: int
    introducer: int
    others: int  # besides the two


class _Mail(NamedTuple):
    id: int
    at_ms: int
    thread: int
    direction: str
    sender: int
    circle: int
    recipients: int
    is_reply: int
    answers: int
    subject: str
    position: int
    kind: str
    to_me: int


def beginning(conn: sqlite3.Connection, person: int, as_of_ms: int) -> Beginning | None:
    """Of this person, until then; None where nothing is known."""
    first = conn.execute(_FIRST, (person, as_of_ms)).fetchone()
    until = first[0] if first else as_of_ms
    since = until - BEFORE_DAYS * DAY_MS
    about = {"person": person, "until": until, "first": earliest_day(since), "last": earliest_day(until) + 3}
    row = conn.execute(_MAIL, about).fetchone()
    if row is not None:
        mail = _Mail._make(row)
        on = dict(conn.execute(_ON, (mail.circle,)).fetchall())
        others = {*on, mail.sender} - {person, 0}
        turned = (
            bool(mail.to_me)
            if mail.direction == "in"
            else (on.get(person) == 0 and 0 not in {on[one] for one in others})
        )
        introducer = (
            _introducer(conn, mail, person, others) if turned else 0
        )  # else the owner brought them in, or is not on it
        return Beginning(mail.at_ms, "mail", mail.subject, False, mail.position, introducer, len(others))
    if first is None:
        return None
    at_ms, kind, item, position = first
    if kind != "meeting":
        return Beginning(at_ms, kind, "", False, position, 0, 0)
    title, private, n, organizer = conn.execute(_MEETING, (item,)).fetchone()
    brings = n <= OTHERS_MAX and organizer not in {0, person} and _is_person(conn, organizer)
    brought = organizer if brings else 0
    return Beginning(at_ms, kind, title, bool(private), position, brought, max(n - 1, 0))


def _is_person(conn: sqlite3.Connection, number: int) -> bool:
    return conn.execute("SELECT 1 FROM person WHERE id = ? AND kind = 'person'", (number,)).fetchone() is not None


def _introducer(conn: sqlite3.Connection, mail: _Mail, person: int, others: set[int]) -> int:
    """The third party, 0 where there is none, several, or one who is merely copied."""
    if mail.kind or len(others) > OTHERS_MAX + 1:
        return 0
    if mail.direction == "in" and mail.sender in others:  # somebody wrote to both
        return mail.sender
    if mail.is_reply and not mail.answers and len(others) == 1:  # it answers what is not here: the introduction itself
        return min(others)
    if mail.sender != person:
        return 0
    before = {one for (one,) in conn.execute(_EARLIER, (mail.thread, mail.at_ms))} - {person}
    if not before:
        before = {one for one in others if conn.execute(_KNOWN, (one, mail.at_ms)).fetchone()}
    return before.pop() if len(before) == 1 else 0  # they took up what another had begun, or named whom both know
