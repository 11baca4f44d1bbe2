"""An event as one reader sees it: by role, by visibility, by what the organiser shows to guests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.peers.google.calendars import Calendar

Json = dict[str, Any]
_BARE = ("kind", "etag", "id", "status", "start", "end", "recurrence", "recurringEventId", "originalStartTime",
         "iCalUID", "created", "updated", "htmlLink", "eventType", "endTimeUnspecified", "transparency")  # fmt: skip
_TOMBSTONE = ("kind", "etag", "id", "status", "recurringEventId", "originalStartTime")
_PRIVATE = frozenset({"private", "confidential"})


def seen(event: Json, calendar: Calendar, role: str, most: int | None, *, details: bool = False) -> Json:
    """`most`: maxAttendees. `details`: a cancelled event may say more than that it is."""
    if event["status"] == "cancelled" and not details:
        return _picked(event, _TOMBSTONE)
    hidden = event.get("visibility") in _PRIVATE and role not in ("owner", "writer")
    if role == "freeBusyReader" or hidden:
        return {**_picked(event, _BARE), "visibility": "private"}
    shown = {**event}
    for name in ("creator", "organizer"):
        if name in shown:
            shown[name] = _self(shown[name], calendar)
    if "attendees" in shown:
        shown |= _attendees(shown, calendar, most)
    return shown


def _attendees(event: Json, calendar: Calendar, most: int | None) -> Json:
    everyone = [_self(each, calendar) for each in event["attendees"]]
    own = [each for each in everyone if each.get("self")]
    organises = event.get("organizer", {}).get("email") == calendar.id
    if event.get("guestsCanSeeOtherGuests") is False and not organises:
        return {"attendees": own}
    if most is not None and len(everyone) > most:
        return {"attendees": own, "attendeesOmitted": True}
    return {"attendees": everyone}


def _self(person: Mapping[str, Any], calendar: Calendar) -> Json:
    """Whether it is the one whose calendar this is."""
    return {**person, **({"self": True} if person.get("email") == calendar.id else {})}


def _picked(event: Json, names: tuple[str, ...]) -> Json:
    return {name: event[name] for name in names if name in event}
