"""The read models as every consumer opens them, with the day that contains "now" cut at now. Standard library only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from projections.rules import Rules
    from projections.work import Day, Sums

_ROWS = """
SELECT day, at_ms, from_ms, channel, item, person, goal, minutes, face FROM ledger
WHERE day >= ? AND day < ? AND from_ms < ? ORDER BY day, channel, item, person, goal"""
_SUMS = "SELECT * FROM daily WHERE day >= ? AND day < ? ORDER BY day"


class LedgerRow(NamedTuple):
    """Minutes of one thing with one person for one goal on one local day; columns as `ledger` in projections.schema."""

    day: int
    at_ms: int
    from_ms: int
    channel: str
    item: int
    person: int
    goal: str
    minutes: float
    face: float


def open_views(path: Path) -> sqlite3.Connection:
    """Open `views.db` to read; raises sqlite3.OperationalError where there is none."""
    name = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return sqlite3.connect(f"file:{name}?mode=ro", uri=True, isolation_level=None)


def ledger_rows(
    conn: sqlite3.Connection, since_day: int, until_day: int, as_of_ms: int, rules: Rules
) -> Iterator[LedgerRow]:
    """Rows of the local days [since_day, until_day), by day, as of `as_of_ms`: what is dated at or after it is a plan.

    Days before the one that holds `as_of_ms` are read as they stand; that one is computed anew, cut at `as_of_ms`.
    """
    today = _day_of(as_of_ms, rules)
    for row in conn.execute(_ROWS, (since_day, min(until_day, today), as_of_ms)):
        yield LedgerRow(*row)
    if since_day <= today < until_day and _has(conn, today):
        for entry in sorted(_cut(conn, today, as_of_ms, rules).entries.values()):
            if entry[2] < as_of_ms:
                yield LedgerRow(*entry)


def daily_rows(
    conn: sqlite3.Connection, since_day: int, until_day: int, as_of_ms: int, rules: Rules
) -> Iterator[tuple[int, Sums | tuple[float, ...]]]:
    """(day, the sums of `daily` in the order of its columns) of the days [since_day, until_day), cut likewise."""
    today = _day_of(as_of_ms, rules)
    for day, *sums in conn.execute(_SUMS, (since_day, min(until_day, today))):
        yield day, tuple(sums)
    if since_day <= today < until_day and _has(conn, today):
        sums = _cut(conn, today, as_of_ms, rules).sums
        yield today, tuple(getattr(sums, name) for name in sums.__struct_fields__)


def trouble(conn: sqlite3.Connection) -> list[tuple[int, str]]:
    """(day, sentence) of every day whose parts do not add up: the report must say that it cannot be trusted."""
    return [
        (day, sentence) for day, sentence in conn.execute("SELECT day, sentence FROM trouble ORDER BY day, sentence")
    ]


def _day_of(at_ms: int, rules: Rules) -> int:
    from datetime import datetime  # noqa: PLC0415  the only use on a path that must start fast

    return datetime.fromtimestamp(at_ms // 1000, rules.zone()).toordinal()


def _has(conn: sqlite3.Connection, day: int) -> bool:
    found = conn.execute("SELECT EXISTS(SELECT 1 FROM daily WHERE day = ?)", (day,)).fetchone()
    return bool(found[0])


def _cut(conn: sqlite3.Connection, day: int, as_of_ms: int, rules: Rules) -> Day:
    from projections.days import compute  # noqa: PLC0415  loaded only where a day must be cut
    from projections.work import open_work  # noqa: PLC0415  likewise

    return next(compute(open_work(conn, rules), [day], as_of_ms))
