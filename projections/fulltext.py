"""Where words stand: an index over subjects, titles, notes, names and labels, in a file of its own.

It is made when somebody first searches, caught up with the views before each search, and may be deleted at any time.
No body is in it, since none is kept; no private title either. Words are folded here, not by SQLite, so that every
script is found as `projections.goals.words` reads it; a script without spaces is searched character by character.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from events.sqlite_file import make_private
from projections.goals import words

VERSION = 1
STEM = 4  # letters, as in projections.relevance
_TABLES = (
    "CREATE TABLE mark(log TEXT NOT NULL, last INTEGER NOT NULL, mails INTEGER NOT NULL, letters INTEGER NOT NULL)",
    "INSERT INTO mark VALUES ('', 0, 0, 0)",
    "CREATE TABLE phrase(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",  # titles, notes, names, addresses, labels
    # rowid: of a mail message.id, of a phrase -phrase.id; `ascii` takes whatever is not ASCII for a letter
    "CREATE VIRTUAL TABLE text USING fts5(words, content='', columnsize=0, tokenize='ascii')",
    f"PRAGMA user_version = {VERSION}",
)
_UNTIL = "SELECT count(*), total(length(subject)) FROM views.message WHERE id <= ?"
_MAILS = "INSERT INTO text(rowid, words) SELECT id, folded(subject) FROM views.message WHERE id > ? ORDER BY id"
_PHRASES = """
INSERT INTO phrase(text)
SELECT title FROM views.occurrence WHERE private = 0 UNION SELECT text FROM views.note
UNION SELECT name FROM views.alias UNION SELECT name FROM views.person
UNION SELECT address FROM views.address WHERE person > 0
UNION SELECT value FROM views.person, json_each(person.labels) WHERE labels <> '[]'
EXCEPT SELECT text FROM phrase"""
_NEW_PHRASES = "INSERT INTO text(rowid, words) SELECT -id, folded(text) FROM phrase WHERE id > ?"


class Hits(NamedTuple):
    """What holds the words: `message.id` of mails, and the very texts of titles, notes, names, addresses, labels."""

    mails: list[int]
    phrases: list[str]


def open_index(path: Path, views: Path, log: str) -> sqlite3.Connection:
    """The index of these views, caught up with them. `log`: the hash of the last event that they hold.

    Where the folder cannot be written to, it is made in memory; a damaged or foreign file is made anew.
    """
    try:
        make_private(path)
        return _caught_up(_connect(str(path)), views, log)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            path.unlink(missing_ok=True)
            make_private(path)
            return _caught_up(_connect(str(path)), views, log)
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            raise
    except OSError:
        pass  # a folder of others, a full disk: what follows needs neither
    return _caught_up(_connect(":memory:"), views, log)


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=30, isolation_level=None, uri=True)
    connection.create_function("folded", 1, _folded, deterministic=True)
    return connection


def _folded(text: str) -> str:
    return " ".join(words(text))


def _caught_up(index: sqlite3.Connection, views: Path, log: str) -> sqlite3.Connection:
    if _is_made(index) and log and index.execute("SELECT log FROM mark").fetchone()[0] == log:
        return index
    index.execute("ATTACH ? AS views", (f"{views.absolute().as_uri()}?mode=ro",))
    index.execute("BEGIN IMMEDIATE")
    try:
        if not _is_made(index) or not _holds(index):
            _make(index)
        last = index.execute("SELECT last FROM mark").fetchone()[0]
        index.execute(_MAILS, (last,))
        known = index.execute("SELECT coalesce(max(id), 0) FROM phrase").fetchone()[0]
        index.execute(_PHRASES)
        index.execute(_NEW_PHRASES, (known,))
        newest = index.execute("SELECT coalesce(max(id), 0) FROM views.message").fetchone()[0]
        mark = (log, newest, *index.execute(_UNTIL, (newest,)).fetchone())
        index.execute("UPDATE mark SET log = ?, last = ?, mails = ?, letters = ?", mark)
        index.execute("COMMIT")
    except BaseException:
        index.execute("ROLLBACK")
        raise
    index.execute("DETACH views")
    return index


def _is_made(index: sqlite3.Connection) -> bool:
    version = int(index.execute("PRAGMA user_version").fetchone()[0])
    return version == VERSION


def _holds(index: sqlite3.Connection) -> bool:
    """Whether the mails that it knows are still there as they were: somebody may have been forgotten since."""
    last, *known = index.execute("SELECT last, mails, letters FROM mark").fetchone()
    return bool(list(index.execute(_UNTIL, (last,)).fetchone()) == known)


def _make(index: sqlite3.Connection) -> None:
    for table in ("text", "phrase", "mark"):
        index.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in _TABLES:
        index.execute(statement)


def terms(topic: str) -> tuple[str, ...]:
    """The words of a topic, folded, each once; what a script without spaces writes together is one of them."""
    return tuple(dict.fromkeys(" ".join(spoken) for part in topic.split() if (spoken := words(part))))


def query(text: str) -> str:
    """What FTS5 is asked for a text that somebody typed: all its words, each as a beginning; "" where it has none.

    What stands between double quotes, and what a script without spaces writes together, must stand together.
    """
    parts = [piece for place, part in enumerate(text.split('"')) for piece in ([part] if place % 2 else part.split())]
    return " AND ".join(f'"{" ".join(spoken)}"*' for part in parts if (spoken := words(part)))


def about(term: str) -> str:
    """What FTS5 is asked for one of `terms`: it, what it begins, what of four letters begins it, and its plural."""
    if " " in term:
        return f'"{term}"'
    shorter = {term[:length] for length in range(STEM, len(term))}
    whole = sorted(shorter | {form for form in _forms(term) if len(form) > 1})
    return " OR ".join([f'"{term}"*' if len(term) >= STEM else f'"{term}"', *(f'"{form}"' for form in whole)])


def _forms(term: str) -> set[str]:
    """One and many of an English word, and price beside pricing; what is no word is found nowhere."""
    forms = {f"{term}s", f"{term}es"} if len(term) < STEM else set()
    for ending, other in (("s", ""), ("es", ""), ("ies", "y"), ("y", "ies"), ("ing", "e"), ("e", "ing")):
        if term.endswith(ending):
            forms.add(term.removesuffix(ending) + other)
    return forms - {term}


def search(index: sqlite3.Connection, asked: str) -> Hits:
    """What an FTS5 query of `query` or `about` finds."""
    if not asked:
        return Hits([], [])
    found = [row for (row,) in index.execute("SELECT rowid FROM text WHERE text MATCH ?", (asked,))]
    return Hits([row for row in found if row > 0], _texts(index, [-row for row in found if row < 0]))


def _texts(index: sqlite3.Connection, ids: Iterable[int]) -> list[str]:
    sql = "SELECT text FROM phrase WHERE id IN (SELECT value FROM json_each(?))"
    return [text for (text,) in index.execute(sql, (json.dumps(list(ids)),))]
