"""events.list, .get and .instances of Calendar v3.
https://developers.google.com/workspace/calendar/api/guides/sync, …/v3/reference/events/list"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from tests.peers.google import occurrences
from tests.peers.google.calendar_views import seen
from tests.peers.google.calendars import DETAILS, Calendar
from tests.peers.google.call import Call
from tests.peers.google.failures import ApiError, invalid
from tests.peers.google.tokens import digest, opened, seal

Json = dict[str, Any]
Row: TypeAlias = tuple[tuple[int, int, int], Json]  # (masters behind their exceptions, change, occurrence)
MOST = 2500
NOT_WITH_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
)  # fmt: skip
_UNKNOWN = frozenset(NOT_WITH_TOKEN) - {"iCalUID", "timeMin", "timeMax"} | {"timeZone"}
_FREE = frozenset({"pageToken", "syncToken", "maxResults", "fields", "prettyPrint", "alt", "timeMin", "timeMax"})


class Run(NamedTuple):
    """What pages of one listing share. `since`: changes behind this number; 0: everything. `begun`: the number when the
    listing began, to which its sync token will belong. `bounds`: timeMin and timeMax of the full listing."""

    since: int
    begun: int
    bounds: tuple[str, str]


def calendar_of(call: Call) -> tuple[Calendar, str]:
    """The calendar of a request and the role in which it is asked."""
    name = call.account.address if call.path["calendarId"] == "primary" else call.path["calendarId"]
    calendar = call.world.calendars.get(name)
    role = calendar.roles.get(call.account.address) if calendar else None
    owned = {"calendar.events.owned", "calendar.events.owned.readonly"}
    if calendar is None or role is None:
        raise ApiError(404, "notFound", "Not Found")
    if call.scopes & call.method.scopes <= owned and calendar.owner != call.account.address:
        raise ApiError(404, "notFound", "Not Found")
    return calendar, role


def events_list(call: Call) -> Json:
    calendar, role = calendar_of(call)
    run = _run(call, calendar, role)
    rows = _rows(call, calendar, run)
    page, more = _cut(call, rows)
    details = call.flag("showDeleted") and role in DETAILS
    most = call.size("maxAttendees", 0, 10_000) if "maxAttendees" in call.query else None
    answer = _head(calendar, role)
    answer["items"] = [seen(each, calendar, role, most, details=details) for _, each in page]
    if more:
        answer["nextPageToken"] = seal(**more, run=run)
    elif "iCalUID" not in call.query:
        mark = digest(call.query, _FREE)
        answer["nextSyncToken"] = seal(
            c=calendar.id, s=run.begun, p=mark, g=calendar.generation, r=role, b=run.bounds
        )  # fmt: skip
    return answer


def events_get(call: Call) -> Json:
    calendar, role = calendar_of(call)
    identity = call.path["eventId"]
    if identity in calendar.forgotten:
        raise ApiError(410, "deleted", "Resource has been deleted")
    event = calendar.events.get(identity) or _occurrence(calendar, identity)
    if event is None:
        raise ApiError(404, "notFound", "Not Found")
    return seen(event, calendar, role, None, details=True)


def instances(call: Call) -> Json:
    calendar, role = calendar_of(call)
    master = calendar.events.get(call.path["eventId"])
    if master is None:
        raise ApiError(404, "notFound", "Not Found")
    shown = [each for each in _expanded(master, calendar) if call.flag("showDeleted") or each["status"] != "cancelled"]
    page, more = _cut(call, [((0, 0, number), each) for number, each in enumerate(shown)])
    answer = _head(calendar, role)
    answer["items"] = [seen(each, calendar, role, None) for _, each in page]
    if more:
        answer["nextPageToken"] = seal(**more, run=(0, 0, ("", "")))
    return answer


def _cut(call: Call, rows: list[Row]) -> tuple[list[Row], Json]:
    """A page, and what its successor's token holds. It begins behind the last row shown, so that an event that changes
    meanwhile is shown again and none is lost; while pages shift, at a number."""
    token = _page(call)
    begin = 0
    if token is not None:
        last = (token["k"][0], token["k"][1], token["k"][2])
        begin = token["n"] if call.world.pages_shift else bisect_right(rows, last, key=lambda row: row[0])
    end = begin + call.size("maxResults", 250, MOST)
    page = rows[begin:end]
    return page, {"n": end, "k": page[-1][0]} if page and end < len(rows) else {}


def _run(call: Call, calendar: Calendar, role: str) -> Run:
    page, token = _page(call), _token(call, calendar, role)
    if page is not None:
        since, begun, bounds = page["run"]
        return Run(since, begun, tuple(bounds))
    if token is None:
        _known(call)
        return Run(0, calendar.sequence, (call.text("timeMin"), call.text("timeMax")))
    return Run(token["s"] or -1, calendar.sequence, tuple(token["b"]))


def _known(call: Call) -> None:
    """What this server would pass over in silence it refuses, so that no test believes in it."""
    for name in _UNKNOWN & call.query.keys():
        raise ApiError(501, "notImplemented", f"this server does not know {name}", location=name)


def _page(call: Call) -> Json | None:
    if "pageToken" not in call.query:
        return None
    page = opened(call.text("pageToken"))
    if page is None or "run" not in page:
        raise ApiError(400, "invalid", "Invalid page token value.", location="pageToken")
    return page


def _token(call: Call, calendar: Calendar, role: str) -> Json | None:
    if "syncToken" not in call.query:
        return None
    for name in NOT_WITH_TOKEN:
        if name in call.query:
            raise ApiError(400, "invalid", f"Sync token cannot be used with {name}.", location=name)
    if call.text("showDeleted") == "false":
        raise ApiError(400, "invalid", "Sync token cannot be used with showDeleted=false.", location="showDeleted")
    token = opened(call.text("syncToken"))
    if token is None or (token.get("c"), token.get("g"), token.get("r")) != (calendar.id, calendar.generation, role):
        message = "Sync token is no longer valid, a full sync is required."
        raise ApiError(410, "fullSyncRequired", message, domain="calendar", location="syncToken")
    if token["p"] != digest(call.query, _FREE):
        raise ApiError(400, "invalid", "Invalid sync token value.", location="syncToken")
    return token


def _rows(call: Call, calendar: Calendar, run: Run) -> list[Row]:
    types, uid = call.many("eventTypes"), call.text("iCalUID")
    after, before = (_bound(each) for each in run.bounds)
    everything = not run.since

    def wanted(event: Json) -> bool:
        if everything and not call.flag("showDeleted") and not _alive(event, calendar, call):
            return False
        if (types and event["eventType"] not in types) or uid not in ("", event["iCalUID"]):
            return False
        if not everything and event["status"] == "cancelled":
            return True
        return (after is None and before is None) or occurrences.overlaps(event, calendar.time_zone, after, before)

    rows: list[Row] = []
    for event in calendar.events.values():
        number = calendar.changed[event["id"]]
        if number > run.since:
            group = int(calendar.exceptions_first and "recurringEventId" not in event)
            series = call.flag("singleEvents") and event.get("recurrence")
            shown = _expanded(event, calendar, exceptions=False) if series else [event]
            rows += [((group, number, place), each) for place, each in enumerate(shown) if wanted(each)]
    return sorted(rows, key=lambda row: row[0])


def _expanded(master: Json, calendar: Calendar, *, exceptions: bool = True) -> list[Json]:
    """A series' occurrences; with the exceptions in their places, or without those occurrences."""
    own = {e["id"]: e for e in calendar.events.values() if e.get("recurringEventId") == master["id"]}
    if master["status"] == "cancelled":
        return [{**each, "status": "cancelled"} for each in occurrences.expand(master, calendar.time_zone)]
    shown = {each["id"]: each for each in occurrences.expand(master, calendar.time_zone)}
    if exceptions:
        return list({**shown, **own}.values())
    return [each for each in shown.values() if each["id"] not in own]


def _occurrence(calendar: Calendar, identity: str) -> Json | None:
    master = calendar.events.get(identity.rpartition("_")[0])
    if master is None or not master.get("recurrence"):
        return None
    return next((each for each in _expanded(master, calendar) if each["id"] == identity), None)


def _alive(event: Json, calendar: Calendar, call: Call) -> bool:
    """Cancelled occurrences of a living series are listed too, unless single events were asked for."""
    if event["status"] != "cancelled":
        return True
    master = calendar.events.get(event.get("recurringEventId", ""))
    return master is not None and master["status"] != "cancelled" and not call.flag("singleEvents")


def _head(calendar: Calendar, role: str) -> Json:
    return {
        "kind": "calendar#events", "etag": f'"p{calendar.sequence}"', "summary": calendar.summary,
        "timeZone": calendar.time_zone, "accessRole": role, "defaultReminders": [],
        "updated": max((event["updated"] for event in calendar.events.values()), default="1970-01-01T00:00:00.000Z"),
    }  # fmt: skip


def _bound(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise invalid("timeMin", "Bad Request")
    return moment


METHODS = {
    "calendar.events.list": events_list,
    "calendar.events.get": events_get,
    "calendar.events.instances": instances,
}
