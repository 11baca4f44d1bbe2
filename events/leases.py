"""Leases with fencing tokens: who may write for a stream.

A lease only keeps two from doing the same work at once. What keeps the log right is the token, which every taker raises
and every commit checks, however late it comes. Times are the database's clock: those of workers need not agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, text

from events.errors import AmityError

_ONE = "owner = :owner AND source = :source AND stream = :stream"


class _Words(NamedTuple):
    """The statements in one database's words."""

    held: TextClause
    take: TextClause
    check: TextClause
    renew: TextClause


def _words(now: str, for_update: str) -> _Words:
    return _Words(
        text(f"SELECT holder, until_ms > {now} FROM leases WHERE {_ONE}{for_update}"),
        # `before` in the condition: on PostgreSQL another taker may come between the two statements
        text(
            f"INSERT INTO leases VALUES (:owner, :source, :stream, 1, :holder, {now} + :ms)"
            " ON CONFLICT (owner, source, stream) DO UPDATE"
            " SET token = leases.token + 1, holder = excluded.holder, until_ms = excluded.until_ms"
            f" WHERE leases.holder = :before OR leases.until_ms <= {now} RETURNING token"
        ),
        text(f"SELECT token FROM leases WHERE {_ONE}{for_update}"),
        text(
            f"UPDATE leases SET until_ms = {now} + :ms WHERE owner = :owner AND source = :source AND holder = :holder"
        ),
    )


NOW = {  # ms since 1970 by the database's own clock
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
}
_WORDS = {"sqlite": _words(NOW["sqlite"], ""), "postgresql": _words(NOW["postgresql"], " FOR UPDATE")}
_RELEASE = text("UPDATE leases SET until_ms = 0 WHERE owner = :owner AND source = :source AND holder = :holder")


def now_ms(connection: Connection) -> int:
    """Milliseconds since 1970 by the database's clock."""
    found: int = connection.scalar(text(f"SELECT {NOW[connection.dialect.name]}"))
    return found


class LeaseLost(AmityError):
    """Another process has taken over the stream: stop, nothing of this page was stored; it goes on where we stood."""


def acquire(
    connection: Connection, owner: str, source: str, streams: Iterable[str], *,
    holder: str, seconds: float, is_dead: Callable[[str], bool],
) -> dict[str, int]:  # fmt: skip
    """Take the leases of those streams that nobody holds: stream -> fencing token.

    A lease is free when it has ended, or when `is_dead` knows that its holder has ended without letting go of it.
    """
    words = _WORDS[connection.dialect.name]
    tokens: dict[str, int] = {}
    for stream in streams:
        key = {"owner": owner, "source": source, "stream": stream}
        found = connection.execute(words.held, key).one_or_none()
        before = found[0] if found is not None and found[1] and is_dead(found[0]) else None
        values = {**key, "holder": holder, "ms": int(seconds * 1000), "before": before}
        token = connection.scalar(words.take, values)
        if token is not None:
            tokens[stream] = token
    return tokens


def check(connection: Connection, owner: str, source: str, tokens: Mapping[str, int]) -> None:
    """Raise LeaseLost unless all these tokens are still the newest; they stay so until the transaction ends."""
    sql = _WORDS[connection.dialect.name].check
    for stream, token in sorted(tokens.items()):  # in one order: two that check the same leases never wait crosswise
        if connection.scalar(sql, {"owner": owner, "source": source, "stream": stream}) != token:
            raise LeaseLost(
                f"{source}: another process has taken over this account; what it reads is stored by that one."
            )


def renew(connection: Connection, owner: str, source: str, holder: str, seconds: float) -> None:
    """Let all leases of the holder on this source last for so long from now on."""
    values = {"owner": owner, "source": source, "holder": holder, "ms": int(seconds * 1000)}
    connection.execute(_WORDS[connection.dialect.name].renew, values)


def release(connection: Connection, owner: str, source: str, holder: str) -> None:
    """Let go of all leases of the holder on this source. Their tokens stay: they only ever rise."""
    connection.execute(_RELEASE, {"owner": owner, "source": source, "holder": holder})
