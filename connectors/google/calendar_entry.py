"""One entry of Google Calendar to what it says for the log: as the same entry in an iCalendar file would. Pure.

https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from connectors import ical_values as values
from connectors.contacts import address_of, squeezed
from connectors.content_lines import ContentLine, content_line
from connectors.errors import ItemMalformed
from connectors.ical import RULE_CHARS, RULES
from connectors.ical_hints import busy_of, is_booked, kind_of
from connectors.ical_people import GUESTS, distinct_guests, guest, host
from connectors.uids import meeting_uid
from connectors.zones import FLOATING, ZULU, Zone, Zones
from events.clocks import clock_of
from events.vocabulary import Attendee, MeetingObserved

# Of each entry; what is not among them is not even sent: places, links, attachments, reminders.
FIELDS = (
    "id,etag,status,iCalUID,recurringEventId,originalStartTime,start,end,endTimeUnspecified,recurrence,summary,"
    "description,transparency,visibility,organizer,attendees(email,displayName,self,resource,responseStatus),"
    "attendeesOmitted,guestsCanSeeOtherGuests,eventType,sequence,created,updated"
)
CANCELLED = "cancelled"
_ANSWERS = {"needsAction": "needs-action"}
_PRIVATE = frozenset({"private", "confidential"})
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  wall time has no zone


class Point(msgspec.Struct, frozen=True, rename="camel"):
    """A `date`, or a `dateTime` with an offset, or in `timeZone`."""

    date: str = ""
    date_time: str = ""
    time_zone: str = ""


class Person(msgspec.Struct, frozen=True, rename="camel"):
    """An organiser or a guest. `self`: the one in whose calendar this copy stands."""

    email: str = ""
    display_name: str = ""
    self: bool = False
    resource: bool = False
    response_status: str = ""


class Entry(msgspec.Struct, frozen=True, rename="camel"):
    """As much of an entry as we look at. Of a cancelled one nothing but `id` may be there."""

    id: str
    etag: str = ""
    status: str = ""
    uid: str = msgspec.field(name="iCalUID", default="")
    recurring_event_id: str = ""
    original_start_time: Point | None = None
    start: Point | None = None
    end: Point | None = None
    end_time_unspecified: bool = False
    recurrence: tuple[str, ...] = ()
    summary: str = ""
    description: str = ""
    transparency: str = ""
    visibility: str = ""
    organizer: Person | None = None
    attendees: tuple[Person, ...] = ()
    attendees_omitted: bool = False
    guests_can_see_other_guests: bool = True
    event_type: str = ""
    sequence: int = 0
    created: str = ""
    updated: str = ""

    @property
    def exception(self) -> bool:
        """Whether it is one instance of a series."""
        return bool(self.recurring_event_id and self.original_start_time)


class Around(NamedTuple):
    """What stands around the entries: the calendar's `title` and `zone`, and the account's `source`."""

    title: str
    zone: Zone
    source: str


def entry_in(document: dict[str, Any]) -> Entry:
    """The entry of an answer. Raises ItemMalformed where it is none."""
    try:
        return msgspec.convert(document, Entry)
    except msgspec.ValidationError as error:
        raise ItemMalformed(f"Google shows this entry in a way that is not understood: {error}") from None


def zone_named(name: str) -> Zone:
    """The zone of a `timeZone`; UTC where it means nothing."""
    return Zones().find(name) or ZULU


def observed(entry: Entry, around: Around, where: str) -> MeetingObserved:
    """What an entry says that is not cancelled. Raises ItemMalformed where its start cannot be read."""
    recurs = bool(entry.recurrence)
    start = _stamp(entry.start, around.zone if recurs else ZULU)
    length = values.Length(0, 0)
    if start.is_date or not entry.end_time_unspecified:
        length = values.length(start, _end(entry.end), "")
    instance = _stamp(entry.original_start_time, ZULU) if entry.exception else None
    lines = [line for line in map(content_line, entry.recurrence) if line is not None]
    title = squeezed(entry.summary)
    attendees = _attendees(entry)
    return MeetingObserved(
        source=around.source,
        where=where,
        uid=uid_of(entry),
        instance=instance.text if instance else "",
        instance_zone=instance.zone.name if instance else "",
        calendar=around.title,
        start=start.text,
        zone=start.zone.name,
        offsets=start.zone.offsets,
        seconds=length.seconds,
        days=length.days,
        rules=_rules(lines, "RRULE"),
        extra=_dates(lines, "RDATE", start),
        skipped=_dates(lines, "EXDATE", start),
        skip_rules=_rules(lines, "EXRULE"),
        title=title,
        status=entry.status if entry.status in {"confirmed", "tentative"} else "",
        busy=busy_of(entry.transparency == "transparent", "", ""),
        private=entry.visibility in _PRIVATE,
        organizer=host(address_of(entry.organizer.email), squeezed(entry.organizer.display_name))
        if entry.organizer
        else None,
        attendees=attendees,
        hidden=_is_hidden(entry),
        kind=kind_of(entry.event_type, title, (), around.title, all_day=length.days > 0, alone=not attendees),
        sequence=max(entry.sequence, 0),
        modified_ms=instant_ms(entry.updated),
        created_ms=instant_ms(entry.created),
        booked=is_booked(entry.description),
    )


def cancelled(entry: Entry, around: Around, where: str, *, uid: str, sequence: int, modified_ms: int | None) -> (
    MeetingObserved
):
    """That an instance does not take place. Google may say no more than which one it is; the rest is from before."""
    instance = _stamp(entry.original_start_time, ZULU)
    return MeetingObserved(
        source=around.source, where=where, uid=uid, instance=instance.text, instance_zone=instance.zone.name,
        calendar=around.title, status=CANCELLED, sequence=sequence, modified_ms=modified_ms,
    )  # fmt: skip


def uid_of(entry: Entry) -> str:
    """The UID under which every source knows the meeting."""
    return meeting_uid(entry.uid) or "no-uid:" + hashlib.blake2b(entry.id.encode(), digest_size=8).hexdigest()


def instant_ms(text: str) -> int | None:
    """`created` and `updated` in whole seconds, as iCalendar has them, in ms; None for those before 1970 (imports)."""
    try:
        wall = values.stamp(text, ZULU).wall
    except ValueError:
        return None
    return wall * 1000 if wall > 0 else None


def _stamp(point: Point | None, fallback: Zone) -> values.Stamp:
    """A time on the wall of its own zone, which is what a rule goes by; in UTC where it happens twice there."""
    try:
        if point is not None and point.date:
            return values.stamp(point.date, FLOATING)
        zone = zone_named(point.time_zone) if point and point.time_zone else fallback
        at = values.stamp(point.date_time if point else "", zone)
        return at if at.zone == zone else _on_the_wall(at, zone)
    except (ValueError, OverflowError):
        raise ItemMalformed("this calendar entry has no start that is a date; look at it in Google Calendar") from None


def _on_the_wall(at: values.Stamp, zone: Zone) -> values.Stamp:
    clock = clock_of(zone.name, zone.offsets, UTC)
    wall = clock.to_wall(at.wall * 1000)
    if clock.to_ms(wall) != at.wall * 1000:
        return at
    return values.Stamp((_EPOCH + timedelta(seconds=wall)).isoformat(), wall, zone)


def _end(point: Point | None) -> values.Stamp | None:
    try:
        return _stamp(point, ZULU)
    except ItemMalformed:
        return None


def _attendees(entry: Entry) -> tuple[Attendee, ...]:
    return distinct_guests(
        guest(
            address_of(one.email), squeezed(one.display_name),
            _ANSWERS.get(one.response_status, one.response_status), "resource" if one.resource else "",
        )
        for one in entry.attendees[:GUESTS]
    )  # fmt: skip


def _is_hidden(entry: Entry) -> bool:
    organizes = entry.organizer is not None and entry.organizer.self
    kept_back = not entry.guests_can_see_other_guests and not organizes
    return entry.attendees_omitted or kept_back or len(entry.attendees) > GUESTS


def _rules(lines: list[ContentLine], name: str) -> tuple[str, ...]:
    found = (line.value.strip()[:RULE_CHARS] for line in lines if line.name == name)
    return tuple(dict.fromkeys(filter(None, found)))[:RULES]


def _dates(lines: list[ContentLine], name: str, start: values.Stamp) -> tuple[str, ...]:
    named = (line for line in lines if line.name == name)
    return values.listed(((line, zone_named(line.param("TZID") or start.zone.name)) for line in named), start)
