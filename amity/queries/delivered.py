"""Which deliveries of the newest report are open: whoever died at one, or was refused, cannot tell of it again."""

from __future__ import annotations

from typing import NamedTuple

from amity.home import Home
from amity.queries.synced import answers

_OPEN = (
    "SELECT period, way, state, error FROM deliveries WHERE owner = :owner AND state <> 'sent' AND at_ms > 0"
    " AND period = (SELECT max(period) FROM deliveries WHERE owner = :owner) ORDER BY way"
)


class Open(NamedTuple):
    """A delivery that nobody knows to have arrived. `state`: claimed, begun or failed, see `events.deliveries`."""

    period: str
    way: str
    state: str
    error: str


def says(period: str, way: str, state: str, error: str) -> str:
    """One sentence: how a delivery stands, and what to do about it."""
    where, why = f"{period}, {way}", f" ({error.rstrip('.')})" if error else ""
    if state == "begun":
        return f"{where}: perhaps delivered{why}; amity deliver --again --way {way} repeats it"
    if state == "claimed":
        return f"{where}: under way, or tried again in a quarter of an hour"
    return f"{where}: not delivered{why}" + ("" if "tried again" in error else "; it is tried again")


def open_deliveries(home: Home) -> list[Open]:
    """Of the newest week of which anything was delivered, by way."""
    (rows,) = answers(home, [_OPEN])
    return [Open(*row) for row in rows]
