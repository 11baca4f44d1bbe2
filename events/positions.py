"""Where synchronising stands: one row for each account, and one for each of its streams. Functions of a connection."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

BUDGET = "budget:"  # what begins so is no account, but what several accounts of one provider are counted together for
_ONE = "owner = :owner AND source = :source AND stream = :stream"


class AccountRow(NamedTuple):
    """What the last run of an account left behind; times in ms since 1970, 0 for none."""

    state: str = "ok"
    error: str = ""
    not_before_ms: int = 0
    ended_ms: int = 0


class StreamRow(NamedTuple):
    """Where one stream stands: the columns of `sync_streams` behind its key."""

    stream: str
    title: str
    kind: str
    cursor: str | None = None
    page: str = ""
    run: int = 0
    completed_ms: int = 0
    state: str = "ok"
    error: str = ""
    warning: str = ""
    doubted: int = 0


_COLUMNS = ", ".join(StreamRow._fields)
_MARKS = ", ".join(f":{name}" for name in StreamRow._fields)
_RENEWED = ", ".join(f"{name} = excluded.{name}" for name in StreamRow._fields[1:])
_PUT = text(
    f"INSERT INTO sync_streams (owner, source, {_COLUMNS}) VALUES (:owner, :source, {_MARKS})"
    f" ON CONFLICT (owner, source, stream) DO UPDATE SET {_RENEWED}"
)
_PUT_ACCOUNT = text(
    "INSERT INTO sync_accounts VALUES (:owner, :source, :state, :error, :not_before_ms, :ended_ms)"
    " ON CONFLICT (owner, source) DO UPDATE SET state = excluded.state, error = excluded.error,"
    " not_before_ms = excluded.not_before_ms, ended_ms = excluded.ended_ms"
)
_ACCOUNT = text(
    "SELECT state, error, not_before_ms, ended_ms FROM sync_accounts WHERE owner = :owner AND source = :source"
)
_STREAMS = text(
    f"SELECT {_COLUMNS} FROM sync_streams WHERE owner = :owner AND source = :source ORDER BY stream"
)
_ACCOUNTS = text(
    "SELECT source, state, error, not_before_ms, ended_ms FROM sync_accounts WHERE owner = :owner ORDER BY source"
)


def accounts(connection: Connection, owner: str) -> dict[str, AccountRow]:
    """Every source that was ever synchronised."""
    return {source: AccountRow(*rest) for source, *rest in connection.execute(_ACCOUNTS, {"owner": owner})}


def account(connection: Connection, owner: str, source: str) -> AccountRow:
    """An account's row; the default where it was never synchronised."""
    found = connection.execute(_ACCOUNT, {"owner": owner, "source": source}).one_or_none()
    return AccountRow() if found is None else AccountRow(*found)


def put_account(connection: Connection, owner: str, source: str, row: AccountRow) -> None:
    connection.execute(_PUT_ACCOUNT, {"owner": owner, "source": source, **row._asdict()})


def streams(connection: Connection, owner: str, source: str) -> dict[str, StreamRow]:
    """The rows of all streams of a source, those included that it no longer lists."""
    rows = connection.execute(_STREAMS, {"owner": owner, "source": source})
    return {row.stream: row for row in map(StreamRow._make, rows)}


def put_stream(connection: Connection, owner: str, source: str, row: StreamRow) -> None:
    connection.execute(_PUT, {"owner": owner, "source": source, **row._asdict()})


def drop_stream(connection: Connection, owner: str, source: str, stream: str) -> None:
    """Forget a stream that has ended; its lease's token stays."""
    key = {"owner": owner, "source": source, "stream": stream}
    connection.execute(text(f"DELETE FROM sync_streams WHERE {_ONE}"), key)


def forget(connection: Connection, owner: str, source: str) -> None:
    """Forget where an account stands and what it holds; the log keeps its facts, and a new sync finds them known."""
    for table in ("sync_things", "sync_items", "sync_streams", "sync_accounts", "subscriptions"):
        connection.execute(
            text(f"DELETE FROM {table} WHERE owner = :owner AND source = :source"), {"owner": owner, "source": source}
        )
