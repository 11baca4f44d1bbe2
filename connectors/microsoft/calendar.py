"""Outlook's calendars: each a stream that follows windows of days; series come as rules and exceptions.

https://learn.microsoft.com/graph/delta-query-events
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from connectors.errors import CursorExpired, StreamEnded, TryLater
from connectors.microsoft import calendar_windows as windows
from connectors.microsoft.calendar_entry import FIELDS, Around, Entry, start_of
from connectors.microsoft.calendar_items import Items, unseen
from connectors.microsoft.calendar_list import Calendars, Listed, ask_calendars
from connectors.microsoft.calendar_windows import Standing
from connectors.microsoft.check import own_addresses
from connectors.microsoft.graph import DELTA, NEXT, Graph, link_in, rows
from connectors.microsoft.refusals import Answered
from connectors.sync.port import Change, Held, Kind, Page, Position, Stream
from connectors.zones import ZULU

PAGE = 100  # rows
READS = 1  # raised when more is read of an entry: then every calendar is listed once more
CONFIRMED = 200  # items that a listing did not show, of which each is asked for; more are believed, behind the guard
_ME = "/me?$select=mail,userPrincipalName,proxyAddresses,otherMails"
_PREFER = 'outlook.timezone="UTC", outlook.body-content-type="text"'
_INSTANCES = 250  # to a page; each has its own guest list
_LONGEST = timedelta(days=1_800)  # of a view; Exchange's limit is five years
_EARLIER = timedelta(days=60)  # so far an instance may have been moved ahead of its series
_ALL_PAGES = 1_000
_NOT_AN_ID = frozenset({"errorinvalididmalformed", "errorinvalidmailboxitemid"})


class Calendar:
    """A `Part`. `page`: rows that a page has about; `since`: the first day that is read, None: some years ago."""

    prefix = "calendar"

    def __init__(self, graph: Graph, source: str, *, page: int = PAGE, since: date | None = None) -> None:
        self._graph, self._source, self._since = graph, source, since
        self._prefer = f"{_PREFER}, odata.maxpagesize={page}"
        self._calendars: Calendars | None = None
        self._own: tuple[str, ...] | None = None

    def streams(self) -> Sequence[Stream]:
        self._calendars = found = ask_calendars(self._graph)
        return [Stream(f"{self.prefix}:{one.id}", one.title, Kind.CALENDAR) for one in found.own]

    def notes(self) -> Sequence[str]:
        """Which calendars are not read, and why."""
        return self._listed().left_out

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        """Raises CursorExpired and StreamEnded (the calendar is not there any more)."""
        calendar = self._calendar(stream)
        standing = self._begun(at, self._mark(calendar))
        items: Items | None = None
        while standing.todo:
            try:
                document = self._page(calendar, standing)
            except CursorExpired:
                if standing.page or not standing.window(standing.todo[0]).link:
                    raise
                # The windows before it may be stored already: there is no going back to the cursor, only a listing.
                standing, items = self._listing(standing.mark), None
                continue
            found = rows(document)
            if found and items is None:
                items = self._items(calendar, standing, held)
            changes = items.changes(found) if items and found else []
            standing = self._behind(standing, document)
            if not standing.todo and not standing.whole:
                yield Page(changes, cursor=_text(windows.rested(standing)))
                return
            yield Page(changes, _text(standing), listed=standing.whole)
        missing = self._missing(items or self._items(calendar, standing, held), held, standing)
        yield Page(missing, cursor=_text(windows.rested(standing)), listed=True)

    def _listed(self) -> Calendars:
        if self._calendars is None:
            self._calendars = ask_calendars(self._graph)
        return self._calendars

    def _calendar(self, stream: Stream) -> Listed:
        item = stream.name.removeprefix(f"{self.prefix}:")
        calendar = next((one for one in self._listed().own if one.id == item), None)
        if calendar is None:
            raise StreamEnded(f"{self._graph.name}: {stream.title}: Outlook does not show you this calendar any more")
        return calendar

    def _mark(self, calendar: Listed) -> str:
        """What an entry's payload depends on beside the entry itself, and how far back is read."""
        said = msgspec.json.encode([READS, calendar.title, self._since])
        return hashlib.blake2b(said, digest_size=8).hexdigest()

    def _begun(self, at: Position, mark: str) -> Standing:
        if at.state:
            standing = msgspec.json.decode(at.state, type=Standing)
            if standing.mark != mark:
                raise CursorExpired(f"{self._graph.name}: the calendar changed its name or its reader")
            return standing
        cursor = msgspec.json.decode(at.cursor, type=Standing) if at.cursor else None
        if cursor is None or cursor.mark != mark:
            return self._listing(mark)
        return windows.following(cursor, self._graph.now(), self._since)

    def _listing(self, mark: str) -> Standing:
        return windows.listing(self._graph.now(), self._since, mark, secrets.token_urlsafe(6))

    def _page(self, calendar: Listed, standing: Standing) -> dict[str, Any]:
        window = standing.window(standing.todo[0])
        try:
            if standing.page or window.link:
                return self._graph.follow(standing.page or window.link, prefer=self._prefer)
            place = "/me" if calendar.is_default_calendar else f"/me/calendars/{quote(calendar.id, safe='')}"
            span = _span(windows.midnight(window.after), windows.midnight(window.before))
            return self._graph.get(f"{place}/calendarView/delta?{span}", prefer=self._prefer)
        except Answered as refused:
            if refused.missing:
                raise StreamEnded(f"{self._graph.name}: {calendar.title}: it is not there any more") from None
            raise

    def _behind(self, standing: Standing, document: dict[str, Any]) -> Standing:
        page, link = link_in(document, NEXT), link_in(document, DELTA)
        if page:
            return msgspec.structs.replace(standing, page=page)
        if not link:
            raise TryLater(f"{self._graph.name}: Microsoft Graph says neither what comes next nor that it is the end")
        return windows.read(standing, link)

    def _items(self, calendar: Listed, standing: Standing, held: Held) -> Items:
        around = Around(calendar.title, self._source, self._addresses())
        return Items(around, _Asking(self._graph, calendar, standing.until), held, standing.listing)

    def _addresses(self) -> tuple[str, ...]:
        """The person's own, the main one first."""
        if self._own is None:
            me = self._graph.get(_ME)
            main = str(me.get("mail") or me.get("userPrincipalName") or "").lower()
            self._own = tuple(sorted(own_addresses(me), key=lambda one: one != main))
        return self._own

    def _missing(self, items: Items, held: Held, standing: Standing) -> list[Change]:
        """What a listing did not show may have moved out of all windows, and lives."""
        missing = unseen(held, standing.listing)
        return [change for item in missing for change in items.asked(item)] if len(missing) <= CONFIRMED else []


