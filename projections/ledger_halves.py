"""The days of a ledger that is made anew, in two processes: a fork computes the later half into a file of its own.

Neither changes what the other reads: the fork's connection only reads, and here what the days say of messages and
occurrences is held back until it is done. Where the fork dies, its half is computed here.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

from events.processes import may_fork
from projections import days as computed
from projections.rules import Rules
from projections.store import Store, insert_rows
from projections.work import Day, open_work

WORTH = 20_000  # mails; fewer are done before another process is
TOGETHER = 256  # days written with one statement

Write = Callable[[sqlite3.Connection, list[Day]], None]

_WORDS = """
CREATE TABLE {schema}message_word(counted, reason, minutes, multitasking, goal, id INTEGER PRIMARY KEY);
CREATE TABLE {schema}occurrence_word(counted, reason, clock, goal, goal_source, id INTEGER PRIMARY KEY);
"""
_APPLY = {
    "message": "counted=w.counted, reason=w.reason, minutes=w.minutes, multitasking=w.multitasking, goal=w.goal",
    "occurrence": "counted=w.counted, reason=w.reason, clock=w.clock, goal=w.goal, goal_source=w.goal_source",
}
_MAILS = "SELECT day, count(*) FROM message WHERE day NOT NULL GROUP BY day"


def halves(store: Store, days: Sequence[int]) -> tuple[Sequence[int], Sequence[int]] | None:
    """The days cut where half of the mails lie before; None where that is not worth a second process."""
    mails = dict(store.db.execute(_MAILS))
    behind = list(accumulate(mails.get(day, 0) for day in days))
    if not behind or behind[-1] < WORTH or not may_fork():
        return None
    cut = sum(one <= behind[-1] / 2 for one in behind)
    return days[:cut], days[cut:]


def part_of(path: Path) -> Path:
    """The file in which the fork leaves its half."""
    return path.with_name(path.name + "-part")


def write_halves(store: Store, both: tuple[Sequence[int], Sequence[int]], tables: Sequence[str], write: Write) -> None:
    """Compute both halves and enter everything; `write` enters days in `tables`."""
    db, path = store.db, _path_of(store.db)
    part = part_of(path)
    db.execute("COMMIT")  # what the fork is to read; a crash throws all of it away
    part.unlink(missing_ok=True)
    parent = os.getpid()
    fork = os.fork()
    if fork == 0:
        code = 1
        try:
            _apart(path, part, _Half(store.rules, _while_wanted(both[1], parent), write), tables)
            code = 0
        finally:
            os._exit(code)  # nothing that was opened before the fork is this process's to close
    try:
        db.execute("BEGIN IMMEDIATE")
        _begin_words(db, "temp.")
        _Half(store.rules, both[0], write).compute(db, db, "temp.")
    except BaseException:
        os.kill(fork, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(fork, 0)
    if status:
        _Half(store.rules, both[1], write).compute(db, db, "temp.")
    else:
        _take(db, part, tables)
    _apply(db, "temp")
    part.unlink(missing_ok=True)


def _take(db: sqlite3.Connection, part: Path, tables: Sequence[str]) -> None:
    db.execute("COMMIT")
    db.execute("ATTACH ? AS part", (str(part),))
    db.execute("BEGIN IMMEDIATE")
    for table in tables:
        db.execute(f"INSERT INTO main.{table} SELECT * FROM part.{table}")
    _apply(db, "part")
    db.execute("COMMIT")
    db.execute("DETACH part")
    db.execute("BEGIN IMMEDIATE")


class _Half(NamedTuple):
    rules: Rules
    days: Iterable[int]
    write: Write

    def compute(self, source: sqlite3.Connection, target: sqlite3.Connection, schema: str) -> None:
        """Read from `source`; enter the days in `target`, and beside them what they say of other tables' rows."""
        results = computed.compute(open_work(source, self.rules), self.days)
        while together := list(islice(results, TOGETHER)):
            self.write(target, together)
            messages = [word for day in together for word in day.messages]
            occurrences = [word for day in together for word in day.occurrences]
            insert_rows(target, f"{schema}message_word", messages, replace=True)
            insert_rows(target, f"{schema}occurrence_word", occurrences, replace=True)


def _path_of(db: sqlite3.Connection) -> Path:
    return Path(next(file for _, name, file in db.execute("PRAGMA database_list") if name == "main"))


def _apart(path: Path, part: Path, half: _Half, tables: Sequence[str]) -> None:
    """What the fork does: read the one file, without locks that would stop its writer, and write the other."""
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    name = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    with (
        closing(sqlite3.connect(f"file:{name}?mode=ro&nolock=1", uri=True, isolation_level=None)) as source,
        closing(sqlite3.connect(part, isolation_level=None)) as target,
    ):
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            target.execute(f"PRAGMA {pragma}")
        for table in tables:
            target.execute(*source.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone())
        source.execute("BEGIN")
        target.execute("BEGIN")
        _begin_words(target, "")
        half.compute(source, target, "")
        target.execute("COMMIT")


def _while_wanted(days: Iterable[int], parent: int) -> Iterator[int]:
    for day in days:
        if os.getppid() != parent:
            os._exit(1)
        yield day


def _begin_words(db: sqlite3.Connection, schema: str) -> None:
    for statement in _WORDS.format(schema=schema).split(";\n"):
        db.execute(statement)


def _apply(db: sqlite3.Connection, schema: str) -> None:
    for table, what in _APPLY.items():
        db.execute(f"UPDATE {table} SET {what} FROM {schema}.{table}_word w WHERE w.id = {table}.id")
        db.execute(f"DROP TABLE {schema}.{table}_word")
