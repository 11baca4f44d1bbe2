"""One calendar in a test's hands: what people do with meetings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.peers.graph.calendars import NEAR, Calendar, CalendarBook, Event, Exceptional
from tests.peers.graph.message import Json, person

WINDOWS = {
    "Europe/Berlin": "W. Europe Standard Time", "America/New_York": "Eastern Standard Time",
    "Europe/London": "GMT Standard Time", "Asia/Kolkata": "India Standard Time", "UTC": "UTC",
}  # fmt: skip
CUSTOM = "tzone://Microsoft/Custom"
NO_TIME = "0001-01-01T00:00:00Z"


class Diary:
    def __init__(self, book: CalendarBook, calendar: Calendar) -> None:
        self.book, self.calendar = book, calendar

    @property
    def id(self) -> str:
        return self.book.calendar_id(self.calendar.key)

    def put(
        self, subject: str, start: datetime, end: datetime | None = None, *, attendees: Sequence[str] = (),
        organizer: str = "", repeat: Json | None = None, zone: str = "", uid: str = "", **more: Any,
    ) -> Event:  # fmt: skip
        """`start`, `end` (an hour later): aware, of a ZoneInfo. `organizer`: None of the mailbox: an address.
        `repeat`: see `recurrence`. `zone`: the shown name; "": Windows' name. `uid`: in another system, which
        organised it. `more`: properties of Graph."""
        key = self.book.counter.key()
        name = getattr(start.tzinfo, "key", "UTC")
        shown = zone or WINDOWS.get(name, name)
        mine = organizer in ("", self.book.address)
        answer = {"response": "organizer" if mine else "notResponded", "time": NO_TIME}
        body = {
            "subject": subject, "attendees": [attendee(each) for each in attendees], "isOrganizer": mine,
            "organizer": person(organizer or self.book.address, self.book.name if mine else ""),
            "responseStatus": answer, **more,
        }  # fmt: skip
        until = end or start + timedelta(hours=1)
        event = Event(key, self.calendar.key, start, until, shown, uid or f"own:{key}", body)
        event.recurrence = _begun(repeat, start, shown) if repeat else None
        self.book.insert(event)
        return event

    def change(self, event: Event, *, start: datetime | None = None, end: datetime | None = None, **more: Any) -> None:
        """Of a series: all of it; a new time sweeps its exceptions away."""
        before = dict.fromkeys(day for day, _ in self._near(event))
        length = event.end - event.start
        if start is not None:
            event.start, event.end = start, end or start + length
            event.exceptions.clear()
            event.deleted.clear()
            if event.recurrence and "recurrence" not in more:
                event.recurrence = _begun(event.recurrence, start, event.zone)
        if "recurrence" in more:
            event.recurrence = _begun(more.pop("recurrence"), event.start, event.zone)
        event.body.update(more)
        number = self.book.note(event, "changed", series=True)
        after = {day for day, _ in self._near(event)} | event.exceptions.keys()
        event.vanished.update((day, number) for day in before if day not in after)

    def change_occurrence(
        self, event: Event, day: str, *, start: datetime | None = None, end: datetime | None = None, **more: Any
    ) -> Exceptional:
        """It becomes an exception. `day`: the ISO date on which the series has it."""
        held = event.exceptions.get(day)
        old, length = self._plain(event, day) if held is None else (held.start, held.end - held.start)
        begin = start or old
        body = {**(held.body if held else {}), **more}
        number = self.book.note(event, "changed")
        event.exceptions[day] = Exceptional(begin, end or begin + length, body, number)
        return event.exceptions[day]

    def delete_occurrence(self, event: Event, day: str) -> None:
        """Without a tombstone, as often happens; see `CalendarBook`. The master is told as changed."""
        event.exceptions.pop(day, None)
        event.deleted[day] = self.book.note(event, "changed", shown=True)

    def move_out_of_window(self, event: Event, days: int = 4000) -> None:
        """Far into the future."""
        self.change(event, start=event.start + timedelta(days=days))

    def respond(self, event: Event, response: str, *, at: str = "2026-09-21T14:13:20Z") -> None:
        """accepted, tentativelyAccepted, …; to decline is `decline`."""
        show = "tentative" if response in ("tentativelyAccepted", "notResponded") else "busy"
        self.change(event, responseStatus={"response": response, "time": at}, showAs=show)

    def decline(self, event: Event) -> None:
        """Outlook takes a declined meeting out of the calendar."""
        event.body["responseStatus"] = {"response": "declined", "time": "2026-09-21T14:13:20Z"}
        self.book.remove(event)

    def accept_after_all(self, event: Event) -> Event:
        """A declined meeting comes back, with another id and the same UID."""
        body = {**event.body, "responseStatus": {"response": "accepted", "time": "2026-09-21T14:13:20Z"}}
        key = self.book.counter.key()
        again = Event(key, self.calendar.key, event.start, event.end, event.zone, event.uid, body, event.recurrence)
        self.book.insert(again)
        return again

    def cancel(self, event: Event) -> None:
        """By the organiser; the meeting stays until the attendee removes it."""
        self.change(event, isCancelled=True, subject=f"Canceled: {event.body['subject']}", showAs="free")

    def cancel_occurrence(self, event: Event, day: str) -> None:
        subject = f"Canceled: {event.body['subject']}"
        self.change_occurrence(event, day, isCancelled=True, subject=subject, showAs="free")

    def delete(self, event: Event) -> None:
        self.book.remove(event)

    def move(self, event: Event, calendar: str) -> None:
        """Into another calendar of the mailbox."""
        self.book.transfer(event, calendar)

    def _near(self, event: Event) -> list[tuple[str, datetime]]:
        now = self.book.counter.now()
        return list(event.days(now - NEAR, now + NEAR))

    def _plain(self, event: Event, day: str) -> tuple[datetime, timedelta]:
        noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=event.start.tzinfo)
        found = dict(event.days(noon - timedelta(days=2), noon + timedelta(days=2)))
        return found[day], event.end - event.start


def attendee(address: str, response: str = "none", kind: str = "required", name: str = "") -> Json:
    """`kind`: required, optional or resource (a room)."""
    return {"type": kind, "status": {"response": response, "time": NO_TIME}, **person(address, name)}


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    """A wall-clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def _begun(repeat: Json, start: datetime, zone: str) -> Json:
    span = {**repeat["range"], "startDate": start.date().isoformat(), "recurrenceTimeZone": zone}
    pattern = dict(repeat["pattern"])
    if pattern["type"] == "weekly" and not pattern["daysOfWeek"]:
        pattern["daysOfWeek"] = [start.strftime("%A").lower()]
    return {"pattern": pattern, "range": span}
