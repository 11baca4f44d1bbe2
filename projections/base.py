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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from events.envelope import StoredEvent
from events.log import Log
from projections.ledger_halves import part_of
from projections.projection import Projection, discover
from projections.rules import Rules
from projections.schema import INDICES, LATE_INDICES, TABLES, VIEWS
from projections.store import Store

BATCH = 5_000
STEP = 1_000  # events that are worth a step while a log is being filled: a page, so that little is left for the end
SMALL = 1_000  # below this many new events a rebuild is never worth its second file

Progress = Callable[[int, int], None]
"""Called with (events folded so far, events to fold)."""
Notes = Iterable[tuple[str, str]]
"""Keys and values of `meta`."""


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
                _whole_run(plan, db, done, head)


def rebuild(log: Log, views_path: Path, rules: Rules, *, progress: Progress | None = None) -> None:
    """Build all tables anew beside the old ones, then swap: readers never see a half-built file."""
    with _alone(views_path):
        _build(_Plan(log, rules, discover(), progress), views_path, log.head())


class Following:
    """Read models that grow beside a log while it is first filled: `step` after each page, `finish` at the end.

    They are built in a file of their own, so that questions asked meanwhile go their usual way. Use it as a context:
    what is not finished at its end is thrown away. Where another process does the same, this one catches up at the end.
    """

    def __init__(self, log: Log, views_path: Path, rules: Rules) -> None:
        self._path = views_path
        self._plan = _Plan(log, rules, discover(), None)
        self._beside = views_path.with_name(views_path.name + "-first")
        self._turn = contextlib.ExitStack()
        self._run: _Run | None = None
        with contextlib.suppress(BlockingIOError), _no_collector():
            self._turn.enter_context(_alone(self._beside, wait=False))
            self._db = self._turn.enter_context(closing(_begin_file(self._plan, self._beside)))
            self._run = _Run(self._plan, self._db, 0, fresh=True)

    def step(self, position: int) -> None:
        """Fold the log up to a position, once it is worth it."""
        if self._run and position - self._run.done >= STEP:
            with _no_collector():
                self._run.fold(position)

    def finish(self, progress: Progress | None = None, notes: Callable[[int], Notes] = lambda _: ()) -> None:
        """Fold the rest, settle, and put the tables in the place of whatever stands there.

        `notes`: asked with the log's head; what it gives is kept in `meta`, and is there as soon as the tables are.
        """
        if self._run is None:
            catch_up(self._plan.log, self._path, self._plan.rules, progress=progress)
            with closing(_connect(self._path)) as db:
                _note(db, notes(_head(db) or 0))
            return
        with _alone(self._path), _no_collector():
            head = self._plan.log.head()
            self._run.fold(head, progress)
            self._run.settle(head)
            _note(self._db, notes(head))
            self._db.close()
            _swap(self._beside, self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._run:
            self._db.close()
            self._beside.unlink(missing_ok=True)
        self._turn.close()


def _note(db: sqlite3.Connection, notes: Notes) -> None:
    with _transaction(db):
        db.execute("BEGIN IMMEDIATE")
        db.executemany("REPLACE INTO meta VALUES (?, ?)", notes)
        db.execute("COMMIT")


def _build(plan: _Plan, path: Path, head: int) -> None:
    beside = path.with_name(path.name + "-new")
    with closing(_begin_file(plan, beside)) as db:
        _whole_run(plan, db, 0, head, fresh=True)
    _swap(beside, path)


def _begin_file(plan: _Plan, path: Path) -> sqlite3.Connection:
    """Make an empty file with all tables, which nobody reads before it is whole."""
    part_of(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    db = _connect(path)
    try:
        os.chmod(path, 0o600)  # noqa: PTH101  the same call as below
        db.execute("PRAGMA journal_mode = OFF")  # a crash throws it away
        db.execute("PRAGMA synchronous = OFF")
        db.executescript(TABLES + "".join(projection.tables for projection in plan.projections))
        db.execute("INSERT INTO meta VALUES ('fingerprint', ?)", (plan.fingerprint(),))
    except BaseException:
        db.close()
        raise
    return db


def _swap(beside: Path, path: Path) -> None:
    with beside.open("rb") as written:
        os.fsync(written.fileno())
    path.with_name(path.name + "-journal").unlink(missing_ok=True)  # it belongs to the file that goes now
    os.replace(beside, path)  # noqa: PTH105  os.replace says what it does


def _whole_run(plan: _Plan, db: sqlite3.Connection, after: int, head: int, *, fresh: bool = False) -> None:
    with _no_collector(afterwards=not fresh), _transaction(db):
        run = _Run(plan, db, after, fresh=fresh)
        run.fold(head, plan.progress)
        run.settle(head)


class _Run:
    """Fold the events with positions in (after, head] and settle, in one transaction with the checkpoint."""

    def __init__(self, plan: _Plan, db: sqlite3.Connection, after: int, *, fresh: bool) -> None:
        self._plan, self._db, self._after, self.done = plan, db, after, after
        db.execute("BEGIN IMMEDIATE")
        self._store = store = Store(db, plan.rules, fresh=fresh, as_of_ms=plan.as_of_ms)
        store.now_ms = int(store.meta("now_ms") or 0)
        self._running = [projection(store) for projection in plan.projections]
        wanted = {wire for one in self._running for wire in one.reads}
        self._folds = {wire: [one.fold for one in self._running if wire in one.reads] for wire in wanted}

    def fold(self, head: int, progress: Progress | None = None) -> None:
        """Fold what is new until `head`."""
        for batch in self._plan.log.read(self.done, until=head, batch=BATCH):
            _fold(self._store, self._running, self._folds, batch)
            self.done = batch[-1].position
            if progress:
                progress(self.done - self._after, head - self._after)

    def settle(self, head: int) -> None:
        """Compute what depends on more than one event, and commit."""
        store, db, projections = self._store, self._db, self._plan.projections
        store.addresses.flush()
        store.dirty_people |= store.aliases.flush()
        if store.fresh:
            _execute(db, INDICES + "".join(one.indices for one in projections))
        store.set_meta("now_ms", str(store.now_ms))
        for one in self._running:
            one.settle()
        if store.fresh:
            _execute(db, LATE_INDICES + "".join(one.late_indices for one in projections) + VIEWS)
        rows = [(one.name, one.version, head) for one in projections]
        db.executemany("REPLACE INTO checkpoint VALUES (?, ?, ?)", rows)
        db.execute("COMMIT")


def _fold(
    store: Store,
    running: Sequence[Projection],
    folds: Mapping[str, Sequence[Callable[[StoredEvent], None]]],
    batch: Sequence[StoredEvent],
) -> None:
    """One batch through all projections, in order of position, then to the tables; `folds`: by type of event."""
    for event in batch:
        for fold in folds.get(event.type, ()):
            fold(event)
    store.now_ms = max(store.now_ms, batch[-1].recorded_ms)  # recorded times never fall
    for one in running:
        one.flush()


def _execute(db: sqlite3.Connection, script: str) -> None:
    """Run statements that each end in `;` and a line; `executescript` would commit."""
    for statement in script.split(";\n"):
        db.execute(statement)


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Undo what was begun where it does not come to its end."""
    try:
        yield
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _no_collector(*, afterwards: bool = False) -> Iterator[None]:
    """A run makes millions of rows and no cycles: looking for cycles among them takes a quarter of the time.

    Where it ends all of them would be looked through at once; so what is there then counts as old. Not after a
    catch-up (`afterwards`): a process that stays and often catches up would never look again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not afterwards:
            gc.freeze()
            gc.unfreeze()
        if enabled:
            gc.enable()


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    db.execute("PRAGMA cache_size = -8192")  # 8 MiB: rows are written in order, and more is no faster
    return db


def _position(path: Path, fingerprint: str) -> int | None:
    """How far the file is, None where it must be built anew."""
    if not path.exists():
        return None
    try:
        with closing(_connect(path)) as db:
            made = db.execute("SELECT value FROM meta WHERE key = 'fingerprint'").fetchone()
            position = _head(db)
    except sqlite3.DatabaseError:
        return None
    return position if made and made[0] == fingerprint else None


def _head(db: sqlite3.Connection) -> int | None:
    """How far the tables are."""
    position: int | None = db.execute("SELECT min(position) FROM checkpoint").fetchone()[0]
    return position


@contextlib.contextmanager
def _alone(path: Path, *, wait: bool = True) -> Iterator[None]:
    """One process at a time writes a file of read models; the next waits, and then finds the work done.

    Raises BlockingIOError where it is not to `wait`.
    """
    descriptor = os.open(path.with_name(path.name + "-lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
