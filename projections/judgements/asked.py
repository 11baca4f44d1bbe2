"""What was asked in mail until an instant: read off the mail, or from the index of it and what that cannot know."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from projections.judgements import correspondence, request_index
from projections.judgements.correspondence import Correspondence, Window
from projections.requests import OPEN, TOPIC_MS, Asked, Request, elsewhere, follow, joined, standing

_ALIKE = "SELECT thread FROM asked WHERE topic = ? AND asked = ? AND since_ms BETWEEN ? AND ?"
_SPOKEN = "SELECT id FROM spoken WHERE topic = ? AND sender = ?"
_BOUNCES = "SELECT answers, position FROM bounce WHERE day BETWEEN :first AND :last AND at_ms <= :as_of ORDER BY id"

_in_time = itemgetter(*map(Asked._fields.index, ("since_ms", "first", "asked")))


class Found(NamedTuple):
    """The requests of two years in the order of time; `bounced`: Mail.id -> position of the bounce."""

    requests: list[Asked]
    bounced: dict[int, int]


def read(
    conn: sqlite3.Connection,
    as_of_ms: int,
    marked: Collection[int],
    only: Collection[int] | None = None,
    index: sqlite3.Connection | None = None,
) -> Found:
    """`marked`: positions of mails that the owner calls a request. `only`: on the threads of these people, half a year.

    `index`: of these views, reaching back two years from `as_of_ms`; it makes no difference but to the time this takes.
    """
    if index is not None and only is None:
        return _from_index(index, conn, as_of_ms, marked)
    mail = correspondence.read(conn, as_of_ms, marked, only)
    found = _followed(mail)
    elsewhere(found, mail.mails)
    return Found(joined(sorted((standing(one, mail.thrown) for one in found), key=_in_time)), mail.bounced)


def _followed(mail: Correspondence) -> list[Request]:
    return [one for thread in mail.threads.values() for one in follow(thread)]


def _from_index(index: sqlite3.Connection, conn: sqlite3.Connection, as_of_ms: int, marked: Collection[int]) -> Found:
    window = correspondence.two_years(as_of_ms)
    kept, since_ms = request_index.kept(index), window.since_ms
    again = {  # a thread is as the index has it, unless it began before the window or goes on after it
        thread
        for thread, opened, ended, one in kept
        if ended > since_ms and (opened <= since_ms or ended > as_of_ms) and one.since_ms <= as_of_ms
    }
    if marked:
        again.update(_around(index, conn, window, marked))
    found = [
        one for thread, opened, ended, one in kept if opened > since_ms and ended <= as_of_ms and thread not in again
    ]
    if again:
        found += _anew(index, conn, window, marked, again)
        found.sort(key=_in_time)
    return Found(joined(found), dict(index.execute(_BOUNCES, window.bound())))


def _around(
    index: sqlite3.Connection, conn: sqlite3.Connection, window: Window, marked: Collection[int]
) -> Iterator[int]:
    """The threads of the mails on which the owner has a word, and those in which such a mail may be an answer."""
    for thread, mail in correspondence.read_mails(conn, window, marked, marked):
        yield thread
        if mail.topic:
            alike = (mail.topic, mail.sender, mail.at_ms - TOPIC_MS, mail.at_ms)
            yield from (other for (other,) in index.execute(_ALIKE, alike))


def _anew(
    index: sqlite3.Connection, conn: sqlite3.Connection, window: Window, marked: Collection[int], threads: Iterable[int]
) -> list[Asked]:
    """The requests on these threads, read off the mail."""
    mail = correspondence.read_threads(conn, window, marked, threads)
    found = _followed(mail)
    waiting = {(one.first.topic, one.asked) for one in found if one.state == OPEN and one.first.topic}
    spoken = {id_ for topic, asked in waiting for (id_,) in index.execute(_SPOKEN, (request_index.short(topic), asked))}
    elsewhere(found, [one for _, one in correspondence.read_mails(conn, window, marked, spoken)])
    return [standing(one, mail.thrown) for one in found]
