"""Read models from the log: `catch_up` folds what is new, `rebuild` builds all beside the old and swaps.

One transaction holds a run: tables and checkpoint move together, a crash leaves the run before. Incremental and
rebuilt tables are the same, byte for byte: each projection says what has become dirty and computes that anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from events.envelope import StoredEvent
from events.log import Log
from projections.projection import Projection, discover
from projections.rules import Rules
from projections.schema import INDICES, LATE_INDICES, TABLES, VIEWS
from projections.store import Store

BATCH = 5_000
SMALL = 1_000  # below this many new events a rebuild is never worth its second file

Progress = Callable[[int, int], None]
"""Called with (events folded so far, events to fold)."""


class _Plan(NamedTuple):
    """What to fold, and how: events until position `known_at`, decisions until `as_of_ms` (None: all of them)."""

    log: Log
    rules: Rules
    projections: Sequence[type[Projection]]
    progress: Progress | None
    as_of_ms: int | None = None
    known_at: int | None = None

    def fingerprint(self) -> str:
        """Changes with whatever makes tables another: rules, versions, schema, and what may be known."""
        versions = sorted((one.name, one.version, one.tables) for one in self.projections)
        content = (versions, self.rules, self.as_of_ms, self.known_at, TABLES, VIEWS)
        return hashlib.blake2b(msgspec.json.encode(content, order="deterministic"), digest_size=16).hexdigest()


def catch_up(
    log: Log,
    views_path: Path,
    rules: Rules,
    *,
    progress: Progress | None = None,
    as_of_ms: int | None = None,
    known_at: int | None = None,
) -> None:
    """Bring `views_path` up to the log's head (or to position `known_at`), made by `rules`.

    Decisions dated after `as_of_ms` are left out. Builds anew where the file is missing or damaged, or was made by
    other rules, other versions or another cut. Raises nothing of its own; a damaged log raises Damaged.
    """
    with _alone(views_path):
        head = log.head() if known_at is None else min(log.head(), known_at)
        plan = _Plan(log, rules, discover(), progress, as_of_ms, known_at)
        done = _position(views_path, plan.fingerprint())
        if done is None or done > head or head - done > max(done, SMALL):
            _build(plan, views_path, head)
        elif done < head:
            with closing(_connect(views_path)) as db:
                _run(plan, db, done, head)


def rebuild(log: Log, views_path: Path, rules: Rules, *, progress: Progress | None = None) -> None:
    """Build all tables anew beside the old ones, then swap: readers never see a half-built file."""
    with _alone(views_path):
        _build(_Plan(log, rules, discover(), progress), views_path, log.head())


def _build(plan: _Plan, path: Path, head: int) -> None:
    beside = path.with_name(path.name + "-new")
    beside.unlink(missing_ok=True)
    with closing(_connect(beside)) as db:
        db.execute("PRAGMA journal_mode = OFF")  # nobody reads it before the swap, and a crash throws it away
        db.execute("PRAGMA synchronous = OFF")
        db.executescript(TABLES + "".join(projection.tables for projection in plan.projections))
        db.execute("INSERT INTO meta VALUES ('fingerprint', ?)", (plan.fingerprint(),))
        _run(plan, db, 0, head, fresh=True)
    os.chmod(beside, 0o600)  # noqa: PTH101  the same call as below
    with beside.open("rb") as written:
        os.fsync(written.fileno())
    path.with_name(path.name + "-journal").unlink(missing_ok=True)  # it belongs to the file that goes now
    os.replace(beside, path)  # noqa: PTH105  os.replace says what it does


def _run(plan: _Plan, db: sqlite3.Connection, after: int, head: int, *, fresh: bool = False) -> None:
    """Fold the events with positions in (after, head] and settle, in one transaction with the checkpoint."""
    db.execute("BEGIN IMMEDIATE")
    with _transaction(db), _no_collector():
        store = Store(db, plan.rules, fresh=fresh, as_of_ms=plan.as_of_ms)
        store.now_ms, store.position = int(store.meta("now_ms") or 0), head
        running = [projection(store) for projection in plan.projections]
        for batch in plan.log.read(after, until=head, batch=BATCH):
            _fold(store, running, batch)
            if plan.progress:
                plan.progress(batch[-1].position - after, head - after)
        store.addresses.flush()
        store.dirty_people |= store.aliases.flush()
        if fresh:
            _execute(db, INDICES + "".join(one.indices for one in plan.projections))
        store.set_meta("now_ms", str(store.now_ms))
        for one in running:
            one.settle()
        if fresh:
            _execute(db, LATE_INDICES + "".join(one.late_indices for one in plan.projections) + VIEWS)
        rows = [(one.name, one.version, head) for one in plan.projections]
        db.executemany("REPLACE INTO checkpoint VALUES (?, ?, ?)", rows)


def _fold(store: Store, running: Sequence[Projection], batch: Sequence[StoredEvent]) -> None:
    """One batch through all projections, in order of position, then to the tables."""
    readers = {wire: [one.fold for one in running if wire in one.reads] for one in running for wire in one.reads}
    for event in batch:
        for fold in readers.get(event.type, ()):
            fold(event)
    store.now_ms = max(store.now_ms, *(event.recorded_ms for event in batch))
    for one in running:
        one.flush()


def _execute(db: sqlite3.Connection, script: str) -> None:
    """Run statements that each end in `;` and a line; `executescript` would commit."""
    for statement in script.split(";\n"):
        db.execute(statement)


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """A run makes millions of rows and no cycles: looking for cycles among them takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    db.execute("PRAGMA cache_size = -32768")  # 32 MiB, whatever the size of the mailbox
    return db


def _position(path: Path, fingerprint: str) -> int | None:
    """How far the file is, None where it must be built anew."""
    if not path.exists():
        return None
    try:
        with closing(_connect(path)) as db:
            made = db.execute("SELECT value FROM meta WHERE key = 'fingerprint'").fetchone()
            row = db.execute("SELECT min(position) FROM checkpoint").fetchone()
    except sqlite3.DatabaseError:
        return None
    return int(row[0]) if made and made[0] == fingerprint and row[0] is not None else None


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time writes the read models; the next waits, and then finds the work done."""
    descriptor = os.open(path.with_name(path.name + "-lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
