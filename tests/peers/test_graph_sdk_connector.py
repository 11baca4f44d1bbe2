"""Our connector gets of the fake Graph what Microsoft's own client gets: the same items, and the same of them gone.

Skipped as `test_graph_sdk` is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from connectors.microsoft.account import MicrosoftAccount, parts_of
from connectors.microsoft.scopes import Feature
from connectors.sync.port import Change, Gone, Kind, Poison, Position, Same, Seen, Stream
from connectors.sync.provider import InMemory
from events.vocabulary import MeetingObserved, MessageObserved
from tests.connectors.microsoft.worlds import client, mail, signed_in
from tests.peers import test_graph_sdk as theirs
from tests.peers.graph import Graph, at, serving
from tests.peers.graph.recurrence import weekly

pytestmark = theirs.pytestmark
WANTED = (Feature.WORDS, Feature.CALENDAR)
PARTS = ("occurrence", "exception")


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


class Kept:
    """What is held of a stream, and where it stands."""

    def __init__(self) -> None:
        self.cursor: str | None = None
        self.held: dict[str, str] = {}

    def versions(self, items: Iterable[str]) -> Mapping[str, str]:
        return {item: self.held[item] for item in items if item in self.held}

    def all(self) -> Iterator[tuple[str, str]]:
        return iter(sorted(self.held.items()))

    def take(self, change: Change) -> None:
        assert not isinstance(change, Poison)
        if isinstance(change, Seen):
            self.held[change.item] = change.version
        elif isinstance(change, Gone):
            self.held.pop(change.item, None)


class Ours:
    """The connector, and what it keeps."""

    def __init__(self, graph: Graph) -> None:
        keeper = InMemory(signed_in(graph, *WANTED).secret)
        self.account = MicrosoftAccount(client(graph, keeper), WANTED, source="microsoft:x", parts=parts_of())
        self.streams = {stream.title: stream for stream in self.account.streams() if stream.kind is not Kind.CONTACTS}
        self.kept = {title: Kept() for title in self.streams}

    def round(self, title: str) -> tuple[dict[str, str], set[str]]:
        """The subject of each item that a run tells of, by its id; and the ids that are gone."""
        stream: Stream = self.streams[title]
        kept, told, gone = self.kept[title], dict[str, str](), set[str]()
        for page in self.account.pull(stream, Position(kept.cursor), kept):
            for change in page.changes:
                kept.take(change)
                assert not isinstance(change, Same) or change.item in kept.held
                told |= {change.item: _subject(change)} if isinstance(change, Seen) else {}
                gone |= {change.item} if isinstance(change, Gone) else set()
            kept.cursor = page.cursor or kept.cursor
        return told, gone


@pytest.fixture
def opened() -> Iterator[Callable[[Ours], Ours]]:
    """Closes what it was given."""
    with ExitStack() as open_ones:

        def closing_later(ours: Ours) -> Ours:
            open_ones.callback(ours.account.close)
            return ours

        yield closing_later


def _subject(change: Seen) -> str:
    said = change.events[0].payload
    if isinstance(said, MessageObserved):
        return said.subject
    assert isinstance(said, MeetingObserved)
    return said.title


def split(rows: list[Any]) -> tuple[dict[str, str], set[str]]:
    """The same of the client's rows."""
    there = [row for row in rows if "@removed" not in row.additional_data]
    return {row.id: row.subject for row in there}, {row.id for row in rows} - {row.id for row in there}


def test_the_same_mail(graph: Graph, opened: Callable[[Ours], Ours]) -> None:
    box = graph.world.mail()
    box.new_folder("Project", parent="inbox")
    for number in range(9):
        box.add(("inbox", "archive", "sentitems")[number % 3], mail(f"m{number}@x.example"))
    sdk, ours = theirs.Sdk(graph), opened(Ours(graph))

    async def act() -> None:
        folders, _ = await sdk.round(sdk.me.mail_folders.delta)
        titles = {each.display_name: each.id for each in folders}
        read = {title.rpartition("/")[2]: title for title in ours.streams if title != "Calendar"}
        assert titles.keys() - read.keys() == {"Drafts", "Outbox"}
        builders = {name: sdk.me.mail_folders.by_mail_folder_id(titles[name]).messages.delta for name in read}
        links = {}
        for name, builder in builders.items():
            rows, links[name] = await sdk.round(builder)
            assert split(rows) == ours.round(read[name])
        first, second, third, *_ = box.messages.values()
        box.move(first, "archive")
        box.delete(second)
        box.change(third, isRead=True)
        box.add("inbox", mail("new@x.example"))
        for name, builder in builders.items():
            rows, _ = await sdk.round(builder.with_url(links[name]))
            assert split(rows) == ours.round(read[name])

    theirs.driven(sdk, act)


def test_the_same_meetings(graph: Graph, opened: Callable[[Ours], Ours]) -> None:
    """A series is one item to us; of what became of its occurrences the client is told nothing."""
    diary = graph.world.calendar()
    series = diary.put("Weekly", at("2026-09-07T10:00"), repeat=weekly("monday"), attendees=["ann@example.org"])
    diary.change_occurrence(series, "2026-09-14", subject="Differs")
    singles = [diary.put(f"Single {day}", at(f"2026-09-{day:02}T10:00")) for day in range(8, 14)]
    sdk, ours = theirs.Sdk(graph), opened(Ours(graph))

    async def act() -> None:
        builder = sdk.me.calendar_view.delta
        rows, link = await sdk.round(builder, **theirs.AUTUMN)
        assert split(_items(rows)) == ours.round("Calendar")
        diary.delete(singles[0])
        diary.change(singles[1], subject="Other words")
        diary.delete_occurrence(series, "2026-09-21")
        rows, _ = await sdk.round(builder.with_url(link))
        assert split(_items(rows)) == ours.round("Calendar")
        diary.delete(series)
        rows, _ = await sdk.round(builder.with_url(link))
        told, gone = ours.round("Calendar")
        assert (told, len(gone)) == ({}, 1)
        assert gone < split(rows)[1], "it is told of every occurrence too"

    theirs.driven(sdk, act)


def _items(rows: list[Any]) -> list[Any]:
    return [row for row in rows if row.type is None or row.type.value not in PARTS]
