"""The statements that SQLite needs in its own words. On the hot path: the driver's cursor, not SQLAlchemy's.

The driver through SQLAlchemy's engine costs nothing; Core with dictionaries runs at 0.4 of it, the ORM at 0.1 to 0.3.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from events.chain import Head, Row

if TYPE_CHECKING:
    from sqlalchemy import Connection

    Handle = Connection | sqlite3.Connection

_CHUNK = 10_000  # below SQLite's limit of 32,766 bound values
_HEAD = "SELECT position, hash, recorded_ms FROM heads WHERE owner = ?"
_MOVE_HEAD = "UPDATE heads SET position = ?, hash = ?, recorded_ms = ? WHERE owner = ?"
# Many rows in one statement, below any SQLite's limit of values; and a row that cannot be stored ends the transaction,
# so that no statement keeps its own journal: a fifth faster than row by row.
_INSERT = "INSERT OR ROLLBACK INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_AT_ONCE = 100
_INSERT_MANY = _INSERT + ", (?, ?, ?, ?, ?, ?, ?, ?, ?)" * (_AT_ONCE - 1)
_PAGE = (
    "SELECT position, stream, revision, type, happened_ms, recorded_ms, CAST(payload AS BLOB) FROM events"
    " WHERE owner = ? AND position > ? AND position <= ? ORDER BY position LIMIT ?"
)
_BYTES = (
    "SELECT CAST(owner AS BLOB), position, stream, revision, CAST(type AS BLOB), happened_ms, recorded_ms,"
    " CAST(payload AS BLOB), hash FROM events"
    " WHERE owner = ? AND position > ? AND position <= ? ORDER BY position LIMIT ?"
)


def _cursor(connection: Handle) -> Any:
    return connection.cursor() if isinstance(connection, sqlite3.Connection) else connection.connection.cursor()


def enter(connection: Handle, owner: str) -> None:
    """Nothing: a file has no rows of strangers, its rights are the file's."""


def locked_head(connection: Handle, owner: str) -> Head | None:
    """The head of an owner's log; BEGIN IMMEDIATE has locked the whole file."""
    row = _cursor(connection).execute(_HEAD, (owner,)).fetchone()
    return None if row is None else Head(*row)


def move_head(connection: Handle, owner: str, head: Head) -> None:
    """What was appended last."""
    _cursor(connection).execute(_MOVE_HEAD, (*head, owner))


def stored(connection: Handle, owner: str, streams: Sequence[bytes]) -> Iterator[tuple[bytes, int]]:
    """All (stream, revision) pairs of these streams."""
    cursor = _cursor(connection)
    newest = cursor.execute("SELECT max(stream) FROM events WHERE owner = ?", (owner,)).fetchone()[0] or b""
    older = [stream for stream in streams if stream <= newest]  # the rest of an import in order of time is new
    for start in range(0, len(older), _CHUNK):
        chunk = older[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        sql = f"SELECT stream, revision FROM events WHERE owner = ? AND stream IN ({marks})"
        yield from cursor.execute(sql, (owner, *map(bytearray, chunk)))


def last_revisions(connection: Handle, owner: str, streams: Collection[bytes]) -> dict[bytes, int]:
    """The highest revision of each of these streams that exists: one seek each, however long the stream is."""
    sql = "SELECT max(revision) FROM events WHERE owner = ? AND stream = ?"
    cursor = _cursor(connection)
    found = ((stream, cursor.execute(sql, (owner, stream)).fetchone()[0]) for stream in streams)
    return {stream: revision for stream, revision in found if revision is not None}


def insert(connection: Handle, rows: Iterable[Row]) -> Row | None:
    """Store rows, and give the last; a taken (stream, revision) or position is an error, never ignored."""
    cursor = _cursor(connection)
    last = None
    waiting = iter(rows)
    while some := list(islice(waiting, _AT_ONCE)):
        last = some[-1]
        if len(some) == _AT_ONCE:
            cursor.execute(_INSERT_MANY, tuple(chain.from_iterable(map(_bound, some))))
        else:
            cursor.executemany(_INSERT, map(_bound, some))
    return last


def _bound(row: Row) -> tuple[Any, ...]:
    """A row as the driver takes it in at once.

    Every `bytes` it asks for an adapter (PEP 246), which takes longer than storing it; a `bytearray` it knows.
    """
    owner, position, stream, revision, wire, happened_ms, recorded_ms, payload, digest = row
    return owner, position, bytearray(stream), revision, wire, happened_ms, recorded_ms, payload, bytearray(digest)


def page(connection: Handle, owner: str, after: int, until: int, limit: int) -> list[tuple[Any, ...]]:
    """One page of events: the columns of StoredEvent."""
    rows: list[tuple[Any, ...]] = _cursor(connection).execute(_PAGE, (owner, after, until, limit)).fetchall()
    return rows


def page_of_bytes(connection: Handle, owner: str, after: int, until: int, limit: int) -> list[tuple[Any, ...]]:
    """One page of whole rows, the columns of Row, with every text as the bytes that are stored."""
    rows: list[tuple[Any, ...]] = _cursor(connection).execute(_BYTES, (owner, after, until, limit)).fetchall()
    return rows
