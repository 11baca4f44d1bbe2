"""What the start of every command asks of a SQLite log: answered in a millisecond, with the standard library alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from events.errors import AmityError, Damaged


def head(path: Path, owner: str = "me") -> int:
    """The last position of the log; 0 where there is no log, or an empty one. `owner`: events.envelope.OWNER."""
    if not path.exists():
        return 0
    found = _ask(path, "SELECT position FROM heads WHERE owner = ?", owner)
    return int(found[0]) if found else 0


def head_hash(path: Path, owner: str = "me") -> str:
    """The hash of the last event, in hexadecimal: it names the whole log behind it; "" where there is none."""
    found = _ask(path, "SELECT hex(hash) FROM heads WHERE owner = ? AND position > 0", owner) if path.exists() else None
    return str(found[0]).lower() if found else ""


def hash_at(path: Path, position: int, owner: str = "me") -> str:
    """The hash of the event at a position, in hexadecimal; "" where there is none."""
    sql = "SELECT hex(hash) FROM events WHERE owner = ? AND position = ?"
    found = _ask(path, sql, owner, position) if path.exists() else None
    return str(found[0]).lower() if found else ""


def is_log(path: Path) -> bool:
    """Whether a file is a log of Amity's: a SQLite file with its tables."""
    sql = "SELECT count(*) = 3 FROM sqlite_schema WHERE type = 'table' AND name IN ('events', 'heads', 'cursors')"
    try:
        found = _ask(path, sql) if path.is_file() else None
    except Damaged:
        return False
    return bool(found and found[0])


def _ask(path: Path, sql: str, *values: str | int) -> tuple[int | str] | None:
    name = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    try:
        with closing(sqlite3.connect(f"file:{name}?mode=ro", uri=True)) as connection:
            row: tuple[int | str] | None = connection.execute(sql, values).fetchone()
    except sqlite3.Error as error:
        if "no such table" in str(error):
            return None
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            sentence = f"{path} cannot be opened ({error}): check the permissions of that file and of its folder."
            raise AmityError(sentence) from error
        raise Damaged(f"{path} cannot be read as a log ({error}): restore it from an export or a backup.") from error
    return row


def position_at(path: Path, recorded_ms: int, owner: str = "me") -> int:
    """The last position that was recorded at or before an instant, by bisection: recorded times never fall."""
    low, high = 0, head(path, owner)
    while low < high:
        middle = (low + high + 1) // 2
        found = _ask(path, "SELECT recorded_ms FROM events WHERE owner = ? AND position = ?", owner, middle)
        if found is not None and int(found[0]) <= recorded_ms:
            low = middle
        else:
            high = middle - 1
    return low
