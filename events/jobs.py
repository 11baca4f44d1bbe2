"""What is done again and again, and how it went: one row for each job. Functions of a connection.

A queue may lose, double or delay whatever it carries. What is due, who is at it and how often it was tried stands here,
and an attempt is counted before its work begins: also one that takes its whole process down is seen. A job's `turn`
rises when it comes to an end, so that a message of an earlier turn, however late, does nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, TextClause, text

from events.leases import NOW

_ONE = "owner = :owner AND id = :id AND turn = :turn"
_COLUMNS = (
    "kind, name, id, turn, attempts, failures, sent_ms, hint_ms, started_ms, ended_ms, due_ms, error, holder,"
    " holder <> '' AND until_ms > {now} AS held"
)
_ADD = text(
    "INSERT INTO jobs VALUES (:owner, :kind, :name, :id, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, '') ON CONFLICT DO NOTHING"
)
_SEND = text(f"UPDATE jobs SET sent_ms = :now WHERE {_ONE} AND sent_ms = :before")
_END = text(
    "UPDATE jobs SET turn = turn + 1, attempts = 0, failures = CASE WHEN :error = '' THEN 0 ELSE failures + 1 END,"
    " holder = '', until_ms = 0, sent_ms = 0, ended_ms = :now, error = :error,"
    f" hint_ms = CASE WHEN hint_ms > started_ms THEN hint_ms ELSE 0 END WHERE {_ONE} AND holder = :holder"
)
_LET_GO = text(
    "UPDATE jobs SET attempts = attempts - 1, holder = '', until_ms = 0, sent_ms = 0"
    " WHERE owner = :owner AND holder = :holder AND :id IN ('', id)"
)
_PLAN = text("UPDATE jobs SET due_ms = :due WHERE owner = :owner AND id = :id")
_HINT = text("UPDATE jobs SET hint_ms = :now WHERE owner = :owner AND kind = :kind AND name = :name")
_DROP = text("DELETE FROM jobs WHERE owner = :owner AND kind = :kind AND name = :name")


class JobRow(NamedTuple):
    """One job; times in ms since 1970, 0 for never. `held`: its holder's lease has not ended."""

    kind: str
    name: str
    id: str
    turn: int
    attempts: int
    failures: int
    sent_ms: int
    hint_ms: int
    started_ms: int
    ended_ms: int
    due_ms: int
    error: str
    holder: str
    held: bool


@cache
def _words(dialect: str) -> tuple[TextClause, TextClause, TextClause]:
    """All rows, one row, and taking it, in one database's words."""
    now = NOW[dialect]
    columns = _COLUMNS.format(now=now)
    return (
        text(f"SELECT {columns} FROM jobs WHERE owner = :owner ORDER BY kind, name"),
        text(f"SELECT {columns} FROM jobs WHERE owner = :owner AND id = :id"),
        text(
            f"UPDATE jobs SET attempts = attempts + 1, holder = :holder, until_ms = {now} + :ms, started_ms = :now"
            f" WHERE {_ONE} AND attempts = :attempts AND (holder IN ('', :before) OR until_ms <= {now})"
        ),
    )


def rows(connection: Connection, owner: str) -> dict[tuple[str, str], JobRow]:
    """Every job of an owner, by kind and name."""
    found = connection.execute(_words(connection.dialect.name)[0], {"owner": owner})
    return {(row.kind, row.name): row for row in map(_row, found)}


def _row(columns: Any) -> JobRow:
    *rest, held = columns
    return JobRow._make((*rest, bool(held)))


def add(connection: Connection, owner: str, wanted: Collection[tuple[str, str]]) -> None:
    """Begin to count these jobs (kind, name), each under a number that tells nothing."""
    for kind, name in wanted:
        connection.execute(_ADD, {"owner": owner, "kind": kind, "name": name, "id": secrets.token_hex(8)})


def drop(connection: Connection, owner: str, gone: Collection[tuple[str, str]]) -> None:
    """Forget jobs (kind, name); a message of theirs does nothing any more."""
    for kind, name in gone:
        connection.execute(_DROP, {"owner": owner, "kind": kind, "name": name})


def plan(connection: Connection, owner: str, due: Collection[tuple[str, int]]) -> None:
    """Note when jobs (id, time) will be done next, for whoever asks."""
    for job, moment in due:
        connection.execute(_PLAN, {"owner": owner, "id": job, "due": moment})


def send(connection: Connection, owner: str, row: JobRow, now_ms: int) -> bool:
    """Note that this turn goes into the queue; False where somebody else has put it there since it was read."""
    values = {"owner": owner, "id": row.id, "turn": row.turn, "before": row.sent_ms, "now": now_ms}
    return bool(connection.execute(_SEND, values).rowcount)


def begin(
    connection: Connection, owner: str, job: str, turn: int, attempts: int, *,
    holder: str, seconds: float, is_dead: Callable[[str], bool], now_ms: int,
) -> JobRow | None:  # fmt: skip
    """Take one turn of a job and count the attempt; None where it is over, is unknown, or somebody is at it.

    `attempts`: how many there were when it was sent. A message of an earlier one, which a queue gives out again, is
    void: a job that stands aside is begun by nobody.
    """
    _, one, take = _words(connection.dialect.name)
    key = {"owner": owner, "id": job}
    found = connection.execute(one, key).one_or_none()
    if found is None:
        return None
    before = _row(found)
    dead = before.holder if before.held and is_dead(before.holder) else ""
    values = {
        **key,
        "turn": turn,
        "attempts": attempts,
        "holder": holder,
        "ms": int(seconds * 1000),
        "now": now_ms,
        "before": dead,
    }
    if not connection.execute(take, values).rowcount:
        return None
    return _row(connection.execute(one, key).one())


def end(connection: Connection, owner: str, job: str, turn: int, *, holder: str, error: str, now_ms: int) -> bool:
    """The turn has come to an end, well where `error` is empty; False where it was not ours any more."""
    values = {"owner": owner, "id": job, "turn": turn, "holder": holder, "error": error, "now": now_ms}
    return bool(connection.execute(_END, values).rowcount)


def let_go(connection: Connection, owner: str, holder: str, job: str = "") -> None:
    """The holder leaves a job, or all it is at, for reasons that are not theirs: those attempts do not count."""
    connection.execute(_LET_GO, {"owner": owner, "holder": holder, "id": job})


def hint(connection: Connection, owner: str, kind: str, name: str, now_ms: int) -> None:
    """Somebody says that there is news: the job is due now, as far as it may be."""
    connection.execute(_HINT, {"owner": owner, "kind": kind, "name": name, "now": now_ms})
