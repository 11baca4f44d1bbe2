"""The mail between people, as requests read it: threads with everybody's part in them, in the order of time (F8)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Container, Iterator, Mapping
from typing import Any, NamedTuple

from projections.counting import DRAFT, SPAM, TRASH
from projections.intervals import DAY_MS, earliest_day
from projections.requests import FEW, ME, Mail
from projections.subjects import bare, is_forward

ONLY_DAYS = 180  # (ours) what one person is asked about: older loops were closed without a word
MAIL_DAYS = 730  # (ours) what was asked two years ago nobody waits for any more

# Bulk and lists ask nobody in particular; what the owner writes to a list is read, since it may answer a person.
_MAILS = f"""
SELECT m.id, m.thread, m.at_ms, m.direction = 'out', m.sender, m.to_me, m.circle, c.others, m.recipients, m.asks,
    m.closer, m.is_reply, m.says, m.answers, m.subject, m.position, m.boxes,
    m.body
FROM message m JOIN circle c ON c.id = m.circle
WHERE m.day BETWEEN :first AND :last AND m.at_ms > :since AND m.at_ms <= :as_of AND m.boxes NOT IN ({SPAM}, {DRAFT})
AND (m.kind = '' OR (m.direction = 'out' AND m.kind IN ('list', 'bulk'))) {{only}}
ORDER BY m.at_ms, m.id"""
_ONLY = """
AND m.id IN (SELECT w.id FROM message w WHERE w.thread IN (SELECT t.thread FROM touch u JOIN message t ON t.id = u.item
    WHERE u.person IN (SELECT value FROM json_each(:only)) AND u.kind IN ('in', 'out')
    AND u.at_ms > :since AND u.at_ms <= :as_of))"""
_PEOPLE = "SELECT a.id, a.person FROM address a JOIN person p ON p.id = a.person WHERE p.kind = 'person'"
_BOUNCES = """
SELECT answers, position FROM message
WHERE kind = 'bounce' AND answers <> 0 AND day BETWEEN :first AND :last AND at_ms <= :as_of ORDER BY at_ms DESC"""

Circle = tuple[frozenset[int], frozenset[int]]
_MYSELF = frozenset((ME,))


class Correspondence(NamedTuple):
    """The mails of the window that ask or may answer, in the order of time and by thread; what was undeliverable.

    `bounced`: Mail.id -> position of the bounce. `thrown`: Mail.id of what lies in the trash and nowhere else.
    """

    mails: list[Mail]
    threads: dict[int, list[Mail]]
    bounced: dict[int, int]
    thrown: set[int]


def read(
    conn: sqlite3.Connection, as_of_ms: int, asked: Container[int] = (), only: Collection[int] | None = None
) -> Correspondence:
    """What was written in the two years until `as_of_ms`; `asked`: positions that the owner calls a request.

    `only`: on the threads of these people alone, of the last half year.
    """
    since = as_of_ms - (MAIL_DAYS if only is None else ONLY_DAYS) * DAY_MS
    about = {"since": since, "as_of": as_of_ms, "first": earliest_day(since), "last": earliest_day(as_of_ms) + 3}
    found = Correspondence([], {}, dict(conn.execute(_BOUNCES, about)), set())
    bound: dict[str, int | str] = {**about}
    if only is not None:
        bound["only"] = json.dumps(list(only))
    for thread, boxes, one in _mails(conn, bound, asked, found.threads):
        mail = _as_request(one) if one.position in asked else one
        found.mails.append(mail)
        found.threads.setdefault(thread, []).append(mail)
        if boxes and not boxes & ~(TRASH | SPAM):
            found.thrown.add(mail.id)
    return found


def _as_request(mail: Mail) -> Mail:
    to = mail.to if mail.sender == ME else mail.to | {ME}
    return mail._replace(asks=True, question=True, closer=False, to=to, copied=mail.copied - to)


def _mails(
    conn: sqlite3.Connection, about: Mapping[str, int | str], asked: Container[int], threads: Container[int]
) -> Iterator[tuple[int, int, Mail]]:
    """What asks, and what may answer: mails of `threads`, which grow meanwhile, or with the subject of what asked."""
    reader = _Reader(dict(conn.execute(_PEOPLE)), dict(conn.execute("SELECT person, first_ms FROM tally")), {}, {})
    topics: set[str] = set()  # of what was asked so far
    for row in conn.execute(_MAILS.format(only=_ONLY if "only" in about else ""), about):
        id_, thread, at_ms, mine, sender, to_me, circle, others, size, asks, closer, is_reply, *rest = row
        person = ME if mine else reader.people.get(sender)
        if person is None:  # a list, a room or a robot
            continue
        says, answers, subject, position, boxes, body = rest
        topic, forwards = reader.topics.get(subject) or reader.topic(subject)
        topic = topic or body
        first = not asks and not is_reply and size <= FEW and reader.is_first(person, at_ms, circle, others)
        if asks or first or position in asked:
            topics.add(topic)
        elif thread not in threads and topic not in topics:
            continue  # it can answer nothing: most mail ends here
        to, copied = reader.circles.get(circle) or reader.circle(circle, others)
        if to_me == 1:
            to |= _MYSELF
        elif to_me:
            copied |= _MYSELF
        yield thread, boxes, Mail(
            id_, at_ms, person, to, copied, size, bool(asks) or first, bool(asks), bool(closer), says, forwards,
            answers, topic, subject, position,
        )  # fmt: skip


class _Reader(NamedTuple):
    """What rows are read with: address.id -> person, person -> their first touch, circles and subjects met before."""

    people: dict[int, int]
    first_ms: dict[int, int]
    circles: dict[int, Circle]
    topics: dict[str, tuple[str, bool]]

    def circle(self, id_: int, others: str) -> Circle:
        to, copied = json.loads(others)
        found = self.circles[id_] = self._persons(to), self._persons(copied)
        return found

    def _persons(self, addresses: list[Any]) -> frozenset[int]:
        return frozenset([self.people[one] for one in addresses if one in self.people])

    def is_first(self, person: int, at_ms: int, circle: int, others: str) -> bool:
        """Whether it is the first contact: with who wrote, or with all whom the owner wrote to."""
        if person != ME:
            return self.first_ms.get(person, at_ms) >= at_ms
        to, _ = self.circles.get(circle) or self.circle(circle, others)
        return bool(to) and min(self.first_ms.get(one, at_ms) for one in to) >= at_ms

    def topic(self, subject: str) -> tuple[str, bool]:
        found = self.topics[subject] = bare(subject)[0], is_forward(subject)
        return found
