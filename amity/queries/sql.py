"""`amity query`: anybody's SQL, over the documented views and nothing else.

Read-only alone is not enough: `VACUUM INTO`, `ATTACH`, `load_extension`, endless recursion and huge values are refused
by an authorizer that allows reading the documented views, by limits of SQLite, and by a clock.
"""

from __future__ import annotations

import math
import sqlite3
import time
from typing import Any

from amity.period import day_name, week_name
from amity.queries.sql_views import CADENCE, NAMES, REQUESTS, VIEWS
from amity.queries.today import cut
from amity.session import Session
from events.errors import AmityError, UsageError

SECONDS = 5.0  # ours: an answer that takes longer is a mistake in the question
ROWS = 200_000
BYTES = 4_000_000  # of one value
REFUSED = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob", "randomblob"}

Rows = list[tuple[Any, ...]]


def answer(session: Session, sql: str) -> tuple[list[str], Rows]:
    """(names, rows) of one SELECT. Raises UsageError where SQLite refuses it, AmityError where it is too much."""
    views = session.views
    _make_views(session, sql)
    _guard(views)
    try:
        cursor = views.execute(sql)
        if cursor.description is None:
            raise UsageError("Only one SELECT over the documented views is answered.")
        names = _distinct([column[0] for column in cursor.description])
        found = [tuple(map(_plain, row)) for row in cursor.fetchmany(ROWS + 1)]
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            sentence = f"The question took longer than {SECONDS:g} seconds and was stopped: ask for less."
            raise AmityError(sentence) from error
        raise UsageError(f"SQL: {error}; the views are {', '.join(NAMES)}.") from error
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError) as error:
        raise UsageError(f"SQL: {error or 'too large'}; write one SELECT over {', '.join(NAMES)}.") from error
    if len(found) > ROWS:
        raise AmityError(f"The answer has more than {ROWS:,} rows: ask for less, or add it up.")
    return names, found


def _make_views(session: Session, sql: str) -> None:
    """Temporary views in memory, which the read-only file itself does not hold: they know the session's now."""
    views = session.views
    cut(session, session.period("all"))
    views.create_function("day_name", 1, day_name, deterministic=True)
    views.create_function("week_name", 1, week_name, deterministic=True)
    for name, text in VIEWS.items():
        views.execute(f"CREATE TEMP VIEW {name} AS {text.replace(':now', str(session.as_of_ms))}")
    views.execute(f"CREATE TEMP TABLE v_cadence({', '.join(CADENCE)})")
    if "v_cadence" in sql.lower():
        from amity.queries import judged  # noqa: PLC0415  judging everybody is what only this view costs

        rows = [
            (one["person"]["id"], one["person"]["name"], *(one[column] for column in CADENCE[2:]))
            for one in judged.neglected(session)
        ]
        views.executemany(f"INSERT INTO v_cadence VALUES ({', '.join('?' * len(CADENCE))})", rows)
    views.execute(f"CREATE TEMP TABLE v_requests({', '.join(REQUESTS)})")
    if "v_requests" in sql.lower():
        from amity.queries import requests  # noqa: PLC0415  likewise

        views.executemany(
            f"INSERT INTO v_requests VALUES ({', '.join('?' * len(REQUESTS))})", requests.numbers(session)
        )
    views.commit()


def _guard(views: sqlite3.Connection) -> None:
    views.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, BYTES)
    views.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000)
    views.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    views.set_authorizer(_authorize)
    stop = time.monotonic() + SECONDS
    views.set_progress_handler(lambda: int(time.monotonic() > stop), 10_000)


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, inside: str | None) -> int:
    """Reading is allowed through a documented view only: `inside` names the view that reads a table of ours."""
    if action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if (second or "").lower() in REFUSED else sqlite3.SQLITE_OK
    through_a_view = first in NAMES or inside in NAMES or inside == "ledger"  # the view of amity.queries.today
    only_counted = not second  # count(*) names no column: of a view, SQLite asks for the table below it
    if action == sqlite3.SQLITE_READ and (through_a_view or only_counted):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _distinct(names: list[str]) -> list[str]:
    """Column names as keys: a repeated one gets a number, so that none is lost."""
    found: list[str] = []
    for name in names:
        wanted, number = name, 2
        while wanted in found:
            wanted, number = f"{name}_{number}", number + 1
        found.append(wanted)
    return found


def _plain(value: Any) -> Any:
    """A value that JSON can hold."""
    if isinstance(value, bytes):
        return value.hex()
    return None if isinstance(value, float) and not math.isfinite(value) else value
