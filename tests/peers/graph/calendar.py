"""Calendars, calendarView, events and instances."""

from __future__ import annotations

from datetime import datetime

from tests.peers.graph import ids, odata
from tests.peers.graph.calendar_delta import window
from tests.peers.graph.calendars import Calendar, Event, within
from tests.peers.graph.call import Call, Json
from tests.peers.graph.event_views import exception, occurrence, whole
from tests.peers.graph.failures import GraphError, bad_request, not_found
from tests.peers.graph.paging import listed, paged


def calendars(call: Call) -> Json:
    return listed(call, "calendars", [_calendar(call, each) for each in call.user.calendars.calendars.values()])


def calendar(call: Call) -> Json:
    held = call.user.calendars.calendar(call.names.get("calendar", ""))
    return odata.selected(_calendar(call, held), call.query.get("select", ""))


def calendar_of(call: Call) -> Json:
    """In which an event lies."""
    held, _ = call.user.calendars.find(call.names["event"])
    return odata.selected(_calendar(call, call.user.calendars.calendars[held.calendar]), call.query.get("select", ""))


def view(call: Call) -> Json:
    """calendarView: occurrences, exceptions and single meetings of a window, by their start; no masters."""
    place = call.user.calendars.calendar(call.names.get("calendar", ""))
    span = window(call)
    rows = [row for event in _of(call, place) for row in _expanded(call, event, span)]
    rows.sort(key=lambda row: str(row["start"]["dateTime"]))
    return listed(call, "events", rows)


def events(call: Call) -> Json:
    """Single meetings and masters."""
    place = call.user.calendars.calendar(call.names.get("calendar", ""))
    terms, select = odata.terms(call.query.get("filter", "")), call.query.get("select", "")
    held = _of(call, place)
    if terms:
        held = [each for each in held if all(term.fits(whole(call, each)) for term in terms)]
    return paged(call, "events", held, lambda each: odata.selected(whole(call, each), select))


def event(call: Call) -> Json:
    held, day = call.user.calendars.find(call.names["event"])
    select = call.query.get("select", "")
    shown = _one(call, held, day) if day else whole(call, held)
    if "exceptionoccurrences" in select.lower() and call.query.get("expand", "").lower() == "exceptionoccurrences":
        if status := call.user.calendars.exceptions_refused:
            message = "Could not find a property named 'exceptionOccurrences'."
            raise GraphError(status, "RequestBroker--ParseUri", message)
        if not day and held.recurrence:
            changed = [exception(call, held, at, one) for at, one in held.exceptions.items()]
            shown["exceptionOccurrences"] = [odata.selected(one, select) for one in changed]
    if "cancelledoccurrences" in select.lower():
        name = call.user.calendars.id(held, immutable=call.immutable)
        shown["cancelledOccurrences"] = [f"OID.{name}.{each}" for each in sorted(held.deleted)]
    return odata.selected(shown, select)


def instances(call: Call) -> Json:
    held, day = call.user.calendars.find(call.names["event"])
    if day or not held.recurrence:
        raise bad_request("Your request can't be completed. The event is not a series.", "ErrorInvalidRequest")
    rows = sorted(_expanded(call, held, window(call)), key=lambda row: str(row["start"]["dateTime"]))
    return listed(call, "events", rows)


def _of(call: Call, place: Calendar) -> list[Event]:
    return [each for each in call.user.calendars.events.values() if each.calendar == place.key]


def _expanded(call: Call, event: Event, span: tuple[datetime, datetime]) -> list[Json]:
    if not event.recurrence:
        return [whole(call, event)] if within(event.start, event.end, *span) else []
    rows = [occurrence(call, event, day, start) for day, start in event.days(*span)]
    own = [each for each in event.exceptions.items() if within(each[1].start, each[1].end, *span)]
    return rows + [exception(call, event, day, held) for day, held in own]


def _one(call: Call, event: Event, day: str) -> Json:
    if day in event.exceptions:
        return exception(call, event, day, event.exceptions[day])
    around = odata.instant(f"{day}T00:00:00Z").timestamp()
    span = (datetime.fromtimestamp(around - 172_800, event.start.tzinfo),
            datetime.fromtimestamp(around + 259_200, event.start.tzinfo))  # fmt: skip
    for each, start in event.days(*span):
        if each == day:
            return occurrence(call, event, day, start)
    raise not_found()


def _calendar(call: Call, calendar: Calendar) -> Json:
    book = call.user.calendars
    name, address = calendar.owner
    mine = address == call.user.address
    return {
        "id": book.calendar_id(calendar.key), "name": calendar.name, "color": "auto", "hexColor": "",
        "isDefaultCalendar": calendar.default, "changeKey": ids.change_key("calendar", calendar.key, 0),
        "canShare": mine, "canViewPrivateItems": mine, "canEdit": calendar.editable,
        "isRemovable": not calendar.default,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"], "defaultOnlineMeetingProvider": "teamsForBusiness",
        "isTallyingResponses": True, "owner": {"name": name, "address": address},
    }  # fmt: skip
