"""Outlook's calendars: each a stream that follows windows of days; series come as rules and exceptions.

https://learn.microsoft.com/graph/delta-query-events
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from connectors.errors import CursorExpired, StreamEnded, TryLater
from connectors.http import TooLarge
from connectors.microsoft import calendar_windows as windows
from connectors.microsoft.calendar_asking import PREFER, Asking, days
from connectors.microsoft.calendar_entry import Around
from connectors.microsoft.calendar_items import Items, unseen
from connectors.microsoft.calendar_list import Calendars, Listed, ask_calendars
from connectors.microsoft.calendar_steps import some
from connectors.microsoft.calendar_windows import Standing, Waiting
from connectors.microsoft.check import own_addresses
from connectors.microsoft.graph import DELTA, NEXT, Graph, link_in, rows
from connectors.microsoft.refusals import Answered, Denied, Failing, TooMuch
from connectors.microsoft.stuck import Failures, Stuck
from connectors.sync.port import Change, Held, Kind, Page, Position, Stream
from events.errors import AmityError

PAGE = 500  # rows; an occurrence of a series is a short one
READS = 2  # raised when more is read of an entry: then every calendar is listed once more
CONFIRMED = 200  # items that a listing did not show, of which each is asked for; more are believed, behind the guard
_ME = "/me?$select=mail,userPrincipalName,proxyAddresses,otherMails"
_SMALLER = 10  # times


class Calendar:
    """A `Part`. `page`: rows that a page has about; `since`: the first day that is read, None: some years ago.

    `shared`: the calendars of others that are the person's time too, by name, or by the address of a mailbox.
    """

    prefix = "calendar"

    def __init__(
        self, graph: Graph, source: str, *, page: int = PAGE, since: date | None = None, shared: Sequence[str] = ()
    ) -> None:
        self._graph, self._source, self._since, self._shared = graph, source, since, shared
        self._size = page
        self._calendars: Calendars | None = None
        self._own: tuple[str, ...] | None = None
        self._stuck = Stuck()

    def streams(self) -> Sequence[Stream]:
        self._calendars = found = ask_calendars(self._graph, self._shared)
        return [Stream(f"{self.prefix}:{one.id}", one.title, Kind.CALENDAR) for one in found.own]

    def notes(self) -> Sequence[str]:
        """Which calendars are not read, and why; and whose those are that were chosen."""
        found = self._listed()
        whose = [(one.title, one.owned_by or one.mailbox) for one in found.own if one.others]
        return found.left_out + [
            f"{title} shows the time of {owner}: it is yours where you take part; for all of it, that address belongs"
            " under [me] addresses in amity.toml"
            for title, owner in whose
            if owner
        ]

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        """Raises CursorExpired and StreamEnded (the calendar is not there any more).

        What pages show and do not tell is asked for in small steps, so that whoever is stopped there goes on there.
        """
        calendar = self._calendar(stream)
        standing = self._begun(at, self._mark(calendar))
        items = _Lazily(lambda: self._items(calendar, standing, held))
        while True:
            broken: AmityError | None = None
            changes: list[Change] = []
            if standing.waiting:
                changes, standing, broken = some(items.get(), standing)
            elif standing.todo:
                changes, standing, broken = self._next(calendar, standing, items)
            elif standing.whole and not standing.confirming:
                standing = _unconfirmed(standing, held)
            if standing.is_read:
                yield Page(changes, cursor=_text(windows.rested(standing)), listed=standing.whole)
                return
            yield Page(changes, _text(standing), listed=standing.whole)
            if broken is not None:
                raise broken

    def _next(
        self, calendar: Listed, standing: Standing, items: _Lazily
    ) -> tuple[list[Change], Standing, AmityError | None]:
        """A page of the window in progress; where it is too much for Graph, the window goes on by halves."""
        try:
            document = self._page(calendar, standing)
        except CursorExpired:
            if standing.page or not standing.window(standing.todo[0]).link:
                raise
            # The windows before it may be stored already: there is no going back to the cursor, only a listing.
            items.renew()
            return [], self._listing(standing.mark), None
        except (Failing, Answered) as refused:
            return [], *self._unanswered(calendar, standing, items, refused)
        found = rows(document)
        changes, waiting = items.get().changes(found) if found else ([], ())
        waiting = tuple(one for one in waiting if one.item not in standing.sick)  # asked for in this run
        behind = msgspec.structs.replace(self._behind(standing, document), waiting=waiting, failed=0)
        return changes, behind, None

    def _unanswered(
        self, calendar: Listed, standing: Standing, items: _Lazily, refused: Failing | Answered
    ) -> tuple[Standing, AmityError | None]:
        """Where a page that was not shown leaves us, and what to stop with first."""
        much = isinstance(refused, TooMuch) or (isinstance(refused, Answered) and refused.too_big)
        halves = windows.halved(standing) if much else None
        if halves is not None:
            return halves, refused if isinstance(refused, TooMuch) and refused.after_seconds is not None else None
        try:
            failed = Failures(self._stuck, calendar.id).behind(standing.failed, refused)
        except CursorExpired:
            if standing.window(standing.todo[0]).link:
                items.renew()
                return self._listing(standing.mark), None
            halves = windows.halved(standing)
            if halves is None:
                raise
            return halves, None
        return msgspec.structs.replace(standing, failed=failed), refused

    def _listed(self) -> Calendars:
        if self._calendars is None:
            self._calendars = ask_calendars(self._graph, self._shared)
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
        try:
            return self._asked(calendar, standing, self._size)
        except TooLarge:  # texts cannot be left out
            return self._asked(calendar, standing, max(1, self._size // _SMALLER))
        except Answered as refused:
            if not refused.missing:
                raise
            if self._graph.lacks(calendar.itself):
                raise StreamEnded(f"{self._graph.name}: {calendar.title}: it is not there any more") from None
            if standing.page or standing.window(standing.todo[0]).link:
                raise CursorExpired(f"{self._graph.name}: {calendar.title}: this page is not there any more") from None
            raise
        except Denied:
            if calendar.others:  # who shared it does so no more; that is no matter of the whole account
                raise StreamEnded(f"{self._graph.name}: {calendar.title}: you may not read it any more") from None
            raise

    def _asked(self, calendar: Listed, standing: Standing, size: int) -> dict[str, Any]:
        window, prefer = standing.window(standing.todo[0]), f"{PREFER}, odata.maxpagesize={size}"
        if standing.page or window.link:
            return self._graph.follow(standing.page or window.link, prefer=prefer)
        span = days(windows.midnight(window.after), windows.midnight(window.before))
        return self._graph.get(f"{calendar.view}/calendarView/delta?{span}", prefer=prefer)

    def _behind(self, standing: Standing, document: dict[str, Any]) -> Standing:
        page, link = link_in(document, NEXT), link_in(document, DELTA)
        if page:
            return msgspec.structs.replace(standing, page=page)
        if not link:
            raise TryLater(f"{self._graph.name}: Microsoft Graph says neither what comes next nor that it is the end")
        return windows.read(standing, link)

    def _items(self, calendar: Listed, standing: Standing, held: Held) -> Items:
        around = Around(calendar.title, self._source, self._addresses())
        asking = Asking(self._graph, calendar, standing.after, standing.until)
        return Items(around, asking, held, standing.listing)

    def _addresses(self) -> tuple[str, ...]:
        """The person's own, the main one first."""
        if self._own is None:
            me = self._graph.get(_ME)
            main = str(me.get("mail") or me.get("userPrincipalName") or "").lower()
            self._own = tuple(sorted(own_addresses(me), key=lambda one: one != main))
        return self._own


class _Lazily:
    """The items of a run, made when the first row is read: they need the person's own addresses."""

    def __init__(self, make: Callable[[], Items]) -> None:
        self._make = make
        self._made: Items | None = None

    def get(self) -> Items:
        if self._made is None:
            self._made = self._make()
        return self._made

    def renew(self) -> None:
        self._made = None


def _unconfirmed(standing: Standing, held: Held) -> Standing:
    """What a listing did not show may have moved out of all windows, and lives: it is asked for."""
    missing = unseen(held, standing.listing)
    few = missing if len(missing) <= CONFIRMED else []
    waiting = tuple(Waiting(item, doubted=True) for item in few)
    return msgspec.structs.replace(standing, waiting=waiting, confirming=True)


def _text(standing: Standing) -> str:
    return msgspec.json.encode(standing).decode()
