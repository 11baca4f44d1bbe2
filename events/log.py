"""The log: append-only, idempotent, gap-free per owner, its order the order of commits; on SQLite or PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from typing import Any, NamedTuple, Protocol, Self

from sqlalchemy import Connection, Engine, bindparam, text

from events import chain, sqlite
from events.admission import Outcome, admit, split_streams
from events.chain import Head, Row, Verification
from events.codec import encode
from events.engine import make_engine, plain_errors
from events.envelope import OWNER, NewEvent, StoredEvent
from events.migrate import migrate

__all__ = ["Appended", "Log", "Outcome", "Verification", "open_log"]

BATCH = 5000  # events in memory at once while reading
_BUSY_SECONDS = 30.0
_END = 2**63 - 1

_POSITION = text("SELECT position FROM heads WHERE owner = :owner")
_RECORDED = text("SELECT recorded_ms FROM events WHERE owner = :owner AND position = :position")
_FIRST_HEAD = text("INSERT INTO heads VALUES (:owner, 0, :hash, 0) ON CONFLICT DO NOTHING")
_CURSOR = text("SELECT cursor FROM cursors WHERE owner = :owner AND source = :source AND stream = :stream")
_MOVE_CURSOR = text(
    "INSERT INTO cursors VALUES (:owner, :source, :stream, :cursor)"
    " ON CONFLICT (owner, source, stream) DO UPDATE SET cursor = excluded.cursor"
)
_COUNTED = text(  # one statement, and before the walk: what is appended meanwhile is not looked at
    "SELECT count(*), coalesce(max(position), 0), (SELECT position FROM heads WHERE owner = :owner),"
    " (SELECT hash FROM heads WHERE owner = :owner) FROM events WHERE owner = :owner"
)
_HISTORY = text(
    "SELECT position, stream, revision, type, happened_ms, recorded_ms, payload FROM events"
    " WHERE owner = :owner AND stream IN :streams ORDER BY position"
).bindparams(bindparam("streams", expanding=True))

_NEWEST = text(
    "SELECT position, stream, revision, type, happened_ms, recorded_ms, payload FROM events"
    " WHERE owner = :owner AND stream = :stream ORDER BY revision DESC LIMIT 1"
)


class Appended(NamedTuple):
    """`outcomes` in the order of the events given; `last_position` of the owner's log after the append."""

    outcomes: list[Outcome]
    last_position: int


def open_log(url: str, *, owner: str = OWNER, busy_seconds: float = _BUSY_SECONDS) -> Log:
    """One owner's log at `sqlite:////abs/amity.db` or `postgresql+psycopg://…`; made or migrated on first opening.

    Raises UsageError where a newer Amity wrote it, Busy where another process holds it longer than `busy_seconds`.
    """
    engine = make_engine(url, busy_seconds)
    try:
        with plain_errors(engine):
            migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return Log(engine, owner)


