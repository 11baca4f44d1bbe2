"""Calendars at the fake Google as the contract's world, and a log that follows them."""

from __future__ import annotations

from itertools import count
from typing import Any

from connectors.google.account import GoogleAccount
from connectors.google.calendar import Calendar
from connectors.google.scopes import Feature, asked
from connectors.sync.provider import InMemory
from tests.connectors.google.worlds import client, secret
from tests.contracts.connector import World
from tests.peers.google import Google

ONE, TWO = "one@group.calendar.google.com", "two@group.calendar.google.com"
PAGE = 5
_NUMBERS = count(1)


def account(
    google: Google, page: int = PAGE, *, address: str | None = None, source: str = "google:test"
) -> GoogleAccount:
    """A connector of the calendars alone, in the fake's time. `address`: whose; None: the one person's."""
    scopes = [scope.rpartition("/")[2] for scope in asked([Feature.CALENDAR])]
    keeper = InMemory(secret(google, google.world.grant(*scopes, address=address)))
    parts = {Feature.CALENDAR: lambda client, source: Calendar(client, source, page=page)}
    return GoogleAccount(client(google, keeper), [Feature.CALENDAR], source=source, parts=parts)


class CalendarWorld(World):
    """Two calendars that the person made, of one name, beside the main one, which stays empty."""

    def __init__(self, google: Google, page: int = PAGE) -> None:
        self.google, self.fake, self._page = google, google.world, page
        self.calendars = [self.fake.new_calendar(name, summary="Work") for name in (ONE, TWO)]
        self._ids: dict[str, str] = {}
        self._at: dict[str, int] = {}
        self._changes = count(1)

    def connector(self) -> GoogleAccount:
        return account(self.google, self._page)

    def add(self, count: int = 1) -> list[str]:
        uids = [f"meeting-{next(_NUMBERS)}@google.com" for _ in range(count)]
        for uid in uids:
            made = self.calendars[0].put(iCalUID=uid, summary=f"Talk {uid}", **hours(1))
            self._ids[uid], self._at[uid] = made["id"], 0
        return uids

    def change(self, item: str) -> None:
        self._of(item).put(id=self._ids[item], **hours(1 + next(self._changes)))

    def remove(self, item: str) -> None:
        self._of(item).cancel(self._ids.pop(item))

    def move(self, item: str) -> None:
        old, self._at[item] = self._of(item), 1 - self._at[item]
        old.move(self._ids[item], self._of(item))

    def living(self) -> set[str]:
        return set(self._ids)

    def requests(self) -> int:
        return len(self.fake.asked)

    def expire(self) -> None:
        self.fake.expire_sync_tokens()

    def _of(self, item: str) -> Any:
        return self.calendars[self._at[item]]


def hours(day: int) -> dict[str, Any]:
    """An hour of that day of February 2026, in Berlin."""
    return {
        end: {"dateTime": f"2026-02-{day:02}T{hour}:00:00+01:00", "timeZone": "Europe/Berlin"}
        for end, hour in (("start", 10), ("end", 11))
    }
