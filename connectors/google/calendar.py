"""Google Calendar: one stream a calendar, by sync tokens. Series come as rules and exceptions, without a window.

https://developers.google.com/workspace/calendar/api/guides/sync. A token belongs to the parameters that it was made
with, and to what we made of the entries then: both stand beside it, and where they changed everything is listed anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from connectors.errors import CursorExpired, StreamEnded
from connectors.google.calendar_entry import FIELDS, Around, zone_named
from connectors.google.calendar_items import Items
from connectors.google.calendar_list import Calendars, Listed, ask_calendars
from connectors.google.client import Client
from connectors.google.gmail_listing import entries, token_in
from connectors.google.refusals import Answered
from connectors.http_body import TooLarge
from connectors.sync.port import Held, Kind, Page, Position, Stream

PAGE = 2500  # the most that a page may have
LARGEST, SMALL = 50_000_000, 100  # bytes of a page, and entries of the next ones where it would have more
READS = 1  # raised when more is read of an entry: then every calendar is listed once more
_ASKED = {"showDeleted": True, "singleEvents": False}
_LIST_FIELDS = f"items({FIELDS}),nextPageToken,nextSyncToken"
_BAD, _NOT_FOUND, _GONE = 400, 404, 410
_DELETED = "deleted"  # as the reason of a 410: what was asked for is gone, not the token


class _State(msgspec.Struct, array_like=True, frozen=True):
    """A run in progress: the page that comes next, the sync token it began with ("" a listing), and `_mark`."""

    page: str
    token: str
    mark: str


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    token: str
    mark: str


class Calendar:
    """A `Part`. `page`: entries that a page has at most."""

    prefix = "calendar"

    def __init__(self, client: Client, source: str, *, page: int = PAGE) -> None:
        self._client, self._source, self._size = client, source, page
        self._service = client.service("calendar", LARGEST)
        self._events = self._service.methods.events()
        self._calendars: Calendars | None = None

    def streams(self) -> Sequence[Stream]:
        self._calendars = found = ask_calendars(self._service)
        return [Stream(f"{self.prefix}:{one.id}", one.title, Kind.CALENDAR) for one in (*found.own, *found.shared)]

    def notes(self) -> Sequence[str]:
        """What a person should know of calendars that are not theirs, and of those that are not read."""
        found = self._listed()
        partly = ", ".join(one.title for one in found.shared)
        said = [f"of calendars of others ({partly}) only what you take part in counts"] if partly else []
        return [*said, *found.left_out]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        """Raises CursorExpired and StreamEnded (the calendar is not shown to the person any more)."""
        calendar = self._calendar(stream)
        mark = self._mark(calendar)
        state = self._begun(at, mark)
        items = self._items(calendar, held)
        while True:
            document = self._page(calendar, state)
            changes = items.changes(entries(document, "items"))
            page = token_in(document)
            if page is None:
                break
            state = msgspec.structs.replace(state, page=page)
            yield Page(changes, msgspec.json.encode(state).decode(), listed=not state.token)
        token = document.get("nextSyncToken")
        cursor = msgspec.json.encode(_Cursor(token, mark)).decode() if isinstance(token, str) and token else None
        yield Page(changes, cursor=cursor, listed=not state.token)

    def _listed(self) -> Calendars:
        if self._calendars is None:
            self._calendars = ask_calendars(self._service)
        return self._calendars

    def _calendar(self, stream: Stream) -> Listed:
        found = self._listed()
        item = stream.name.removeprefix(f"{self.prefix}:")
        calendar = next((one for one in (*found.own, *found.shared) if one.id == item), None)
        if calendar is None:
            raise StreamEnded(f"{self._client.name}: {stream.title}: Google does not show you this calendar any more")
        return calendar

    def _mark(self, calendar: Listed) -> str:
        """What an entry's payload depends on beside the entry itself, and the parameters of the listing."""
        whose = sorted(self._mine(calendar) or ())
        said = msgspec.json.encode([READS, _ASKED, _LIST_FIELDS, calendar.title, calendar.time_zone, whose])
        return hashlib.blake2b(said, digest_size=8).hexdigest()

    def _mine(self, calendar: Listed) -> frozenset[str] | None:
        found = self._listed()
        return None if calendar in found.own else frozenset({found.address} - {""})

    def _begun(self, at: Position, mark: str) -> _State:
        if at.state:
            state = msgspec.json.decode(at.state, type=_State)
            if state.mark != mark:
                raise CursorExpired(f"{self._client.name}: the calendar changed its name or its reader")
            return state
        cursor = msgspec.json.decode(at.cursor, type=_Cursor) if at.cursor else _Cursor("", mark)
        return _State("", cursor.token if cursor.mark == mark else "", mark)

    def _items(self, calendar: Listed, held: Held) -> Items:
        around = Around(calendar.title, zone_named(calendar.time_zone), self._source)
        return Items(around, calendar.id, held, lambda item: self._get(calendar, item), mine=self._mine(calendar))

    def _page(self, calendar: Listed, state: _State) -> dict[str, Any]:
        try:
            return self._asked_for(calendar, state)
        except TooLarge:
            if self._size <= SMALL:
                raise
            self._size = SMALL
            return self._asked_for(calendar, state)

    def _asked_for(self, calendar: Listed, state: _State) -> dict[str, Any]:
        request = self._events.list(
            calendarId=calendar.id, maxResults=self._size, pageToken=state.page or None, syncToken=state.token or None,
            fields=_LIST_FIELDS, **_ASKED,
        )  # fmt: skip
        try:
            return self._service.ask(request)
        except Answered as refused:
            if _is_away(refused):
                raise StreamEnded(f"{self._client.name}: {calendar.title}: it is not there any more") from None
            if refused.status in {_BAD, _GONE} and (state.token or state.page):
                raise CursorExpired(str(refused)) from None
            raise

    def _get(self, calendar: Listed, item: str) -> dict[str, Any] | None:
        """An entry by itself; None where it is gone for good."""
        try:
            return self._service.ask(self._events.get(calendarId=calendar.id, eventId=item, fields=FIELDS))
        except Answered as refused:
            if refused.status in {_NOT_FOUND, _GONE}:
                return None
            raise


def _is_away(refused: Answered) -> bool:
    return refused.status == _NOT_FOUND or (refused.status == _GONE and _DELETED in refused.reasons)
