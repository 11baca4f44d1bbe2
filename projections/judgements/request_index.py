"""The requests of all mail since some instant, kept in a file beside the views: after a week little of them moves.

It is made when somebody first asks, anew when something else than a word of the owner's was learned since, and may be
deleted at any time. It knows nothing of these words, and it knows the mail of all times: `projections.judgements.asked`
reads anew what an instant, or a word, makes otherwise.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from events.sqlite_file import make_private
from projections.intervals import DAY_MS, earliest_day
from projections.judgements import correspondence
from projections.judgements.correspondence import Correspondence, Window
from projections.placements import READ_LATE
from projections.requests import Asked, elsewhere, follow, standing

VERSION = 3  # of what is computed: a file of another one is made anew
BACK_DAYS = 40  # (ours) so much earlier than it was made for it may be asked: last month's report
WORTH = 5_000  # (ours) mails of two years: fewer are read as fast
_TABLES = (
    "CREATE TABLE made(views TEXT NOT NULL, position INTEGER NOT NULL, log TEXT NOT NULL, since_ms INTEGER NOT NULL)",
    # all of `Kept` at once: as columns it would take three times as long to read
    "CREATE TABLE whole(requests BLOB NOT NULL)",
    "CREATE TABLE asked(topic, asked, since_ms, thread)",
    # who wrote under which subject (`short`)
    "CREATE TABLE spoken(topic, sender, id, PRIMARY KEY(topic, sender, id)) WITHOUT ROWID",
    "CREATE TABLE bounce(id INTEGER PRIMARY KEY, answers, position, at_ms, day)",
)
_INDICES = ("CREATE INDEX asked_topic ON asked(topic, asked)",)
# Events that change no mail and nobody's place in it: runs of sources, and words that are read when one asks.
_WORDS_SINCE = f"""
SELECT (SELECT count(*) FROM run WHERE position > :since AND position <= :until)
    + (SELECT count(*) FROM decision WHERE position > :since AND position <= :until AND type IN {READ_LATE})"""
_COUNTS = "SELECT count(*) FROM message WHERE day BETWEEN ? AND ?"


Kept = tuple[int, int, int, Asked]
"""(thread, opened_ms, ended_ms, the request): when the thread ended, or what was asked there was closed elsewhere."""


class Made(NamedTuple):
    """What views were made from: by which rules and code, up to which position of the log, and the hash there."""

    views: str
    position: int
    log: str


def short(topic: str) -> int:
    """A subject as a number; two may have the same one."""
    return zlib.crc32(topic.encode("utf-8", "surrogatepass"))


def open_index(
    path: Path, views: sqlite3.Connection, made: Made, as_of_ms: int, hash_at: Callable[[int], str]
) -> sqlite3.Connection | None:
    """The index of these views that reaches back two years from `as_of_ms`; None where the mail is better read itself.

    `made`: of the views; `hash_at`: of a position of their log. A damaged or foreign file is made anew.
    """
    window = correspondence.two_years(as_of_ms)
    try:
        if not path.exists() and not _is_worth(views, window):
            return None
        make_private(path)
        index = sqlite3.connect(path, timeout=30, isolation_level=None)
        if _reads(index, made, window):
            return index
        if not _still_holds(index, views, made, window, hash_at) and _is_worth(views, window):
            _make(index, views, made, window)
        if _reads(index, made, window):
            return index
        index.close()
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            path.unlink(missing_ok=True)  # the next question makes it anew
        elif code not in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY}:
            raise
    except OSError:
        pass  # a folder of others, a full disk
    return None


def _is_worth(views: sqlite3.Connection, window: Window) -> bool:
    """Whether there is much mail, and not most of it later: who asks of long ago asks once."""
    first, last = earliest_day(window.since_ms), earliest_day(window.as_of_ms)
    within = views.execute(_COUNTS, (first, last)).fetchone()[0]
    later = views.execute(_COUNTS, (last + 1, correspondence.FOREVER_MS)).fetchone()[0]
    return bool(within >= max(WORTH, later))


def _made(index: sqlite3.Connection) -> tuple[Made, int] | None:
    """What it was made from, and how far back it reaches; None where it is not, or by other code."""
    if index.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        return None
    *made, since_ms = index.execute("SELECT views, position, log, since_ms FROM made").fetchone()
    return Made._make(made), since_ms


def _holds(index: sqlite3.Connection, made: Made, window: Window) -> bool:
    before = _made(index)
    return before is not None and before[0] == made and before[1] <= window.since_ms


def _reads(index: sqlite3.Connection, made: Made, window: Window) -> bool:
    """Begin to read it as it stands, whoever makes it anew meanwhile; False where it does not hold."""
    index.execute("BEGIN")
    if _holds(index, made, window):
        return True
    index.execute("ROLLBACK")
    return False


def _still_holds(
    index: sqlite3.Connection, views: sqlite3.Connection, made: Made, window: Window, hash_at: Callable[[int], str]
) -> bool:
    """Whether nothing but words was said since it was made; then it is noted to hold."""
    before = _made(index)
    if before is None or before[0].views != made.views or before[1] > window.since_ms:
        return False
    about = {"since": before[0].position, "until": made.position}
    if views.execute(_WORDS_SINCE, about).fetchone()[0] != made.position - before[0].position:
        return False
    if hash_at(before[0].position) != before[0].log:  # of another log
        return False
    index.execute("UPDATE made SET position = ?, log = ? WHERE log = ?", (made.position, made.log, before[0].log))
    return True


def _make(index: sqlite3.Connection, views: sqlite3.Connection, made: Made, window: Window) -> None:
    """Fill it, in one transaction; of two processes the second finds the work done."""
    index.execute("BEGIN IMMEDIATE")
    try:
        if not _holds(index, made, window):
            since_ms = window.since_ms - BACK_DAYS * DAY_MS
            whole = Window(since_ms, correspondence.FOREVER_MS)
            mail = correspondence.read_all(views, whole)
            _write(index, mail)
            bounces = correspondence.read_bounces(views, whole)
            index.executemany("INSERT INTO bounce(answers, position, at_ms, day) VALUES (?, ?, ?, ?)", bounces)
            index.execute("INSERT INTO made VALUES (?, ?, ?, ?)", (*made, since_ms))
        index.execute("COMMIT")
    except BaseException:
        index.execute("ROLLBACK")
        raise


def _write(index: sqlite3.Connection, mail: Correspondence) -> None:
    for (name,) in index.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        index.execute(f"DROP TABLE {name}")
    for statement in _TABLES:
        index.execute(statement)
    followed = [(thread, one) for thread, mails in mail.threads.items() for one in follow(mails)]
    elsewhere((one for _, one in followed), mail.mails)
    asked: list[Kept] = []
    for thread, one in followed:
        mails = mail.threads[thread]
        ended_ms = mails[-1].at_ms if one.closed_ms is None else max(mails[-1].at_ms, one.closed_ms)
        asked.append((thread, mails[0].at_ms, ended_ms, standing(one, mail.thrown)))
    asked.sort(key=lambda kept: (kept[3].since_ms, kept[3].first, kept[3].asked))
    index.execute("INSERT INTO whole VALUES (?)", (msgspec.msgpack.encode(asked),))
    rows = ((one.topic, one.asked, one.since_ms, thread) for thread, _, _, one in asked)
    index.executemany("INSERT INTO asked VALUES (?, ?, ?, ?)", rows)
    spoken = sorted((short(topic), sender, id_) for sender, topic, id_ in mail.spoken)
    index.executemany("INSERT INTO spoken VALUES (?, ?, ?)", spoken)
    for statement in _INDICES:
        index.execute(statement)
    index.execute(f"PRAGMA user_version = {VERSION}")


def kept(index: sqlite3.Connection) -> list[Kept]:
    """Everything that was asked, in the order of time. Raises sqlite3.DatabaseError where it is damaged."""
    (whole,) = index.execute("SELECT requests FROM whole").fetchone()
    try:
        return msgspec.msgpack.decode(whole, type=list[Kept])
    except msgspec.DecodeError as error:
        raise sqlite3.DatabaseError(str(error)) from error
