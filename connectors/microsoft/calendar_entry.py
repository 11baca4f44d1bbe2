"""One entry of Outlook's calendar to what it says for the log: as the same entry in an iCalendar file would. Pure.

https://learn.microsoft.com/graph/api/resources/event
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from connectors import ical_values as values
from connectors.contacts import address_of, distinct, squeezed
from connectors.errors import ItemMalformed
from connectors.ical_hints import busy_of, is_booked, kind_of
from connectors.ical_people import GUESTS, distinct_guests, guest, host
from connectors.microsoft.calendar_rule import Recurrence
from connectors.uids import instance_day, meeting_uid
from connectors.zones import FLOATING, ZULU, Zone, Zones
from events.vocabulary import Attendee, MeetingObserved

# Of series and their changed instances; deltas cannot be told what to show.
FIELDS = (
    "id,type,iCalUId,seriesMasterId,originalStart,start,end,originalStartTimeZone,isAllDay,isCancelled,isOrganizer,"
    "showAs,sensitivity,subject,categories,organizer,attendees,responseStatus,hideAttendees,createdDateTime,"
    "lastModifiedDateTime,changeKey"
)
THIN = "id,type,seriesMasterId,start,end,isAllDay"  # of the plain instances of a series, which are many
_ANSWERS = {
    "organizer": "accepted", "accepted": "accepted", "tentativelyaccepted": "tentative", "declined": "declined",
    "notresponded": "needs-action", "none": "needs-action",
}  # fmt: skip
_GIVEN = frozenset({"accepted", "tentativelyaccepted", "declined", "notresponded"})  # answers that I gave, or owe
_PRIVATE = frozenset({"private", "personal", "confidential"})
_MIDNIGHT = "T00:00:00"
_HALF_A_DAY = timedelta(hours=12)


class Moment(msgspec.Struct, frozen=True, rename="camel"):
    """A time with seven fractional digits and no offset, in `time_zone`: that which the request preferred."""

    date_time: str = ""
    time_zone: str = "UTC"


class _Email(msgspec.Struct, frozen=True):
    address: str = ""
    name: str = ""


class _Recipient(msgspec.Struct, frozen=True, rename="camel"):
    email_address: _Email = _Email()


class _Answer(msgspec.Struct, frozen=True):
    """Its `time` is of the year 1 where nobody answered, so it is not looked at."""

    response: str = ""


class _Guest(msgspec.Struct, frozen=True, rename="camel"):
    type: str = ""
    status: _Answer = _Answer()
    email_address: _Email = _Email()


class _Body(msgspec.Struct, frozen=True):
    content: str = ""


class Entry(msgspec.Struct, frozen=True, rename="camel"):
    """As much of an entry as we look at. `type`: singleInstance, seriesMaster, exception or occurrence."""

    id: str
    type: str = "singleInstance"
    change_key: str = ""
    uid: str = ""
    own_uid: str = msgspec.field(name="iCalUId", default="")
    series_master_id: str = ""
    original_start: str = ""
    occurrence_id: str = ""
    start: Moment = Moment()
    end: Moment = Moment()
    original_start_time_zone: str = ""
    is_all_day: bool = False
    is_cancelled: bool = False
    is_organizer: bool = False
    show_as: str = ""
    sensitivity: str = ""
    subject: str = ""
    body: _Body = _Body()
    categories: tuple[str, ...] = ()
    organizer: _Recipient = _Recipient()
    attendees: tuple[_Guest, ...] = ()
    response_status: _Answer = _Answer()
    hide_attendees: bool = False
    recurrence: Recurrence | None = None
    created_date_time: str = ""
    last_modified_date_time: str = ""

    @property
    def repeats(self) -> bool:
        return self.type == "seriesMaster"


class Around(NamedTuple):
    """What stands around the entries: the calendar's `title`, the account's `source`.

    `own`: the addresses of the person, the main one first.
    """

    title: str
    source: str
    own: tuple[str, ...]


class Instance(NamedTuple):
    """Which instance of a series it is: where the series has it, and the series' UID."""

    original: values.Stamp
    uid: str


def entry_in(document: dict[str, Any]) -> Entry:
    """The entry of an answer, in which null is nothing. Raises ItemMalformed where it is none."""
    try:
        return msgspec.convert(_without_nulls(document), Entry)
    except msgspec.ValidationError as error:
        raise ItemMalformed(f"Outlook shows this entry in a way that is not understood: {error}") from None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value if one is not None] if isinstance(value, list) else value


def zone_of(entry: Entry) -> Zone:
    """The zone on whose wall the entry was made; UTC where only Outlook knows it (`tzone://Microsoft/Custom`)."""
    names = [entry.original_start_time_zone]
    if entry.recurrence:
        names.append(entry.recurrence.range.recurrence_time_zone)
    return next((found for found in map(Zones().find, filter(None, names)) if found), ZULU)


def start_of(entry: Entry, zone: Zone) -> values.Stamp:
    """The start on the wall of `zone`, a date for all-day entries. Raises ItemMalformed where there is none."""
    try:
        return _stamp(entry.start, zone, all_day=entry.is_all_day)
    except (ValueError, OverflowError):
        raise ItemMalformed("this calendar entry has no start that is a date; look at it in Outlook") from None


