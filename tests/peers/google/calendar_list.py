"""calendarList.list: the calendars in a person's list, their own, shared and subscribed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.google.calendar_events import METHODS as EVENTS
from tests.peers.google.calendars import Calendar
from tests.peers.google.call import Call
from tests.peers.google.failures import ApiError
from tests.peers.google.tokens import digest, opened, seal

if TYPE_CHECKING:
    from tests.peers.google.world import World

Json = dict[str, Any]
_RANKS = ("freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
_FREE = frozenset({"pageToken", "syncToken", "maxResults", "fields", "prettyPrint", "alt"})


class CalendarList:
    """`entries`: calendar → what this person set for it, besides what the calendar itself says."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.entries: dict[str, Json] = {}
        self.changed: dict[str, int] = {}
        self.sequence = self.generation = 0

    def put(self, calendar: str, **settings: Any) -> None:
        """Subscribe, or change: hidden, selected, summaryOverride, deleted."""
        self.sequence += 1
        self.entries[calendar] = {**self.entries.get(calendar, {}), **settings}
        self.changed[calendar] = self.sequence

    def remove(self, calendar: str) -> None:
        self.put(calendar, deleted=True)


def calendar_list(call: Call) -> Json:
    mine = call.account.calendars
    since = _since(call, mine)
    least = _RANKS.index(call.text("minAccessRole", _RANKS[0]))
    rows = sorted((number, name) for name, number in mine.changed.items() if number > since)
    entries = [entry for _, name in rows if (entry := _entry(mine, name, call.world))]
    shown = [each for each in entries if _listed(each, call, since) and _rank(each) >= least]
    begin = int((opened(call.text("pageToken")) or {"n": 0})["n"]) if "pageToken" in call.query else 0
    size = call.size("maxResults", 100, 250)
    answer: Json = {"kind": "calendar#calendarList", "etag": f'"l{mine.sequence}"', "items": shown[begin:][:size]}
    if begin + size < len(shown):
        answer["nextPageToken"] = seal(n=begin + size)
    else:
        answer["nextSyncToken"] = seal(l=mine.address, s=mine.sequence, g=mine.generation, p=digest(call.query, _FREE))
    return answer


def _since(call: Call, mine: CalendarList) -> int:
    if "syncToken" not in call.query:
        return 0
    for name in ("minAccessRole", "showOwnOrganizationOnly"):
        if name in call.query:
            raise ApiError(400, "invalid", f"Sync token cannot be used with {name}.", location=name)
    token = opened(call.text("syncToken"))
    if token is None or (token.get("l"), token.get("g")) != (mine.address, mine.generation):
        message = "Sync token is no longer valid, a full sync is required."
        raise ApiError(410, "fullSyncRequired", message, domain="calendar", location="syncToken")
    return int(token["s"]) or -1


def _entry(mine: CalendarList, name: str, world: World) -> Json | None:
    calendar = world.calendars.get(name)
    entry = {"kind": "calendar#calendarListEntry", "id": name, "etag": f'"{mine.changed[name]}"', **mine.entries[name]}
    if calendar is None or mine.address not in calendar.roles or entry.get("deleted"):
        return {name: entry[name] for name in ("kind", "etag", "id")} | {"deleted": True}
    return _described(calendar, mine.address) | entry


def _described(calendar: Calendar, address: str) -> Json:
    shown: Json = {
        "summary": calendar.summary, "timeZone": calendar.time_zone, "accessRole": calendar.roles[address],
        "colorId": "7", "backgroundColor": "#42d692", "foregroundColor": "#000000", "selected": True,
        "defaultReminders": [], "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }  # fmt: skip
    if calendar.id == address:
        shown["primary"] = True
    elif calendar.id.endswith("@group.calendar.google.com"):
        shown["dataOwner"] = calendar.owner
    return shown


def _listed(entry: Json, call: Call, since: int) -> bool:
    if since:
        return True
    return (call.flag("showDeleted") or not entry.get("deleted")) and (
        call.flag("showHidden") or not entry.get("hidden")
    )


def _rank(entry: Json) -> int:
    return _RANKS.index(entry.get("accessRole", _RANKS[0]))


METHODS = {"calendar.calendarList.list": calendar_list, **EVENTS}
