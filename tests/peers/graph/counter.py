"""What all items of a mailbox share: rising numbers of changes, keys, and the time."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.peers.google.clock import Clock


class Counter:
    """`number`: of the last change. `epoch`: how often the mailbox moved to another server, which renews every id.

    `mailbox`: a number of its own, so that nothing in it has the id of something in another.
    """

    def __init__(self, clock: Clock, mailbox: int = 0) -> None:
        self.clock, self._key = clock, mailbox * 10_000_000
        self.number = self.epoch = 0

    def change(self) -> int:
        self.number += 1
        return self.number

    def key(self) -> int:
        self._key += 1
        return self._key

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)


def stamp(when: datetime, digits: int = 0) -> str:
    """UTC with `Z`; mail has whole seconds, calendars seven digits."""
    moment = when.astimezone(UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond:06d}0Z" if digits else f"{text}Z"
