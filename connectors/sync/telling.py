"""What the log is told of runs: whatever is new, and once an hour that nothing is.

An account is asked hundreds of times a day, each time for dozens of streams, and mostly has nothing to say: facts of
all that would soon be most of the log. When each stream was last read stands beside the log (`sync_streams`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from connectors.sync.known import Place
from events.envelope import stream_of
from events.vocabulary import SyncCompleted, SyncFailed

HOUR_MS = 3_600_000  # (ours) so fresh is what a report of the past can say of its sources


class Told(NamedTuple):
    """The newest fact about a stream, or ("") about the account as a whole."""

    at_ms: int
    error: str


class _Error(msgspec.Struct):
    error: str = ""


def run_key(source: str, stream: str) -> bytes:
    """The stream of events that tells of one stream's runs; "" stands for the account as a whole."""
    return stream_of(None, "sync", source, stream) if stream else stream_of(None, "sync", source)


def last_told(place: Place, streams: Iterable[str]) -> dict[str, Told]:
    """The newest fact about each of these streams that has one."""
    keys = {run_key(place.source, stream): stream for stream in streams}
    return {
        keys[event.stream]: Told(event.happened_ms, msgspec.json.decode(event.data, type=_Error).error)
        for event in place.log.newest(list(keys))
    }


def is_news(fact: SyncCompleted | SyncFailed, before: Told | None, now_ms: int, *, moved: bool = False) -> bool:
    """Whether the log has to be told. A failure that goes on, and an account without news, are told once an hour.

    `moved`: something was seen in the stream or was found gone.
    """
    error = fact.error if isinstance(fact, SyncFailed) else ""
    if before is None or before.error != error or moved:
        return True
    return (bool(error) or not fact.stream) and now_ms - before.at_ms >= HOUR_MS
