"""What was delivered to the owner, once: one row for each period and way. Functions of a connection.

A delivery is *claimed*, *begun* just before it may arrive, then *sent*. Who dies while it is only claimed is succeeded
by another; who dies after it was begun is not: it may have arrived, and nothing arrives twice. What arrives twice as it
arrives once (a file of the same name) is never begun. Times in ms since 1970.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

CLAIMED, BEGUN, SENT, FAILED = "claimed", "begun", "sent", "failed"

_ALL = text("SELECT period, way, state, attempts, at_ms, error FROM deliveries WHERE owner = :owner")
_CLAIM = text(
    "INSERT INTO deliveries VALUES (:owner, :period, :way, 'claimed', 1, :now, '')"
    " ON CONFLICT (owner, period, way) DO UPDATE"
    " SET state = 'claimed', attempts = deliveries.attempts + 1, at_ms = :now"
    " WHERE deliveries.state = 'failed' OR (deliveries.state = 'claimed' AND deliveries.at_ms <= :forsaken)"
    " RETURNING attempts"
)
_MOVE = text(
    "UPDATE deliveries SET state = :state, at_ms = :now, error = :error"
    " WHERE owner = :owner AND period = :period AND way = :way AND attempts = :attempt"
    " AND state IN ('claimed', 'begun')"
)
_AGAIN = text(  # the row stays, and its number: whoever is still at an earlier attempt must not go on with the new one
    "UPDATE deliveries SET state = 'failed', at_ms = 0, error = ''"
    " WHERE owner = :owner AND period = :period AND way = :way"
)


class Delivery(NamedTuple):
    """One row: `at_ms` is when its state changed last."""

    period: str
    way: str
    state: str
    attempts: int
    at_ms: int
    error: str = ""


def deliveries(connection: Connection, owner: str) -> dict[tuple[str, str], Delivery]:
    """Every delivery of an owner, by period and way."""
    return {(row.period, row.way): Delivery(*row) for row in connection.execute(_ALL, {"owner": owner})}


def claim(
    connection: Connection, owner: str, period: str, way: str, *, now_ms: int, forsaken_ms: int
) -> int | None:
    """Take a delivery that nobody took, that failed, or that was claimed before `forsaken_ms`: the attempt's number."""
    values = {"owner": owner, "period": period, "way": way, "now": now_ms, "forsaken": forsaken_ms}
    found: int | None = connection.scalar(_CLAIM, values)
    return found


def move(connection: Connection, owner: str, one: Delivery, state: str, *, now_ms: int, error: str = "") -> bool:
    """Bring an attempt into another state; False where another attempt has taken over: then it must not go on."""
    values = {
        "owner": owner, "period": one.period, "way": one.way, "attempt": one.attempts, "state": state, "now": now_ms,
        "error": error,
    }  # fmt: skip
    return connection.execute(_MOVE, values).rowcount == 1


def again(connection: Connection, owner: str, period: str, way: str) -> None:
    """The owner wants it once more, whatever became of it: it may be claimed at once."""
    connection.execute(_AGAIN, {"owner": owner, "period": period, "way": way})
