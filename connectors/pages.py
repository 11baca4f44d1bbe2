"""Items gathered into pages for the log: one page, one transaction; and what became of each item."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from connectors.items import Problem
from events.admission import Outcome
from events.codec import encode
from events.envelope import Encoded, NewEvent, revision_of, stream_of
from events.vocabulary import ItemQuarantined, MeetingObserved, MessageObserved

if TYPE_CHECKING:  # a process that reads files ahead never opens a log
    from events.log import Log

# A page is also full when its guests and recipients are this many: a few mails to 2,000 people each weigh as much.
PEOPLE = 100_000


class ImportResult(msgspec.Struct):
    """What became of all items: seen = stored + duplicates + sum(skipped) + len(problems), always."""

    seen: int = 0
    stored: int = 0
    duplicates: int = 0
    skipped: dict[str, int] = msgspec.field(default_factory=dict)
    problems: list[Problem] = msgspec.field(default_factory=list)

    def skip(self, reason: str, count: int = 1) -> None:
        """Count items that are none of ours."""
        self.seen += count
        self.skipped[reason] = self.skipped.get(reason, 0) + count

    def fail(self, problem: Problem) -> None:
        """Count an item that could not be read."""
        self.seen += 1
        self.problems.append(problem)

    def add(self, other: ImportResult) -> None:
        """Take in what another path gave."""
        for reason, count in other.skipped.items():
            self.skip(reason, count)
        self.seen += other.seen - sum(other.skipped.values())
        self.stored += other.stored
        self.duplicates += other.duplicates
        self.problems += other.problems


class Pages:
    """Gathers events and stores them page by page, counting in `result`. `appended` tells whether anything was new.

    `stored` is called after each page with the last position of the log.
    """

    def __init__(
        self, log: Log, source: str, size: int, result: ImportResult, stored: Callable[[int], None] | None = None
    ) -> None:
        self._log, self._source, self._size, self._result, self._stored = log, source, size, result, stored
        self._page: list[NewEvent] = []
        self._people = 0
        self.appended = False

    def add(self, event: NewEvent) -> None:
        """An item for the log. A message is stored once however many copies there are; other things at each change."""
        self._result.seen += 1
        self._people += people_in(event)
        self._put(event)

    def extend(self, events: list[NewEvent]) -> None:
        """Many items for the log, in the pages in which `add` stores them one by one."""
        people = self._people + sum(map(people_in, events))
        if len(self._page) + len(events) >= self._size or people >= PEOPLE:
            for event in events:
                self.add(event)
            return
        self._result.seen += len(events)
        self._people = people
        self._page += events

    def quarantine(self, problem: Problem) -> None:
        """An item that could not be read: the log keeps where it stands and why, once."""
        self._result.fail(problem)
        payload = ItemQuarantined(source=self._source, where=problem.where, why=problem.why)
        stream = stream_of(None, "item", self._source, problem.where, problem.why)
        self._put(NewEvent(stream, revision_of(encode(payload)), now_ms(), payload))

    def flush(self, *last: NewEvent, cursor: tuple[str, str, str] | None = None) -> None:
        """Store what is gathered and `last` behind it, with the cursor, in one transaction."""
        events = [*self._page, *last]
        if not events and cursor is None:
            return
        appended = self._log.append(events, cursor=cursor)
        for event, outcome in zip(self._page, appended.outcomes, strict=False):
            self.appended |= outcome is not Outcome.KNOWN
            wire = event.payload.wire
            if wire == ItemQuarantined.wire:
                continue
            if outcome >= (Outcome.NEW_STREAM if wire == MessageObserved.wire else Outcome.NEW_REVISION):
                self._result.stored += 1
            else:
                self._result.duplicates += 1
        self._page, self._people = [], 0
        if self._stored:
            self._stored(appended.last_position)

    def _put(self, event: NewEvent) -> None:
        self._page.append(event)
        if len(self._page) >= self._size or self._people >= PEOPLE:
            self.flush()


def now_ms() -> int:
    """The clock, in ms since 1970."""
    return time.time_ns() // 1_000_000


def people_in(event: NewEvent) -> int:
    """Guests of a meeting, recipients of a message: what makes an event heavy."""
    payload = event.payload
    if isinstance(payload, Encoded):
        return payload.people
    if isinstance(payload, MessageObserved):
        return len(payload.to) + len(payload.cc) + len(payload.bcc)
    return len(payload.attendees) if isinstance(payload, MeetingObserved) else 0
