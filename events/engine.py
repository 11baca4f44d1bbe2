"""SQLAlchemy's engines for the two backends, and database errors said in one sentence."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from events.errors import AmityError, Busy, Conflict, UsageError
from events.sqlite_file import File, translated, unopened

_LOCK_NOT_AVAILABLE, _CONNECTION_LOST = "55P03", ("08", "57P")  # PostgreSQL's SQLSTATE, whole or beginning


def server_engine(url: str, busy_seconds: float) -> Engine:
    """An engine for `postgresql+psycopg://…`; no connection is made yet.

    `busy_seconds`: how long a writer waits for another process before it raises Busy.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise UsageError(f"{url!r} is no database address: sqlite:///PATH or postgresql+psycopg://…") from None
    if parsed.get_backend_name() != "postgresql":
        raise UsageError(f"a log lives on SQLite or PostgreSQL, not on {parsed.get_backend_name()}.")
    # The pool tells of connections that a server has ended, with a traceback, where nobody has said who listens.
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    milliseconds = int(busy_seconds * 1000)
    return create_engine(
        parsed, connect_args={"options": f"-c lock_timeout={milliseconds}"},
        pool_pre_ping=True,  # a worker keeps its connections for years; some end without a word
        max_overflow=-1,  # nobody waits for another thread's
    )  # fmt: skip


def file_engine(file: File) -> Engine:
    """An engine for a SQLite file; no connection is made yet."""
    engine = create_engine(URL.create("sqlite", database=str(file.path)), creator=file.connect)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The driver opens no transactions of its own. IMMEDIATE as in `File.writing`.
        if not connection.get_execution_options().get("reads"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def plain_errors(engine: Engine) -> Iterator[None]:
    """Errors of the driver and of SQLAlchemy become errors of ours; programming errors stay what they are."""
    try:
        yield
    except OSError as error:
        raise unopened(str(engine.url.database), error) from error
    except exc.DBAPIError as error:
        raise (_translated(error.orig or error, engine) or error) from error
    except engine.dialect.loaded_dbapi.Error as error:
        raise (_translated(error, engine) or error) from error


def _translated(error: BaseException, engine: Engine) -> AmityError | None:
    name = engine.url.database
    if isinstance(error, sqlite3.Error):
        return translated(error, str(name))
    if isinstance(error, engine.dialect.loaded_dbapi.IntegrityError):
        return Conflict("the log was changed meanwhile: read again, then repeat the command.")
    state = str(getattr(error, "sqlstate", None) or "08")
    if state == _LOCK_NOT_AVAILABLE:
        return Busy(f"another process is writing to {name}: wait until it ends, then repeat the command.")
    if state.startswith(_CONNECTION_LOST):
        return AmityError(f"the database {name} on {engine.url.host} cannot be reached ({str(error).strip()}).")
    return None
