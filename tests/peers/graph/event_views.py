"""Meetings as the resource type `event` has them (https://learn.microsoft.com/graph/api/resources/event)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from tests.peers.graph import ids
from tests.peers.graph.calendars import Event, Exceptional
from tests.peers.graph.call import Call, Json
from tests.peers.graph.counter import stamp
from tests.peers.graph.failures import bad_request
from tests.peers.graph.goid import goid

_BODIES = ("body", "bodyPreview")
_EMPTY: Json = {
    "categories": [], "transactionId": None, "reminderMinutesBeforeStart": 15, "isReminderOn": True,
    "hasAttachments": False, "subject": "", "bodyPreview": "", "importance": "normal", "sensitivity": "normal",
    "isAllDay": False, "isCancelled": False, "isOrganizer": True, "responseRequested": True, "showAs": "busy",
    "onlineMeetingUrl": None, "isOnlineMeeting": False, "onlineMeetingProvider": "unknown",
    "allowNewTimeProposals": True, "isDraft": False, "hideAttendees": False, "onlineMeeting": None,
    "body": {"contentType": "html", "content": ""},
    "location": {"displayName": "", "locationType": "default", "uniqueIdType": "unknown", "address": {}},
    "locations": [],
}  # fmt: skip
_HIDDEN: Json = {
    "subject": "Private Appointment", "attendees": [], "organizer": None, "locations": [],
    "location": {"displayName": ""}, "body": {"contentType": "html", "content": ""}, "bodyPreview": "",
}  # fmt: skip


def whole(call: Call, event: Event) -> Json:
    """A single meeting or the master of a series."""
    return _view(call, event, "", (event.start, event.end))


def exception(call: Call, event: Event, day: str, held: Exceptional) -> Json:
    return _view(call, event, day, (held.start, held.end), held.body)


def occurrence(call: Call, event: Event, day: str, start: datetime) -> Json:
    """As calendarView and instances show it: with everything of its series."""
    return _view(call, event, day, (start, start + (event.end - event.start)))


def thin(call: Call, event: Event, day: str, start: datetime) -> Json:
    """As delta shows it: who and what is in the master alone."""
    book = call.user.calendars
    return {
        "@odata.type": "#microsoft.graph.event", "id": book.id(event, day, immutable=call.immutable),
        "seriesMasterId": book.id(event, immutable=call.immutable), "type": "occurrence",
        "start": moment(call, start, event), "end": moment(call, start + (event.end - event.start), event),
    }  # fmt: skip


def moment(call: Call, when: datetime, event: Event, body: Json | None = None) -> Json:
    """Wall-clock time with seven digits, in the zone that the request prefers. All-day meetings begin at midnight."""
    name = call.prefer.get("outlook.timezone", "UTC")
    local = when if {**event.body, **(body or {})}.get("isAllDay") else when.astimezone(_zone(name))
    return {"dateTime": f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond:06d}0", "timeZone": name}


def _view(call: Call, event: Event, day: str, span: tuple[datetime, datetime], own: Json | None = None) -> Json:
    book = call.user.calendars
    kind = "exception" if own or day in event.exceptions else "occurrence" if day else "singleInstance"
    identity = book.id(event, day, immutable=call.immutable)
    key = ids.change_key("event", event.key, event.number)
    calendar = book.calendars[event.calendar]
    view = {
        "@odata.type": "#microsoft.graph.event", "@odata.etag": f'W/"{key}"', "id": identity, "changeKey": key,
        "createdDateTime": stamp(event.created or datetime.now(UTC), 7),
        "lastModifiedDateTime": stamp(event.changed or datetime.now(UTC), 7),
        "originalStartTimeZone": event.zone, "originalEndTimeZone": event.zone,
        "iCalUId": _uid(event.uid, day), "uid": _uid(event.uid, ""),
        "seriesMasterId": book.id(event, immutable=call.immutable) if day else None,
        "type": "seriesMaster" if event.recurrence and not day else kind,
        "webLink": f"https://outlook.office365.com/owa/?itemid={quote(identity)}&exvsurl=1&path=/calendar/item",
        "recurrence": event.recurrence if not day else None,
        **_EMPTY, **event.body, **(own or {}),
        "start": moment(call, span[0], event, own), "end": moment(call, span[1], event, own),
    }  # fmt: skip
    if day:
        view["originalStart"] = _original(event, day)
    if not call.world.shows_uid:
        del view["uid"]
    if view["sensitivity"] == "private" and calendar.owner[1] != call.user.address:
        view.update(_HIDDEN)
    if not call.full("Calendars"):
        view = {name: value for name, value in view.items() if name not in _BODIES}
    return _preview(view)


def _preview(view: Json) -> Json:
    if view.get("body", {}).get("content") and not view["bodyPreview"]:
        view["bodyPreview"] = re.sub(r"<[^>]+>|\s+", " ", view["body"]["content"]).strip()[:255]
    return view


def _uid(uid: str, day: str) -> str:
    """`uid:` before it: written as it is, as Exchange does for some foreign meetings."""
    return uid.removeprefix("uid:") if uid.startswith("uid:") else goid(uid, date.fromisoformat(day) if day else None)


def _original(event: Event, day: str) -> str:
    when = datetime.combine(date.fromisoformat(day), event.start.time(), event.start.tzinfo)
    return stamp(when)


def _zone(name: str) -> Any:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name))
    except (KeyError, OSError, ValueError):
        message = f"A valid TimeZone value must be specified: {name}"
        raise bad_request(message, "TimeZoneNotSupportedException") from None
