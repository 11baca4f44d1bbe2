"""What a log comes to: the occurrences that stand after all that it learned, and runs in the fake's time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.sync.loop import sync
from connectors.sync.port import Connector
from connectors.sync.result import SyncResult
from events.codec import decode
from events.log import Log
from events.vocabulary import MeetingObserved, MeetingWithdrawn
from projections.attendance import Known, my_answer
from projections.timeline import Learned, stand
from tests.peers.google import Clock

UNTIL = int(datetime(2035, 1, 1, tzinfo=UTC).timestamp()) * 1000
ME = "me@example.com"


class Shown(NamedTuple):
    """One occurrence that takes place, in seconds since 1970, and what I answered."""

    uid: str
    start: int
    end: int
    answer: str


def run(connector: Connector, log: Log, clock: Clock, *, full: bool = False) -> SyncResult:
    """One run, in which waiting takes no time."""
    try:
        return sync(connector, log, full=full, clock=clock.now, sleep=clock.advance, chance=lambda: 0.5)
    finally:
        connector.close()


def known(address: str) -> Known:
    return Known(address == ME, "person", 0)


def learned(log: Log) -> dict[str, list[Learned]]:
    """All that the log learned of meetings, by UID."""
    found: dict[str, list[Learned]] = defaultdict(list)
    for page in log.read():
        for event in page:
            payload = decode(event.type, event.data)
            if isinstance(payload, MeetingObserved | MeetingWithdrawn):
                found[payload.uid].append(Learned(event.position, event.recorded_ms, payload))
    return found


def meetings(log: Log) -> list[MeetingObserved]:
    """Every sighting, in the order of the log."""
    all_of_them = (one for some in learned(log).values() for one in some)
    ordered = sorted(all_of_them, key=lambda one: one.position)
    return [one.payload for one in ordered if isinstance(one.payload, MeetingObserved)]


def occurrences(log: Log) -> set[Shown]:
    """What takes place."""
    return {one for uid, history in learned(log).items() for one in _standing(uid, history)}


def _standing(uid: str, history: Iterable[Learned]) -> Iterable[Shown]:
    for one in stand(list(history), known, floating=UTC, until_ms=UNTIL).standing:
        at = one.occurrence
        if at.payload.status != "cancelled":
            yield Shown(uid, at.start_ms // 1000, at.end_ms // 1000, my_answer(at.payload, known))
