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

from events.log import Log
from projections.projection import Projection, discover
from projections.rules import Rules
from projections.schema import INDICES, LATE_INDICES, TABLES, VIEWS
from projections.store import Store

BATCH = 10_000
SMALL = 1_000  # below this many new events a rebuild is never worth its second file

Progress = Callable[[int, int], None]
"""Called with (events folded so far, events to fold)."""


class _Cut(NamedTuple):
    """What of the log a run may know: decisions until `as_of_ms`, events until position `known_at`; None: all."""

    as_of_ms: int | None
    known_at: int | None


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
    cut = _Cut(as_of_ms, known_at)
    with _alone(views_path):
        head = log.head() if known_at is None else min(log.head(), known_at)
        projections = discover()
        done = _position(views_path, _fingerprint(projections, rules, cut))
        if done is None or done > head or head - done > max(done, SMALL):
            _build(log, views_path, rules, cut, head, projections, progress)
        elif done < head:
            with closing(_connect(views_path)) as db:
                _run(log, db, rules, cut, (done, head), projections, progress)


def rebuild(log: Log, views_path: Path, rules: Rules, *, progress: Progress | None = None) -> None:
    """Build all tables anew beside the old ones, then swap: readers never see a half-built file."""
    with _alone(views_path):
        _build(log, views_path, rules, _Cut(None, None), log.head(), discover(), progress)


def _build(
    log: Log, path: Path, rules: Rules, cut: _Cut, head: int, projections: Sequence[type[Projection]],
    progress: Progress | None,
) -> None:  # fmt: skip
    beside = path.with_name(path.name + "-new")
    beside.unlink(missing_ok=True)
    with closing(_connect(beside)) as db:
        db.execute("PRAGMA journal_mode = OFF")  # nobody reads it before the swap, and a crash throws it away
        db.execute("PRAGMA synchronous = OFF")
        db.executescript(TABLES + "".join(projection.tables for projection in projections))
        db.execute("INSERT INTO meta VALUES ('fingerprint', ?)", (_fingerprint(projections, rules, cut),))
        _run(log, db, rules, cut, (0, head), projections, progress, fresh=True)
    os.chmod(beside, 0o600)  # noqa: PTH101  the same call as below
    with beside.open("rb") as written:
        os.fsync(written.fileno())
    path.with_name(path.name + "-journal").unlink(missing_ok=True)  # it belongs to the file that goes now
    os.replace(beside, path)  # noqa: PTH105  os.replace says what it does


def _run(
    log: Log, db: sqlite3.Connection, rules: Rules, cut: _Cut, span: tuple[int, int],
    projections: Sequence[type[Projection]], progress: Progress | None, *, fresh: bool = False,
) -> None:  # fmt: skip
    """Fold the events of `span` (after, until] and settle, in one transaction with the checkpoint."""
    after, head = span
    db.execute("BEGIN IMMEDIATE")
    with _transaction(db), _no_collector():
        store = Store(db, rules, fresh=fresh, as_of_ms=cut.as_of_ms)
        store.now_ms, store.position = int(store.meta("now_ms") or 0), head
        running = [projection(store) for projection in projections]
        readers = {wire: [one for one in running if wire in one.reads] for one in running for wire in one.reads}
        for batch in log.read(after, until=head, batch=BATCH):
            for event in batch:
                for reader in readers.get(event.type, ()):
                    reader.fold(event)
                store.now_ms = max(store.now_ms, event.recorded_ms)
            for one in running:
                one.flush()
            store.addresses.flush()
            store.dirty_people |= store.aliases.flush()
            if progress:
                progress(batch[-1].position - after, head - after)
        if fresh:
            _execute(db, INDICES + "".join(one.indices for one in projections))
        store.set_meta("now_ms", str(store.now_ms))
        for one in running:
            one.settle()
        if fresh:
            _execute(db, LATE_INDICES + "".join(one.late_indices for one in projections) + VIEWS)
        db.executemany(
            "REPLACE INTO checkpoint VALUES (?, ?, ?)", [(one.name, one.version, head) for one in projections]
        )


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
    db.execute("PRAGMA cache_size = -65536")  # 64 MiB, whatever the size of the mailbox
    db.execute("PRAGMA temp_store = MEMORY")
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


def _fingerprint(projections: Sequence[type[Projection]], rules: Rules, cut: _Cut) -> str:
    versions = sorted((one.name, one.version) for one in projections)
    return hashlib.blake2b(
        msgspec.json.encode((versions, rules, cut, TABLES, VIEWS), order="deterministic"), digest_size=16
    ).hexdigest()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time writes the read models; the next waits, and then finds the work done."""
    descriptor = os.open(path.with_name(path.name + "-lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
