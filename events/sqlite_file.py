"""The file of a SQLite log: its connections, set for durability, and the driver's errors said in one sentence.

It needs nothing but the driver: a command that opens a log does not load SQLAlchemy, which takes a sixth of a second,
and through which is written what stands beside the events (`events.engine`).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from events.errors import AmityError, Busy, Conflict, Damaged

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


class File:
    """A SQLite file and the driver's connections to it; each is used by one thread at a time, and then by another."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._idle: list[sqlite3.Connection] = []

    def connect(self) -> sqlite3.Connection:
        """A new connection, whose transactions its user begins. The file and its folder are made, private."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(self.path)
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute(f"PRAGMA {_PAGE_SIZE}")
            _enter_wal(connection, time.monotonic() + self._busy_seconds)
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for single statements that read."""
        with self._plain_errors():
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self.connect()
            try:
                yield connection
            finally:
                self._idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is stored, durably, or none."""
        with self.reading() as connection:
            # IMMEDIATE: a transaction that reads first and writes later fails as "locked" whatever the timeout.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def tidy(self) -> None:
        """Copy into the file what stands in the write-ahead log, and empty that, as far as nobody else uses it now."""
        with self._plain_errors(), closing(self.connect()) as connection:
            connection.execute("PRAGMA busy_timeout=0")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the file."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unopened(str(self.path), error) from error
        except sqlite3.Error as error:
            raise (translated(error, str(self.path)) or error) from error


def unopened(path: str, error: OSError) -> AmityError:
    """What the system refused, in one sentence."""
    return AmityError(f"{path} cannot be opened ({error.strerror}): check the folder.")


def translated(error: sqlite3.Error, path: str) -> AmityError | None:
    """The driver's error in one sentence; None for our own mistakes."""
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict("the log was changed meanwhile: read again, then repeat the command.")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _LOCKED:
        return Busy(f"another process is writing to {path}: wait until it ends, then repeat the command.")
    if code in _BROKEN or "decode to UTF-8" in str(error):
        return Damaged(f"{path} is damaged ({error}): restore it from an export or a backup.")
    if code in _REFUSED:
        return AmityError(f"{path} cannot be used ({error}): check the disk's free space and the file's rights.")
    return None


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
