"""The statements that PostgreSQL needs in its own words; like events.sqlite, on the driver's own cursor.

Positions come from the head row that an append locks, not from a sequence: a sequence gives out numbers before commit,
and a reader that follows it loses for good what commits late.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from sqlalchemy import Connection

from events.chain import Head, Row

_HEAD = "SELECT position, hash, recorded_ms FROM heads WHERE owner = %s FOR UPDATE"
_MOVE_HEAD = "UPDATE heads SET position = %s, hash = %s, recorded_ms = %s WHERE owner = %s"
# Arrays in the binary format (%b): as text psycopg escapes every string in Python, which cost five times as much as all
# the rest. COPY is refused where row-level security holds; into a temporary table, and from there, it is no faster:
# both leave PostgreSQL 8 us of an event, with two indexes and its log, and us 7 (measured side by side).
_INSERT = (
    "INSERT INTO events SELECT * FROM unnest(%b::text[], %b::int8[], %b::bytea[], %b::int8[], %b::text[], %b::int8[],"
    " %b::int8[], %b::text[], %b::bytea[])"
)
_AT_ONCE = 500  # rows of one statement
_ENTER = "SELECT set_config('amity.owner', %s, true)"
_PAGE = (
    "SELECT position, stream, revision, type, happened_ms, recorded_ms, convert_to(payload, 'UTF8') FROM events"
    " WHERE owner = %s AND position > %s AND position <= %s ORDER BY position LIMIT %s"
)
_BYTES = (
    "SELECT owner, position, stream, revision, type, happened_ms, recorded_ms, payload, hash FROM events"
    " WHERE owner = %s AND position > %s AND position <= %s ORDER BY position LIMIT %s"
)


class _TextAsBytes(Loader):
    """What was damaged on disk may not be UTF-8."""

    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def _cursor(connection: Connection) -> Any:
    return connection.connection.driver_connection.cursor(binary=True)  # type: ignore[union-attr]  # it is connected


def enter(connection: Connection, owner: str) -> None:
    """Until the transaction ends, row-level security (events.rowlevel) shows this owner's rows and no others."""
    with _cursor(connection) as cursor:
        cursor.execute(_ENTER, (owner,))


def locked_head(connection: Connection, owner: str) -> Head | None:
    """The head of an owner's log; its row stays locked until the transaction ends."""
    with _cursor(connection) as cursor:
        row = cursor.execute(_HEAD, (owner,)).fetchone()
    return None if row is None else Head(*row)


def move_head(connection: Connection, owner: str, head: Head) -> None:
    """What was appended last."""
    with _cursor(connection) as cursor:
        cursor.execute(_MOVE_HEAD, (*head, owner))


def stored(connection: Connection, owner: str, streams: Sequence[bytes]) -> Iterator[tuple[bytes, int]]:
    """All (stream, revision) pairs of these streams."""
    sql = "SELECT stream, revision FROM events WHERE owner = %s AND stream = ANY(%b)"
    with _cursor(connection) as cursor:
        yield from cursor.execute(sql, (owner, list(streams)))


def last_revisions(connection: Connection, owner: str, streams: Collection[bytes]) -> dict[bytes, int]:
    """The highest revision of each of these streams that exists: one seek each, however long the stream is."""
    sql = (
        "SELECT wanted.stream, newest.revision FROM unnest(%b::bytea[]) AS wanted(stream) CROSS JOIN LATERAL"
        " (SELECT revision FROM events WHERE owner = %s AND events.stream = wanted.stream"
        " ORDER BY revision DESC LIMIT 1) AS newest"
    )
    with _cursor(connection) as cursor:
        return dict(cursor.execute(sql, (list(streams), owner)).fetchall())


def insert(connection: Connection, rows: Iterable[Row]) -> Row | None:
    """Store rows, and give the last; a taken (stream, revision) or position is an error, never ignored."""
    last = None
    waiting = iter(rows)
    with _cursor(connection) as cursor:
        while some := list(islice(waiting, _AT_ONCE)):
            cursor.execute(_INSERT, list(map(list, zip(*some, strict=True))))
            last = some[-1]
    return last


def page(connection: Connection, owner: str, after: int, until: int, limit: int) -> list[tuple[Any, ...]]:
    """One page of events: the columns of StoredEvent."""
    with _cursor(connection) as cursor:
        rows: list[tuple[Any, ...]] = cursor.execute(_PAGE, (owner, after, until, limit)).fetchall()
    return rows


def page_of_bytes(connection: Connection, owner: str, after: int, until: int, limit: int) -> list[tuple[Any, ...]]:
    """One page of whole rows, the columns of Row, with every text as the bytes that are stored."""
    with _cursor(connection) as cursor:
        cursor.adapters.register_loader("text", _TextAsBytes)
        rows: list[tuple[Any, ...]] = cursor.execute(_BYTES, (owner, after, until, limit)).fetchall()
    return rows
