"""Calendars at the fake Graph as the contract's world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count

from connectors.credentials.secret import Secret
from connectors.http import Limits
from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.calendar import Calendar
from connectors.microsoft.graph import Graph as Client
from connectors.microsoft.scopes import Feature
from connectors.sync.provider import InMemory
from tests.connectors.microsoft.worlds import client, signed_in
from tests.contracts.connector import World
from tests.peers.graph import Graph
from tests.peers.graph.calendars import Event
from tests.peers.graph.diary import Diary

PAGE = 5
_NUMBERS = count(1)
FIVE_YEARS = 1_826 * 86_400  # seconds


def keeper(graph: Graph, *features: Feature) -> InMemory:
    return InMemory(Secret(signed_in(graph, *features).secret.reveal()))


def account(
    graph: Graph, keeper: InMemory, page: int = PAGE, since: date | None = None, *,
    limits: Limits = Limits(),  # noqa: B008  immutable
    shared: Sequence[str] = (),
) -> MicrosoftAccount:  # fmt: skip
    """A connector of the calendars alone, in the fake's time."""

    def part(graph: Client, source: str) -> Calendar:
        return Calendar(graph, source, page=page, since=since, shared=shared)

    asking, wanted = client(graph, keeper, limits), [Feature.CALENDAR, Feature.SHARED]
    return MicrosoftAccount(asking, wanted, source="microsoft:test", parts={Feature.CALENDAR: part})


class CalendarWorld(World):
    """The main calendar and another one of the same person."""

    def __init__(self, graph: Graph, page: int = PAGE) -> None:
        self.graph, self.fake, self._page = graph, graph.world, page
        self.keeper = keeper(graph, Feature.CALENDAR)
        self.calendars = [self.fake.calendar(), self.fake.new_calendar("Calendar")]
        self.items: dict[str, Event] = {}
        self._changes = count(1)

    def connector(self) -> MicrosoftAccount:
        return account(self.graph, self.keeper, self._page)

    def add(self, count: int = 1) -> list[str]:
        return [self._added(f"meeting-{next(_NUMBERS)}@example.org") for _ in range(count)]

    def change(self, item: str) -> None:
        self._of(item).change(self.items[item], start=self.hour(1 + next(self._changes)))

    def remove(self, item: str) -> None:
        self._of(item).delete(self.items.pop(item))

    def move(self, item: str) -> None:
        event = self.items[item]
        here, there = self.calendars if event.calendar == self.calendars[0].calendar.key else self.calendars[::-1]
        here.move(event, there.id)

    def living(self) -> set[str]:
        return set(self.items)

    def requests(self) -> int:
        return len(self.fake.asked)

    def expire(self) -> None:
        self.fake.expire_deltas()

    def recreate(self) -> None:
        """The mailbox goes to another server: every id is another one, those of calendars too."""
        self.fake.move_mailbox()

    def hour(self, days: int) -> datetime:
        """Of a day of the present, in the fake's time."""
        now = datetime.fromtimestamp(self.fake.clock.now(), UTC)
        return now.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=days)

    def _added(self, uid: str) -> str:
        self.items[uid] = self.calendars[0].put(f"Talk {uid}", self.hour(1), uid=uid)
        return uid

    def _of(self, item: str) -> Diary:
        key = self.items[item].calendar
        return next(one for one in self.calendars if one.calendar.key == key)