class Log:
    """One owner's log, which several processes may have open; every method may be called from any thread.

    A database of an organisation holds many owners' logs; `of` gives another one's.
    """

    def __init__(self, engine: Engine, owner: str = OWNER) -> None:
        self.engine, self.owner = engine, owner
        self._backend = _backend(engine)
        self._reader = engine.execution_options(reads=True)

    def append(
        self,
        events: Sequence[NewEvent],
        *,
        cursor: tuple[str, str, str] | None = None,
        recorded_ms: int | None = None,
        along: Callable[[Connection, list[Outcome]], None] | None = None,
    ) -> Appended:
        """Store a page of events and, in the same transaction, the cursor (source, stream, cursor) behind it.

        `along` writes what must be stored with the page or not at all; whatever it raises refuses everything.
        What is known is a no-op. `recorded_ms` (default: now) is raised to that of the last event where a clock went
        back. Raises Conflict where a decision was made on an outdated view, and then stores nothing.
        """
        owner = self.owner
        numbered, named = split_streams(events)
        with self.writing() as connection:
            head = self._locked_head(connection, owner)
            last = self._backend.last_revisions(connection, owner, numbered) if numbered else {}
            known = self._backend.stored(connection, owner, named) if named else ()
            outcomes, revisions = admit(events, known, last)
            moment = max(head.recorded_ms, _now_ms() if recorded_ms is None else recorded_ms)
            new = list(compress(events, outcomes))  # KNOWN is 0
            payloads = (encode(event.payload) for event in new)  # one by one: hashed and stored while at hand
            admitted = zip(new, payloads, compress(revisions, outcomes), strict=True)
            self.store(connection, chain.forge(admitted, head, owner=owner, recorded_ms=moment))
            if cursor is not None:
                _set_cursor(connection, owner, *cursor)
            if along is not None:
                along(connection, outcomes)
        return Appended(outcomes, head.position + len(new))

    def head(self) -> int:
        """The last position, 0 while the log is empty."""
        with self.reading() as connection:
            return connection.scalar(_POSITION, {"owner": self.owner}) or 0

    def hash_at(self, position: int) -> str:
        """The hash of one event, in hexadecimal: it names the log up to there. "" where nothing stands."""
        sql = text("SELECT hash FROM events WHERE owner = :owner AND position = :position")
        with self.reading() as connection:
            found = connection.scalar(sql, {"owner": self.owner, "position": position})
        return "" if found is None else bytes(found).hex()

    def position_at(self, recorded_ms: int) -> int:
        """The last position that was recorded at or before an instant, by bisection: recorded times never fall."""
        low, high = 0, self.head()
        with self.reading() as connection:
            while low < high:
                middle = (low + high + 1) // 2
                found = connection.scalar(_RECORDED, {"owner": self.owner, "position": middle})
                low, high = (middle, high) if found is not None and found <= recorded_ms else (low, middle - 1)
        return low

    def of(self, owner: str) -> Log:
        """Another owner's log in the same database."""
        return Log(self.engine, owner)

    def read(
        self, after: int = 0, *, until: int | None = None, batch: int = BATCH
    ) -> Iterator[list[StoredEvent]]:
        """The events with positions in (after, until], in order, in lists of at most `batch`; memory stays flat.

        Each page is a read of its own, so that a slow reader never holds up writers; events that are appended
        meanwhile are read too.
        """
        end = _END if until is None else until
        while True:
            with self.reading() as connection:
                rows = self._backend.page(connection, self.owner, after, end, batch)
            if rows:
                yield list(map(StoredEvent._make, rows))
            if len(rows) < batch:
                return
            after = rows[-1][0]

    def history(self, streams: Collection[bytes]) -> Iterator[StoredEvent]:
        """All events of a few streams, in the order of the log."""
        if not streams:
            return
        with self.reading() as connection:
            rows = connection.execute(_HISTORY, {"owner": self.owner, "streams": list(streams)}).all()
        for position, stream, revision, wire, happened, recorded, payload in rows:
            yield StoredEvent(position, bytes(stream), revision, wire, happened, recorded, payload.encode())

    def newest(self, streams: Collection[bytes]) -> Iterator[StoredEvent]:
        """The last event of each of a few streams whose revisions the log numbers; nothing for one that has none."""
        with self.reading() as connection:
            asked = ({"owner": self.owner, "stream": stream} for stream in streams)
            rows = [connection.execute(_NEWEST, one).one_or_none() for one in asked]
        for position, stream, revision, wire, happened, recorded, payload in filter(None, rows):
            yield StoredEvent(position, bytes(stream), revision, wire, happened, recorded, payload.encode())

    def rows(self, until: int, batch: int = BATCH) -> Iterator[tuple[Any, ...]]:
        """Whole rows as stored, every text as bytes, up to a position: for checking and copying."""
        after = 0
        while True:
            with self.reading() as connection:
                rows = self._backend.page_of_bytes(connection, self.owner, after, until, batch)
            yield from rows
            if len(rows) < batch:
                return
            after = rows[-1][1]

    def verify(self) -> Verification:
        """Recompute the chain: names the first event that was changed, taken away, moved or added from outside."""
        with self.reading() as connection:
            events, last, position, digest = connection.execute(_COUNTED, {"owner": self.owner}).one()
        head = Head() if position is None else Head(position, digest)
        checker = chain.Checker(head)
        all(map(checker.accepts, self.rows(head.position)))
        bad = checker.first_bad()
        if bad is None and last != head.position:
            bad = head.position + 1  # added behind the log's back
        return Verification(events, bad is None, bad)

    def cursor(self, source: str, stream: str) -> str | None:
        """How far a stream of a source has been read: the connector's own text, None before the first page."""
        with self.reading() as connection:
            found: str | None = connection.scalar(_CURSOR, {"owner": self.owner, "source": source, "stream": stream})
        return found

    def store(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Write one owner's chained rows and move the head, inside a transaction of `writing`."""
        last = self._backend.insert(connection, rows)
        if last is not None:
            owner, position, *_, recorded_ms, _, digest = last
            self._backend.move_head(connection, owner, Head(position, digest, recorded_ms))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it is stored, durably, or none."""
        with plain_errors(self.engine), self.engine.begin() as connection:
            self._backend.enter(connection, self.owner)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for single statements that read."""
        with plain_errors(self.engine), self._reader.connect() as connection:
            self._backend.enter(connection, self.owner)
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _locked_head(self, connection: Connection, owner: str) -> Head:
        """The head, held until the transaction ends: whoever appends next waits here, so positions are commits."""
        found = self._backend.locked_head(connection, owner)
        if found is None:
            connection.execute(_FIRST_HEAD, {"owner": owner, "hash": chain.GENESIS})
            found = self._backend.locked_head(connection, owner)
        return found or Head()


class Backend(Protocol):
    """What differs between the databases: a module of functions each (events.sqlite, events.postgres)."""

    def enter(self, connection: Connection, owner: str) -> None: ...
    def locked_head(self, connection: Connection, owner: str) -> Head | None: ...
    def move_head(self, connection: Connection, owner: str, head: Head) -> None: ...
    def stored(self, connection: Connection, owner: str, streams: Sequence[bytes]) -> Iterator[tuple[bytes, int]]: ...
    def last_revisions(self, connection: Connection, owner: str, streams: Collection[bytes]) -> dict[bytes, int]: ...
    def insert(self, connection: Connection, rows: Iterable[Row]) -> Row | None: ...
    def page(self, connection: Connection, owner: str, after: int, until: int, limit: int) -> list[tuple[Any, ...]]: ...
    def page_of_bytes(
        self, connection: Connection, owner: str, after: int, until: int, limit: int
    ) -> list[tuple[Any, ...]]: ...


def _backend(engine: Engine) -> Backend:
    if engine.dialect.name == "sqlite":
        return sqlite
    from events import postgres  # noqa: PLC0415  psycopg is an extra

    return postgres


def _set_cursor(connection: Connection, owner: str, source: str, stream: str, cursor: str) -> None:
    moved = {"owner": owner, "source": source, "stream": stream, "cursor": cursor}
    connection.execute(_MOVE_CURSOR, moved)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
