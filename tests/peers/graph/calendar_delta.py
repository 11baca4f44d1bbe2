"""calendarView/delta: the window is frozen in the token
(https://learn.microsoft.com/graph/delta-query-events; graph-docs issues 7632, 6599; pull request 4501)."""

from __future__ import annotations

from datetime import datetime

from tests.peers.graph import ids, odata
from tests.peers.graph.calendars import Calendar, Event, within
from tests.peers.graph.call import Call, Json
from tests.peers.graph.delta import Groups, Track, delta, removed
from tests.peers.graph.event_views import exception, occurrence, thin, whole
from tests.peers.graph.failures import GraphError, bad_request
from tests.peers.graph.feed import Change
from tests.peers.graph.links import Round

_REFUSED = {"orderby", "filter", "select", "expand", "search", "top", "skip", "count"}


def view_delta(call: Call) -> Json:
    calendar = call.user.calendars.calendar(call.names.get("calendar", ""))
    if _REFUSED & call.query.keys():
        message = (
            "The following parameters are not supported with change tracking over the 'CalendarView' resource: "
            "'$orderby, $filter, $select, $expand, $search, $top'."
        )
        raise bad_request(message, "ErrorInvalidUrlQuery")
    begin: dict[str, str] = {}
    if not {"skiptoken", "deltatoken"} & {name for name, value in call.query.items() if value}:
        after, before = window(call)
        begin = {"startDateTime": after.isoformat(), "endDateTime": before.isoformat()}

    def groups(now: Round) -> Groups:
        after, before = (odata.instant(now.options[name]) for name in ("startDateTime", "endDateTime"))
        for at, change in calendar.feed.since(now.since, now.upto, now.at, immutable=call.immutable):
            rows = _rows(call, calendar, change, now.since, (after, before))
            if rows:
                yield at, rows[::-1] if call.user.calendars.masters_last else rows

    named = f"/calendars/{call.names['calendar']}" if "calendar" in call.names else ""
    return delta(call, Track("event", f"{call.root}{named}/calendarView/delta", calendar.feed), begin, groups)


def window(call: Call) -> tuple[datetime, datetime]:
    """[startDateTime, endDateTime). Raises GraphError."""
    try:
        after, before = (odata.instant(call.query[name]) for name in ("startdatetime", "enddatetime"))
    except KeyError:
        message = (
            "This request requires a time window specified by the query string parameters StartDateTime and "
            "EndDateTime."
        )
        raise bad_request(message, "ErrorInvalidParameter") from None
    if before <= after:
        raise bad_request("The end of the window lies before its start.", "ErrorInvalidParameter")
    if (before - after).days > call.world.longest_window:
        raise bad_request("The specified calendar view range is too big.", "ErrorCalendarViewRangeTooBig")
    if (before - after).days > call.world.slow_window:
        raise GraphError(504, "UnknownError", "")
    return after, before


def _rows(call: Call, calendar: Calendar, change: Change, since: int, span: tuple[datetime, datetime]) -> list[Json]:
    """Of one event that changed."""
    book = call.user.calendars
    if change.kind == "left":
        return _gone(call, calendar, change, span) if since or call.world.removed_at_first else []
    event = book.events[change.key]
    if not event.touches(*span):
        name = book.id(event, immutable=call.immutable)
        return [removed(name, "deleted"), *_out(call, event, since, span)] if since else []
    if not event.recurrence:
        return [whole(call, event)]
    return [*_master(call, event, since), *_inside(call, event, since, span), *_out(call, event, since, span)]


def _master(call: Call, event: Event, since: int) -> list[Json]:
    return [whole(call, event)] if event.shown > since and call.user.calendars.masters else []


def _inside(call: Call, event: Event, since: int, span: tuple[datetime, datetime]) -> list[Json]:
    plain = event.days(*span) if event.series > since else ()
    shown = thin if call.user.calendars.thin else occurrence
    rows = [shown(call, event, day, start) for day, start in plain]
    for day, held in event.exceptions.items():
        if max(held.number, event.series) > since and within(held.start, held.end, *span):
            rows.append(exception(call, event, day, held))
    return rows


def _out(call: Call, event: Event, since: int, span: tuple[datetime, datetime]) -> list[Json]:
    """Tombstones of occurrences: those moved out of the window, and the deleted ones when they are told."""
    book = call.user.calendars
    moved = [
        day for day, held in event.exceptions.items()
        if held.number > since > 0 and not within(held.start, held.end, *span)
    ]  # fmt: skip
    lost = {**event.deleted, **event.vanished} if book.occurrence_tombstones and since else {}
    told = [*moved, *(day for day, number in lost.items() if number > since)]
    return [removed(book.id(event, day, immutable=call.immutable), "deleted") for day in told]


def _gone(call: Call, calendar: Calendar, change: Change, span: tuple[datetime, datetime]) -> list[Json]:
    gone = calendar.gone[change.key]
    immutable = ids.immutable("event", change.key, call.user.counter.epoch)
    name = immutable if call.immutable else change.entry
    rows = [removed(name, change.reason)]
    if call.user.calendars.series_tombstones:
        days = [day for day, _ in gone.event.days(*span)] + list(gone.event.exceptions)
        rows += [removed(ids.occurrence(name, day), change.reason) for day in days]
    return rows
