"""The log: append-only, idempotent, gap-free per owner, its order the order of commits; on SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, cast

from events import chain, sqlite
from events.admission import Outcome, admit, split_streams
from events.chain import Head, Row, Verification
from events.codec import encode
from events.envelope import OWNER, NewEvent, StoredEvent
from events.errors import AmityError
from events.migrate import migrate, migrate_file
from events.sqlite_file import File

if TYPE_CHECKING:  # a log in a file is opened without loading SQLAlchemy, which takes a sixth of a second
    from sqlalchemy import Connection, Engine

__all__ = ["Appended", "Log", "Outcome", "Verification", "open_log"]

BATCH = 5000  # events in memory at once while reading
_BUSY_SECONDS = 30.0
_END = 2**63 - 1
_FILE = "sqlite:///"

_POSITION = "SELECT position FROM heads WHERE owner = :owner"
_RECORDED = "SELECT recorded_ms FROM events WHERE owner = :owner AND position = :position"
_HASH = "SELECT hash FROM events WHERE owner = :owner AND position = :position"
_FIRST_HEAD = "INSERT INTO heads VALUES (:owner, 0, :hash, 0) ON CONFLICT DO NOTHING"
_CURSOR = "SELECT cursor FROM cursors WHERE owner = :owner AND source = :source AND stream = :stream"
_MOVE_CURSOR = (
    "INSERT INTO cursors VALUES (:owner, :source, :stream, :cursor)"
    " ON CONFLICT (owner, source, stream) DO UPDATE SET cursor = excluded.cursor"
)
_COUNTED = (  # one statement, and before the walk: what is appended meanwhile is not looked at
    "SELECT count(*), coalesce(max(position), 0), (SELECT position FROM heads WHERE owner = :owner),"
    " (SELECT hash FROM heads WHERE owner = :owner) FROM events WHERE owner = :owner"
)
_HISTORY = (
    "SELECT position, stream, revision, type, happened_ms, recorded_ms, payload FROM events"
    " WHERE owner = :owner AND stream IN :streams ORDER BY position"
)
_NEWEST = (
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
    if url.startswith(_FILE):  # no address to be taken apart: a path may hold ? and #
        log = Log(File(Path(url.removeprefix(_FILE)), busy_seconds), owner)
    else:
        from events.engine import server_engine  # noqa: PLC0415  see above

        log = Log(server_engine(url, busy_seconds), owner)
    try:
        log.bring_up()
    except BaseException:
        log.close()
        raise
    return log


class Log:
    """One owner's log, which several processes may have open; every method may be called from any thread.

    A database of an organisation holds many owners' logs; `of` gives another one's.
    """

    def __init__(self, database: Engine | File, owner: str = OWNER) -> None:
        self.owner = owner
        self._file = database if isinstance(database, File) else None
        self._engine = None if isinstance(database, File) else database
        self._making = threading.Lock()
        self._backend = sqlite if isinstance(database, File) else _backend(database)

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's way to the database, for what is written beside the events; loaded when it is first wanted."""
        with self._making:
            if self._engine is None:
                from events.engine import file_engine  # noqa: PLC0415  see above

                self._engine = file_engine(cast("File", self._file))
            return self._engine

    def bring_up(self) -> None:
        """Make or upgrade the tables. Raises UsageError where a newer Amity wrote them."""
        if self._file and migrate_file(self._file):
            return
        from events.engine import plain_errors  # noqa: PLC0415  see above

        with plain_errors(self.engine):
            migrate(self.engine)

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
        with self._appending(along) as connection:
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
        return self._first(_POSITION) or 0

    def hash_at(self, position: int) -> str:
        """The hash of one event, in hexadecimal: it names the log up to there. "" where nothing stands."""
        found = self._first(_HASH, position=position)
        return "" if found is None else bytes(found).hex()

    def position_at(self, recorded_ms: int) -> int:
        """The last position that was recorded at or before an instant, by bisection: recorded times never fall."""
        low, high = 0, self.head()
        while low < high:
            middle = (low + high + 1) // 2
            found = self._first(_RECORDED, position=middle)
            low, high = (middle, high) if found is not None and found <= recorded_ms else (low, middle - 1)
        return low

    def of(self, owner: str) -> Log:
        """Another owner's log in the same database."""
        return Log(self._engine or cast("File", self._file), owner)

    def read(
        self, after: int = 0, *, until: int | None = None, batch: int = BATCH
    ) -> Iterator[list[StoredEvent]]:
        """The events with positions in (after, until], in order, in lists of at most `batch`; memory stays flat.

        Each page is a read of its own, so that a slow reader never holds up writers; events that are appended
        meanwhile are read too.
        """
        end = _END if until is None else until
        while True:
            with self._looking() as connection:
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
        from sqlalchemy import bindparam, text  # noqa: PLC0415  see above

        sql = text(_HISTORY).bindparams(bindparam("streams", expanding=True))
        with self.reading() as connection:
            rows = connection.execute(sql, {"owner": self.owner, "streams": list(streams)}).all()
        for position, stream, revision, wire, happened, recorded, payload in rows:
            yield StoredEvent(position, bytes(stream), revision, wire, happened, recorded, payload.encode())

    def newest(self, streams: Collection[bytes]) -> Iterator[StoredEvent]:
        """The last event of each of a few streams whose revisions the log numbers; nothing for one that has none."""
        with self._looking() as connection:
            asked = ({"owner": self.owner, "stream": stream} for stream in streams)
            rows = [_execute(connection, _NEWEST, one).fetchone() for one in asked]
        for position, stream, revision, wire, happened, recorded, payload in filter(None, rows):
            yield StoredEvent(position, bytes(stream), revision, wire, happened, recorded, payload.encode())

    def rows(self, until: int, batch: int = BATCH) -> Iterator[tuple[Any, ...]]:
        """Whole rows as stored, every text as bytes, up to a position: for checking and copying."""
        after = 0
        while True:
            with self._looking() as connection:
                rows = self._backend.page_of_bytes(connection, self.owner, after, until, batch)
            yield from rows
            if len(rows) < batch:
                return
            after = rows[-1][1]

    def verify(self) -> Verification:
        """Recompute the chain: names the first event that was changed, taken away, moved or added from outside."""
        with self._looking() as connection:
            events, last, position, digest = _execute(connection, _COUNTED, {"owner": self.owner}).fetchone()
        head = Head() if position is None else Head(position, digest)
        checker = chain.Checker(head)
        all(map(checker.accepts, self.rows(head.position)))
        bad = checker.first_bad()
        if bad is None and last != head.position:
            bad = head.position + 1  # added behind the log's back
        return Verification(events, bad is None, bad)

    def cursor(self, source: str, stream: str) -> str | None:
        """How far a stream of a source has been read: the connector's own text, None before the first page."""
        found: str | None = self._first(_CURSOR, source=source, stream=stream)
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
        from events.engine import plain_errors  # noqa: PLC0415  see above

        with plain_errors(self.engine), self.engine.begin() as connection:
            self._backend.enter(connection, self.owner)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for single statements that read."""
        from events.engine import plain_errors  # noqa: PLC0415  see above

        reader = self.engine.execution_options(reads=True)
        with plain_errors(self.engine), reader.connect() as connection:
            self._backend.enter(connection, self.owner)
            yield connection

    def tidy(self) -> None:
        """Do what would else be done when the log is closed. Raises nothing: what fails is tried again then."""
        if self._file:
            with suppress(AmityError, sqlite3.Error):
                self._file.tidy()

    def close(self) -> None:
        """Let go of the database."""
        if self._engine:
            self._engine.dispose()
        if self._file:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _looking(self) -> AbstractContextManager[Any]:
        """As `reading`, for statements of our own: without SQLAlchemy as long as nobody else needs it."""
        return self._file.reading() if self._file and not self._engine else self.reading()

    def _appending(self, along: object) -> AbstractContextManager[Any]:
        """As `writing`, likewise."""
        return self._file.writing() if self._file and not self._engine and along is None else self.writing()

    def _first(self, sql: str, **values: Any) -> Any:
        """The first column of the first row, None where there is none."""
        with self._looking() as connection:
            row = _execute(connection, sql, {"owner": self.owner, **values}).fetchone()
        return row[0] if row else None

    def _locked_head(self, connection: Connection | sqlite3.Connection, owner: str) -> Head:
        """The head, held until the transaction ends: whoever appends next waits here, so positions are commits."""
        found = self._backend.locked_head(connection, owner)
        if found is None:
            _execute(connection, _FIRST_HEAD, {"owner": owner, "hash": chain.GENESIS})
            found = self._backend.locked_head(connection, owner)
        return found or Head()


class Backend(Protocol):
    """What differs between the databases: a module of functions each (events.sqlite, events.postgres).

    `connection` is SQLAlchemy's, or of a SQLite file the driver's own.
    """

    def enter(self, connection: Any, owner: str) -> None: ...
    def locked_head(self, connection: Any, owner: str) -> Head | None: ...
    def move_head(self, connection: Any, owner: str, head: Head) -> None: ...
    def stored(self, connection: Any, owner: str, streams: Sequence[bytes]) -> Iterator[tuple[bytes, int]]: ...
    def last_revisions(self, connection: Any, owner: str, streams: Collection[bytes]) -> dict[bytes, int]: ...
    def insert(self, connection: Any, rows: Iterable[Row]) -> Row | None: ...
    def page(self, connection: Any, owner: str, after: int, until: int, limit: int) -> list[tuple[Any, ...]]: ...
    def page_of_bytes(
        self, connection: Any, owner: str, after: int, until: int, limit: int
    ) -> list[tuple[Any, ...]]: ...


def _backend(engine: Engine) -> Backend:
    if engine.dialect.name == "sqlite":
        return sqlite
    from events import postgres  # noqa: PLC0415  psycopg is an extra

    return postgres


def _set_cursor(connection: Any, owner: str, source: str, stream: str, cursor: str) -> None:
    moved = {"owner": owner, "source": source, "stream": stream, "cursor": cursor}
    _execute(connection, _MOVE_CURSOR, moved)


def _execute(connection: Any, sql: str, values: dict[str, Any]) -> Any:
    """Run a statement that both databases understand, on whichever connection; give what rows are fetched from."""
    if isinstance(connection, sqlite3.Connection):
        return connection.execute(sql, values)
    from sqlalchemy import text  # noqa: PLC0415  see above

    return connection.execute(text(sql), values)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
