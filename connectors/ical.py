"""One VEVENT (RFC 5545), as raw lines, to what we observe of it. Pure; shared by files, CalDAV and feeds.

Alarms, attachments and descriptions are passed over. A field that makes no sense is left out; only an entry without a
readable start is malformed, since nothing can be said about its time.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC
from itertools import islice

import msgspec

from connectors import ical_values as values
from connectors.contacts import LABELS, distinct, squeezed
from connectors.content_lines import Component, ContentLine, content_line, split_escaped, unescape, unfold
from connectors.errors import ItemMalformed
from connectors.ical_hints import busy_of, is_booked, kind_of
from connectors.ical_people import GUESTS, attendees_of, organizer_of
from connectors.uids import meeting_uid
from connectors.zones import FLOATING, Zone, Zones, known_zone
from events.clocks import DAY, clock_of, wall_of
from events.codec import encode
from events.envelope import NewEvent, revision_of, stream_of
from events.vocabulary import MeetingObserved

RULES = 20  # of one entry that are kept, and the characters of each
RULE_CHARS = 2000
_SEQUENCE = 2**31 - 1
_WANTED = frozenset({
    "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SUMMARY", "STATUS",
    "TRANSP", "CLASS", "ORGANIZER", "ATTENDEE", "CATEGORIES", "SEQUENCE", "LAST-MODIFIED", "CREATED", "DESCRIPTION",
    "X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS", "X-MICROSOFT-CDO-ALLDAYEVENT",
    "X-GOOGLE-EVENT-TYPE", "X-ALT-DESC",
})  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9\-]+")
_STATUS = {"CONFIRMED": "confirmed", "TENTATIVE": "tentative", "CANCELLED": "cancelled", "CANCELED": "cancelled"}
_MIDNIGHT = "T00:00:00"

Properties = dict[str, list[str]]


class ZoneUnknownError(Exception):
    """A TZID that nothing read so far explains; its VTIMEZONE may follow later in the file."""


class Calendar:
    """What stands around the entries: the properties of one VCALENDAR, and the zones of the whole file.

    Until `complete`, a TZID that nothing explains raises ZoneUnknownError; afterwards it means the calendar's zone.
    """

    def __init__(self, name: str = "", zones: Zones | None = None, *, named: bool = False) -> None:
        self.name = name
        self.named = named  # by its server or X-WR-CALNAME; a file's name is no part of what it says
        self.method = ""
        self.zone = FLOATING  # X-WR-TIMEZONE: Google means floating times by it; a `Z` stays UTC
        self.zones = zones or Zones()
        self.complete = False

    def take(self, line: ContentLine) -> None:
        """Take in one property of the VCALENDAR itself."""
        if line.name in {"X-WR-CALNAME", "NAME"} and not self.named:
            name = squeezed(unescape(line.value))
            self.name, self.named = (name, True) if name else (self.name, False)
        elif line.name == "X-WR-TIMEZONE":
            self.zone = known_zone(unescape(line.value)) or FLOATING
        elif line.name == "METHOD":
            self.method = line.value.strip().lower()[:20]

    def zone_of(self, line: ContentLine) -> Zone:
        tzid = line.param("TZID")
        if not tzid:
            return self.zone
        found = self.zones.find(tzid)
        if found is None:
            if not self.complete:
                raise ZoneUnknownError(tzid)
            return self.zone
        return found


def observed(component: Component, calendar: Calendar, *, source: str, where: str) -> MeetingObserved:
    """What one VEVENT says. ItemMalformed, with a sentence, where its start cannot be read or it is not whole."""
    if component.problem:
        raise ItemMalformed(f"this calendar entry cannot be read: {component.problem}; export it again")
    found = _properties(unfold(component.lines))
    cancelled = calendar.method == "cancel" or _STATUS.get(_value(found, "STATUS")) == "cancelled"
    instance = _stamp(found, "RECURRENCE-ID", calendar)
    start = _stamp(found, "DTSTART", calendar) or instance
    if start is None and not (cancelled and _value(found, "UID")):
        raise ItemMalformed("this calendar entry has no start (DTSTART); correct it and export it again")
    title = squeezed(unescape(_raw(found, "SUMMARY")))
    organizer = organizer_of(found["ORGANIZER"][0]) if "ORGANIZER" in found else None
    attendees = attendees_of(found.get("ATTENDEE", ()))
    labels = _labels(_lines(found, "CATEGORIES"))
    length = _length(found, start, calendar) if start else values.Length(0, 0)
    if start and length.seconds and _is_all_day(found, start, length):
        start, length = _as_date(start), values.Length(0, max(round(length.seconds / DAY), 1))
    uid = meeting_uid(_raw(found, "UID"))
    instance_text, instance_zone = _instance(instance, start)
    return MeetingObserved(
        source=source,
        where=where,
        uid=uid or _uid(start, title, organizer.address if organizer else ""),
        instance=instance_text,
        instance_zone=instance_zone,
        this_and_future=_is_range(found),
        calendar=calendar.name,
        start=start.text if start else "",
        zone=start.zone.name if start else "",
        offsets=start.zone.offsets if start else (),
        seconds=length.seconds,
        days=length.days,
        rules=_rules(_lines(found, "RRULE")),
        extra=_dates(_lines(found, "RDATE"), start, calendar),
        skipped=_dates(_lines(found, "EXDATE"), start, calendar),
        skip_rules=_rules(_lines(found, "EXRULE")),
        title=title,
        status="cancelled" if cancelled else _STATUS.get(_value(found, "STATUS"), ""),
        busy=busy_of(
            _value(found, "TRANSP") == "TRANSPARENT",
            _value(found, "X-MICROSOFT-CDO-BUSYSTATUS"),
            _value(found, "X-MICROSOFT-CDO-INTENDEDSTATUS"),
        ),
        private=_value(found, "CLASS") in {"PRIVATE", "CONFIDENTIAL"},
        organizer=organizer,
        attendees=attendees,
        hidden=len(found.get("ATTENDEE", ())) > GUESTS,
        kind=kind_of(
            _value(found, "X-GOOGLE-EVENT-TYPE"),
            title,
            labels,
            calendar.name,
            all_day=length.days > 0,
            alone=not attendees,
        ),
        labels=labels,
        method=calendar.method,
        sequence=_sequence(_value(found, "SEQUENCE")),
        modified_ms=values.instant_ms(_line(found, "LAST-MODIFIED")),
        created_ms=values.instant_ms(_line(found, "CREATED")),
        booked=is_booked(_raw(found, "DESCRIPTION")) or is_booked(_raw(found, "X-ALT-DESC")),
    )


def meeting_event(meeting: MeetingObserved, *, named: bool = True) -> NewEvent:
    """The event of an entry, known by UID and instance, whichever source or file shows it.

    `named` False: the calendar's name is only that of the file, and a copy under another name says nothing new.
    It happened when it was last changed, else when it was made, else when it begins.
    """
    stream = stream_of(None, "meeting", meeting.uid, meeting.instance, meeting.instance_zone)
    said = msgspec.structs.replace(meeting, source="", where="", calendar=meeting.calendar if named else "")
    happened = meeting.modified_ms or meeting.created_ms
    if happened is None:
        clock = clock_of(meeting.zone, meeting.offsets, UTC)
        happened = clock.to_ms(wall_of(meeting.start)) if meeting.start else 0
    return NewEvent(stream, revision_of(encode(said)), happened, meeting)


def _properties(lines: Sequence[str]) -> Properties:
    """The logical lines of the entry itself, those that we use, by name; what stands in its alarms is not its own."""
    found: Properties = defaultdict(list)
    depth = 0
    for text in lines:
        name = _NAME.match(text)
        key = name[0].upper() if name else ""
        if key == "BEGIN":
            depth += 1
        elif key == "END":
            depth -= 1
        elif depth == 1 and key in _WANTED:
            found[key].append(text)
    return found


def _line(found: Properties, name: str) -> ContentLine | None:
    return content_line(found[name][0]) if name in found else None


def _lines(found: Properties, name: str) -> list[ContentLine]:
    return [line for line in map(content_line, found[name]) if line is not None] if name in found else []


def _raw(found: Properties, name: str) -> str:
    line = _line(found, name)
    return line.value if line else ""


def _value(found: Properties, name: str) -> str:
    return _raw(found, name).strip().upper() if name in found else ""


def _stamp(found: Properties, name: str, calendar: Calendar) -> values.Stamp | None:
    """The date or time of a property; None where it is missing. An unreadable DTSTART is the end of the entry."""
    line = _line(found, name)
    if line is None:
        return None
    try:
        return values.stamp(line.value, calendar.zone_of(line))
    except (ValueError, OverflowError):
        if name == "DTEND":
            return None
        raise ItemMalformed(
            f"the {name} of this calendar entry, {line.value[:40]!r}, is no date; correct it and export it again"
        ) from None


def _length(found: Properties, start: values.Stamp, calendar: Calendar) -> values.Length:
    return values.length(start, _stamp(found, "DTEND", calendar), _raw(found, "DURATION"))


def _is_all_day(found: Properties, start: values.Stamp, length: values.Length) -> bool:
    """Outlook writes some all-day entries as midnight to midnight and says so beside it."""
    declared = _value(found, "X-MICROSOFT-CDO-ALLDAYEVENT") == "TRUE"
    return declared and start.text.endswith(_MIDNIGHT) and length.seconds >= DAY - 3600  # a day may lack an hour


def _as_date(start: values.Stamp) -> values.Stamp:
    return values.Stamp(start.text.removesuffix(_MIDNIGHT), start.wall, FLOATING)


def _instance(instance: values.Stamp | None, start: values.Stamp | None) -> tuple[str, str]:
    """RECURRENCE-ID and its zone; one in a custom zone other than that of the start is kept in UTC."""
    if instance is None:
        return "", ""
    if instance.zone.name == "custom" and (start is None or instance.zone != start.zone):
        return values.in_utc(instance), "UTC"
    return instance.text, instance.zone.name


def _is_range(found: Properties) -> bool:
    line = _line(found, "RECURRENCE-ID")
    return line is not None and line.param("RANGE").upper() == "THISANDFUTURE"


def _dates(lines: Sequence[ContentLine], start: values.Stamp | None, calendar: Calendar) -> tuple[str, ...]:
    if not lines or start is None:
        return ()
    return values.listed(((line, calendar.zone_of(line)) for line in lines), start)


def _rules(lines: Sequence[ContentLine]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.value.strip()[:RULE_CHARS] for line in lines if line.value.strip()))[:RULES]


def _labels(lines: Sequence[ContentLine]) -> tuple[str, ...]:
    if not lines:
        return ()
    parts = (part for line in lines for part in split_escaped(line.value, ","))
    return distinct(squeezed(unescape(part)) for part in islice(parts, LABELS))


def _sequence(text: str) -> int:
    return min(int(text), _SEQUENCE) if text.isascii() and text.isdigit() and len(text) < 20 else 0  # noqa: PLR2004  digits


def _uid(start: values.Stamp | None, title: str, organizer: str) -> str:
    """What stands for a missing UID, so that the same entry is known again."""
    said = "\0".join((start.text if start else "", start.zone.name if start else "", title, organizer))
    return "no-uid:" + hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=8).hexdigest()
