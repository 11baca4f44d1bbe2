"""One question asked of the views: which views, which zone, which "now". The way to an answer imports little."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from amity import freshness, period
from amity.home import Home
from events import quick
from events.errors import AmityError
from projections.invitations import seldom_answered
from projections.placements import READ_LATE, decided, read_decisions

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Session(NamedTuple):
    """Open views, and how they are to be read. `rules`: the JSON of `projections.rules.Rules`, decisions included."""

    views: sqlite3.Connection
    home: Home
    rules: dict[str, Any]
    zone: ZoneInfo
    as_of_ms: int
    known_at: str | None = None

    def period(self, text: str) -> period.Period:
        return period.parse(text, self.zone, self.as_of_ms)


@contextmanager
def open_session(
    home: Home, clock_ms: int, as_of: str | None = None, known_at: str | None = None
) -> Iterator[Session]:
    """Views that are up to date with the log and the settings, opened for reading.

    Where an earlier view is asked for that the views cannot give (`--known-at`, decisions made later than `--as-of`),
    temporary ones are built and go away with the session.
    """
    require(home)
    with _readable(home.views), ExitStack() as stack:
        views, seen = _fresh_views(home, clock_ms)
        stack.callback(views.close)
        zone = ZoneInfo(seen.rules.get("timezone", "UTC"))
        as_of_ms = period.instant(as_of, zone) if as_of else clock_ms
        if known_at or _decided_later(views, as_of_ms) or (as_of and _attended_otherwise(views, seen, as_of_ms)):
            views, seen = _earlier(stack, home, as_of_ms, known_at, zone)
            zone = ZoneInfo(seen.rules.get("timezone", "UTC"))
        rules = decided(seen.rules, read_decisions(views, as_of_ms))
        yield Session(views, home, rules, zone, as_of_ms, known_at)


@contextmanager
def _readable(views: Path) -> Iterator[None]:
    """Damage inside the file of the views, met while a question reads it, said with what helps."""
    try:
        yield
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        broken = getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN
        if not (broken or isinstance(error, UnicodeDecodeError) or "decode to UTF-8" in str(error)):
            raise
        raise AmityError(f"{views} is damaged ({error}): `amity rebuild` makes it anew from the log.") from error


def require(home: Home) -> None:
    """Raises AmityError where nothing was ever put."""
    if not home.log_url and not any(path.exists() for path in (home.log, home.settings, home.accounts)):
        raise AmityError(
            f"There is nothing in {home.folder} yet: begin with `amity init`, `amity import PATH` or `amity connect`."
        )


def _fresh_views(home: Home, clock_ms: int) -> tuple[sqlite3.Connection, freshness.Seen]:
    wanted = freshness.settings_text(home, os.environ)
    views = freshness.open_readonly(home.views)
    seen = freshness.seen(views) if views else None
    if (
        views
        and seen
        and (seen.settings, seen.code) == (wanted, freshness.code_mark())
        and seen.log == _head_hash(home)
    ):
        return views, seen
    if views:
        views.close()
    from amity import wiring  # noqa: PLC0415  400 ms that only stale views may cost
    from amity.progress import Late  # noqa: PLC0415  likewise

    wiring.bring_up(home, clock_ms, Late().folding)
    return _opened(home.views)


def _head_hash(home: Home) -> str:
    if not home.log_url:
        return quick.head_hash(home.log, home.owner)
    from amity import wiring  # noqa: PLC0415  a database server is not asked in 5 ms

    with wiring.open_home(home) as log:
        return log.hash_at(log.head())


def head(home: Home) -> int:
    """The last position of the home's log."""
    if home.log_url:
        from amity import wiring  # noqa: PLC0415  a database server is not asked in 5 ms

        log = wiring.open_home(home)
        try:
            return log.head()
        finally:
            log.close()
    return quick.head(home.log, home.owner) if home.log.exists() else 0


def hash_at(home: Home, position: int) -> str:
    """The hash of the event at a position of the home's log: it names the log up to there; "" where there is none."""
    if home.log_url:
        from amity import wiring  # noqa: PLC0415  a database server is not asked in 5 ms

        with wiring.open_home(home) as log:
            return log.hash_at(position)
    return quick.hash_at(home.log, position, home.owner)


def position_at(home: Home, recorded_ms: int) -> int:
    """The last position that the home's log had recorded by an instant."""
    if home.log_url:
        from amity import wiring  # noqa: PLC0415  a database server is not asked in 5 ms

        with wiring.open_home(home) as log:
            return log.position_at(recorded_ms)
    return quick.position_at(home.log, recorded_ms, home.owner)


def _opened(path: Path) -> tuple[sqlite3.Connection, freshness.Seen]:
    views = freshness.open_readonly(path)
    seen = freshness.seen(views) if views else None
    if views is None or seen is None:
        raise AmityError(f"The views in {path} are not whole: delete that file, they come back from the log.")
    return views, seen


def _decided_later(views: sqlite3.Connection, as_of_ms: int) -> bool:
    """True where a later decision changed what the views hold; what only quietens an alert is dated when it is read."""
    sql = (
        "SELECT 1 FROM decision WHERE at_ms > ? AND type NOT IN (SELECT value FROM json_each(?))"
        " AND (type <> 'person.placed.v1' OR EXISTS (SELECT 1 FROM decision WHERE type = 'person.placed.v1'"
        " AND json_extract(payload, '$.place') = 'goal')) LIMIT 1"  # a goal's hours are in the views, a limit is not
    )
    return views.execute(sql, (as_of_ms, json.dumps(READ_LATE))).fetchone() is not None


def _attended_otherwise(views: sqlite3.Connection, seen: freshness.Seen, as_of_ms: int) -> bool:
    """True where automatic attendance, by the invitations that were past then, is not the one the views hold."""
    if seen.rules.get("attendance", "auto") != "auto":
        return False
    held = views.execute("SELECT value FROM meta WHERE key = 'policy'").fetchone()
    return held is not None and json.loads(held[0])[1] != seldom_answered(views, as_of_ms)


def _earlier(
    stack: ExitStack, home: Home, as_of_ms: int, known_at: str | None, zone: ZoneInfo
) -> tuple[sqlite3.Connection, freshness.Seen]:
    from amity import wiring  # noqa: PLC0415  building views needs the log

    position = int(known_at) if known_at and known_at.isdigit() else None
    known_ms = period.instant(known_at, zone) if known_at and position is None else None
    path = stack.enter_context(wiring.earlier_views(home, as_of_ms, position, known_ms))
    views, seen = _opened(path)
    stack.callback(views.close)
    return views, seen
