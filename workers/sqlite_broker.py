"""The queue of one machine: a dramatiq broker in a SQLite file beside the log, with no server to install.

A message is taken for a while, and kept until it is acknowledged: one that was taken by a process that died is given
out again. Delays are a column, so there are no queues for what is delayed. What the file holds can be lost: the planner
makes it anew (workers.plan).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dramatiq import Broker, Consumer, Message, MessageProxy
from dramatiq.errors import BrokerConnectionError, DecodeError, QueueNotFound
from dramatiq.middleware import Middleware

from events.sqlite_file import make_private

HELD_SECONDS = 30.0  # a message is given out again so long after its taker last showed itself
_DEAD_LETTERS = 1_000  # kept for whoever wants to look
_LOOK_SECONDS = 0.5  # how often the file is looked at for what other processes put there
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR_SHORT_READ}
_TABLES = """
    CREATE TABLE IF NOT EXISTS message (
        id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, priority INTEGER NOT NULL, due REAL NOT NULL,
        until REAL NOT NULL, dead INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE INDEX IF NOT EXISTS message_next ON message (queue, dead, priority, id);
"""
_TAKE = (
    "UPDATE message SET until = :until WHERE id IN (SELECT id FROM message WHERE queue = :queue AND dead = 0"
    " AND due <= :now AND until <= :now ORDER BY priority, id LIMIT :most) RETURNING priority, id, body"
)


class SqliteBroker(Broker):
    """Messages in one file, for any number of processes and threads of one machine."""

    def __init__(
        self, path: Path, *, middleware: list[Middleware] | None = None, held_seconds: float = HELD_SECONDS
    ) -> None:
        super().__init__(middleware=middleware)
        self._path, self.held_seconds = path, held_seconds
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self.news = threading.Condition()
        self.queues: dict[str, None] = {}

    @contextmanager
    def db(self) -> Iterator[sqlite3.Connection]:
        """A transaction on the connection of the calling thread.

        A file that was deleted, or is broken, is made anew without what it held: all of that is planned again.
        """
        try:
            connection = self._connected()
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
        except sqlite3.Error as error:
            self._forget()
            code: int = getattr(error, "sqlite_errorcode", 0)  # errors of the module itself have none
            if {code, code & 0xFF} & _BROKEN:
                for end in ("", "-wal", "-shm"):
                    Path(f"{self._path}{end}").unlink(missing_ok=True)
            sentence = f"the queue file cannot be used ({type(error).__name__})"
            raise BrokerConnectionError(sentence) from None  # type: ignore[no-untyped-call]

    def _connected(self) -> sqlite3.Connection:
        found: tuple[sqlite3.Connection, int] | None = getattr(self._local, "found", None)
        if found is not None:
            if _inode(self._path) == found[1]:
                return found[0]
            self._forget()
        make_private(self._path)
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")  # a power cut may lose the newest: they are planned again
        connection.executescript(_TABLES)
        self._local.found = (connection, _inode(self._path))
        self._open.append(connection)
        return connection

    def _forget(self) -> None:
        found = getattr(self._local, "found", None)
        if found is not None:
            del self._local.found
            self._open.remove(found[0])
            found[0].close()

    def close(self) -> None:
        while self._open:
            self._open.pop().close()
        self._local = threading.local()

    def declare_queue(self, queue_name: str) -> None:
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues[queue_name] = None
            self.emit_after("declare_queue", queue_name)

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        if message.queue_name not in self.queues:
            raise QueueNotFound(message.queue_name)  # type: ignore[no-untyped-call]
        self.emit_before("enqueue", message, delay)
        actor = self.actors.get(message.actor_name)
        due = time.time() + (delay or 0) / 1000
        row = (message.queue_name, actor.priority if actor else 0, due, message.encode())
        with self.db() as db:
            db.execute("INSERT INTO message (queue, priority, due, until, dead, body) VALUES (?, ?, ?, 0, 0, ?)", row)
        with self.news:
            self.news.notify_all()
        self.emit_after("enqueue", message, delay)
        return message

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 1_000) -> Consumer:
        if queue_name not in self.queues:
            raise QueueNotFound(queue_name)  # type: ignore[no-untyped-call]
        return _Consumer(self, queue_name, prefetch, timeout / 1000)

    def flush(self, queue_name: str) -> None:
        with self.db() as db:
            db.execute("DELETE FROM message WHERE queue = ?", (queue_name,))

    def flush_all(self) -> None:
        for queue_name in self.queues:
            self.flush(queue_name)

    def count(self, *, dead: bool = False) -> int:
        """How many messages there are, taken ones too; or how many dead letters."""
        with self.db() as db:
            found: int = db.execute("SELECT count(*) FROM message WHERE dead = ?", (int(dead),)).fetchone()[0]
        return found

    def join(self, queue_name: str, *, timeout: int | None = None) -> None:
        """Wait until the queue is empty; for tests, as in every broker."""
        until = time.monotonic() + (timeout or 60_000) / 1000
        while time.monotonic() < until:
            with self.db() as db:
                sql = "SELECT count(*) FROM message WHERE queue = ? AND dead = 0"
                if not db.execute(sql, (queue_name,)).fetchone()[0]:
                    return
            time.sleep(0.01)
        raise TimeoutError(queue_name)


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return -1


class _Taken(MessageProxy):
    def __init__(self, message: Message[Any], number: int) -> None:
        super().__init__(message)
        self.number = number


class _Consumer(Consumer):
    """Takes messages for one thread of dramatiq's; others acknowledge them, each on a connection of its own."""

    def __init__(self, broker: SqliteBroker, queue: str, prefetch: int, timeout: float) -> None:
        self._broker, self._queue, self._prefetch, self._timeout = broker, queue, prefetch, timeout
        self._ready: deque[_Taken] = deque()
        self._mine: set[int] = set()  # taken and not yet acknowledged
        self._mutex = threading.Lock()
        self._renewed = time.monotonic()

    def __next__(self) -> MessageProxy | None:
        self._renew()
        until = time.monotonic() + self._timeout
        while not self._ready:
            self._take()
            left = until - time.monotonic()
            if self._ready or left <= 0:
                break
            with self._broker.news:
                self._broker.news.wait(min(left, _LOOK_SECONDS))
        return self._ready.popleft() if self._ready else None

    def _take(self) -> None:
        with self._mutex:
            room = self._prefetch - len(self._mine)
        if room <= 0:
            return
        now = time.time()
        values = {"queue": self._queue, "now": now, "until": now + self._broker.held_seconds, "most": room}
        with self._broker.db() as db:
            rows = sorted(db.execute(_TAKE, values).fetchall())
        for _, number, body in rows:
            try:
                taken = _Taken(Message.decode(body), number)
            except DecodeError:
                with self._broker.db() as db:  # nobody can read it, and asking again would be no better
                    db.execute("UPDATE message SET dead = 1 WHERE id = ?", (number,))
            else:
                with self._mutex:
                    self._mine.add(number)
                self._ready.append(taken)

    def _renew(self) -> None:
        """What this process still works on is not given to another."""
        now = time.monotonic()
        if now - self._renewed < self._broker.held_seconds / 3:
            return
        self._renewed = now
        with self._mutex:
            rows = [(time.time() + self._broker.held_seconds, number) for number in self._mine]
        if rows:
            with self._broker.db() as db:
                db.executemany("UPDATE message SET until = ? WHERE id = ?", rows)

    def ack(self, message: MessageProxy) -> None:
        with self._broker.db() as db:
            db.execute("DELETE FROM message WHERE id = ?", (self._leave(message),))
        self._free()

    def nack(self, message: MessageProxy) -> None:
        with self._broker.db() as db:
            db.execute("UPDATE message SET dead = 1 WHERE id = ?", (self._leave(message),))
            db.execute(
                "DELETE FROM message WHERE dead = 1 AND id <= (SELECT id FROM message WHERE dead = 1"
                " ORDER BY id DESC LIMIT 1 OFFSET ?)", (_DEAD_LETTERS,),
            )  # fmt: skip
        self._free()

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        rows = [(self._leave(message),) for message in messages]
        with self._broker.db() as db:
            db.executemany("UPDATE message SET until = 0 WHERE id = ?", rows)

    def close(self) -> None:
        self.requeue(self._ready)
        self._ready.clear()

    def _free(self) -> None:
        with self._broker.news:
            self._broker.news.notify_all()

    def _leave(self, message: MessageProxy) -> int:
        number: int = message.number  # it is a `_Taken`
        with self._mutex:
            self._mine.discard(number)
        return number
