"""What providers were asked to tell of: one row for each subscription of an account. Functions of a connection.

Of the secret that a notification must show only its SHA-256 is here: who reads the database can forge none.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

OK, LAPSING, REMOVED, REFUSED, WAITING = "ok", "lapsing", "removed", "refused", "waiting"


class Subscription(NamedTuple):
    """One subscription; times in ms since 1970, 0 for never.

    `name`: what is told of, "mail"; `id`: what its notifications are known by; `remote`: what else it takes to end it;
    `place`: where it sends to. `state`: OK; LAPSING or REMOVED, as the provider said; REFUSED; WAITING for another try.
    """

    source: str
    name: str
    id: str = ""
    remote: str = ""
    proof: str = ""
    place: str = ""
    expires_ms: int = 0
    renew_ms: int = 0
    heard_ms: int = 0
    state: str = OK
    error: str = ""


_COLUMNS = ", ".join(Subscription._fields)
_MARKS = ", ".join(f":{name}" for name in Subscription._fields)
_RENEWED = ", ".join(f"{name} = excluded.{name}" for name in Subscription._fields[2:])
_ALL = text(f"SELECT {_COLUMNS} FROM subscriptions WHERE owner = :owner ORDER BY source, name")
_PUT = text(
    f"INSERT INTO subscriptions (owner, {_COLUMNS}) VALUES (:owner, {_MARKS})"
    f" ON CONFLICT (owner, source, name) DO UPDATE SET {_RENEWED}"
)
_DROP = text("DELETE FROM subscriptions WHERE owner = :owner AND source = :source AND name = :name")
_HEARD = text("UPDATE subscriptions SET heard_ms = :now WHERE owner = :owner AND id = :id")
_MARK = text("UPDATE subscriptions SET state = :state WHERE owner = :owner AND id = :id")


def rows(connection: Connection, owner: str) -> list[Subscription]:
    """Every subscription of an owner, by source and name."""
    return [Subscription._make(row) for row in connection.execute(_ALL, {"owner": owner})]


def put(connection: Connection, owner: str, row: Subscription) -> None:
    connection.execute(_PUT, {"owner": owner, **row._asdict()})


def drop(connection: Connection, owner: str, source: str, name: str) -> None:
    connection.execute(_DROP, {"owner": owner, "source": source, "name": name})


def heard(connection: Connection, owner: str, key: str, now_ms: int) -> None:
    """Note that a notification of it came."""
    connection.execute(_HEARD, {"owner": owner, "id": key, "now": now_ms})


def mark(connection: Connection, owner: str, key: str, state: str) -> None:
    """Note what the provider said of it: LAPSING or REMOVED."""
    connection.execute(_MARK, {"owner": owner, "id": key, "state": state})


def is_alive(row: Subscription, now_ms: int) -> bool:
    """Whether it can be relied upon: it holds, and its notifications are known to arrive."""
    return row.state == OK and row.heard_ms > 0 and row.expires_ms > now_ms
