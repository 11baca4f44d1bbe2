"""A large account at the fake Graph, a program that is killed at any request, and what the fake's log says of both."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from connectors.http import Limits
from connectors.microsoft.account import MicrosoftAccount, parts_of
from connectors.microsoft.clouds import base
from connectors.microsoft.graph import Graph as Client
from connectors.microsoft.renewing import Renewing
from connectors.microsoft.scopes import Feature
from connectors.sync.loop import sync
from connectors.sync.port import Held, Page, Position, Stream
from connectors.sync.provider import InMemory
from connectors.sync.result import SyncResult
from events.log import Log
from tests.connectors.microsoft.worlds import signed_in
from tests.contracts.connector import Killed
from tests.peers.graph import Graph
from tests.peers.graph.recurrence import weekly
from tests.peers.graph.world import Asked, World

WANTED = (Feature.WORDS, Feature.CALENDAR)
YEARS = 5
READ_FOLDERS = ("inbox", "sentitems", "archive", "junkemail", "deleteditems")  # of every mailbox
_PAGES = ("/messages/delta", "/messages", "/calendarView/delta")
_BERLIN = ZoneInfo("Europe/Berlin")


def filled(world: World, *, messages: int, folders: int, series: int, seed: int) -> None:
    """Mail of the last ten years, unevenly among the folders; weekly series of two hours' length at most, changed and
    deleted instances among them."""
    chance = random.Random(seed)  # noqa: S311  seeded
    box, diary = world.mail(), world.calendar()
    ids = [*READ_FOLDERS, *(box.new_folder(f"Project {number}") for number in range(folders - len(READ_FOLDERS)))]
    now = datetime.fromtimestamp(world.clock.now(), UTC)
    for _ in range(messages):
        when = now - timedelta(seconds=chance.randrange(10 * 365 * 86_400))
        box.add(ids[min(chance.randrange(folders), chance.randrange(folders))], at=when, read=chance.random() < 0.5)
    monday = datetime(now.year - YEARS, now.month, 1, tzinfo=_BERLIN)
    for number in range(series):
        start = monday + timedelta(days=number % 7, hours=8 + number % 9)
        made = diary.put(f"Series {number}", start, attendees=[f"p{number % 30}@example.org"], repeat=weekly())
        day = start + timedelta(weeks=chance.randrange(52 * YEARS))
        diary.change_occurrence(made, day.date().isoformat(), start=day + timedelta(hours=3))
        diary.delete_occurrence(made, (day + timedelta(weeks=1)).date().isoformat())


class Dying(Client):
    """A client whose program is killed at its last request: before it is sent, or when its answer has come."""

    requests = -1  # that are left; below zero: without end
    late = False

    def _asked(self, url: str, prefer: str, *, link: bool) -> dict[str, Any]:
        self.requests -= 1
        if self.requests == 0 and not self.late:
            raise Killed
        answer = super()._asked(url, prefer, link=link)
        if self.requests == 0:
            raise Killed
        return answer


class Account:
    """The account, and what was stored of it. `stored`: the pages; `repeated`: those that were asked for again."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.world = graph, graph.world
        self.keeper = InMemory(signed_in(graph, *WANTED).secret)
        self.stored: set[str] = set()
        self.repeated: list[str] = []

    def run(self, log: Log, *, requests: int = -1, late: bool = False) -> SyncResult | None:
        """One run, in which waiting takes no time; None where the program was killed."""
        auth, limits = Renewing(self.keeper, "test", endpoint=self.graph.url), Limits()
        client = Dying(auth, "test", base=base("global", self.graph.url), limits=limits, wall=self.world.clock.now)
        client.requests, client.late = requests, late
        since = date(datetime.fromtimestamp(self.world.clock.now(), UTC).year - YEARS, 1, 1)
        account = MicrosoftAccount(client, WANTED, source="microsoft:test", parts=parts_of(since))
        clock = self.world.clock
        try:
            return sync(Watched(account, self), log, clock=clock.now, sleep=clock.advance, chance=lambda: 0.5)
        except Killed:
            return None
        finally:
            account.close()

    def note(self, asked: Sequence[Asked], *, stored: bool) -> None:
        pages = [one.target for one in asked if one.status == HTTPStatus.OK and _is_page(one)]
        self.repeated += [page for page in pages if page in self.stored]
        if stored:
            self.stored.update(pages)


class Watched:
    """A connector whose pages are noted when they are stored: whoever asks for the next one has stored the last."""

    def __init__(self, connector: MicrosoftAccount, account: Account) -> None:
        self._connector, self._account = connector, account
        self.source = connector.source

    def recall(self, cursors: Mapping[str, str]) -> None:
        self._connector.recall(cursors)

    def streams(self) -> Sequence[Stream]:
        return self._connector.streams()

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        asked = self._account.world.asked
        begun = len(asked)
        try:
            for page in self._connector.pull(stream, at, held):
                come = len(asked)
                try:
                    yield page
                finally:
                    self._account.note(asked[begun:come], stored=True)
                    begun = come
        finally:
            self._account.note(asked[begun:], stored=False)

    def close(self) -> None:
        self._connector.close()


def _is_page(one: Asked) -> bool:
    """A page of a listing; not the question what is new behind it, which is the same as long as nothing is."""
    return one.path.endswith(_PAGES) and "$deltatoken=" not in unquote(one.target)


def kinds(asked: Iterable[Asked]) -> Counter[str]:
    """How many requests were made of each kind."""
    return Counter(_kind(one.path) for one in asked)


def _kind(path: str) -> str:
    for end in _PAGES:
        if path.endswith(end):
            return end
    if path.endswith("/instances"):
        return "/instances"
    if path.startswith("/me/events/"):
        return "/events/ID"
    return "/mailFolders/NAME" if path.startswith("/me/mailFolders/") and not path.endswith("/delta") else path