def original_of(entry: Entry, zone: Zone, master: values.Stamp) -> values.Stamp | None:
    """Where a series that starts at `master` has this instance of it; None where nobody says it."""
    if entry.type == "occurrence":
        return _stamp(entry.start, zone, all_day=master.is_date)
    try:
        if entry.original_start and master.is_date:
            return _nearest_day(values.stamp(entry.original_start, ZULU), zone_of(entry))
        if entry.original_start:
            return values.on_the_wall(values.stamp(entry.original_start, ZULU), zone)
        day = entry.occurrence_id.rpartition(".")[2] or instance_day(entry.own_uid)  # OID.<the series>.2026-09-22
        return values.stamp(f"{day}{master.text[10:]}", FLOATING if master.is_date else zone) if day else None
    except (ValueError, OverflowError):
        return None


def alone(entry: Entry) -> Instance | None:
    """What an instance is to whom its series does not show: one was invited to it alone. None for any other entry."""
    zone = zone_of(entry)
    start = start_of(entry, zone)
    if entry.type == "exception":
        original = original_of(entry, zone, start)
    else:
        day = instance_day(entry.own_uid)
        original = values.stamp(f"{day}{start.text[10:]}", start.zone) if day else None
    return Instance(original, uid_of(entry)) if original else None


def observed(entry: Entry, around: Around, where: str, instance: Instance | None = None) -> MeetingObserved:
    """What an entry says by itself, without the rule of a series. Raises ItemMalformed where it has no start."""
    zone = instance.original.zone if instance and instance.original.zone.name else zone_of(entry)
    start = start_of(entry, zone)
    length = length_of(entry, start)
    title, attendees = squeezed(entry.subject), _attendees(entry, around.own)
    labels = distinct(map(squeezed, entry.categories))
    return MeetingObserved(
        source=around.source,
        where=where,
        uid=instance.uid if instance else uid_of(entry),
        instance=instance.original.text if instance else "",
        instance_zone=instance.original.zone.name if instance else "",
        calendar=around.title,
        start=start.text,
        zone=start.zone.name,
        offsets=start.zone.offsets,
        seconds=length.seconds,
        days=length.days,
        title=title,
        status="cancelled" if entry.is_cancelled else "",
        busy=busy_of(False, entry.show_as, ""),
        private=entry.sensitivity in _PRIVATE,
        organizer=host(address_of(entry.organizer.email_address.address), squeezed(entry.organizer.email_address.name)),
        attendees=attendees,
        hidden=(entry.hide_attendees and not entry.is_organizer) or len(entry.attendees) > GUESTS,
        kind=kind_of("", title, labels, around.title, all_day=length.days > 0, alone=not attendees),
        labels=labels,
        modified_ms=instant_ms(entry.last_modified_date_time),
        created_ms=instant_ms(entry.created_date_time),
        booked=is_booked(entry.body.content),
    )


def uid_of(entry: Entry) -> str:
    """The UID under which every source knows the meeting; `uid` is the series', `iCalUId` may be the instance's."""
    found = meeting_uid(entry.uid) or meeting_uid(entry.own_uid)
    return found or "no-uid:" + hashlib.blake2b(entry.id.encode(), digest_size=8).hexdigest()


def instant_ms(text: str) -> int | None:
    """In whole seconds, as iCalendar has them, in ms; None for the year 1 and where there is none."""
    try:
        wall = values.stamp(text, ZULU).wall
    except ValueError:
        return None
    return wall * 1000 if wall > 0 else None


def _stamp(moment: Moment, zone: Zone, *, all_day: bool) -> values.Stamp:
    """All-day entries begin at midnight in whatever zone they are asked for."""
    if all_day:
        return values.stamp(moment.date_time[:10], FLOATING)
    shown = Zones().find(moment.time_zone) or ZULU
    return values.on_the_wall(values.stamp(moment.date_time, shown), zone)


def length_of(entry: Entry, start: values.Stamp) -> values.Length:
    """How long an entry is that begins at `start`."""
    try:
        return values.length(start, _stamp(entry.end, ZULU, all_day=start.is_date), "")
    except (ValueError, OverflowError):
        return values.length(start, None, "")


def _nearest_day(at: values.Stamp, zone: Zone) -> values.Stamp:
    """The day that an all-day instance was on: midnight of some zone, told in UTC."""
    if not at.text.endswith(_MIDNIGHT):
        local = values.on_the_wall(at, zone)
        near = (datetime.fromisoformat(at.text) + _HALF_A_DAY).isoformat()
        return values.stamp((local.text if local.text.endswith(_MIDNIGHT) else near)[:10], FLOATING)
    return values.stamp(at.text[:10], FLOATING)


def _attendees(entry: Entry, own: tuple[str, ...]) -> tuple[Attendee, ...]:
    """The guests. My answer stands beside the list; in it Outlook shows none, or an old one."""
    mine = entry.response_status.response.lower()
    guests = []
    for one in entry.attendees[:GUESTS]:
        address = address_of(one.email_address.address)
        answer = mine if address in own and mine in _GIVEN else one.status.response.lower()
        kind = "room" if one.type.lower() == "resource" else ""
        guests.append(guest(address, squeezed(one.email_address.name), _ANSWERS.get(answer, ""), kind))
    invited = bool(own and mine in _GIVEN and not entry.is_organizer)
    if invited and not any(one.address in own for one in guests):  # by a list, or as a blind copy
        guests.append(guest(own[0], "", _ANSWERS[mine], ""))
    return distinct_guests(guests)
