"""Google Calendar: one stream a calendar, by sync tokens. Series come as rules and exceptions, without a window.

https://developers.google.com/workspace/calendar/api/guides/sync
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from connectors.errors import CursorExpired, StreamEnded
from connectors.google.calendar_entry import FIELDS, Around, zone_named
from connectors.google.calendar_items import Items
from connectors.google.calendar_list import Calendars, Listed, ask_calendars
from connectors.google.client import Client, Service
from connectors.google.refusals import Answered
from connectors.google.synced import ENDLESS, Shown, pages
from connectors.http_body import TooLarge
from connectors.sync.port import Change, Held, Kind, Page, Position, Stream

PAGE = 2500  # the most that a page may have
LARGEST, SMALL = 50_000_000, 100  # bytes of a page, and entries of the next ones where it would have more
READS = 1  # raised when more is read of an entry: then every calendar is listed once more
_ASKED = {"showDeleted": True, "singleEvents": False}
_LIST_FIELDS = f"items({FIELDS}),nextPageToken,nextSyncToken"
_BAD, _NOT_FOUND, _GONE = 400, 404, 410
_DELETED = "deleted"  # as the reason of a 410: what was asked for is gone, not the token


class Calendar:
    """A `Part`. `page`: entries that a page has at most."""

    prefix = "calendar"

    def __init__(self, client: Client, source: str, *, page: int = PAGE) -> None:
        self._client, self._source, self._size = client, source, page
        self._service = client.service("calendar", LARGEST)
        self._calendars: Calendars | None = None
        self._shown: dict[str, Shown] = defaultdict(Shown)

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
        found = self._listed()
        item = stream.name.removeprefix(f"{self.prefix}:")
        calendar = next((one for one in (*found.own, *found.shared) if one.id == item), None)
        if calendar is None:
            raise StreamEnded(f"{self._client.name}: {stream.title}: Google does not show you this calendar any more")
        mine = None if calendar in found.own else frozenset({found.address} - {""})
        around = Around(calendar.title, zone_named(calendar.time_zone), self._source)
        entries = _Entries(self._service, calendar, around, held, mine=mine, size=self._size)
        yield from pages(entries, at, held, self._shown[item], self._client.now())

    def _listed(self) -> Calendars:
        if self._calendars is None:
            self._calendars = ask_calendars(self._service)
        return self._calendars


class _Entries:
    """The entries of one calendar; see `connectors.google.synced.Source`."""

    key, name, lasts = "items", "id", ENDLESS

    def __init__(
        self, service: Service, calendar: Listed, around: Around, held: Held, *, mine: frozenset[str] | None, size: int
    ) -> None:
        self._service, self._calendar, self._size = service, calendar, size
        self._events = service.methods.events()
        self._items = Items(around, calendar.id, held, self._get, mine=mine)
        self.mark = _mark(calendar, mine)

    def page(self, page: str, token: str) -> dict[str, Any]:
        try:
            return self._asked_for(page, token)
        except TooLarge:
            if self._size <= SMALL:
                raise
            self._size = SMALL
            return self._asked_for(page, token)

    def changes(self, documents: Iterable[dict[str, Any]]) -> list[Change]:
        return self._items.changes(documents)

    def _asked_for(self, page: str, token: str) -> dict[str, Any]:
        request = self._events.list(
            calendarId=self._calendar.id, maxResults=self._size, pageToken=page or None, syncToken=token or None,
            fields=_LIST_FIELDS, **_ASKED,
        )  # fmt: skip
        try:
            return self._service.ask(request)
        except Answered as refused:
            if _is_away(refused):
                raise StreamEnded(f"{refused}; this calendar is not there any more") from None
            if refused.status in {_BAD, _GONE} and (token or page):
                raise CursorExpired(str(refused)) from None
            raise

    def _get(self, item: str) -> dict[str, Any] | None:
        """An entry by itself; None where it is gone for good."""
        try:
            return self._service.ask(self._events.get(calendarId=self._calendar.id, eventId=item, fields=FIELDS))
        except Answered as refused:
            if refused.status in {_NOT_FOUND, _GONE}:
                return None
            raise


def _mark(calendar: Listed, mine: frozenset[str] | None) -> str:
    """What an entry's payload depends on beside the entry itself, and the parameters of the listing."""
    whose = sorted(mine) if mine is not None else None
    said = msgspec.json.encode([READS, _ASKED, _LIST_FIELDS, calendar.title, calendar.time_zone, whose])
    return hashlib.blake2b(said, digest_size=8).hexdigest()


def _is_away(refused: Answered) -> bool:
    return refused.status == _NOT_FOUND or (refused.status == _GONE and _DELETED in refused.reasons)
