"""Where synchronising stands, as the log's database holds it beside the events; on SQLite without the ORM."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, NamedTuple

from amity.home import Home

_ACCOUNTS = "SELECT source, state, error, not_before_ms, ended_ms FROM sync_accounts WHERE owner = :owner"
_STREAMS = (
    "SELECT source, stream, title, completed_ms, state, error, warning FROM sync_streams WHERE owner = :owner"
    " ORDER BY source, title, stream"
)
_UNREADABLE = (
    "SELECT source, stream, place, why FROM sync_items WHERE owner = :owner AND why <> '' AND gone = 0"
    " ORDER BY source, stream, item"
)

_JOBS = (
    "SELECT name, id, attempts, started_ms, ended_ms, due_ms, error FROM jobs WHERE owner = :owner AND kind = 'pull'"
)
_TOLD = (
    "SELECT source, name, expires_ms, heard_ms, state, error FROM subscriptions WHERE owner = :owner"
    " ORDER BY source, name"
)
MANY_ATTEMPTS = 5  # `workers.plan.TRIES`: so many that were never ended, and the job stands aside


class Stream(NamedTuple):
    """One stream; `completed_ms`: when it was last read to the end, 0 for never."""

    stream: str
    title: str
    completed_ms: int
    state: str
    error: str
    warning: str
    unreadable: list[tuple[str, str]]  # (where, why) of the items that stand aside


class Job(NamedTuple):
    """What the daemon is at with an account; `attempts`: begun since its last run that came to an end."""

    id: str
    attempts: int
    started_ms: int
    ended_ms: int
    due_ms: int
    error: str

    def is_aside(self) -> bool:
        """Whether it is seldom tried any more, because whoever read the account did not live to tell."""
        return self.attempts >= MANY_ATTEMPTS


class Told(NamedTuple):
    """What a provider was asked to tell of; see `events.subscriptions`."""

    name: str
    expires_ms: int
    heard_ms: int
    state: str
    error: str


class Synced(NamedTuple):
    """One account as its last run left it; times in ms since 1970, 0 for none."""

    state: str
    error: str
    not_before_ms: int
    ended_ms: int
    streams: list[Stream]
    job: Job | None = None
    told: Sequence[Told] = ()

    def known_until_ms(self) -> int:
        """Up to when everything of the account is known: the stream that is furthest behind; 0 where one never was."""
        living = [one.completed_ms for one in self.streams if one.state != "ended"]
        return min(living, default=self.ended_ms if self.state == "ok" else 0)


def told_of(home: Home) -> dict[str, list[Told]]:
    """By source, what its provider was asked to tell of."""
    found: dict[str, list[Told]] = {}
    for source, *row in answers(home, [_TOLD])[0]:
        found.setdefault(source, []).append(Told._make(row))
    return found


def synced(home: Home) -> dict[str, Synced]:
    """By source, every account that was ever synchronised (and not disconnected since)."""
    questions = [_ACCOUNTS, _STREAMS, _UNREADABLE, _JOBS, _TOLD]
    accounts, streams, unreadable, planned, subscribed = answers(home, questions)
    aside: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for source, stream, place, why in unreadable:
        aside.setdefault((source, stream), []).append((place, why))
    found = {row[0]: Synced._make((*row[1:], [], None, ())) for row in accounts}
    for source, *row in streams:
        one = found.setdefault(source, Synced("ok", "", 0, 0, []))
        one.streams.append(Stream._make((*row, aside.get((source, row[0]), []))))
    for source, *row in planned:
        found[source] = found.get(source, Synced("ok", "", 0, 0, []))._replace(job=Job._make(row))
    for source, *row in subscribed:
        one = found.get(source, Synced("ok", "", 0, 0, []))
        found[source] = one._replace(told=(*one.told, Told._make(row)))
    return found


def answers(home: Home, questions: Sequence[str]) -> list[list[Any]]:
    """What the log's database says to each question (`:owner`); nothing where it has no such table yet."""
    if home.log_url:
        from sqlalchemy import text  # noqa: PLC0415  a database server is not asked in 5 ms

        from amity import wiring  # noqa: PLC0415  likewise

        with wiring.open_home(home) as log, log.reading() as connection:
            return [list(map(tuple, connection.execute(text(sql), {"owner": home.owner}))) for sql in questions]
    if not home.log.exists():
        return [[] for _ in questions]
    with closing(sqlite3.connect(f"{home.log.as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        # in a log that an earlier Amity wrote some are missing until somebody writes into it
        asked = [sql.split(" FROM ")[1].split()[0] in tables for sql in questions]
        return [
            connection.execute(sql, {"owner": home.owner}).fetchall() if there else []
            for sql, there in zip(questions, asked, strict=True)
        ]
