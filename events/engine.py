"""Engines for the two backends, set for durability, and database errors said in one sentence."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from events.errors import AmityError, Busy, Conflict, Damaged, UsageError

# synchronous=FULL: what was acknowledged survives a power cut (NORMAL in WAL mode loses acknowledged pages).
# wal_autocheckpoint: an import touches the same index pages again and again; 64 MB. cache_size: 16 MB hold the pages
# that streams of one time share; four times as much was no faster, and stood in the memory of every import.
# secure_delete: what is ever deleted is overwritten, not left in free pages.
_PRAGMAS = (
    "synchronous=FULL",
    "wal_autocheckpoint=4096",
    "journal_size_limit=67108864",
    "cache_size=-16384",
    "secure_delete=ON",
)
# For a new file only. A page of mail fills hundreds of the usual 4 KB pages, each with a header in the write-ahead log
# and half a row's room left over: with 16 KB an append costs a sixth less, and one short event no more than its sync.
_PAGE_SIZE = "page_size=16384"
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSED = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
_LOCK_NOT_AVAILABLE, _CONNECTION_LOST = "55P03", ("08", "57P")  # PostgreSQL's SQLSTATE, whole or beginning


def make_engine(url: str, busy_seconds: float) -> Engine:
    """An engine for `sqlite:///PATH` or `postgresql+psycopg://…`; no connection is made yet.

    `busy_seconds`: how long a writer waits for another process before it raises Busy.
    """
    if url.startswith("sqlite:///"):
        # not make_url: a path may hold ? and #
        return _sqlite(Path(url.removeprefix("sqlite:///")), busy_seconds)
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise UsageError(f"{url!r} is no database address: sqlite:///PATH or postgresql+psycopg://…") from None
    if parsed.get_backend_name() != "postgresql":
        raise UsageError(f"a log lives on SQLite or PostgreSQL, not on {parsed.get_backend_name()}.")
    # The pool tells of connections that a server has ended, with a traceback, where nobody has said who listens.
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    milliseconds = int(busy_seconds * 1000)
    return create_engine(parsed, connect_args={"options": f"-c lock_timeout={milliseconds}"})


def _sqlite(path: Path, busy_seconds: float) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": busy_seconds})

    @event.listens_for(engine, "do_connect")
    def create_private(*_: object) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(path)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver opens no transactions of its own: `begin` below does
        connection.execute(f"PRAGMA {_PAGE_SIZE}")
        _enter_wal(connection, time.monotonic() + busy_seconds)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a transaction that reads first and writes later fails as "locked" whatever the timeout.
        if not connection.get_execution_options().get("reads"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def make_private(path: Path) -> None:
    """Make an empty file that is its owner's alone; SQLite gives -wal and -shm the same mode.

    One that is there is not opened: when a process closes any handle of a file, POSIX takes away all locks that it has
    on it. Another process that closes the database then believes itself the last, and removes the write-ahead log
    from under us, with whatever is committed into it later (https://sqlite.org/howtocorrupt.html, section 2.2).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _enter_wal(connection: sqlite3.Connection, until: float) -> None:
    """Two processes that make the same new file: the change of mode does not honour the busy timeout."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _LOCKED or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def plain_errors(engine: Engine) -> Iterator[None]:
    """Errors of the driver and of SQLAlchemy become errors of ours; programming errors stay what they are."""
    try:
        yield
    except OSError as error:
        raise AmityError(f"{engine.url.database} cannot be opened ({error.strerror}): check the folder.") from error
    except exc.DBAPIError as error:
        raise (_translated(error.orig or error, engine) or error) from error
    except engine.dialect.loaded_dbapi.Error as error:
        raise (_translated(error, engine) or error) from error


def _translated(error: BaseException, engine: Engine) -> AmityError | None:
    name = engine.url.database
    if isinstance(error, engine.dialect.loaded_dbapi.IntegrityError):
        return Conflict("the log was changed meanwhile: read again, then repeat the command.")
    if isinstance(error, sqlite3.Error):
        return _translated_sqlite(error, str(name))
    state = str(getattr(error, "sqlstate", None) or "08")
    if state == _LOCK_NOT_AVAILABLE:
        return Busy(f"another process is writing to {name}: wait until it ends, then repeat the command.")
    if state.startswith(_CONNECTION_LOST):
        return AmityError(f"the database {name} on {engine.url.host} cannot be reached ({str(error).strip()}).")
    return None


def _translated_sqlite(error: sqlite3.Error, path: str) -> AmityError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _LOCKED:
        return Busy(f"another process is writing to {path}: wait until it ends, then repeat the command.")
    if code in _BROKEN or "decode to UTF-8" in str(error):
        return Damaged(f"{path} is damaged ({error}): restore it from an export or a backup.")
    if code in _REFUSED:
        return AmityError(f"{path} cannot be used ({error}): check the disk's free space and the file's rights.")
    return None
