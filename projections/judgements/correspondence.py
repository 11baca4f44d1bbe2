"""The mail between people, as requests read it: threads with everybody's part in them, in the order of time (F8)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from projections.counting import DRAFT, SPAM, TRASH
from projections.intervals import DAY_MS, earliest_day
from projections.requests import FEW, ME, Mail
from projections.subjects import bare, is_forward

ONLY_DAYS = 180  # (ours) what one person is asked about: older loops were closed without a word
MAIL_DAYS = 730  # (ours) what was asked two years ago nobody waits for any more
FOREVER_MS = 1 << 62

# Bulk and lists ask nobody in particular; what the owner writes to a list is read, since it may answer a person.
_MAILS = f"""
SELECT m.id, m.thread, m.at_ms, m.direction = 'out', m.sender, m.to_me, m.circle, c.others, m.recipients, m.asks,
    m.closer, m.is_reply, m.says, m.answers, m.subject, m.boxes, m.body
FROM message m JOIN circle c ON c.id = m.circle
WHERE {{among}} AND m.at_ms > :since AND m.at_ms <= :as_of AND m.boxes NOT IN ({SPAM}, {DRAFT})
AND (m.kind = '' OR (m.direction = 'out' AND m.kind IN ('list', 'bulk')))
ORDER BY m.at_ms, m.id"""
_EVERY = "m.day BETWEEN :first AND :last"
_OF_PEOPLE = f"""
{_EVERY} AND m.id IN (SELECT w.id FROM message w WHERE w.thread IN (SELECT t.thread
    FROM touch u JOIN message t ON t.id = u.item
    WHERE u.person IN (SELECT value FROM json_each(:among)) AND u.kind IN ('in', 'out')
    AND u.at_ms > :since AND u.at_ms <= :as_of))"""
_OF_THREADS = "m.thread IN (SELECT value FROM json_each(:among))"
_OF_IDS = "m.id IN (SELECT value FROM json_each(:among))"
_PEOPLE = "SELECT a.id, a.person FROM address a JOIN person p ON p.id = a.person WHERE p.kind = 'person' {only}"
_FIRST = "SELECT person, first_ms FROM tally {only}"
_ONLY = "IN (SELECT value FROM json_each(:only))"
_BOUNCES = """
SELECT answers, position, at_ms, day FROM message
WHERE kind = 'bounce' AND answers <> 0 AND day BETWEEN :first AND :last AND at_ms <= :as_of ORDER BY at_ms DESC"""

Circle = tuple[frozenset[int], frozenset[int]]
_MYSELF = frozenset((ME,))


class Window(NamedTuple):
    """The mail in (since_ms, as_of_ms]; `first`, `last`: days that surely hold it."""

    since_ms: int
    as_of_ms: int

    def bound(self) -> dict[str, int | str]:
        first, last = earliest_day(self.since_ms), earliest_day(self.as_of_ms) + 3
        return {"since": self.since_ms, "as_of": self.as_of_ms, "first": first, "last": last}


class Correspondence(NamedTuple):
    """The mails of the window that ask or may answer, in the order of time and by thread; what was undeliverable.

    `bounced`: Mail.id -> position of the bounce. `thrown`: Mail.id of what lies in the trash and nowhere else.
    `spoken`: (sender, topic, Mail.id) of all mails, where it was asked for.
    """

    mails: list[Mail]
    threads: dict[int, list[Mail]]
    bounced: dict[int, int]
    thrown: set[int]
    spoken: list[tuple[int, str, int]]


def two_years(as_of_ms: int) -> Window:
    """What `read` reads of everybody."""
    return Window(as_of_ms - MAIL_DAYS * DAY_MS, as_of_ms)


def read(
    conn: sqlite3.Connection, as_of_ms: int, asked: Container[int] = (), only: Collection[int] | None = None
) -> Correspondence:
    """What was written in the two years until `as_of_ms`; `asked`: positions that the owner calls a request.

    `only`: on the threads of these people alone, of the last half year.
    """
    if only is None:
        return read_all(conn, two_years(as_of_ms), asked)
    window = Window(as_of_ms - ONLY_DAYS * DAY_MS, as_of_ms)
    return _collected(_Reading(conn, window, asked).of(_OF_PEOPLE, only), _bounced(conn, window))


def read_all(conn: sqlite3.Connection, window: Window, asked: Container[int] = ()) -> Correspondence:
    """Everything that was written in the window."""
    reading = _Reading(conn, window, asked)
    return _collected(reading.everything(), _bounced(conn, window))._replace(spoken=reading.spoken)


def read_threads(
    conn: sqlite3.Connection, window: Window, asked: Container[int], threads: Iterable[int]
) -> Correspondence:
    """What was written in the window on these threads."""
    return _collected(_Reading(conn, window, asked).of(_OF_THREADS, threads), {})


def read_mails(
    conn: sqlite3.Connection, window: Window, asked: Container[int], ids: Iterable[int]
) -> list[tuple[int, Mail]]:
    """(thread, mail) of those of these ids that are in the window, in the order of time."""
    return [(thread, mail) for thread, _, mail in _Reading(conn, window, asked).of(_OF_IDS, ids, every=True)]


def read_bounces(conn: sqlite3.Connection, window: Window) -> list[tuple[int, int, int, int]]:
    """(Mail.id, position of the bounce, its instant, its day), the latest first."""
    return conn.execute(_BOUNCES, window.bound()).fetchall()


def _bounced(conn: sqlite3.Connection, window: Window) -> dict[int, int]:
    return {answers: position for answers, position, *_ in read_bounces(conn, window)}


def _collected(mails: Iterable[tuple[int, int, Mail]], bounced: dict[int, int]) -> Correspondence:
    found = Correspondence([], {}, bounced, set(), [])
    for thread, boxes, mail in mails:
        found.mails.append(mail)
        found.threads.setdefault(thread, []).append(mail)
        if boxes and not boxes & ~(TRASH | SPAM):
            found.thrown.add(mail.id)
    return found


def _as_request(mail: Mail) -> Mail:
    to = mail.to if mail.sender == ME else mail.to | {ME}
    return mail._replace(asks=True, question=True, closer=False, to=to, copied=mail.copied - to)


class _Reading:
    """One reading of mail, with what rows are read with."""

    def __init__(self, conn: sqlite3.Connection, window: Window, asked: Container[int]) -> None:
        self._conn, self._window, self._asked = conn, window, asked
        self._people: dict[int, int] = {}  # address.id -> person
        self._first_ms: dict[int, int] = {}  # person -> their first touch
        self._circles: dict[int, Circle] = {}
        self._topics: dict[str, tuple[str, bool]] = {}
        self.spoken: list[tuple[int, str, int]] = []

    def everything(self) -> Iterator[tuple[int, int, Mail]]:
        """(thread, boxes, mail) of the whole window, without what can answer nothing: that is most of it."""
        self._people = dict(self._conn.execute(_PEOPLE.format(only="")))
        self._first_ms = dict(self._conn.execute(_FIRST.format(only="")))
        return self._mails(self._conn.execute(_MAILS.format(among=_EVERY), self._window.bound()))

    def of(self, sql: str, among: Iterable[int], *, every: bool = False) -> Iterator[tuple[int, int, Mail]]:
        """The same of a part of the mail; `every`: also what can answer nothing that is asked there."""
        about = self._window.bound() | {"among": json.dumps(list(among))}
        rows = self._conn.execute(_MAILS.format(among=sql), about).fetchall()
        self._meet(rows)
        return self._mails(rows, every=every)

    def _mails(self, rows: Iterable[Any], *, every: bool = False) -> Iterator[tuple[int, int, Mail]]:
        threads: set[int] = set()  # and subjects, of what was asked so far
        topics: set[str] = set()
        people, known, asked, say = self._people, self._topics, self._asked, self.spoken.append
        for row in rows:
            person = ME if row[3] else people.get(row[4])
            if person is None:  # a list, a room or a robot
                continue
            topic = (known.get(row[14]) or self._topic(row[14]))[0] or row[16]
            say((person, topic, row[0]))
            first = self._is_first(person, row)
            if row[9] or first or row[0] in asked:
                topics.add(topic)
            elif not every and row[1] not in threads and topic not in topics:
                continue
            threads.add(row[1])
            yield row[1], row[15], self._mail(person, row, first=first)

    def _meet(self, rows: Sequence[Any]) -> None:
        """Learn who stands on these mails."""
        circles = {row[6]: json.loads(row[7]) for row in rows}
        addresses = {row[4] for row in rows}.union(*(side for sides in circles.values() for side in sides))
        sql = _PEOPLE.format(only=f"AND a.id {_ONLY}")
        self._people = dict(self._conn.execute(sql, {"only": json.dumps([*addresses])}))
        sql = _FIRST.format(only=f"WHERE person {_ONLY}")
        self._first_ms = dict(self._conn.execute(sql, {"only": json.dumps([*{*self._people.values()}])}))

    def _mail(self, person: int, row: Any, *, first: bool) -> Mail:
        id_, _, at_ms, _, _, to_me, circle, others, size, asks, closer, _, says, answers, subject, _, body = row
        to, copied = self._circles.get(circle) or self._circle(circle, others)
        if to_me == 1:
            to |= _MYSELF
        elif to_me:
            copied |= _MYSELF
        topic, forwards = self._topics.get(subject) or self._topic(subject)
        mail = Mail(
            id_, at_ms, person, to, copied, size, bool(asks) or first, bool(asks), bool(closer), says, forwards,
            answers, topic or body, subject,
        )  # fmt: skip
        return _as_request(mail) if id_ in self._asked else mail

    def _circle(self, id_: int, others: str) -> Circle:
        to, copied = json.loads(others)
        found = self._circles[id_] = self._persons(to), self._persons(copied)
        return found

    def _persons(self, addresses: list[Any]) -> frozenset[int]:
        return frozenset([self._people[one] for one in addresses if one in self._people])

    def _is_first(self, person: int, row: Any) -> bool:
        """Whether it is the first contact: with who wrote, or with all whom the owner wrote to."""
        at_ms, circle, others, size, asks, is_reply = row[2], row[6], row[7], row[8], row[9], row[11]
        if asks or is_reply or size > FEW:
            return False
        if person != ME:
            return bool(self._first_ms.get(person, at_ms) >= at_ms)
        to, _ = self._circles.get(circle) or self._circle(circle, others)
        return bool(to) and min(self._first_ms.get(one, at_ms) for one in to) >= at_ms

    def _topic(self, subject: str) -> tuple[str, bool]:
        found = self._topics[subject] = bare(subject)[0], is_forward(subject)
        return found