class _Asking:
    """An `Asker` of one calendar."""

    def __init__(self, graph: Graph, calendar: Listed, until: datetime) -> None:
        self._graph, self._calendar, self.until = graph, calendar, until

    def entry(self, item: str) -> dict[str, Any] | None:
        try:
            return self._graph.get(_event(item), prefer=_PREFER)
        except Answered as refused:
            if refused.missing or refused.codes & _NOT_AN_ID:
                return None
            raise

    def is_here(self, item: str) -> bool:
        """Where it is not said it is here: nothing is gone that may be there."""
        try:
            place = self._graph.get(f"{_event(item)}/calendar?$select=id").get("id")
        except Answered:
            return True
        return place in (None, self._calendar.id)

    def instances(self, master: Entry) -> list[dict[str, Any]] | None:
        after = datetime.fromisoformat(start_of(master, ZULU).text[:10]).replace(tzinfo=UTC) - _EARLIER
        found: dict[str, dict[str, Any]] = {}
        while after < self.until:
            before = min(after + _LONGEST, self.until)
            query = f"{_span(after, before)}&$select={FIELDS}&$top={_INSTANCES}"
            try:
                found.update((str(one.get("id")), one) for one in self._all(f"{_event(master.id)}/instances?{query}"))
            except Answered as refused:
                if refused.missing:
                    return None
                raise
            after = before
        return list(found.values())

    def _all(self, path: str) -> Iterator[dict[str, Any]]:
        document = self._graph.get(path, prefer=_PREFER)
        for _ in range(_ALL_PAGES):
            yield from rows(document)
            link = link_in(document, NEXT)
            if not link:
                return
            document = self._graph.follow(link, prefer=_PREFER)
        raise TryLater(f"{self._graph.name}: Outlook lists the instances of a series without end; sync again later")


def _event(item: str) -> str:
    return f"/me/events/{quote(item, safe='')}"


def _span(after: datetime, before: datetime) -> str:
    ends = {"startDateTime": after, "endDateTime": before}
    return urlencode({name: f"{end:%Y-%m-%dT%H:%M:%SZ}" for name, end in ends.items()}, safe=":")


def _text(standing: Standing) -> str:
    return msgspec.json.encode(standing).decode()
