"""The calendars of a mailbox and the meetings in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.peers.graph import ids, recurrence
from tests.peers.graph.counter import Counter
from tests.peers.graph.failures import not_found
from tests.peers.graph.feed import Change, Feed, Kind

Json = dict[str, Any]
NEAR = timedelta(days=800)  # how far a changed series remembers what it was


@dataclass
class Exceptional:
    """One occurrence that differs. `body`: what is not as in the series."""

    start: datetime
    end: datetime
    body: Json
    number: int


@dataclass
class Event:
    """A single meeting or a series. `zone`: the name shown as originalStartTimeZone; what it means is in `start`.

    `series`: the last change of the series as a whole; `shown`: the last one that shows its master. Days are ISO
    dates, of occurrences as the series has them. `deleted`, `vanished`: day → number of the change.
    """

    key: int
    calendar: int
    start: datetime
    end: datetime
    zone: str
    uid: str
    body: Json
    recurrence: Json | None = None
    number: int = 0
    series: int = 0
    shown: int = 0
    moves: int = 0
    created: datetime | None = None
    changed: datetime | None = None
    exceptions: dict[str, Exceptional] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    vanished: dict[str, int] = field(default_factory=dict)

    def days(self, after: datetime, before: datetime) -> Iterator[tuple[str, datetime]]:
        """Of the series within [after, before), without what was deleted or differs."""
        if self.recurrence:
            for start in recurrence.days(self.recurrence, self.start, self.end - self.start, after, before):
                day = start.date().isoformat()
                if day not in self.deleted and day not in self.exceptions:
                    yield day, start

    def touches(self, after: datetime, before: datetime) -> bool:
        """Whether anything of it lies in the window."""
        if not self.recurrence:
            return within(self.start, self.end, after, before)
        if next(self.days(after, before), None):
            return True
        return any(within(each.start, each.end, after, before) for each in self.exceptions.values())


class Gone(NamedTuple):
    event: Event
    entry: str


@dataclass
class Calendar:
    """`owner`: (name, address); another one than the mailbox's: a shared calendar."""

    key: int
    name: str
    owner: tuple[str, str]
    default: bool = False
    editable: bool = True
    feed: Feed = field(default_factory=Feed)
    gone: dict[int, Gone] = field(default_factory=dict)


class CalendarBook:
    """`occurrence_tombstones`: a deleted occurrence is told; else nothing but the series' master comes.
    `series_tombstones`: a deleted series is told with every occurrence; else only its master is.
    `masters`: delta shows the masters of series. `masters_last`: behind their occurrences. `thin`: delta shows of
    occurrences only when they are (graph-docs issue 7632); else everything. `exceptions_refused`: the
    status with which a series does so that is asked for its changed instances; 0: it shows them.
    """

    def __init__(self, counter: Counter, address: str, name: str) -> None:
        self.counter, self.address, self.name = counter, address, name
        self.occurrence_tombstones = self.masters_last = False
        self.series_tombstones = self.masters = self.thin = True
        self.exceptions_refused = 0
        self.calendars: dict[int, Calendar] = {}
        self.events: dict[int, Event] = {}
        self.new_calendar("Calendar", default=True)

    def new_calendar(
        self, name: str, *, owner: tuple[str, str] | None = None, default: bool = False, editable: bool = True
    ) -> str:
        """Its id."""
        mine = (self.name, self.address)
        made = Calendar(self.counter.key(), name, owner or mine, default, editable)
        self.calendars[made.key] = made
        return self.calendar_id(made.key)

    def delete_calendar(self, identity: str) -> None:
        held = self.calendar(identity)
        for event in [each for each in self.events.values() if each.calendar == held.key]:
            del self.events[event.key]
        del self.calendars[held.key]

    def calendar(self, identity: str = "") -> Calendar:
        """"": the default one. Raises GraphError."""
        for calendar in self.calendars.values():
            if (not identity and calendar.default) or identity == self.calendar_id(calendar.key):
                return calendar
        raise not_found()

    def calendar_id(self, key: int) -> str:
        return ids.container("calendar", key, self.counter.epoch)

    def insert(self, event: Event) -> None:
        self.events[event.key] = event
        event.created = event.changed = self.counter.now()
        self.note(event, "entered", series=True)

    def remove(self, event: Event, reason: str = "deleted") -> None:
        entry = self.id(event, immutable=False)
        self.calendars[event.calendar].gone[event.key] = Gone(event, entry)
        self.note(event, "left", reason=reason)
        del self.events[event.key]

    def transfer(self, event: Event, identity: str) -> None:
        """Into another calendar: the id changes, unless it is immutable."""
        target = self.calendar(identity)
        entry = self.id(event, immutable=False)
        self.calendars[event.calendar].gone[event.key] = Gone(event, entry)
        self.note(event, "left")
        event.calendar, event.moves = target.key, event.moves + 1
        self.note(event, "entered", series=True)

    def note(
        self, event: Event, kind: Kind, *, series: bool = False, shown: bool = False, reason: str = "deleted"
    ) -> int:
        """A change of the event; its number."""
        event.number, event.changed = self.counter.change(), self.counter.now()
        event.series = event.number if series else event.series
        event.shown = event.number if series or shown else event.shown
        feed = self.calendars[event.calendar].feed
        feed.note(Change(event.number, event.key, self.id(event, immutable=False), kind, reason))
        return event.number

    def find(self, identity: str) -> tuple[Event, str]:
        """(event, day of the occurrence or ""), by either id. Raises GraphError."""
        parts = ids.series_of(identity)
        name, day = parts or (identity, "")
        for event in self.events.values():
            if name in (self.id(event, immutable=True), self.id(event, immutable=False)):
                if day and not self.has(event, day):
                    break
                return event, day
        raise not_found()

    def renew_ids(self) -> None:
        """After the mailbox moved: call when the epoch has risen."""
        for calendar in self.calendars.values():
            calendar.feed, calendar.gone = Feed(), {}
        for event in self.events.values():
            self.note(event, "entered", series=True)

    def has(self, event: Event, day: str) -> bool:
        """Whether the series has, now, an occurrence for this day."""
        if day in event.exceptions:
            return True
        noon = datetime.fromisoformat(f"{day}T00:00:00+00:00")
        near = event.days(noon - timedelta(days=2), noon + timedelta(days=3))
        return any(day == each for each, _ in near)

    def id(self, event: Event, day: str = "", *, immutable: bool) -> str:
        if immutable:
            name = ids.immutable("event", event.key, self.counter.epoch)
        else:
            name = ids.default("event", event.key, f"{event.calendar} {event.moves}", self.counter.epoch)
        return ids.occurrence(name, day) if day else name


def within(start: datetime, end: datetime, after: datetime, before: datetime) -> bool:
    """Whether [start, end) and [after, before) overlap, by the instants."""
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    return first < before.astimezone(UTC) and (last > after.astimezone(UTC) or first == after.astimezone(UTC))
